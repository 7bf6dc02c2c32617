"""The facts of a case: each with its value, what is usual, where it came from and of when it is."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case, User
from cases.states import Role
from desk.build.fact_names import FIELDS, FLAGS, ruled_words
from desk.build.personal import Sight, sight_of
from desk.build.sources import origin_words, source_of
from desk.dossier import Dossier
from desk.pages import Fact, FactGroup
from desk.words import MISSING, PRODUCTS, SEGMENTS, day, is_chinese, money, months, plain, when, word
from intake.gate.lineage import column_of, is_in_percent
from intake.gate.quality import QualityRules
from intake.gate.rule_sets import rules_of
from scoring.ml.errors import Language
from scoring.ml.features import FeatureTable
from scoring.ml.vocabulary import Feature
from scoring.ml.wording import missing_text, value_text

# Fields of the case that a mapping may derive; intake.mapped.submission names them in `derived`.
DERIVED: Final[dict[str, Promise]] = {
    "applicant.name": gettext_lazy("Applicant's name"),
    "applicant.id": gettext_lazy("Applicant's reference"),
    "applicant.segment": gettext_lazy("Segment"),
    "applicant.key_customer": gettext_lazy("Key customer"),
    "external_ref": gettext_lazy("Reference of the application"),
    "applied_at": gettext_lazy("Time of the application"),
    "product": gettext_lazy("Product"),
    "currency": gettext_lazy("Currency"),
    "term_months": gettext_lazy("Loan term"),
}


# By the name of the fact on the page.
PLACES: Final = {name.replace(".", "-"): name for name in DERIVED}

# Who may open the page of imports.
READS_IMPORTS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


def reader_language() -> Language:
    return "zh-hans" if is_chinese() else "en"


def fact_groups(dossier: Dossier, reader: User | None = None) -> tuple[FactGroup, ...]:
    """What the model read, what it did not, and what no table describes, each under its heading; the file they come
    from is linked where `reader` may open it."""
    table = dossier.table
    scored = [_scored_fact(dossier, table, feature) for feature in table.features] if table else []
    described = set(table.by_name) if table else set()
    shown = (
        [_given_fact(dossier, feature) for feature in table.shown if feature.name in dossier.case.features]
        if table
        else []
    )
    others = [name for name in dossier.case.features if name not in described]
    rules = rules_of(dossier.case.product, dossier.case.source) if others else QualityRules()
    rest = [_plain_fact(dossier, name, rules) for name in others]
    groups = (
        FactGroup(_("Read by the model"), tuple(scored)),
        FactGroup(_("Not read by the model"), tuple(shown)),
        FactGroup(_("Other facts, not read by the model"), tuple(rest)),
        FactGroup(_("Derived by us, not supplied by the lender"), _derived_facts(dossier)),
    )
    sight = sight_of(dossier, reader)
    origin, file_id = origin_words(dossier), dossier.came_last.file_id
    url = f"{reverse('desk:imports')}?file={file_id}" if file_id and reader and reader.role in READS_IMPORTS else ""
    seen = [replace(group, facts=tuple(_seen(fact, dossier.case, sight) for fact in group.facts)) for group in groups]
    seen = _without_common_age([group for group in seen if group.facts])
    return tuple(
        replace(group, origin=origin, origin_url=url) if any(fact.is_from_origin for fact in group.facts) else group
        for group in seen
    )


def _without_common_age(groups: list[FactGroup]) -> list[FactGroup]:
    """The age that most facts have is said once, so that another one is seen."""
    ages = Counter((fact.as_of, fact.age) for group in groups for fact in group.facts if fact.age)
    ((day_of, age), often), *_others = ages.most_common(1) or [(("", ""), 0)]
    if often <= 1:
        return groups
    common = _("as of %(day)s (%(age)s) where a row says nothing else") % {"day": day_of, "age": age}
    bare = [
        replace(
            group,
            facts=tuple(
                replace(fact, age="") if (fact.as_of, fact.age) == (day_of, age) else fact for fact in group.facts
            ),
        )
        for group in groups
    ]
    return [replace(bare[0], common=common), *bare[1:]]


def _seen(fact: Fact, case: Case, sight: Sight) -> Fact:
    """The fact with what names a person as the reader may see it."""
    name = PLACES.get(fact.name, fact.name)
    if fact.missing or not sight.is_personal(name):
        return fact
    raw = fact.value if name in DERIVED else case.features.get(name, fact.value)
    return replace(fact, value=sight.shown(name, raw), mark="" if sight.hides(name) else fact.mark)


def _scored_fact(dossier: Dossier, table: FeatureTable, feature: Feature) -> Fact:
    case, assessment, language = dossier.case, dossier.assessment, reader_language()
    place = table.names.index(feature.name)
    if assessment is not None:
        stored = assessment.values[place]
        value = math.nan if stored is None else stored
        # An assessment from before the cohort is held against the book alone.
        cohort = assessment.model.cohort_norms if assessment.cohort_base_value is not None else {}
        norm, peers = assessment.model.norms.get(feature.name), cohort.get(feature.name)
    else:
        value, norm, peers = float(table.matrix([_row(dossier)])[0, place]), None, None
    unused, shown = _unused(dossier, feature), MISSING
    if not math.isnan(value):
        shown = fact_value(feature, value, case.currency)
    elif unused:
        shown = _given(dossier, feature)
    elif feature.formula is None and (given := _given(dossier, feature)) != MISSING:
        # Money in another currency than the model's: it was sent, and the head of the page names it.
        shown, unused = given, missing_text(feature, language, given=True)
    missing = shown == MISSING
    is_ours = feature.formula is not None
    source = source_of(dossier, feature.name, feature, derived=is_ours)
    return Fact(
        name=feature.name,
        words=feature.words.text(language),
        value=shown,
        norm=MISSING if norm is None else fact_value(feature, norm, table.currency),
        peers="" if peers is None else fact_value(feature, peers, table.currency),
        source=source.words,
        source_detail=source.detail,
        source_url=_lineage(dossier.case, feature.name),
        own_source=source.detail if source.own else "",
        as_of=source.as_of,
        age=source.age,
        derived=is_ours or _is_derived(dossier, feature.name),
        missing=missing,
        why=value_text(feature, math.nan, language) if missing else "",
        mark="" if missing else unused,
    )


def _unused(dossier: Dossier, feature: Feature) -> str:
    """Why the model made no use of a value that was given."""
    assessment = dossier.assessment
    if assessment is None:
        return ""
    if feature.name in assessment.stale:
        return _("out of date: not used by the model")
    return missing_text(feature, reader_language(), given=True) if feature.name in assessment.unreadable else ""


def _given(dossier: Dossier, feature: Feature) -> str:
    """What the lender sent for this feature, whether the model could use it or not."""
    raw = _row(dossier).get(feature.name)
    value = feature.number(raw)
    return (_plain(raw) if math.isnan(value) else fact_value(feature, value, dossier.case.currency)) or MISSING


def fact_value(feature: Feature, value: float, currency: str) -> str:
    """The value as every table of the desk prints it; money as in the head of the page."""
    if feature.unit == "money" and not math.isnan(value):
        return money(value, currency)
    return value_text(feature, value, reader_language(), currency=currency)


def _row(dossier: Dossier) -> dict[str, Any]:
    case = dossier.case
    return {
        **case.features,
        "amount": float(case.amount),
        "currency": case.currency,
        "term_months": case.term_months,
    }


def _given_fact(dossier: Dossier, feature: Feature) -> Fact:
    raw, language = dossier.case.features[feature.name], reader_language()
    value = feature.number(raw) if feature.type != "text" else math.nan
    known = fact_value(feature, value, dossier.case.currency) if not math.isnan(value) else ""
    return _fact(dossier, feature.name, feature.words.text(language), known or _plain(raw))


def _plain_fact(dossier: Dossier, name: str, rules: QualityRules) -> Fact:
    given = _plain(dossier.case.features[name])
    if name in FIELDS:
        # A flag that the policy reads reads as yes or no, however it was sent.
        return _fact(dossier, name, str(FIELDS[name]), str(FLAGS.get(given.lower(), given)))
    words = ruled_words(name, rules, column_of(dossier.read_by, name))
    return _fact(dossier, name, words, f"{given}%" if given and is_in_percent(dossier.read_by, name) else given)


def _fact(dossier: Dossier, name: str, words: str, value: str) -> Fact:
    missing, source = not value, source_of(dossier, name)
    return Fact(
        name=name,
        words=words,
        value=value or MISSING,
        norm=MISSING,
        source=source.words,
        source_detail=source.detail,
        source_url=_lineage(dossier.case, name),
        own_source=source.detail if source.own else "",
        as_of=source.as_of,
        age=source.age,
        derived=_is_derived(dossier, name),
        missing=missing,
        why=_("not supplied") if missing else "",
    )


def field_values(case: Case) -> dict[str, str]:
    """The fields that a mapping may derive, as they are told; "" where there is none."""
    return {
        "applicant.name": case.applicant.name,
        "applicant.id": case.applicant.external_id,
        "applicant.segment": word(SEGMENTS, case.applicant.segment),
        "applicant.key_customer": _("yes") if case.applicant.key_customer else _("no"),
        "external_ref": case.external_ref,
        "applied_at": when(case.applied_at),
        "product": word(PRODUCTS, case.product),
        "currency": case.currency,
        "term_months": months(case.term_months),
    }


def _derived_facts(dossier: Dossier) -> tuple[Fact, ...]:
    """What the lender's table lacks and we made up from the row, so that nobody takes it for the lender's word."""
    case = dossier.case
    values = field_values(case)
    return tuple(
        Fact(
            name=name.replace(".", "-"),
            words=str(DERIVED[name]),
            value=values[name] or MISSING,
            norm=MISSING,
            source=_("derived"),
            source_url=_lineage(case, name.replace(".", "-")),
            as_of=day(case.received_at),
            derived=True,
        )
        for name in DERIVED
        if name in case.derived
    )


def _lineage(case: Case, name: str) -> str:
    return f"{reverse('desk:lineage', args=[case.ref])}#fact-{name}"


def _is_derived(dossier: Dossier, name: str) -> bool:
    return name in dossier.case.derived or f"features.{name}" in dossier.case.derived


def _plain(raw: object) -> str:
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, int | float):
        return plain(raw)
    return "" if raw is None else str(raw).replace("_", " ")
