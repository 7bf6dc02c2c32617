"""How a value is read that a person types for a held case: as the number, date or whatever else is due there."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from intake.gate.lineage import column_of, is_in_percent
from intake.gate.quality import FeatureRule, QualityRules
from intake.gate.quality_kinds import APPLIED_AT
from intake.header_words.header_units import says_percent
from intake.mapped.case_mapping import CHINA
from intake.mapped.derive import OF_MOMENTS, OF_TEXT
from intake.mapped.fields import FeatureValue, FieldReader
from intake.mapped.given import NUMBERS, Given, read_cell
from intake.mapped.told_times import told_time
from intake.record.on_record import stored_values
from intake.standards import STANDARDS
from intake.values.cells import PERCENT_SIGNS, CellError, read_number
from intake.values.currency_signs import YUAN, currencies_named

# A share is kept as 0.095 and shown as 9.5%: without its sign nothing tells which of the two was typed.
SHARE: Final = "share"
OTHER_CURRENCY: Final = "other_currency"
KINDS_OF_NUMBER: Final = ("number", "integer", "percent", SHARE)
_COUNTED: Final = ("number", "percent", "rate", "money", "months")
# 负债率, 自有资金占比, debt_ratio: of 员工 and of points 4% says nothing.
_NAMES_SHARE: Final = re.compile(r"率|占比|比例|(?<![a-z])(ratio|rate|share|percent|percentage)$", re.IGNORECASE)
_MIDNIGHT: Final = "T00:00:00+08:00"


class BadValue(Exception):
    """A typed value that cannot be read; `name` is its feature, `kind` what is due there, or OTHER_CURRENCY."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(name)
        self.name = name
        self.kind = kind


def kind_due(name: str, held: object, rules: QualityRules, *, source: str, mapping: Mapping[str, Any]) -> str:
    """As what a feature is read that no feature table describes: as its rules say, as what the case holds, or as the
    source's mapping and its other cases hold it; as text where nothing is known."""
    by_mapping = _by_mapping(name, mapping)
    by_rules = _by_rules(name, rules) or _by_checks(name, rules, is_day=by_mapping == "date" or bool(told_time(held)))
    kind = by_rules or _of_value(held) or by_mapping or _of_others(name, source) or "text"
    computed = mapping.get("features", {}).get(name, {}).get("compute", "")
    in_percent = computed == "percent_of" or is_in_percent(mapping, name)
    in_percent = in_percent or (not computed and says_percent(column_of(mapping, name)))
    return "percent" if kind == "number" and in_percent else kind


def read_mended(name: str, text: str, kind: str, *, currency: str, rule: FeatureRule | None = None) -> FeatureValue:
    """The value of a typed text, read as the cell of a table that was typed by hand. `rule` tells of a percentage below
    a number whether it is kept as 45 or as 0.45. Raises BadValue."""
    if kind == "number" and rule is not None and text.endswith(PERCENT_SIGNS):
        kind = _of_share(name, rule)
    try:
        value = _read(text, kind, currency)
    except CellError as error:
        raise BadValue(name, error.code if error.code == OTHER_CURRENCY else kind) from error
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise BadValue(name, kind)
    if isinstance(value, datetime):
        # A day as files give it to a case; what has a time stays the moment it is.
        value = value.isoformat().removesuffix(_MIDNIGHT)
    reader = FieldReader({})
    read = reader.feature(name, value)
    if reader.errors:
        raise BadValue(name, kind)
    return read


def _read(text: str, kind: str, currency: str) -> object:
    if kind == SHARE:
        if not text.endswith(PERCENT_SIGNS):
            raise CellError("share_or_percent")
        return read_cell(Given("column", scale=Decimal("0.01")), text, "percent", CHINA)
    named = currencies_named(text) if kind in NUMBERS else None
    if named is not None and (currency not in named or (named == YUAN and currency != "CNY")):
        raise CellError(OTHER_CURRENCY)
    return read_cell(Given("column"), text, kind, CHINA)


def _by_rules(name: str, rules: QualityRules) -> str:
    rule = rules.features.get(name)
    if rule is not None:
        if rule.type:
            return rule.type
        if rule.refers_to_case or (rule.choices and not all(map(_is_number, rule.choices))):
            return "text"
        if rule.minimum is not None or rule.maximum is not None or rule.has_usual:
            return "number"
        if rule.most_days_old is not None or rule.in_the_past:
            return "date"
    return ""


def _by_checks(name: str, rules: QualityRules, *, is_day: bool) -> str:
    """As a number what a check names, unless the source tells days there or it is beside that of the application."""
    checks = [check for check in rules.checks if name in check.features]
    is_day = is_day or any(APPLIED_AT in (check.left, check.right) for check in checks)
    return ("date" if is_day else "number") if checks else ""


def _of_share(name: str, rule: FeatureRule) -> str:
    """As what a percentage is read below a number that is named as a share of something: a rule up to 100 tells that it
    is kept in percent, one up to 1 that it is not."""
    if not any(map(_NAMES_SHARE.search, (name, *rule.words.values()))):
        return "number"
    return "percent" if rule.maximum == 100 else SHARE if rule.maximum == 1 else "number"


def _is_number(text: str) -> bool:
    try:
        return bool(read_number(text).is_finite())
    except CellError:
        return False


def _of_value(value: object) -> str:
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    return "text" if value else ""


def _by_mapping(name: str, mapping: Mapping[str, Any]) -> str:
    """The type in which the mapping that read the case reads the column; "" where it leaves it open."""
    entry = mapping.get("features", {}).get(name)
    if isinstance(entry, Mapping) and "compute" in entry:
        return "text" if entry["compute"] in OF_TEXT else "date" if entry["compute"] in OF_MOMENTS else "number"
    if not isinstance(entry, Mapping) or "column" not in entry or "values" in entry:
        return ""
    kind = str(entry.get("type", ""))
    if kind in _COUNTED:
        # Whether a number is a share in percent is asked of every number.
        return "number"
    return kind if kind in ("integer", "flag", "date", *STANDARDS) else "text"


def _of_others(name: str, source: str) -> str:
    """What most of the source's newest cases hold."""
    kinds = Counter(filter(None, map(_of_value, stored_values(source, name))))
    return max(kinds, key=lambda kind: kinds[kind], default="")
