"""Builds the features of an inferred table: words and sentences, categories, special values, ages of dates."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.tables.column_kinds import ColumnKind, looks_like_code
from scoring.ml.tables.column_roles import MOST_CATEGORIES, may_be_unlawful
from scoring.ml.tables.findings import Finding, finding
from scoring.ml.tables.special_values import special_values
from scoring.ml.vocabulary import Category, Feature, Formula, Label, Sentences, Words

FloatArray = NDArray[np.float64]

OTHER = "(other)"
AGE_GROUPS = (30.0, 45.0, 60.0)
FEW_VALUES = 6
DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class InferredFeature:
    """One feature, the header it came from, its cleaned cells (n,), and the fact that it is computed from, if any.

    `bins` part its values into groups for fairness.
    """

    header: str
    feature: Feature
    cells: NDArray[Any]
    values: FloatArray
    fact: Feature | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def bins(self) -> tuple[float, ...]:
        """Edges between groups of a number: each of few values, usual groups of age, else thirds."""
        known = self.values[~np.isnan(self.values)]
        distinct = np.unique(known)
        if self.feature.type != "number" or len(distinct) < 2:
            return ()
        if len(distinct) <= FEW_VALUES:
            return tuple(distinct[1:].tolist())
        if distinct[0] >= 14 and distinct[-1] <= 110:
            return AGE_GROUPS
        return tuple(np.unique(np.quantile(known, (1 / 3, 2 / 3))).tolist())


def plain_feature(header: str, name: str, kind: ColumnKind) -> InferredFeature:
    """The feature of a column of amounts, flags or categories."""
    return _told(_category(header, name, kind) if kind.kind == "category" else _amount(header, name, kind))


def _amount(header: str, name: str, kind: ColumnKind) -> InferredFeature:
    findings = _dirt(header, kind)
    specials: tuple[float, ...] = ()
    if kind.kind == "number":
        specials = special_values(kind.values)
        if specials:
            findings += (finding("special_values", header, values=", ".join(f"{value:.15g}" for value in specials)),)
        if looks_like_code(header):
            findings += (finding("code_as_number", header, distinct=len(np.unique(kind.known))),)
    feature = Feature(
        name=name,
        words=_words(header),
        type="flag" if kind.kind == "flag" else "number",
        group=name,
        sentences=_sentences(header),
        unit=kind.unit,
        decimals=_decimals(kind.known) if kind.kind == "number" else 0,
        special_values=tuple(Label(value, _special_words(value)) for value in specials),
    )
    return InferredFeature(header, feature, kind.values, kind.values, findings=findings)


def date_feature(header: str, name: str, age_name: str, kind: ColumnKind) -> InferredFeature:
    """The age in completed months of a column of dates, which becomes a fact beside it."""
    fact = Feature(name=name, words=_words(header), type="date")
    plain = _plain(header)
    words = Words(f"Months since {plain}", f"距“{plain}”的月数")
    age = Feature(
        name=age_name,
        words=words,
        type="number",
        group=age_name,
        sentences=Sentences(
            Words(f"{words.en}: {{value}}; typical {{norm}}", f"{words.zh}：{{value}}，通常值 {{norm}}")
        ),
        unit="months",
        formula=Formula("months_since", date=name),
    )
    return _told(InferredFeature(header, age, dates_of(kind.values), kind.values, fact, _dirt(header, kind)))


def dates_of(days: FloatArray) -> NDArray[np.datetime64]:
    """Dates (n,) of days since 1970-01-01; NaT where there is none."""
    known = ~np.isnan(days)
    dates = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
    dates[known] = days[known].astype(np.int64).astype("datetime64[D]")
    return dates


def _category(header: str, name: str, kind: ColumnKind) -> InferredFeature:
    kept, rare = kind.levels[:MOST_CATEGORIES], kind.levels[MOST_CATEGORIES:]
    codes = sorted((text for text in kept if text != OTHER), key=_natural)
    if rare or OTHER in kept:
        codes.append(OTHER)
    texts = np.array([*kept, *(OTHER for _ in rare), None], dtype=object)
    cells = texts[np.where(np.isnan(kind.values), len(texts) - 1, kind.values).astype(np.intp)]
    feature = Feature(
        name=name,
        words=_words(header),
        type="category",
        group=name,
        sentences=_sentences(header, category=True),
        categories=tuple(Category(code, Words(code, "（其他）" if code == OTHER else code)) for code in codes),
        other=OTHER if rare else "",
    )
    findings = (finding("pooled", header, kept=len(kept), pooled=len(rare)),) if rare else ()
    return InferredFeature(header, feature, cells, kind.values, findings=findings)


def _told(one: InferredFeature) -> InferredFeature:
    """The feature, kept from applicants where its header says that it may be unlawful."""
    if not may_be_unlawful(one.header):
        return one
    findings = (*one.findings, finding("unlawful", one.header))
    return replace(one, feature=replace(one.feature, nameable=False), findings=findings)


def _dirt(header: str, kind: ColumnKind) -> tuple[Finding, ...]:
    if not kind.unreadable:
        return ()
    return (finding("unreadable", header, count=kind.unreadable, example=kind.example),)


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sorts A2 before A10."""
    return tuple((int(part), "") if part.isdecimal() else (0, part.casefold()) for part in DIGITS.split(text))


def _decimals(known: FloatArray) -> int:
    if (known == np.trunc(known)).all():
        return 0
    usual = float(np.median(np.abs(known)))
    return 0 if usual >= 1000 else 2 if usual >= 1 else 4


def _plain(header: str) -> str:
    """The header as words of a sentence, in which braces would be slots."""
    return " ".join(header.replace("{", "(").replace("}", ")").split()) or "(no name)"


def _words(header: str) -> Words:
    return Words(_plain(header), _plain(header))


def _special_words(value: float) -> Words:
    return Words(f"special value {value:.15g}", f"特殊值 {value:.15g}")


def _sentences(header: str, *, category: bool = False) -> Sentences:
    plain = _plain(header)
    usual, usual_zh = ("most common:", "最常见为 ") if category else ("typical", "通常值 ")
    return Sentences(Words(f"{plain}: {{value}}; {usual} {{norm}}", f"{plain}：{{value}}，{usual_zh}{{norm}}"))
