"""Whether the data of a case is good enough to be judged: what its product requires, and what cannot be true."""

import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from intake.gate.quality_file import RULES_FOLDER, load_rules, rules_of_text
from intake.gate.quality_kinds import (
    CrossRule,
    FeatureRule,
    QualityFinding,
    QualityRules,
    QualityRulesError,
    Severity,
)
from intake.mapped.case_mapping import CHINA
from intake.mapped.told_times import order_of, told_time
from intake.standards import STANDARDS
from intake.values.cell_dates import read_moment
from intake.values.cells import CellError, cell_text
from intake.values.placeholders import says_nothing
from intake.wording.sentences import SHOWN_LENGTH, shorten, storable

__all__ = [
    "RULES_FOLDER",
    "About",
    "CrossRule",
    "FeatureRule",
    "QualityFinding",
    "QualityRules",
    "QualityRulesError",
    "Severity",
    "disagreeing",
    "judge",
    "load_rules",
    "rules_of_text",
]

# A feature may have the name of a field.
FIELD_PREFIX = "case."
CASE_WORDS = {"en": "The application", "zh": "申请"}

_RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "at_most": operator.le,
    "at_least": operator.ge,
    "below": operator.lt,
    "above": operator.gt,
    "equal": lambda left, right: math.isclose(left, right, rel_tol=1e-9),
}


@dataclass(frozen=True)
class About:
    """What is known around the data of an arriving case; times are aware.

    `earlier` are (time of application, amount) of the same applicant's other cases of the product, `references` those
    references of the source that exist among the ones the case names, `fields` the case's own texts (industry …).
    """

    term_months: int
    applied_at: datetime
    now: datetime
    earlier: Collection[tuple[datetime, Decimal]] = ()
    references: Collection[str] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


def judge(
    submission_features: Mapping[str, object], amount: Decimal, rules: QualityRules, *, about: About | None = None
) -> list[QualityFinding]:
    """Every reason why the data of a case is not good enough, in the order of the rules; none means it passes.

    Without `about` (a person who mends has looked at it) only the data itself is judged.
    """
    judged = [_judge_one("amount", float(amount), rules.amount, about)]
    judged += [_judge_one(name, submission_features.get(name), rule, about) for name, rule in rules.features.items()]
    around = (about.term_months, about.applied_at) if about else (None, None)
    judged += [found for _rule, found in disagreeing(submission_features, amount, rules, *around)]
    if about is not None:
        fields = rules.fields.items()
        judged += [_judge_one(FIELD_PREFIX + name, about.fields.get(name), rule, about) for name, rule in fields]
        judged += _around(amount, rules, about)
    return [finding for finding in judged if finding is not None]


def disagreeing(
    features: Mapping[str, object],
    amount: Decimal,
    rules: QualityRules,
    term_months: int | None,
    applied_at: datetime | None,
) -> list[tuple[CrossRule, QualityFinding]]:
    """The checks whose two sides do not agree, each with its finding; those of the term or the time of the application
    only where these are given."""
    around = {"term_months": term_months, "applied_at": applied_at}
    known = {name: value for name, value in around.items() if value is not None}
    values = {**features, **known, "amount": float(amount)}
    judged = [(rule, _cross(rule, values)) for rule in rules.checks]
    return [(rule, finding) for rule, finding in judged if finding is not None]


def _judge_one(name: str, value: object, rule: FeatureRule, about: About | None) -> QualityFinding | None:
    """What breaks the rule, or else that the value is unusual."""
    if value is None or value == "" or (rule.required and _is_open(value, rule)):
        return QualityFinding(name, "feature_missing", {}, rule.words, rule.severity) if rule.required else None
    wrong = _wrong(value, rule, about)
    if wrong:
        code, params = wrong
        return QualityFinding(name, code, {**_shown(value), **params}, rule.words, rule.severity)
    if rule.has_usual and _is_number(value) and not _inside(value, rule.usual_minimum, rule.usual_maximum):
        limits = _limits(rule.usual_minimum, rule.usual_maximum)
        return QualityFinding(name, "feature_unusual", {**_shown(value), **limits}, rule.words, Severity.MARK)
    return None


def _is_open(value: object, rule: FeatureRule) -> bool:
    """Whether a text stands in place of a value: what the rule lists is one, though it be unknown."""
    return isinstance(value, str) and value not in rule.choices and says_nothing(value)


def _shown(value: object) -> dict[str, str]:
    return {"value": shorten(storable(_plain(value)), SHOWN_LENGTH)}


def _wrong(value: object, rule: FeatureRule, about: About | None) -> tuple[str, dict[str, str]] | None:
    """The code and parameters of what is wrong with a value that is there."""
    if rule.choices:
        is_listed = cell_text(value) in rule.choices
        return None if is_listed else ("feature_not_listed", {"choices": ", ".join(rule.choices)})
    if rule.minimum is not None or rule.maximum is not None:
        if not _is_number(value):
            return "feature_not_number", {}
        if not _inside(value, rule.minimum, rule.maximum):
            return "feature_out_of_range", _limits(rule.minimum, rule.maximum)
    if rule.type and not _is_of(rule.type, value):
        return f"feature_not_{rule.type}", {}
    by_day = rule.most_days_old is not None or rule.in_the_past
    if by_day and about is not None and (wrong := _wrong_day(value, rule, about)):
        return wrong
    if rule.refers_to_case and about is not None and str(value) not in about.references:
        return "feature_refers_to_nothing", {}
    return None


def _wrong_day(value: object, rule: FeatureRule, about: About) -> tuple[str, dict[str, str]] | None:
    moment = _moment(value)
    if moment is None:
        return "feature_not_date", {}
    # A day has no zone: by the clock of its writer it may begin before the application does by ours.
    if moment - about.applied_at > timedelta(days=1):
        return "feature_after_application", {"applied": _day(about.applied_at).isoformat()}
    if rule.most_days_old is not None and _days(moment, about.applied_at) > rule.most_days_old:
        return "feature_too_old", {"days": str(rule.most_days_old)}
    return None


def _cross(rule: CrossRule, values: Mapping[str, object]) -> QualityFinding | None:
    left, right = values.get(rule.left), values.get(rule.right)
    if _agrees(rule, left, right) is not False:
        return None
    limit = float(right) * rule.times if _is_number(right) else right  # type: ignore[arg-type]
    params = {"value": _side(left), "limit": _side(limit)}
    return QualityFinding(rule.left, "fields_disagree", params, rule.words, rule.severity)


def _agrees(rule: CrossRule, left: object, right: object) -> bool | None:
    """Whether two numbers or two times are to each other as the rule says; None where one is not known. A number never
    agrees with a day: who wrote the rule is to see it."""
    holds = _RELATIONS[rule.relation]
    if _is_number(left) and _is_number(right):
        return holds(float(left), float(right) * rule.times)  # type: ignore[arg-type]
    times = told_time(left), told_time(right)
    if times[0] and times[1] and rule.times == 1:
        order = order_of(times[0], times[1])
        return None if order is None else holds(order, 0)
    is_known = all(_is_number(value) or told for value, told in zip((left, right), times, strict=True))
    return False if is_known else None


def _side(value: object) -> str:
    told = told_time(value) if isinstance(value, datetime) else None
    return shorten(storable(str(told) if told else _plain(value)), SHOWN_LENGTH)


def _around(amount: Decimal, rules: QualityRules, about: About) -> Iterator[QualityFinding]:
    """What only shows beside other cases, or beside the clock."""
    if rules.twice is not None:
        for applied_at, other in about.earlier:
            is_near = abs(_days(applied_at, about.applied_at)) <= rules.twice.days
            if is_near and (other == amount or not rules.twice.same_amount):
                params = {"value": _day(applied_at).isoformat(), "days": str(rules.twice.days)}
                yield QualityFinding("applicant", "applied_twice", params, CASE_WORDS, rules.twice.severity)
                break
    if rules.age is not None and _days(about.applied_at, about.now) > rules.age.most_days:
        params = {"value": _day(about.applied_at).isoformat(), "days": str(rules.age.most_days)}
        yield QualityFinding("applied_at", "application_too_old", params, CASE_WORDS, rules.age.severity)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _inside(value: object, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)  # type: ignore[operator]


def _limits(low: float | None, high: float | None) -> dict[str, str]:
    return {
        "minimum": _plain(-math.inf if low is None else low),
        "maximum": _plain(math.inf if high is None else high),
    }


def _is_of(kind: str, value: object) -> bool:
    if kind == "number":
        return _is_number(value)
    if kind == "flag":
        return isinstance(value, bool)
    if kind in STANDARDS:
        return _reads(STANDARDS[kind], value)
    return isinstance(value, str) if kind == "text" else _moment(value) is not None


def _reads(reader: Callable[[str], str], value: object) -> bool:
    try:
        return isinstance(value, str) and bool(reader(value))
    except CellError:
        return False


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        found: datetime = read_moment(value, CHINA)
    except CellError:
        return None
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def _days(first: datetime, last: datetime) -> int:
    """From one day to the other by the office clock: what is told as a day alone has no hour to compare."""
    return (_day(last) - _day(first)).days


def _plain(value: object) -> str:
    """A number as people write it, with separators and without an exponent; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return str(value)
    if 0 < abs(value) < 1:
        return f"{value:.10g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
