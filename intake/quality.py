"""Whether the data of a case is good enough to be judged: what its product requires, and what cannot be true."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import yaml

from intake.sentences import SHOWN_LENGTH, IntakeError, say, shorten, storable
from intake.yaml_files import read_yaml

RULES_FOLDER = Path(__file__).parent / "quality_rules"
_RULE_KEYS = {"words", "required", "minimum", "maximum", "choices"}
_AMOUNT_WORDS = {"en": "Amount", "zh": "金额"}


class QualityRulesError(IntakeError):
    """A rules file that cannot be used; `sentence(language)` says which key, and what is allowed."""


@dataclass(frozen=True)
class FeatureRule:
    """What one feature must fulfil; limits are inclusive, in the feature's own unit."""

    words: Mapping[str, str]
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class QualityRules:
    """The rules of one product; without any, every case passes."""

    amount: FeatureRule = field(default_factory=lambda: FeatureRule(_AMOUNT_WORDS))
    features: Mapping[str, FeatureRule] = field(default_factory=dict)


@dataclass(frozen=True)
class QualityFinding:
    """One reason why a case is held: the feature (or "amount"), a code of the catalogue and its parameters."""

    feature: str
    code: str
    params: dict[str, str]
    words: Mapping[str, str]

    def sentence(self, language: str) -> str:
        """The reason in `en` or `zh-hans`."""
        name = self.words["en" if language == "en" else "zh"]
        return say(self.code, language, {**self.params, "name": name})

    def as_dict(self) -> dict[str, object]:
        """Feature, code, parameters and the reason in both languages, ready for JSON."""
        return {
            "feature": self.feature,
            "code": self.code,
            "params": self.params,
            "en": self.sentence("en"),
            "zh": self.sentence("zh-hans"),
        }


def judge(submission_features: Mapping[str, object], amount: Decimal, rules: QualityRules) -> list[QualityFinding]:
    """Every reason why the data of a case is not good enough, in the order of the rules; none means it passes."""
    findings = [_judge_one("amount", float(amount), rules.amount)]
    findings += [_judge_one(name, submission_features.get(name), rule) for name, rule in rules.features.items()]
    return [finding for finding in findings if finding is not None]


def _judge_one(name: str, value: object, rule: FeatureRule) -> QualityFinding | None:
    if value is None or value == "":
        return QualityFinding(name, "feature_missing", {}, rule.words) if rule.required else None
    shown = {"value": shorten(storable(_plain(value)), SHOWN_LENGTH)}
    if rule.choices:
        if value in rule.choices:
            return None
        return QualityFinding(name, "feature_not_listed", {**shown, "choices": ", ".join(rule.choices)}, rule.words)
    if rule.minimum is None and rule.maximum is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return QualityFinding(name, "feature_not_number", shown, rule.words)
    low = -math.inf if rule.minimum is None else rule.minimum
    high = math.inf if rule.maximum is None else rule.maximum
    if low <= value <= high:
        return None
    limits = {"minimum": _plain(low), "maximum": _plain(high)}
    return QualityFinding(name, "feature_out_of_range", {**shown, **limits}, rule.words)


def _plain(value: object) -> str:
    """A number as people write it, with separators and without an exponent; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return str(value)
    if 0 < abs(value) < 1:
        return f"{value:.10g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=64)
def load_rules(product: str, folder: Path = RULES_FOLDER) -> QualityRules:
    """The rules of a product; a product without a file has none. Raises QualityRulesError for a bad file.

    Read once a process: reading the file costs a hundred times as much as judging a case by it.
    """
    path = folder / f"{product}.yaml"
    if not re.fullmatch(r"[A-Za-z0-9_-]+", product) or not path.is_file():
        return QualityRules()
    try:
        content = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise QualityRulesError("mapping_not_yaml", problem=str(problem)) from problem
    top = _table(content, product, {"about", "amount", "features"})
    amount = _table(top.get("amount", {}), "amount", {"minimum", "maximum"})
    features = _table(top.get("features", {}), "features", None)
    return QualityRules(
        amount=_rule({"words": _AMOUNT_WORDS, **amount}, "amount"),
        features={name: _rule(rule, f"features.{name}") for name, rule in features.items()},
    )


def _table(content: object, key: str, allowed: set[str] | None) -> dict[str, object]:
    if not isinstance(content, dict):
        raise QualityRulesError("mapping_wrong_value", key=key, value=str(content), allowed="key: value")
    for name in content:
        if allowed is not None and name not in allowed:
            known = ", ".join(sorted(allowed))
            raise QualityRulesError("mapping_unknown_key", key=f"{key}: {name}", allowed=known)
    return {str(name): value for name, value in content.items()}


def _rule(content: object, key: str) -> FeatureRule:
    item = _table(content, key, _RULE_KEYS)
    words = _table(item.get("words"), f"{key}.words", {"en", "zh"})
    choices = item.get("choices", [])
    required = item.get("required", False)
    wrong = [
        (f"{key}.words", words, "{en: …, zh: …}", set(words) != {"en", "zh"}),
        (f"{key}.choices", choices, "[a, b, …]", not isinstance(choices, list)),
        (f"{key}.required", required, "true, false", not isinstance(required, bool)),
    ]
    for name, value, allowed, is_wrong in wrong:
        if is_wrong:
            raise QualityRulesError("mapping_wrong_value", key=name, value=str(value), allowed=allowed)
    return FeatureRule(
        words={language: str(text) for language, text in words.items()},
        required=required is True,
        minimum=_limit(item.get("minimum"), f"{key}.minimum"),
        maximum=_limit(item.get("maximum"), f"{key}.maximum"),
        choices=tuple(map(str, choices)) if isinstance(choices, list) else (),
    )


def _limit(value: object, key: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QualityRulesError("mapping_wrong_value", key=key, value=str(value), allowed="number")
    return float(value)
