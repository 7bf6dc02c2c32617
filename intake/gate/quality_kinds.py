"""The rules that the data of a case must fulfil, what breaking one means, and a finding. No framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from intake.wording.field_errors import FieldError
from intake.wording.sentences import IntakeError, say

AMOUNT_WORDS = {"en": "Amount", "zh": "金额"}
APPLIED_AT = "applied_at"
# Fields of a case that a check may name and that only the lender may say.
LENDERS = ("amount", "term_months", APPLIED_AT)


class Severity(StrEnum):
    """What breaking a rule means: the row is refused, the case waits for a person, or it goes on with a mark."""

    REJECT = "reject"
    HOLD = "hold"
    MARK = "mark"


class QualityRulesError(IntakeError):
    """A rules file that cannot be used; `sentence(language)` says which key, and what is allowed."""


@dataclass(frozen=True)
class FeatureRule:
    """What one feature must fulfil; limits are inclusive, in the feature's own unit. A placeholder is no value where
    one is `required`.

    `most_days_old` is of a date against the application, `in_the_past` of one that never lies after it. What lies
    outside of the usual limits is marked, whatever the severity. `refers_to_case`: the value is the reference of a case
    of the same source.
    """

    words: Mapping[str, str]
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    type: str = ""
    most_days_old: int | None = None
    in_the_past: bool = False
    usual_minimum: float | None = None
    usual_maximum: float | None = None
    refers_to_case: bool = False
    severity: Severity = Severity.HOLD

    @property
    def has_usual(self) -> bool:
        """Whether it says what is usual."""
        return self.usual_minimum is not None or self.usual_maximum is not None


@dataclass(frozen=True)
class CrossRule:
    """Two fields that must agree, numbers or days: `left` `relation` `right` × `times`. Where one is missing nothing is
    said."""

    words: Mapping[str, str]
    left: str
    relation: str
    right: str
    times: float = 1.0
    severity: Severity = Severity.HOLD

    @property
    def features(self) -> tuple[str, ...]:
        """Those of its sides that a person may mend."""
        return tuple(dict.fromkeys(name for name in (self.left, self.right) if name not in LENDERS))


@dataclass(frozen=True)
class TwiceRule:
    """One applicant does not apply twice for a product within so many days; with `same_amount` for the same amount."""

    days: int
    same_amount: bool = True
    severity: Severity = Severity.HOLD


@dataclass(frozen=True)
class AgeRule:
    """An application is at most so many days old when it arrives."""

    most_days: int
    severity: Severity = Severity.MARK


@dataclass(frozen=True)
class QualityRules:
    """The rules of one product; without any, every case passes. `fields` are those of industry, region and the like."""

    amount: FeatureRule = field(default_factory=lambda: FeatureRule(AMOUNT_WORDS))
    features: Mapping[str, FeatureRule] = field(default_factory=dict)
    fields: Mapping[str, FeatureRule] = field(default_factory=dict)
    checks: tuple[CrossRule, ...] = ()
    twice: TwiceRule | None = None
    age: AgeRule | None = None

    @property
    def refer_to_cases(self) -> tuple[str, ...]:
        """The features whose values are references of cases."""
        return tuple(name for name, rule in self.features.items() if rule.refers_to_case)


@dataclass(frozen=True)
class QualityFinding:
    """One reason why a case is refused, held or marked: the feature (or "amount"), a code of the catalogue with its
    parameters, and how much it matters."""

    feature: str
    code: str
    params: dict[str, str]
    words: Mapping[str, str]
    severity: Severity = Severity.HOLD

    def sentence(self, language: str) -> str:
        """The reason in `en` or `zh-hans`."""
        name = self.words["en" if language == "en" else "zh"]
        return say(self.code, language, {**self.params, "name": name})

    def as_dict(self) -> dict[str, object]:
        """Feature, code, parameters, severity and the reason in both languages, ready for JSON."""
        return {
            "feature": self.feature,
            "code": self.code,
            "params": self.params,
            "severity": self.severity.value,
            "en": self.sentence("en"),
            "zh": self.sentence("zh-hans"),
        }

    def as_error(self) -> FieldError:
        """As the error of a row that is refused for it."""
        return RuleError(self.feature, self.params.get("value", ""), self.code, self.params, self.words)


@dataclass(frozen=True)
class RuleError(FieldError):
    """A row that is refused by a rule of its product; `words` name the feature."""

    words: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """The reason in `en` or `zh-hans`."""
        name = self.words.get("en" if language == "en" else "zh", self.field)
        return say(self.code, language, {**self.params, "name": name})
