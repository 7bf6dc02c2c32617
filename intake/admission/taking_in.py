"""The one path by which rows become cases, whether they came in a file or as messages; nothing on it is lost."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from cases.arrivals import Arrival, NewCase, Receipt, holds, insert_cases
from cases.models import Case
from cases.move import Move, move_cases
from cases.states import DecidedBy, Outcome, State
from intake.admission.alike_on_record import asked_about
from intake.admission.equal_rows import EqualRows
from intake.admission.message_joins import with_signed
from intake.admission.new_cases import new_case
from intake.admission.number_on_record import numbered_on_record
from intake.admission.other_names import named_otherwise
from intake.admission.reading_anew import RowAnew, cases_to_read_anew, read_anew
from intake.gate.gate import finding_of, findings_of
from intake.gate.quality import QualityFinding, Severity
from intake.health.refusals import count_news
from intake.health.rejected import keep_rejected
from intake.mapped.submission import Submission
from intake.mending.mending import take_in_again, with_repeats
from intake.models import GOING_ON, NUMBERED, Batch, Way
from intake.people.linking import keep_numbers
from intake.reading.rows import ReadRow
from intake.record.differing import differing_fields
from intake.record.mended_since import with_mended
from intake.record.on_record import as_on_record
from intake.record.origins import keep_origins, keep_origins_again
from intake.record.reference import keep_joins, keep_rows
from intake.signing.first_look import look_findings
from intake.sources.sources import hold_state
from intake.values.outliers import ALIKE_ON_RECORD, MAY_BE_ON_RECORD, NUMBER_ON_RECORD
from intake.wording.field_errors import FieldError

HISTORY: Final = {
    "approved": ("record_approved", Outcome.APPROVE.value),
    "declined": ("record_declined", Outcome.DECLINE.value),
}
# What is on record already, perhaps: of a book of decided loans nobody is asked, and it is refused.
_MAY_BE_KNOWN: Final = (MAY_BE_ON_RECORD, ALIKE_ON_RECORD, NUMBER_ON_RECORD)
# A row as it was read or refused, and what was found about it.
_JudgedRow = tuple[ReadRow, Sequence[QualityFinding]]


@dataclass(frozen=True)
class Verdict:
    """What became of one row: a case, new or known, by its key; or none, for these errors.

    `state` is that of a new case as it came in.
    """

    arrival: Arrival | None
    key: int | None = None
    errors: Sequence[FieldError] = ()
    state: str = ""


@dataclass
class Taken:
    """What became of a chunk: a verdict for each row in the order given, and the counts. `refused` are the rejected
    rows that are news of their source, without those that only tell otherwise of a case on record."""

    verdicts: list[Verdict] = field(default_factory=list)
    held: int = 0
    marked: int = 0
    refused: int = 0

    @property
    def accepted(self) -> int:
        return sum(each.arrival is Arrival.ACCEPTED for each in self.verdicts)

    @property
    def rejected(self) -> int:
        return sum(each.arrival in (None, Arrival.CONFLICT) for each in self.verdicts)

    @property
    def duplicates(self) -> int:
        return len(self.verdicts) - self.accepted - self.rejected

    def counts(self) -> dict[str, int]:
        """As a batch and a tally count them."""
        return {name: getattr(self, name) for name in ("accepted", "duplicates", "rejected", "held", "marked")}


def take_in(batch: Batch, rows: Sequence[ReadRow], *, decided: str = "", equals: EqualRows | None = None) -> Taken:
    """Take in a chunk of a batch, inside the caller's transaction.

    `decided` is "approved" or "declined" for a historical book, whose cases are recorded as decided by the lender and
    not judged again. `equals` says which rows that are equal to some of before are known.
    """
    facts, signed = _facts(batch), hold_state(batch.source)
    if signed and batch.kind in GOING_ON:
        rows = with_signed(batch.source_id, *signed, rows)
        facts["mapping"] = signed[0]
    waiting = cases_to_read_anew(batch, rows)
    judged = _judged(batch, _as_known(batch, rows, waiting, equals), is_history=bool(decided))
    rows = [row for row, _found in judged]
    anew = _read_anew(batch, judged, waiting, facts)
    new = _take_in_new(batch, [each for at, each in enumerate(judged) if at not in anew], facts)
    read_now = [(anew[at][0], row, row.submission) for at, row in enumerate(rows) if at in anew and row.submission]
    keep_origins_again([*((key, *new.good[at]) for at, key in new.again.items()), *read_now])
    keep_rows(batch, [row for row in rows if row.submission is not None])
    keep_joins([*((key, new.good[at][0]) for at, key in new.taken), *((key, row) for key, row, _case in read_now)])
    if decided:
        accepted = [(new.arrivals[at].applied_at, key, 1) for at, key in new.receipt.accepted()]
        before = [
            (case.applied_at, *anew[at]) for at, row in enumerate(rows) if at in anew and (case := row.submission)
        ]
        _record_history(decided, [*accepted, *before])
    found = {key: new.arrivals[at].findings for at, key in new.receipt.accepted() if new.arrivals[at].findings}
    held = {key for key, each in found.items() if any(holds(finding) for finding in each)}
    verdicts = _verdicts(batch, rows, new, held, {at: key for at, (key, _version) in anew.items()})
    taken = Taken(verdicts, held=len(held), marked=len(found) - len(held))
    taken.refused = count_news(batch, [row for row in rows if row.submission is None])
    keep_rejected(batch, [(row, each.errors) for row, each in zip(rows, verdicts, strict=True) if each.errors])
    return taken


@dataclass(frozen=True)
class _New:
    """The good rows of a chunk that were not read anew: what they are, what became of each, and by place the keys of
    those that were sent again after they had been returned."""

    good: Sequence[tuple[ReadRow, Submission]]
    arrivals: Sequence[NewCase]
    receipt: Receipt
    again: Mapping[int, int]

    @property
    def taken(self) -> list[tuple[int, int]]:
        """Place and key of the cases that hold now what came."""
        return [*self.receipt.accepted(), *((at, self.receipt.keys[at]) for at in self.again)]


def _as_known(
    batch: Batch, rows: Sequence[ReadRow], waiting: Mapping[int, Case], equals: EqualRows | None
) -> list[ReadRow]:
    """The rows as they are on record under whatever name; those that are read anew are told by their place."""
    stored = as_on_record(batch.source, list(rows), anew=[case.pk for case in waiting.values()])
    known = asked_about(batch, equals.refused(batch, rows, stored) if equals else stored)
    known = numbered_on_record(batch, named_otherwise(batch.source.slug, known))
    return [row if row.row_number in waiting else as_known for row, as_known in zip(rows, known, strict=True)]


def _read_anew(
    batch: Batch, judged: Sequence[_JudgedRow], waiting: Mapping[int, Case], facts: Mapping[str, Any]
) -> dict[int, tuple[int, int]]:
    """Key and version, by the place of the row, of the cases that are read anew."""
    read = [
        RowAnew(row.row_number, waiting[row.row_number], new_case(row.submission, found), _place(batch, row))
        for row, found in judged
        if row.submission is not None and row.row_number in waiting
    ]
    done = read_anew(batch, read, facts=facts) if read else {}
    return {at: done[row.row_number] for at, (row, _found) in enumerate(judged) if row.row_number in done}


def _take_in_new(batch: Batch, judged: Sequence[_JudgedRow], facts: Mapping[str, Any]) -> _New:
    """Make cases of the good ones among these rows, or find the case that each already is."""
    good = [(row, row.submission) for row, _found in judged if row.submission is not None]
    arrivals = [new_case(row.submission, found) for row, found in judged if row.submission is not None]
    receipt = insert_cases(batch.source.slug, arrivals, entered_by=batch.started_by_id, facts=facts)
    receipt = with_mended(receipt, [case for _row, case in good])
    keep_origins(batch, good, receipt)
    keep_numbers([(receipt.applicants[key], good[at][1]) for at, key in receipt.accepted()])
    again = take_in_again(arrivals, receipt, facts=facts, places=[_place(batch, row) for row, _submission in good])
    return _New(good, arrivals, with_repeats(arrivals, receipt, again), again)


def take_in_kept(batch: Batch, rows: Sequence[ReadRow]) -> Taken:
    """Take in a chunk of a source whose rows are only kept for others to join: no case comes of them."""
    new = keep_rows(batch, rows)
    taken = Taken()
    for row in rows:
        known = Arrival.ACCEPTED if row.row_number in new else Arrival.DUPLICATE
        taken.verdicts.append(Verdict(None, None, row.errors) if row.reference is None else Verdict(known))
    keep_rejected(batch, [(row, row.errors) for row in rows if row.reference is None])
    return taken


def _judged(batch: Batch, rows: Sequence[ReadRow], *, is_history: bool) -> list[_JudgedRow]:
    """The rows as they were read, or refused for what lets none through, and what was found about each. Of what a
    lender has decided no rule asks, and nobody waits for a person: where it may be on record it is refused."""
    if is_history:
        return [(_refused(row, _doubtful(row)), ()) for row in rows]
    good = [(at, row, row.submission) for at, row in enumerate(rows) if row.submission is not None]
    by_rules = findings_of(batch.source, [submission for _at, _row, submission in good])
    of_all = look_findings(batch)
    found = {
        at: [*each, *(finding_of(note) for note in row.notes), *of_all]
        for (at, row, _submission), each in zip(good, by_rules, strict=True)
    }
    return [(_refused(row, each := found.get(at, [])), each) for at, row in enumerate(rows)]


def _doubtful(row: ReadRow) -> list[QualityFinding]:
    found = (finding_of(note) for note in row.notes if note.code in _MAY_BE_KNOWN)
    return [replace(each, severity=Severity.REJECT) for each in found]


def _refused(row: ReadRow, findings: Sequence[QualityFinding]) -> ReadRow:
    errors = [finding.as_error() for finding in findings if finding.severity is Severity.REJECT]
    if not errors or row.submission is None:
        return row
    return replace(row, submission=None, errors=errors, told_as=row.submission.external_ref)


def _facts(batch: Batch) -> dict[str, Any]:
    names = {Way.FILE: "file", Way.PUSH: "token", Way.SQL: "database"}
    return {names.get(Way(batch.kind), "stream"): batch.name, "batch": batch.pk, "source": batch.source.slug}


def _reused(batch: Batch, new: _New) -> dict[int, FieldError]:
    """By the place of an arrival under whose reference other content is on record: what differs."""
    places = [at for at, each in enumerate(new.receipt.verdicts) if each is Arrival.CONFLICT and at not in new.again]
    if not places:
        return {}
    read_by = batch.mapping.content if batch.kind in NUMBERED and batch.mapping else None
    told = differing_fields([(new.receipt.keys[at], new.arrivals[at]) for at in places], read_by)
    return {
        at: FieldError("external_ref", new.arrivals[at].external_ref, "reference_reused", {"fields": fields})
        for at, fields in zip(places, told, strict=True)
    }


def _verdicts(
    batch: Batch, rows: Sequence[ReadRow], new: _New, held: Collection[int], anew: Mapping[int, int]
) -> list[Verdict]:
    """The receipt speaks of the good rows, of which some took that of what was returned; the others were refused
    before, or read anew (place among `rows` to key). `held` are the keys of the new cases that wait for a person."""
    reused, receipt = _reused(batch, new), new.receipt
    answers = iter(zip(receipt.verdicts, receipt.keys, range(len(receipt.keys)), strict=True))
    verdicts = []
    for place, row in enumerate(rows):
        if place in anew:
            verdicts.append(Verdict(Arrival.ACCEPTED, anew[place]))
            continue
        if row.submission is None:
            verdicts.append(Verdict(None, None, row.errors))
            continue
        arrival, key, at = next(answers)
        if at in new.again:
            verdicts.append(Verdict(Arrival.ACCEPTED, key))
        elif arrival is Arrival.ACCEPTED:
            verdicts.append(Verdict(arrival, key, state=(State.NEEDS_DATA if key in held else State.RECEIVED).value))
        elif arrival is Arrival.CONFLICT:
            verdicts.append(Verdict(arrival, key, [reused[at]]))
        else:
            verdicts.append(Verdict(arrival, key))
    return verdicts


def _place(batch: Batch, row: ReadRow) -> dict[str, Any]:
    """Where in a batch a row stood, for an event."""
    row_number = {"row": row.row_number} if batch.kind in NUMBERED else {}
    return row_number | ({"message": row.message} if row.message else {})


def _record_history(decided: str, accepted: Sequence[tuple[datetime, int, int]]) -> None:
    """What the lender had decided of cases, by the time of the application, key and version."""
    step, outcome = HISTORY[decided]
    moves = [
        Move(
            key,
            version,
            changes={
                "outcome": outcome,
                "decided_by": DecidedBy.LENDER.value,
                "decided_at": applied_at,
                "why": [{"code": "history", "params": {}}],
            },
            facts={"history": True},
        )
        for applied_at, key, version in accepted
    ]
    move_cases(step, moves)
