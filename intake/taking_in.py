"""The one path by which rows become cases, whether they came in a file or as messages; nothing on it is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cases.arrivals import Arrival, NewCase, Receipt, holds, insert_cases
from cases.bulk import copy_rows, insert_new
from cases.models import Case
from cases.move import Move, move_cases
from cases.states import DecidedBy, Outcome, State
from intake.differing import differing_fields
from intake.equal_rows import EqualRows
from intake.field_errors import FieldError
from intake.first_look import look_findings
from intake.gate import finding_of, findings_of
from intake.linking import keep_numbers, number_digests
from intake.mending import take_in_again, with_repeats
from intake.message_joins import with_signed
from intake.models import GOING_ON, NUMBERED, Batch, CaseOrigin, RejectedRow, Way
from intake.on_record import as_on_record
from intake.quality import QualityFinding, Severity
from intake.reading_anew import RowAnew, cases_to_read_anew, read_anew
from intake.reference import keep_joins, keep_rows
from intake.refusals import count_news, known_as
from intake.rows import ReadRow
from intake.sources import hold_state
from intake.submission import Submission

HISTORY: Final = {
    "approved": ("record_approved", Outcome.APPROVE.value),
    "declined": ("record_declined", Outcome.DECLINE.value),
}


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
    signed = hold_state(batch.source)
    facts = _facts(batch)
    if signed and batch.kind in GOING_ON:
        rows = with_signed(batch.source_id, *signed, rows)
        facts["mapping"] = signed[0]
    waiting = cases_to_read_anew(batch, rows)
    stored = as_on_record(batch.source, list(rows))
    known = equals.refused(batch, rows, stored) if equals else stored
    rows = [row if row.row_number in waiting else as_known for row, as_known in zip(rows, known, strict=True)]
    findings = {} if decided else _judged(batch, rows)
    judged = [(_refused(row, findings.get(at, ())), findings.get(at, ())) for at, row in enumerate(rows)]
    rows = [row for row, _found in judged]
    again_read = [
        RowAnew(row.row_number, waiting[row.row_number], new_case(row.submission, found), _place(batch, row))
        for row, found in judged
        if row.submission is not None and row.row_number in waiting
    ]
    read = read_anew(batch, again_read, facts=facts) if again_read else {}
    anew = {at: read[row.row_number][0] for at, (row, _found) in enumerate(judged) if row.row_number in read}
    fresh = [(row, found) for at, (row, found) in enumerate(judged) if at not in anew]
    good = [(row, row.submission) for row, _found in fresh if row.submission is not None]
    arrivals = [new_case(row.submission, found) for row, found in fresh if row.submission is not None]
    receipt = insert_cases(batch.source.slug, arrivals, entered_by=batch.started_by_id, facts=facts)
    _keep_origins(batch, good, receipt)
    keep_numbers([(receipt.applicants[key], good[at][1]) for at, key in receipt.accepted()])
    keep_rows(batch, [row for row, _found in judged if row.submission is not None])
    if decided:
        known_before = [(row.arrival, *read[row.number]) for row in again_read if row.number in read]
        _record_history(decided, [*((arrivals[at], key, 1) for at, key in receipt.accepted()), *known_before])
    again = take_in_again(arrivals, receipt, facts=facts, places=[_place(batch, row) for row, _submission in good])
    receipt = with_repeats(arrivals, receipt, again)
    read_now = [(key, rows[at]) for at, key in anew.items()]
    _keep_numbers_again([(again[at], good[at][1]) for at in again])
    _keep_numbers_again([(key, row.submission) for key, row in read_now if row.submission is not None])
    taken_now = [*receipt.accepted(), *((at, receipt.keys[at]) for at in again)]
    keep_joins([*((key, good[at][0]) for at, key in taken_now), *read_now])
    found = {key: arrivals[at].findings for at, key in receipt.accepted() if arrivals[at].findings}
    held = {key for key, each in found.items() if any(holds(finding) for finding in each)}
    reused = _reused(batch, receipt, arrivals, again)
    taken = Taken(_verdicts(rows, receipt, again, held, reused, anew), held=len(held), marked=len(found) - len(held))
    taken.refused = count_news(batch, [row for row in rows if row.submission is None])
    _keep_rejected(batch, [(row, each.errors) for row, each in zip(rows, taken.verdicts, strict=True) if each.errors])
    return taken


def take_in_kept(batch: Batch, rows: Sequence[ReadRow]) -> Taken:
    """Take in a chunk of a source whose rows are only kept for others to join: no case comes of them."""
    new = keep_rows(batch, rows)
    taken = Taken()
    for row in rows:
        known = Arrival.ACCEPTED if row.row_number in new else Arrival.DUPLICATE
        taken.verdicts.append(Verdict(None, None, row.errors) if row.reference is None else Verdict(known))
    _keep_rejected(batch, [(row, row.errors) for row in rows if row.reference is None])
    return taken


def _judged(batch: Batch, rows: Sequence[ReadRow]) -> dict[int, list[QualityFinding]]:
    """What was found about the good rows, by their place among `rows`."""
    good = [(at, row, row.submission) for at, row in enumerate(rows) if row.submission is not None]
    found = findings_of(batch.source, [submission for _at, _row, submission in good])
    of_all = look_findings(batch)
    judged = {
        at: [*each, *(finding_of(note) for note in row.notes), *of_all]
        for (at, row, _), each in zip(good, found, strict=True)
    }
    return {at: each for at, each in judged.items() if each}


def _refused(row: ReadRow, findings: Sequence[QualityFinding]) -> ReadRow:
    """The row as it was read, or refused for the rules that let none through."""
    errors = [finding.as_error() for finding in findings if finding.severity is Severity.REJECT]
    if not errors or row.submission is None:
        return row
    return replace(row, submission=None, errors=errors, told_as=row.submission.external_ref)


def new_case(submission: Submission, findings: Sequence[QualityFinding] = ()) -> NewCase:
    """A submission as it enters, with what was found about it."""
    return NewCase(
        external_ref=submission.external_ref,
        content_hash=submission.content_hash,
        earlier_hashes=submission.earlier_hashes,
        kind=submission.kind,
        product=submission.product,
        industry=submission.industry,
        region=submission.region,
        channel=submission.channel,
        amount=submission.amount,
        currency=submission.currency,
        term_months=submission.term_months,
        applied_at=submission.applied_at,
        applicant_ref=submission.applicant.external_id,
        applicant_name=submission.applicant.name,
        segment=submission.applicant.segment,
        key_customer=submission.applicant.key_customer,
        features=submission.features,
        derived=submission.derived,
        findings=[finding.as_dict() for finding in findings],
    )


def _facts(batch: Batch) -> dict[str, Any]:
    names = {Way.FILE: "file", Way.PUSH: "token", Way.SQL: "database"}
    return {names.get(Way(batch.kind), "stream"): batch.name, "batch": batch.pk, "source": batch.source.slug}


def _reused(
    batch: Batch, receipt: Receipt, arrivals: Sequence[NewCase], again: Collection[int]
) -> dict[int, FieldError]:
    """By the place of an arrival under whose reference other content is on record: what differs."""
    places = [at for at, each in enumerate(receipt.verdicts) if each is Arrival.CONFLICT and at not in again]
    if not places:
        return {}
    read_by = batch.mapping.content if batch.kind in NUMBERED and batch.mapping else None
    told = differing_fields([(receipt.keys[at], arrivals[at]) for at in places], read_by)
    return {
        at: FieldError("external_ref", arrivals[at].external_ref, "reference_reused", {"fields": fields})
        for at, fields in zip(places, told, strict=True)
    }


def _verdicts(
    rows: Sequence[ReadRow],
    receipt: Receipt,
    again: Collection[int],
    held: Collection[int],
    reused: Mapping[int, FieldError],
    anew: Mapping[int, int],
) -> list[Verdict]:
    """The receipt speaks of the good rows, of which those at the places `again` took that of what was returned; the
    others were refused before, or read anew (place among `rows` to key). `held` are the keys of the new cases that wait
    for a person, `reused` says of the places of conflicts what differs."""
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
        if at in again:
            verdicts.append(Verdict(Arrival.ACCEPTED, key))
        elif arrival is Arrival.ACCEPTED:
            verdicts.append(Verdict(arrival, key, state=(State.NEEDS_DATA if key in held else State.RECEIVED).value))
        elif arrival is Arrival.CONFLICT:
            verdicts.append(Verdict(arrival, key, [reused[at]]))
        else:
            verdicts.append(Verdict(arrival, key))
    return verdicts


def _keep_origins(batch: Batch, good: Sequence[tuple[ReadRow, Submission]], receipt: Receipt) -> None:
    origins = [
        (key, batch.pk, row.row_number if batch.kind in NUMBERED else None, row.message, number_digests(submission))
        for key, (row, submission) in ((key, good[at]) for at, key in receipt.accepted())
    ]
    copy_rows(CaseOrigin, ("case", "batch", "row_number", "message", "numbers"), origins)


def _place(batch: Batch, row: ReadRow) -> dict[str, Any]:
    """Where in a batch a row stood, for an event."""
    row_number = {"row": row.row_number} if batch.kind in NUMBERED else {}
    return row_number | ({"message": row.message} if row.message else {})


def _keep_numbers_again(resent: Sequence[tuple[int, Submission]]) -> None:
    """The numbers of cases (by key) that were sent again: what came now stands on them."""
    cases = Case.objects.filter(pk__in=[key for key, _submission in resent]) if resent else Case.objects.none()
    applicants = dict(cases.values_list("pk", "applicant"))
    keep_numbers([(applicants[key], submission) for key, submission in resent])
    for key, submission in resent:
        CaseOrigin.objects.filter(case=key).update(numbers=number_digests(submission))


def _record_history(decided: str, accepted: Sequence[tuple[NewCase, int, int]]) -> None:
    """What the lender had decided of cases, by what came, key and version."""
    step, outcome = HISTORY[decided]
    moves = [
        Move(
            key,
            version,
            changes={
                "outcome": outcome,
                "decided_by": DecidedBy.LENDER.value,
                "decided_at": arrival.applied_at,
                "why": [{"code": "history", "params": {}}],
            },
            facts={"history": True},
        )
        for arrival, key, version in accepted
    ]
    move_cases(step, moves)


def _keep_rejected(batch: Batch, refused: Sequence[tuple[ReadRow, Sequence[FieldError]]]) -> None:
    """A row of a file is known by its number too, one of a stream by its id; a message that is sent again is the same
    row wherever it stands."""
    rows = {}
    for row, errors in refused:
        place = row.message or (row.row_number if batch.kind in NUMBERED else 0)
        text = json.dumps([batch.pk, place, row.raw], sort_keys=True, ensure_ascii=False)
        row_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        told = [error.as_dict() for error in errors]
        rows[row_hash] = (batch.pk, row.row_number, row_hash, known_as(row), row.message, row.raw, told)
    names = ("batch", "row_number", "row_hash", "known_as", "message", "raw", "errors")
    insert_new(RejectedRow, names, list(rows.values()), conflict=("row_hash",))
