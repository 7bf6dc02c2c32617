"""The facts of a case: each with its value, what is usual, where it came from and of when it is."""

from __future__ import annotations

import math
from typing import Any

from django.utils.translation import gettext as _

from desk.dossier import Dossier
from desk.pages import Fact, FactGroup
from desk.words import MISSING, day, is_chinese, number
from scoring.ml.errors import Language
from scoring.ml.features import FeatureTable
from scoring.ml.vocabulary import Feature
from scoring.ml.wording import value_text


def reader_language() -> Language:
    return "zh-hans" if is_chinese() else "en"


def fact_groups(dossier: Dossier) -> tuple[FactGroup, ...]:
    """What the model read, what it did not, and what no table describes, each under its heading."""
    table = dossier.table
    scored = [_scored_fact(dossier, table, feature) for feature in table.features] if table else []
    described = set(table.by_name) if table else set()
    shown = (
        [_given_fact(dossier, feature) for feature in table.shown if feature.name in dossier.case.features]
        if table
        else []
    )
    rest = [_plain_fact(dossier, name) for name in dossier.case.features if name not in described]
    groups = (
        FactGroup(_("Read by the model"), tuple(scored)),
        FactGroup(_("Not read by the model"), tuple(shown)),
        FactGroup(_("Other facts"), tuple(rest)),
    )
    return tuple(group for group in groups if group.facts)


def _scored_fact(dossier: Dossier, table: FeatureTable, feature: Feature) -> Fact:
    case, assessment, language = dossier.case, dossier.assessment, reader_language()
    place = table.names.index(feature.name)
    if assessment is not None:
        stored = assessment.values[place]
        value = math.nan if stored is None else stored
        norm = assessment.model.norms.get(feature.name)
    else:
        value, norm = float(table.matrix([_row(dossier)])[0, place]), None
    missing = math.isnan(value)
    is_ours = feature.formula is not None
    return Fact(
        name=feature.name,
        words=feature.words.text(language),
        value=MISSING if missing else value_text(feature, value, language, currency=case.currency),
        norm="" if norm is None else value_text(feature, norm, language, currency=table.currency),
        source=_("computed") if is_ours else case.source,
        as_of=day(case.applied_at),
        derived=is_ours or _is_derived(dossier, feature.name),
        missing=missing,
        why=value_text(feature, value, language) if missing else "",
    )


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
    known = value_text(feature, value, language, currency=dossier.case.currency) if not math.isnan(value) else ""
    return _fact(dossier, feature.name, feature.words.text(language), known or _plain(raw))


def _plain_fact(dossier: Dossier, name: str) -> Fact:
    return _fact(dossier, name, name.replace("_", " "), _plain(dossier.case.features[name]))


def _fact(dossier: Dossier, name: str, words: str, value: str) -> Fact:
    missing = not value
    return Fact(
        name=name,
        words=words,
        value=value or MISSING,
        source=dossier.case.source,
        as_of=day(dossier.case.applied_at),
        derived=_is_derived(dossier, name),
        missing=missing,
        scored=False,
        why=_("not supplied") if missing else "",
    )


def _is_derived(dossier: Dossier, name: str) -> bool:
    return name in dossier.case.derived or f"features.{name}" in dossier.case.derived


def _plain(raw: object) -> str:
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, int | float):
        return number(raw, 0 if float(raw).is_integer() else 2)
    return "" if raw is None else str(raw).replace("_", " ")
