"""Reads the rules of a product from YAML; whatever is not understood is named with what is allowed."""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from intake.gate.quality_kinds import (
    AMOUNT_WORDS,
    LENDERS,
    AgeRule,
    CrossRule,
    FeatureRule,
    QualityRules,
    QualityRulesError,
    Severity,
    TwiceRule,
)
from intake.mapped.yaml_files import read_yaml, read_yaml_text, yaml_fault
from intake.values.cells import cell_text

RULES_FOLDER = Path(__file__).resolve().parents[1] / "quality_rules"
TYPES = ("number", "text", "flag", "date", "identity_number", "phone", "industry", "region")
FIELDS = ("industry", "region", "channel", "applicant.id", "applicant.name")
RELATIONS = ("at_most", "at_least", "below", "above", "equal")
_LIMITS = ("minimum", "maximum", "usual_minimum", "usual_maximum")
_FEATURE_KEYS = {
    "words",
    "required",
    "choices",
    "type",
    "most_days_old",
    "in_the_past",
    "refers_to_case",
    "severity",
    *_LIMITS,
}
_TOP_KEYS = {"about", "amount", "fields", "features", "checks", "twice", "age"}


@lru_cache(maxsize=64)
def load_rules(product: str, folder: Path = RULES_FOLDER) -> QualityRules:
    """The shipped rules of a product; a product without a file has none. Raises QualityRulesError for a bad file.

    Read once a process: reading the file costs a hundred times as much as judging a case by it.
    """
    path = folder / f"{product}.yaml"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", product) or not path.is_file():
        return QualityRules()
    try:
        content = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        code, params = yaml_fault(problem)
        raise QualityRulesError(code, **params) from problem
    return rules_from(content, product)


@lru_cache(maxsize=256)
def rules_of_text(text: str) -> QualityRules:
    """The rules that a text says. Raises QualityRulesError."""
    try:
        content = read_yaml_text(text)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        code, params = yaml_fault(problem)
        raise QualityRulesError(code, **params) from problem
    return rules_from(content, "rules")


def rules_from(content: object, name: str) -> QualityRules:
    """The rules in a YAML document. Raises QualityRulesError naming the key that is not understood."""
    top = _table(content, name, _TOP_KEYS)
    amount = _table(top.get("amount", {}), "amount", {*_LIMITS, "severity"})
    features = _table(top.get("features", {}), "features", None)
    fields = _table(top.get("fields", {}), "fields", set(FIELDS))
    checks = top.get("checks", [])
    if not isinstance(checks, list):
        raise _wrong("checks", checks, "[{…}, {…}]")
    return QualityRules(
        amount=_feature({"words": AMOUNT_WORDS, **amount}, "amount"),
        features={each: _feature(rule, f"features.{each}") for each, rule in features.items()},
        fields={each: _feature(rule, f"fields.{each}") for each, rule in fields.items()},
        checks=tuple(_check(each, f"checks.{place}") for place, each in enumerate(checks, 1)),
        twice=_twice(top["twice"]) if "twice" in top else None,
        age=_age(top["age"]) if "age" in top else None,
    )


def _feature(content: object, key: str) -> FeatureRule:
    item = _table(content, key, _FEATURE_KEYS)
    choices, days = item.get("choices", []), item.get("most_days_old")
    if not isinstance(choices, list):
        raise _wrong(f"{key}.choices", choices, "[a, b, …]")
    if item.get("type", "") not in ("", *TYPES):
        raise _wrong(f"{key}.type", item["type"], ", ".join(TYPES))
    limits = {name: _limit(item.get(name), f"{key}.{name}") for name in _LIMITS}
    for low, high in (("minimum", "maximum"), ("usual_minimum", "usual_maximum")):
        least, most = limits[low], limits[high]
        if least is not None and most is not None and least > most:
            raise _wrong(f"{key}.{low}", item[low], f"≤ {item[high]} ({high})")
    return FeatureRule(
        words=_words(item, key),
        required=_flag(item, key, "required"),
        choices=tuple(map(cell_text, choices)),
        type=str(item.get("type", "")),
        most_days_old=None if days is None else _days(days, f"{key}.most_days_old"),
        in_the_past=_flag(item, key, "in_the_past"),
        refers_to_case=_flag(item, key, "refers_to_case"),
        severity=_severity(item, key, Severity.HOLD),
        **limits,
    )


def _check(content: object, key: str) -> CrossRule:
    item = _table(content, key, {"words", "left", "relation", "right", "times", "severity"})
    for name in ("left", "right"):
        if not isinstance(item.get(name), str) or not item[name]:
            raise _wrong(f"{key}.{name}", item.get(name, ""), f"{', '.join(LENDERS)}, a feature")
    if item.get("relation") not in RELATIONS:
        raise _wrong(f"{key}.relation", item.get("relation", ""), ", ".join(RELATIONS))
    times = _limit(item.get("times", 1), f"{key}.times")
    return CrossRule(
        words=_words(item, key),
        left=item["left"],
        relation=item["relation"],
        right=item["right"],
        times=1.0 if times is None else times,
        severity=_severity(item, key, Severity.HOLD),
    )


def _twice(content: object) -> TwiceRule:
    item = _table(content, "twice", {"days", "same_amount", "severity"})
    same = _flag({"same_amount": True, **item}, "twice", "same_amount")
    return TwiceRule(_days(item.get("days"), "twice.days"), same, _severity(item, "twice", Severity.HOLD))


def _age(content: object) -> AgeRule:
    item = _table(content, "age", {"most_days", "severity"})
    return AgeRule(_days(item.get("most_days"), "age.most_days"), _severity(item, "age", Severity.MARK))


def _table(content: object, key: str, allowed: set[str] | None) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise _wrong(key, content, "key: value")
    for name in content:
        if allowed is not None and name not in allowed:
            known = ", ".join(sorted(allowed))
            raise QualityRulesError("mapping_unknown_key", key=f"{key}: {name}", allowed=known)
    return {str(name): value for name, value in content.items()}


def _words(item: Mapping[str, Any], key: str) -> dict[str, str]:
    words = _table(item.get("words"), f"{key}.words", {"en", "zh"})
    if set(words) != {"en", "zh"}:
        raise _wrong(f"{key}.words", words, "{en: …, zh: …}")
    return {language: str(text) for language, text in words.items()}


def _severity(item: Mapping[str, Any], key: str, usual: Severity) -> Severity:
    value = item.get("severity", usual.value)
    if value not in [each.value for each in Severity]:
        raise _wrong(f"{key}.severity", value, ", ".join(Severity))
    return Severity(value)


def _flag(item: Mapping[str, Any], key: str, name: str) -> bool:
    value = item.get(name, False)
    if not isinstance(value, bool):
        raise _wrong(f"{key}.{name}", value, "true, false")
    return value


def _days(value: object, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 36_500:
        raise _wrong(key, value, "1 … 36500")
    return value


def _limit(value: object, key: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(key, value, "number")
    try:
        number = float(value)
    except OverflowError as problem:
        raise _wrong(key, "∞", "number") from problem
    if not math.isfinite(number):
        raise _wrong(key, value, "number")
    return number


def _wrong(key: str, value: object, allowed: str) -> QualityRulesError:
    return QualityRulesError("mapping_wrong_value", key=key, value=str(value), allowed=allowed)


def shipped_products(folder: Path = RULES_FOLDER) -> list[str]:
    """The products that rules are shipped for."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def shipped_text(product: str, folder: Path = RULES_FOLDER) -> str:
    """The shipped rules of a product as they are written; "" without any."""
    return (folder / f"{product}.yaml").read_text(encoding="utf-8") if product in shipped_products(folder) else ""
