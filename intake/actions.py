"""Taking cases in: from files and from messages, through one check and one door; nothing that arrives is lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.arrivals import Arrival, NewCase, insert_cases
from cases.bulk import copy_rows, insert_new
from cases.errors import BadDecision
from cases.locks import hold
from cases.models import ApiToken, Case, User
from cases.move import Move, lock_case, move_case, move_cases
from cases.states import DecidedBy, Outcome, State
from intake.field_errors import FieldError
from intake.models import CaseOrigin, ImportFile, RejectedRow, Source
from intake.quality import judge, load_rules
from intake.rows import ReadRow
from intake.submission import Submission

CHUNK: Final = 1000
HISTORY: Final = {
    "approved": ("record_approved", Outcome.APPROVE.value),
    "declined": ("record_declined", Outcome.DECLINE.value),
}
Progress = Callable[[int], object]


@dataclass
class ImportReport:
    """What this run did with the rows of a file; `file` is where the import is kept, None for a dry run."""

    file: ImportFile | None = None
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0


def new_case(submission: Submission, *, judged: bool = True) -> NewCase:
    """A submission as it enters; with `judged` the quality gate says what it is held for."""
    findings = judge(submission.features, submission.amount, load_rules(submission.product)) if judged else []
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


def start_import(
    path: Path, *, source: str, mapping_name: str, mapping: Mapping[str, Any], by: User | None
) -> ImportFile:
    """The record of a file: one for the same file of the same source under the same mapping, however often sent."""
    sha256 = _file_hash(path)
    with transaction.atomic(durable=True):
        # Sent twice at once: the second finds the record of the first.
        hold(f"file {sha256}")
        sender, _created = Source.objects.get_or_create(slug=source)
        kept = ImportFile.objects.filter(source=sender, sha256=sha256, mapping=mapping).first()
        return kept or ImportFile.objects.create(
            source=sender,
            file_name=path.name[:255],
            sha256=sha256,
            mapping_name=mapping_name[:255],
            mapping=mapping,
            started_by=by,
        )


def import_rows(
    file: ImportFile, rows: Iterable[ReadRow], *, decided: str = "", progress: Progress | None = None
) -> ImportReport:
    """Take in the rows of a file, a durable chunk at a time; killed in the middle, the next run goes on from there.

    Every row ends as a case, as a known case, or as a kept rejected row. `decided` is "approved" or "declined" for a
    historical book, whose cases are recorded as decided by the lender and not judged again.
    """
    report = ImportReport(file)
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        _import_chunk(file, chunk, decided, report)
        if progress:
            progress(len(chunk))
    with transaction.atomic(durable=True):
        accepted = CaseOrigin.objects.filter(import_file=file).count()
        ImportFile.objects.filter(pk=file.pk).update(
            rows=report.rows,
            accepted=accepted,
            rejected=report.rejected,
            duplicates=report.rows - accepted - report.rejected,
            finished_at=timezone.now(),
        )
    return report


def _import_chunk(file: ImportFile, chunk: Sequence[ReadRow], decided: str, report: ImportReport) -> None:
    good = [(row, row.submission) for row in chunk if row.submission is not None]
    with transaction.atomic(durable=True):
        arrivals = [new_case(submission, judged=not decided) for _row, submission in good]
        facts = {"file": file.file_name, "import_file": file.pk, "source": file.source.slug}
        receipt = insert_cases(file.source.slug, arrivals, entered_by=file.started_by_id, facts=facts)
        origins = [(key, file.pk, good[at][0].row_number) for at, key in receipt.accepted()]
        copy_rows(CaseOrigin, ("case", "import_file", "row_number"), origins)
        if decided:
            _record_history(decided, [(key, arrivals[at]) for at, key in receipt.accepted()])
        refused = [(row, row.errors) for row in chunk if row.submission is None]
        refused += [
            (row, [FieldError("external_ref", submission.external_ref, "reference_reused")])
            for (row, submission), verdict in zip(good, receipt.verdicts, strict=True)
            if verdict is Arrival.CONFLICT
        ]
        _keep_rejected(file, refused)
    report.rows += len(chunk)
    report.accepted += len(origins)
    report.rejected += len(refused)
    report.duplicates += len(chunk) - len(origins) - len(refused)


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


def _keep_rejected(file: ImportFile, refused: Sequence[tuple[ReadRow, Sequence[FieldError]]]) -> None:
    rows = {}
    for row, errors in refused:
        text = json.dumps([file.pk, row.row_number, row.raw], sort_keys=True, ensure_ascii=False)
        row_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        rows[row_hash] = (file.pk, row.row_number, row_hash, row.raw, [error.as_dict() for error in errors])
    insert_new(
        RejectedRow,
        ("import_file", "row_number", "row_hash", "raw", "errors"),
        list(rows.values()),
        conflict=("row_hash",),
    )


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def receive_submissions(submissions: Sequence[Submission], *, token: ApiToken) -> list[tuple[Arrival, int]]:
    """Take in messages of a lender's system, one durable transaction a source.

    Returns the verdict and the case's key for each submission, in the order given.
    """
    answers: dict[int, tuple[Arrival, int]] = {}
    for source in dict.fromkeys(submission.source for submission in submissions):
        places = [at for at, submission in enumerate(submissions) if submission.source == source]
        mine = [new_case(submissions[at]) for at in places]
        with transaction.atomic(durable=True):
            Source.objects.get_or_create(slug=source)
            facts = {"source": source, "token": token.name}
            receipt = insert_cases(source, mine, entered_by=None, facts=facts)
            copy_rows(CaseOrigin, ("case", "token"), [(key, token.pk) for _at, key in receipt.accepted()])
        answers.update(zip(places, zip(receipt.verdicts, receipt.keys, strict=True), strict=True))
    return [answers[at] for at in range(len(submissions))]


def supply_data(
    case_id: int, *, by: User, values: Mapping[str, int | float | str | bool | None], reason: str, seen_version: int
) -> Case:
    """Complete held data, with a reason; what stood there before is kept in the event.

    Raises:
        BadDecision: the reason is missing, or a value that the quality rules need still is; its field is named.
        CaseMoved, NotAllowed, StaleCase: as `cases.move`.
    """
    lacking = _("Say where the values come from, in ten characters or more.")
    reason = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    with transaction.atomic(durable=True):
        case = lock_case(case_id, seen_version=seen_version)
        features = {**case.features, **values}
        findings = judge(features, case.amount, load_rules(case.product))
        if findings and case.state == State.NEEDS_DATA:
            raise BadDecision(f"feature-{findings[0].feature}", _("This value is still missing or not possible."))
        before = {name: case.features.get(name) for name in values}
        facts = {"before": before, "after": dict(values), "reason": reason}
        move_case(case, "supply_data", by=by, facts=facts, features=features, findings=[], attempts=0)
        return case


def rejected_rows(file: ImportFile) -> Iterator[RejectedRow]:
    return file.rejected_rows.order_by("row_number").iterator(chunk_size=CHUNK)
