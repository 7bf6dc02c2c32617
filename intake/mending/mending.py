"""Data that is held: mended by a person with a reason, or returned to where it came from and sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.arrivals import Arrival, NewCase, Receipt, move_on
from cases.errors import BadDecision, CaseMoved
from cases.models import Case, User
from cases.move import Move, lock_case, move_case
from cases.states import State
from intake.gate.gate import SOURCE, SOURCE_WORDS, finding_of
from intake.gate.held import RETURNED, is_returned
from intake.gate.quality import QualityFinding, Severity, disagreeing
from intake.gate.read_by import mapping_of
from intake.gate.rule_sets import rules_of
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.fields import FeatureValue, FieldReader
from intake.mending.computed_again import Again, compute_again, is_computed, not_computed
from intake.mending.mendable import judge_again, kept_marks
from intake.signing.first_look import is_not_looked_at
from intake.values.cells import CellError
from intake.values.outliers import Note, within
from intake.wording.field_errors import FieldError

NOT_BEFORE_THE_LOOK: Final = _(
    "Nobody has looked at how its columns are read: a supervisor or administrator does that on the page of its source."
)
# What a case sent again may change; who applies stays the same person.
RESENT: Final = (
    "content_hash", "product", "industry", "region", "channel", "amount", "currency", "term_months", "applied_at",
    "features", "derived",
)  # fmt: skip
# Of these the event tells what stood there.
FIELDS: Final = tuple(name for name in RESENT if name not in ("content_hash", "features", "derived"))


def supply_data(case_id: int, *, by: User, values: Mapping[str, FeatureValue], reason: str, seen_version: int) -> Case:
    """Complete held data, with a reason; what stood there before is kept in the event. Marks stay on the case but for
    those about what was supplied. What the mapping computed from the values is computed again, or not known any more;
    the event tells it as `computed`. Values keep within the limits of the mapping; the event tells what was typed
    beyond one as `typed`, and as `given` which computed values a person gave themselves.

    Raises:
        BadDecision: nobody has looked at how its columns are read, the reason is missing, a value that the quality
            rules need still is, two still do not agree, or one is what stood there already, or lies beyond a limit of
            the mapping; its field is named.
        CaseMoved, NotAllowed, StaleCase: as `cases.move`.
    """
    from_where = _("Say where the values come from, in ten characters or more.")
    lacking = from_where if values else _("Say why, in ten characters or more.")
    reason = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    with transaction.atomic(durable=True):
        case = lock_case(case_id, seen_version=seen_version)
        if is_not_looked_at(case.findings):
            raise BadDecision("", NOT_BEFORE_THE_LOOK)
        quality, mapping = rules_of(case.product, case.source), mapping_of(case) if values else None
        typed, (values, notes) = values, _believed(mapping, values)
        again = _computed_again(mapping, case, values)
        features = {**case.features, **values, **again.values}
        findings = judge_again(case, features, {**values, **again.values}, quality)
        if case.state == State.NEEDS_DATA:
            _refuse_what_mends_nothing(case, values)
            _refuse_what_is_wrong(case, features, findings, values, again)
        follows = {name: value for name, value in again.values.items() if value != case.features.get(name)}
        after = {**values, **follows}
        facts = {"before": {name: case.features.get(name) for name in after}, "after": after, "reason": reason}
        facts |= {"computed": sorted(follows)} if follows else {}
        # By these a value does not follow any more from what it was computed from.
        given = sorted(name for name in values if mapping and is_computed(mapping, name))
        facts |= {"given": given} if given else {}
        # What a limit took the place of.
        facts |= {"typed": {note.field: typed[note.field] for note in notes}} if notes else {}
        findings += map(finding_of, [*notes, *again.notes])
        findings += [not_computed(name, each, quality.features.get(name)) for name, each in again.lacking.items()]
        marks = [finding.as_dict() for finding in findings]
        marks += kept_marks(case.findings, {*values, *again.values})
        move_case(case, "supply_data", by=by, facts=facts, features=features, findings=marks, attempts=0)
        return case


def _believed(
    mapping: CaseMapping | None, values: Mapping[str, FeatureValue]
) -> tuple[dict[str, FeatureValue], list[Note]]:
    """The values within the limits that the mapping states for their features, with a note on each that was capped."""
    kept, notes = dict(values), []
    for name, value in values.items():
        given = mapping.features.get(name) if mapping else None
        if mapping is None or given is None or given.limits is None:
            continue
        # Whoever types a value means it: it does not count as not known in silence.
        limits = given.limits if given.limits.beyond == "cap" else replace(given.limits, beyond="refuse")
        try:
            believed, note = within(value, limits, name)
        except CellError as problem:
            raise _not_possible(mapping, name, value, problem) from problem
        if note is not None:
            kept[name] = FieldReader({}).feature(name, believed)
            notes.append(note)
    return kept, notes


def _computed_again(mapping: CaseMapping | None, case: Case, values: Mapping[str, object]) -> Again:
    if mapping is None:
        return Again()
    try:
        return compute_again(mapping, case, {**case.features, **values}, values)
    except CellError as problem:
        name, value = next(iter(values.items()))
        raise _not_possible(mapping, name, value, problem) from problem


def _not_possible(mapping: CaseMapping, name: str, value: object, problem: CellError) -> BadDecision:
    error = FieldError(mapping.column_of(f"features.{name}"), str(value), problem.code, problem.params)
    return BadDecision(f"feature-{name}", error.sentence(_language()))


def _language() -> str:
    return "zh-hans" if (get_language() or "").startswith("zh") else "en"


def _refuse_what_mends_nothing(case: Case, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        stood = case.features.get(name)
        # True is no 1; "50000" is no 50000.
        if stood is not None and value == stood and isinstance(value, bool) == isinstance(stood, bool):
            raise BadDecision(
                f"feature-{name}", _("This value stands there already: leave the field empty to keep it.")
            )


def _refuse_what_is_wrong(
    case: Case,
    features: Mapping[str, object],
    findings: Sequence[QualityFinding],
    values: Mapping[str, object],
    again: Again,
) -> None:
    wrong = next((finding for finding in findings if finding.severity is not Severity.MARK), None)
    if wrong is None:
        return
    in_force = rules_of(case.product, case.source)
    checks = disagreeing(features, case.amount, in_force, case.term_months, case.applied_at)
    check = next((rule for rule, finding in checks if finding == wrong and rule.features), None)
    if check is None and wrong.feature in again.values and wrong.feature not in again.lacking:
        raise BadDecision("", wrong.sentence(_language()))
    if check is None:
        raise BadDecision(f"feature-{wrong.feature}", _("This value is still missing or not possible."))
    name = next((each for each in check.features if each in values), check.features[0])
    words = check.words["zh" if (get_language() or "").startswith("zh") else "en"]
    raise BadDecision(f"feature-{name}", gettext("These values still do not agree: %(check)s.") % {"check": words})


def return_to_source(case_id: int, *, by: User, reason: str, seen_version: int) -> Case:
    """Send a held case back to whoever sent it: the next content under its reference takes the place of what is held.

    Raises:
        BadDecision: the reason is missing. CaseMoved: it is not held, or was returned before.
        NotAllowed, StaleCase: as `cases.move`.
    """
    lacking = _("Say what the source must mend, in ten characters or more.")
    reason = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="return-reason")
    with transaction.atomic(durable=True):
        case = lock_case(case_id, seen_version=seen_version)
        if is_returned(case.findings):
            raise CaseMoved
        found = QualityFinding(SOURCE, RETURNED, {}, SOURCE_WORDS).as_dict()
        move_case(case, "return_to_source", by=by, facts={"reason": reason}, findings=[*case.findings, found])
        return case


def take_in_again(
    arrivals: Sequence[NewCase], receipt: Receipt, *, facts: Mapping[str, Any], places: Sequence[Mapping[str, Any]]
) -> dict[int, int]:
    """Put what was sent again in the place of returned cases, inside the caller's transaction; place to key. `facts`
    are told of all of them, `places` of each.

    What stood there is kept in the event. A case that somebody mends at this moment is left to them: its version has
    moved, and the sender is told that other content is on record.
    """
    conflicts: dict[int, list[int]] = {}
    for at, key in enumerate(receipt.keys):
        if receipt.verdicts[at] is Arrival.CONFLICT:
            conflicts.setdefault(key, []).append(at)
    if not conflicts:
        return {}
    returned = Case.objects.filter(pk__in=conflicts, state=State.NEEDS_DATA, findings__contains=[{"code": RETURNED}])
    moves, taken = [], {}
    for case in returned.select_related("applicant"):
        own = [at for at in conflicts[case.pk] if arrivals[at].applicant_ref == case.applicant.external_id]
        # As of new cases the first of a chunk counts, and a later one is compared with it.
        for at in own[:1]:
            moves.append(resent(case, arrivals[at], {**facts, **places[at]}))
            taken[case.pk] = at
    moved = move_on("resubmit", moves)
    return {taken[key]: key for key in moved}


def with_repeats(arrivals: Sequence[NewCase], receipt: Receipt, again: Mapping[int, int]) -> Receipt:
    """The receipt, by which what came twice in a chunk is a duplicate of what took the place of a returned case."""
    taken = {key: arrivals[at] for at, key in again.items()}
    verdicts = list(receipt.verdicts)
    for at, key in enumerate(receipt.keys):
        if key in taken and at not in again and arrivals[at].is_as(taken[key].content_hash):
            verdicts[at] = Arrival.DUPLICATE
    return replace(receipt, verdicts=verdicts)


def resent(case: Case, arrival: NewCase, facts: Mapping[str, Any]) -> Move:
    """The move by which what arrived takes the place of what a case holds; its event tells both."""
    changes: dict[str, Any] = {name: getattr(arrival, name) for name in RESENT}
    changes |= {"features": dict(arrival.features), "derived": list(arrival.derived)}
    before = {name: case.features.get(name) for name in {**case.features, **arrival.features}}
    after = {name: arrival.features.get(name) for name in before}
    told = {name: value for name, value in after.items() if value != before[name]}
    for name in FIELDS:
        stood, stands = _told(getattr(case, name)), _told(getattr(arrival, name))
        if stood != stands:
            before[name], told[name] = stood, stands
    findings = [dict(finding) for finding in arrival.findings]
    changed = {"before": {name: before[name] for name in told}, "after": told}
    return Move(case.pk, case.version, {**changes, "findings": findings, "attempts": 0}, {**facts, **changed})


def _told(value: Any) -> Any:
    """A field of a case as an event keeps it."""
    if isinstance(value, Decimal):
        return float(value)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
