"""What of a held case a person may mend, and whether what they mended is good enough."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cases.arrivals import holds
from cases.models import Case, CaseEvent
from intake.gate.gate import can_be_supplied, fields_of
from intake.gate.quality import About, CrossRule, QualityFinding, QualityRules, Severity, disagreeing, judge
from intake.gate.quality_kinds import LENDERS
from intake.gate.read_by import mapping_of
from intake.mending.computed_again import following, held_inputs
from intake.values.outliers import JOINED_UNREADABLE

AMOUNT: Final = "amount"
DISAGREE: Final = "fields_disagree"
# How the codes begin of what is judged anew by the case alone.
_OF_RULES: Final = ("feature_", DISAGREE, "application_too_old")


@dataclass(frozen=True)
class Mendable:
    """The features to mend; of those in `either` one may be right as it stands, because a check names two or it is
    computed from `inputs`, which may be mended instead. `lenders` are the fields that such checks name, too, and that
    only the lender may say. `computed` follow from what is mended, each with the columns that the case does not hold:
    with some it is to be supplied, too, or not known any more."""

    names: tuple[str, ...] = ()
    either: frozenset[str] = frozenset()
    lenders: tuple[str, ...] = ()
    needs_amount: bool = False
    inputs: tuple[str, ...] = ()
    computed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def supplied(self) -> tuple[str, ...]:
        """All that may be supplied."""
        return (*self.names, *self.inputs, *(name for name, lacking in self.computed.items() if lacking))


def mendable_of(case: Case, rules: QualityRules) -> Mendable:
    """What can be mended, by the findings that hold the case and the checks in force that fail on it now; nothing where
    the amount itself is at fault, which is the lender's own."""
    holding = [finding for finding in case.findings if holds(finding)]
    checks = _failing(case, rules, {finding["feature"] for finding in holding if finding["code"] == DISAGREE})
    if not _leaves_amount(holding, checks):
        return Mendable(needs_amount=True)
    found = [finding["feature"] for finding in holding if can_be_supplied(finding) and finding["feature"] != AMOUNT]
    sides = [name for check in checks for name in check.features]
    needed = {finding["feature"] for finding in holding if finding["code"] != DISAGREE}
    lenders = [name for check in checks if check.features for name in (check.left, check.right) if name in LENDERS]
    names = tuple(dict.fromkeys(found + sides))
    mapping = mapping_of(case) if names else None
    anew = held_inputs(mapping, names) if mapping else {}
    inputs = tuple(dict.fromkeys(each for sides in anew.values() for each in sides if each not in names))
    computed = {**dict.fromkeys(anew, ()), **following(mapping, (*names, *inputs))} if mapping else {}
    either = (frozenset(names) - needed) | anew.keys()
    return Mendable(names, either, tuple(dict.fromkeys(lenders)), inputs=inputs, computed=computed)


def judge_again(
    case: Case, features: Mapping[str, object], mended: Collection[str], rules: QualityRules
) -> list[QualityFinding]:
    """What the rules find on a case with the features as mended. Beside other cases and the day of the application only
    what was mended is held: a person has looked at the rest. What they only mark is marked again, by the clock of when
    the case came."""
    named = {str(features[name]) for name in rules.refer_to_cases if features.get(name) is not None}
    known = Case.objects.filter(source=case.source, external_ref__in=named).values_list("external_ref", flat=True)
    references = set(known) if named else set()
    about = About(case.term_months, case.applied_at, _came_at(case), references=references, fields=fields_of(case))
    found = judge(features, case.amount, rules)
    checks = disagreeing(features, case.amount, rules, case.term_months, case.applied_at)
    of_term = [finding for rule, finding in checks if rule.features]
    return found + [
        finding
        for finding in judge(features, case.amount, rules, about=about)
        if finding not in found
        and (finding.severity is Severity.MARK or finding.feature in mended or finding in of_term)
    ]


def kept_marks(findings: Collection[Mapping[str, Any]], mended: Collection[str]) -> list[dict[str, Any]]:
    """The marks that stay on a case when features are mended: those that no rule makes again, but for what was mended.
    A joined value that cannot be read is marked from then on: the person who looked has let the case go without it."""
    kept = [
        dict(finding)
        for finding in findings
        if not (finding["code"].startswith(_OF_RULES) or finding["feature"] in mended)
        and (not holds(finding) or finding["code"] == JOINED_UNREADABLE)
    ]
    return [{**finding, "severity": Severity.MARK.value} for finding in kept]


def _came_at(case: Case) -> datetime:
    again: CaseEvent | None = case.events.filter(name="resubmit").order_by("seq").last()
    return again.at if again else case.received_at


def _failing(case: Case, rules: QualityRules, held_for: Collection[str]) -> list[CrossRule]:
    """The checks that fail and hold; one that only marks where it has held this case, whose source is trusted less."""
    failing = disagreeing(case.features, case.amount, rules, case.term_months, case.applied_at)
    return [rule for rule, _found in failing if rule.severity is not Severity.MARK or rule.left in held_for]


def _leaves_amount(holding: Collection[Mapping[str, object]], checks: Collection[CrossRule]) -> bool:
    """Whether nothing holds the case that only another amount could mend."""
    about_amount = [finding for finding in holding if finding["feature"] == AMOUNT]
    named = [check for check in checks if AMOUNT in (check.left, check.right)]
    if any(finding["code"] != DISAGREE for finding in about_amount) or not all(check.features for check in named):
        return False
    return not about_amount or any(check.left == AMOUNT for check in named)
