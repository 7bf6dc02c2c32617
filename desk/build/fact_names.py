"""Words for features, their values and their groups as a stored feature table gives them, whatever its age."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from desk.words import is_chinese, percent, plain
from intake.gate.quality import QualityRules
from intake.gate.rule_sets import rules_of
from intake.header_words.feature_names import HEADERS
from intake.header_words.feature_naming import BY_HEADER
from intake.header_words.header_units import money_scale
from intake.header_words.rate_periods import rate_scale
from scoring.ml.errors import FeatureTableError, Language
from scoring.ml.features import feature_table_for

FIELDS: Final[dict[str, Promise]] = {
    "region": gettext_lazy("Region"),
    "industry": gettext_lazy("Industry"),
    "channel": gettext_lazy("Channel"),
    "segment": gettext_lazy("Segment"),
    # Read by the policy whatever the feature table says.
    "no_automated_decision": gettext_lazy("Wants no automated decision"),
}
FLAGS: Final[dict[str, Promise]] = {
    "true": gettext_lazy("yes"),
    "1": gettext_lazy("yes"),
    "false": gettext_lazy("no"),
    "0": gettext_lazy("no"),
}


_UNIT: Final = re.compile(r"\s*[(（\[【][^()（）\[\]【】]*[)）\]】]\s*$|[_\s-]*(百万|千万|万|千|亿)元?$")
# Chinese words of features that no feature table describes, as tables write them.
_USUAL: Final = {
    name: header for name, spellings in HEADERS.items() for header in reversed(spellings) if not header.isascii()
}


def unlisted_words(name: str, column: str = "") -> str:
    """Words for a feature that no feature table describes: those that are usual, the name of its `column` where the
    reader reads that, or the feature's own name."""
    if is_chinese() and name in _USUAL:
        return _USUAL[name]
    if column and (name.startswith(BY_HEADER) or (is_chinese() and not column.isascii())):
        # Of 负债总额(万元) the value is told in yuan, of 执行利率(月‰) in percent a month.
        if rate_scale(column):
            return column.replace("‰", "%") if "‰" in column else _UNIT.sub("(%)", column)
        return _UNIT.sub("", column) if money_scale(column) else column
    return name.replace("_", " ")


def ruled_words(name: str, rules: QualityRules, column: str = "") -> str:
    """Words for a feature that no feature table describes: those of the rule in force, as findings call it, or else as
    without one."""
    rule = rules.features.get(name)
    return rule.words["zh" if is_chinese() else "en"] if rule else unlisted_words(name, column)


def case_names(product: str, source: str) -> Callable[[str, str], str]:
    """What a feature is called, by its name and column, in cases of that product and source: as the product's feature
    table calls it, or else as `ruled_words`."""
    rules = rules_of(product, source)
    language: Language = "zh-hans" if is_chinese() else "en"
    try:
        table = feature_table_for(product)
    except FeatureTableError:
        listed: dict[str, str] = {}
    else:
        listed = {each.name: each.words.text(language) for each in (*table.features, *table.shown)}
    return lambda name, column: listed.get(name) or ruled_words(name, rules, column)


class FactNames:
    """Reads the plain content of a feature table: an old model may have one that the present code would refuse."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._facts = {one["name"]: one for one in (*table["features"], *(table.get("shown") or ()))}
        self._groups = table["groups"]

    def knows(self, name: str) -> bool:
        """Whether the table or the product itself has words for it."""
        return name in self._facts or name in FIELDS

    def fact(self, name: str) -> str:
        """A feature, a shown fact or a field of the case."""
        found = self._facts.get(name)
        return _text(found["words"]) if found else str(FIELDS.get(name) or unlisted_words(name))

    def group(self, code: str) -> str:
        """A group of reasons."""
        return _text(self._groups[code]) if code in self._groups else code

    def all_facts(self) -> dict[str, str]:
        """Words by name."""
        return {name: self.fact(name) for name in (*self._facts, *FIELDS)}

    def value(self, name: str, code: str) -> str:
        """A category, a flag, or a text that stands for itself; "" is not known."""
        if not code:
            return pgettext("value", "not known")
        categories = self._facts.get(name, {}).get("categories") or ()
        words = {one["code"]: one["words"] for one in categories}
        return _text(words[code]) if code in words else str(FLAGS.get(code.lower(), code))

    def special(self, name: str, value: float) -> str:
        """A special value of a number, in its own words where it has some."""
        fact = self._facts.get(name, {})
        labels = (*(fact.get("labels") or ()), *(fact.get("special_values") or ()))
        return next((_text(one["words"]) for one in labels if one["value"] == value), self._amount(name, value))

    def range(self, name: str, low: float | None, high: float | None) -> str:
        """From `low` up to but not including `high`; None is open."""
        ends = {end: self._amount(name, value) for end, value in (("low", low), ("high", high)) if value is not None}
        if not ends:
            return _("any value")
        if low is None:
            return _("below %(high)s") % ends
        if high is None:
            return _("%(low)s and above") % ends
        return _("%(low)s to below %(high)s") % ends

    def bin(self, name: str, edges: Sequence[float], place: int) -> str:
        """The range at that place among the edges."""
        return self.range(name, edges[place - 1] if place else None, edges[place] if place < len(edges) else None)

    def _amount(self, name: str, value: float) -> str:
        unit = self._facts.get(name, {}).get("unit")
        return percent(value) if unit == "share" else f"{plain(value)}%" if unit == "percent" else plain(value)


def _text(words: Mapping[str, str]) -> str:
    return words["zh" if is_chinese() else "en"]
