"""The one path by which rows become cases, whether they came in a file or as messages; nothing on it is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cases.arrivals import Arrival, NewCase, Receipt, insert_cases
from cases.bulk import copy_rows, insert_new
from cases.move import Move, move_cases
from cases.states import DecidedBy, Outcome
from intake.field_errors import FieldError
from intake.models import Batch, CaseOrigin, RejectedRow, Source, Way
from intake.quality import QualityFinding, judge, load_rules
from intake.rows import ReadRow
from intake.sources import hold_state
from intake.submission import Submission

HISTORY: Final = {
    "approved": ("record_approved", Outcome.APPROVE.value),
    "declined": ("record_declined", Outcome.DECLINE.value),
}
SOURCE: Final = "source"
QUARANTINED: Final = "source_quarantined"
SOURCE_WORDS: Final = {"en": "Source", "zh": "来源"}


@dataclass(frozen=True)
class Verdict:
    """What became of one row: a case, new or known, by its key; or none, for these errors."""

    arrival: Arrival | None
    key: int | None = None
    errors: Sequence[FieldError] = ()


@dataclass
class Taken:
    """What became of a chunk: a verdict for each row in the order given, and the counts."""

    verdicts: list[Verdict] = field(default_factory=list)
    held: int = 0
    marked: int = 0

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


def take_in(batch: Batch, rows: Sequence[ReadRow], *, decided: str = "") -> Taken:
    """Take in a chunk of a batch, inside the caller's transaction.

    `decided` is "approved" or "declined" for a historical book, whose cases are recorded as decided by the lender and
    not judged again.
    """
    hold_state(batch.source)
    good = [(row, row.submission) for row in rows if row.submission is not None]
    arrivals = [new_case(submission, source=batch.source, judged=not decided) for _row, submission in good]
    facts = _facts(batch)
    receipt = insert_cases(batch.source.slug, arrivals, entered_by=batch.started_by_id, facts=facts)
    _keep_origins(batch, [row for row, _submission in good], receipt)
    if decided:
        _record_history(decided, [(key, arrivals[at]) for at, key in receipt.accepted()])
    taken = Taken(_verdicts(rows, receipt))
    taken.held = sum(bool(arrivals[at].findings) for at, _key in receipt.accepted())
    _keep_rejected(batch, [(row, each.errors) for row, each in zip(rows, taken.verdicts, strict=True) if each.errors])
    return taken


def new_case(submission: Submission, *, source: Source | None = None, judged: bool = True) -> NewCase:
    """A submission as it enters; with `judged` the quality gate and its source say what it is held for."""
    findings = judge(submission.features, submission.amount, load_rules(submission.product)) if judged else []
    if judged and source is not None:
        findings += source_findings(source)
    return NewCase(
        external_ref=submission.external_ref,
        content_hash=submission.content_hash,
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


def source_findings(source: Source) -> list[QualityFinding]:
    """What every new case of a source waits for a person for: its quarantine, or that nobody trusts it."""
    if source.state == Source.State.QUARANTINED:
        return [QualityFinding(SOURCE, QUARANTINED, {}, SOURCE_WORDS)]
    if source.trust == Source.Trust.NONE:
        return [QualityFinding(SOURCE, "source_not_trusted", {}, SOURCE_WORDS)]
    return []


def _facts(batch: Batch) -> dict[str, Any]:
    told = {"file": batch.name} if batch.kind == Way.FILE else {"token": batch.name}
    return {**told, "batch": batch.pk, "source": batch.source.slug}


def _verdicts(rows: Sequence[ReadRow], receipt: Receipt) -> list[Verdict]:
    """The receipt speaks of the good rows; the others were refused before."""
    answers = iter(zip(receipt.verdicts, receipt.keys, strict=True))
    verdicts = []
    for row in rows:
        if row.submission is None:
            verdicts.append(Verdict(None, None, row.errors))
            continue
        arrival, key = next(answers)
        reused = [FieldError("external_ref", row.submission.external_ref, "reference_reused")]
        verdicts.append(Verdict(arrival, key, reused if arrival is Arrival.CONFLICT else ()))
    return verdicts


def _keep_origins(batch: Batch, rows: Sequence[ReadRow], receipt: Receipt) -> None:
    in_file = batch.kind == Way.FILE
    origins = [(key, batch.pk, rows[at].row_number if in_file else None) for at, key in receipt.accepted()]
    copy_rows(CaseOrigin, ("case", "batch", "row_number"), origins)


def _record_history(decided: str, accepted: Sequence[tuple[int, NewCase]]) -> None:
    step, outcome = HISTORY[decided]
    moves = [
        Move(
            key,
            1,
            changes={
                "outcome": outcome,
                "decided_by": DecidedBy.LENDER.value,
                "decided_at": arrival.applied_at,
                "why": [{"code": "history", "params": {}}],
            },
            facts={"history": True},
        )
        for key, arrival in accepted
    ]
    move_cases(step, moves)


def _keep_rejected(batch: Batch, refused: Sequence[tuple[ReadRow, Sequence[FieldError]]]) -> None:
    """A row of a file is known by its number too; a message that is sent again is the same row wherever it stands."""
    rows = {}
    for row, errors in refused:
        place = row.row_number if batch.kind == Way.FILE else 0
        text = json.dumps([batch.pk, place, row.raw], sort_keys=True, ensure_ascii=False)
        row_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        rows[row_hash] = (batch.pk, row.row_number, row_hash, row.raw, [error.as_dict() for error in errors])
    names = ("batch", "row_number", "row_hash", "raw", "errors")
    insert_new(RejectedRow, names, list(rows.values()), conflict=("row_hash",))
