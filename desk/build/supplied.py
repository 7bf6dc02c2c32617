"""The fields by which a reviewer mends a held case, and what was typed into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from django.utils.translation import gettext as _

from cases.models import User
from desk.build.fact_names import ruled_words
from desk.build.facts import reader_language
from desk.build.findings import finding_words
from desk.build.personal import sight_of
from desk.dossier import Dossier
from desk.pages import SupplyField
from desk.words import is_chinese, plain
from intake.gate.lineage import column_of
from intake.gate.quality import FeatureRule, QualityRules
from intake.header_words.header_units import is_money
from intake.mapped.fields import FeatureValue
from intake.mending.mendable import Mendable
from intake.mending.mended import KINDS_OF_NUMBER, OTHER_CURRENCY, SHARE, BadValue, kind_due, read_mended
from scoring.ml.vocabulary import Feature

PREFIX: Final = "feature-"
OF_TABLE: Final = {"number": "number", "category": "text", "flag": "flag", "date": "date", "text": "text"}
IN_PERCENT: Final = {"percent": "percent", "share": SHARE}


def values_of(
    dossier: Dossier, posted: Mapping[str, str], names: Sequence[str], rules: QualityRules
) -> dict[str, FeatureValue]:
    """The posted values, each read as what is due there; a field that was left empty is left out.

    Raises:
        BadValue: a value that cannot be read so.
    """
    typed = {name: text for name in names if (text := posted.get(PREFIX + name, "").strip())}
    return {name: _read(dossier, name, text, rules) for name, text in typed.items()}


def _read(dossier: Dossier, name: str, text: str, rules: QualityRules) -> FeatureValue:
    due, rule = _due(dossier, name, rules), rules.features.get(name)
    # Of what is listed nothing is no value, though it be NA.
    is_listed = due == "text" and text in _listed(_feature(dossier, name), rule)
    return text if is_listed else read_mended(name, text, due, currency=dossier.case.currency, rule=rule)


def unread_words(dossier: Dossier, refusal: BadValue, rules: QualityRules) -> str:
    """Why a typed value is refused, with what is due in its field."""
    words = {"name": _words(dossier, refusal.name, rules)}
    if refusal.kind == OTHER_CURRENCY:
        return _("This value names another currency than that of the case, %s.") % dossier.case.currency
    if refusal.kind == SHARE:
        return _("This value cannot be read. %(name)s is a share: write it with its sign, such as 12.5%%.") % words
    if refusal.kind in KINDS_OF_NUMBER:
        return _("This value cannot be read. %(name)s is a number.") % words
    if refusal.kind == "date":
        return _("This value cannot be read. %(name)s is a date, such as 2026-03-31.") % words
    return _("This value cannot be read.")


def lenders_words(dossier: Dossier, found: Mendable, rules: QualityRules) -> str:
    """Which side of a failing check only the lender may say, and which one can be mended."""
    words = {"names": _joint([_words(dossier, name, rules) for name in found.names if name in found.either])}
    said = {
        "amount": _("Only the lender may say the amount; what can be mended here: %(names)s."),
        "term_months": _("Only the lender may say the term; what can be mended here: %(names)s."),
        "applied_at": _("Only the lender may say when the application was made; what can be mended here: %(names)s."),
    }
    return " ".join(said[name] % words for name in found.lenders)


def follows_words(dossier: Dossier, found: Mendable, rules: QualityRules) -> str:
    """Which other values are computed anew from what is supplied."""
    names = [_words(dossier, name, rules) for name, lacking in found.computed.items() if not lacking]
    return _("Computed anew from what is supplied: %(names)s.") % {"names": _joint(names)} if names else ""


def _joint(words: Sequence[str]) -> str:
    return ("、" if is_chinese() else ", ").join(words)


def supply_field(
    dossier: Dossier,
    reader: User,
    name: str,
    rules: QualityRules,
    posted: Mapping[str, str],
    *,
    problem: str,
    required: bool,
    lacking: Sequence[str],
) -> SupplyField:
    case, sight, feature = dossier.case, sight_of(dossier, reader), _feature(dossier, name)
    due, now = _due(dossier, name, rules), case.features.get(name)
    hint = next((finding_words(each, sight) for each in case.findings if each["feature"] == name), "")
    if lacking:
        told = _("It is also computed from %(columns)s, which this case does not hold: left empty it is not known.")
        hint = told % {"columns": _joint(lacking)}
    listed = _listed(feature, rules.features.get(name))
    kind = _kind(due, is_listed=bool(listed))
    unit = "%" if due in ("percent", SHARE) else case.currency if _is_money(dossier, name, due) else ""
    shown = sight.shown(name, now) if sight.is_personal(name) else f"{plain(now)}{unit if due == 'percent' else ''}"
    return SupplyField(
        name=name,
        words=_words(dossier, name, rules),
        kind=kind,
        value=posted.get(PREFIX + name, ""),
        now="" if now is None or (hint and not lacking) else shown,
        unit=unit,
        hint=hint,
        problem=problem,
        choices=_choices(kind, feature, listed),
        required=required,
    )


def _is_money(dossier: Dossier, name: str, due: str) -> bool:
    """Whether a number is an amount, which is kept in the whole units of its currency, though the source's file be in
    万元."""
    feature = _feature(dossier, name)
    return due in KINDS_OF_NUMBER and (feature.unit == "money" if feature else is_money(name))


def _feature(dossier: Dossier, name: str) -> Feature | None:
    return dossier.table.by_name.get(name) if dossier.table else None


def _due(dossier: Dossier, name: str, rules: QualityRules) -> str:
    """As what the value is read; what the model reads it as goes before all else."""
    case, feature = dossier.case, _feature(dossier, name)
    if feature is None:
        return kind_due(name, case.features.get(name), rules, source=case.source, mapping=dossier.read_by)
    return IN_PERCENT.get(feature.unit, "number") if feature.type == "number" else OF_TABLE[feature.type]


def _words(dossier: Dossier, name: str, rules: QualityRules) -> str:
    if feature := _feature(dossier, name):
        return feature.words.text(reader_language())
    return ruled_words(name, rules, column_of(dossier.read_by, name))


def _kind(due: str, *, is_listed: bool) -> Literal["number", "text", "choice", "flag"]:
    if due == "flag":
        return "flag"
    if is_listed:
        return "choice"
    return "number" if due in KINDS_OF_NUMBER else "text"


def _listed(feature: Feature | None, rule: FeatureRule | None) -> tuple[str, ...]:
    """The codes that are possible, by the rule before the model; () where any value may be."""
    of_model = tuple(each.code for each in feature.categories) if feature else ()
    return rule.choices if rule and rule.choices else of_model


def _choices(kind: str, feature: Feature | None, listed: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if kind == "flag":
        return (("true", _("yes")), ("false", _("no")))
    if kind != "choice":
        return ()
    known = {each.code: each.words.text(reader_language()) for each in feature.categories} if feature else {}
    return tuple((code, known.get(code, code)) for code in listed)
