"""`POST /cases` and `POST /cases/batch`: a lender's systems send cases, one or up to ten thousand at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router

from cases.api import Problem, TokenAuth
from cases.arrivals import Arrival
from cases.models import ApiToken, Case
from intake.actions import receive_messages
from intake.admission.taking_in import Verdict
from intake.health.health import ROWS_LEAST
from intake.mapped.submission import read_submission
from intake.models import IdempotencyKey
from intake.reading.rows import ReadRow
from intake.schemas import IDEMPOTENCY_KEY, KEY_LONGEST, BatchAnswer, CaseAccepted, ProblemDetails, case_body
from intake.sources.source_names import known_spellings
from intake.tabular.json_rows import flat_row, read_json, row_of, rows_of, text_of
from intake.ways_in.gathering import Gathering
from intake.wording.field_errors import FieldError

Given = TypeVar("Given")

router = Router(tags=["cases"], auth=TokenAuth(ApiToken.Scope.INGEST))

BATCH_MOST: Final = 10_000
ROUTE: Final = "POST /cases"
UNANSWERED: Final = 0
NDJSON: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")


@router.post(
    "",
    response={202: CaseAccepted, 200: CaseAccepted, 409: ProblemDetails, 422: ProblemDetails},
    openapi_extra={"requestBody": case_body(many=False), "parameters": [IDEMPOTENCY_KEY]},
    summary="Send one case",
    url_name="cases",
)
def post_case(request: HttpRequest) -> HttpResponse:
    """Takes one case in. The same case again answers 200 with the same ref; other content under its reference 409."""
    raw = _json(request.body)
    token = _token(request)
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_LONGEST:
        raise Problem(422, "Bad idempotency key", f"Idempotency-Key has more than {KEY_LONGEST} characters.")
    if not key:
        status, body = _take_one(raw, token)
        return JsonResponse(body, status=status)
    return _once(token, key, hashlib.sha256(request.body).hexdigest(), raw)


def _take_one(raw: object, token: ApiToken) -> tuple[int, dict[str, Any]]:
    verdict, state = _receive(_message(0, raw, timezone.now(), _spelt([raw])), token)
    errors = [error.as_dict() for error in verdict.errors]
    if verdict.arrival is Arrival.CONFLICT:
        detail = "A case with this source and external_ref, and with other content, is on record."
        raise Problem(409, "Other content", detail, errors)
    if verdict.key is None:
        raise Problem(422, "Bad fields", "The case was not taken in.", errors)
    return (202 if verdict.arrival is Arrival.ACCEPTED else 200), {"ref": Case(pk=verdict.key).ref, "state": state}


def _receive(row: ReadRow, token: ApiToken) -> tuple[Verdict, str]:
    """What became of the message of one request, and the state of its case. Requests of one token and source that are
    in this process at the same time are taken in together: each is answered once all are durable."""
    slug = row.submission.source if row.submission else row.raw.get("source", "")
    return _GATHERING.bring((token.pk, slug), (row, token))


def _receive_lot(lot: list[tuple[ReadRow, ApiToken]]) -> list[tuple[Verdict, str]]:
    """All of one token and source, so that they are one transaction: all of them are taken in, or none is."""
    verdicts = receive_messages([row for row, _token in lot], token=lot[0][1])
    known = [verdict.key for verdict in verdicts if verdict.key is not None and not verdict.state]
    states = dict(Case.objects.filter(pk__in=known).values_list("pk", "state")) if known else {}
    return [(verdict, verdict.state or states.get(verdict.key, "")) for verdict in verdicts]


# Fewer than are looked at as a batch: what came together by chance is none. The patience is what a lot itself takes.
_GATHERING: Final = Gathering(_receive_lot, most=ROWS_LEAST - 1, patience=0.03)


def _spelt(raws: Sequence[object]) -> dict[str, str]:
    """The sources that these cases name, as they are known; one query for all."""
    named = [raw.get("source") for raw in raws if isinstance(raw, dict)]
    return known_spellings({each for each in named if isinstance(each, str)})


def _message(index: int, raw: object, now: datetime, spelt: Mapping[str, str]) -> ReadRow:
    """One case of a request, read; its place is counted from one. Its source is called as it is known, so that the same
    case is the same content."""
    given = raw
    if isinstance(raw, dict) and isinstance(named := raw.get("source"), str) and named in spelt:
        given = {**raw, "source": spelt[named]}
    read = [raw] if isinstance(raw, FieldError) else read_submission(given, now=now)
    if isinstance(read, list):
        return ReadRow(index + 1, None, read, flat_row(raw))
    return ReadRow(index + 1, read, [], flat_row(raw))


def _once(token: ApiToken, key: str, request_hash: str, raw: object) -> HttpResponse:
    """Answer a keyed request once and repeat that answer. A refusal changed nothing, so it gives its key back.

    The key is claimed before the work: of two requests at once with one key and different bodies only one is taken in,
    and two with the same body get the answer that was kept first. A claim whose request died is worked again, which is
    safe because a case is unique by its reference.
    """
    claim, _created = IdempotencyKey.objects.get_or_create(
        token=token,
        route=ROUTE,
        key=key,
        defaults={"request_hash": request_hash, "status": UNANSWERED, "body": {}},
    )
    if claim.request_hash != request_hash:
        raise Problem(422, "Key used before", "This Idempotency-Key was used with another request.")
    # Of this claim alone: one that was given back meanwhile may be another request's by now.
    mine = IdempotencyKey.objects.filter(pk=claim.pk)
    if claim.status == UNANSWERED:
        try:
            status, body = _take_one(raw, token)
        except Problem:
            mine.filter(status=UNANSWERED).delete()
            raise
        mine.filter(status=UNANSWERED).update(status=status, body=body)
        # Two with one body, of which the other was refused and has given the claim back: this answer is not kept.
        claim = mine.first() or IdempotencyKey(status=status, body=body)
    return JsonResponse(claim.body, status=claim.status)


@router.post(
    "/batch",
    response={200: BatchAnswer, 413: ProblemDetails, 422: ProblemDetails},
    openapi_extra={"requestBody": case_body(many=True)},
    summary="Send up to 10,000 cases",
    url_name="case_batch",
)
def post_cases(request: HttpRequest) -> dict[str, Any]:
    """Takes a JSON array or NDJSON. Every row is accepted, known, or rejected with its errors, by itself."""
    now, raws = timezone.now(), body_rows(request)
    if len(raws) > BATCH_MOST:
        raise Problem(413, "Too many rows", f"A batch has at most {BATCH_MOST} rows; nothing was taken in.")
    spelt = _spelt(raws)
    rows = [_message(index, raw, now, spelt) for index, raw in enumerate(raws)]
    verdicts = receive_messages(rows, token=_token(request))
    counts = Counter(verdict.arrival for verdict in verdicts)
    return {
        "accepted": counts[Arrival.ACCEPTED],
        "duplicates": counts[Arrival.DUPLICATE],
        "rejected": [
            {"index": index, "errors": [error.as_dict() for error in verdict.errors]}
            for index, verdict in enumerate(verdicts)
            if verdict.errors
        ],
    }


def _token(request: HttpRequest) -> ApiToken:
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    return token


def _json(body: bytes) -> object:
    try:
        return read_json(body)
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, "Not JSON", f"The body is not JSON: {error}") from error


def body_rows(request: HttpRequest) -> list[object]:
    """The rows of a JSON array or NDJSON body; a row that cannot be read comes as its FieldError.

    Raises:
        Problem: the body is neither.
    """
    if request.content_type in NDJSON:
        return [row_of(text_of(line)) for line in request.body.split(b"\n") if line.strip()]
    try:
        return rows_of(text_of(request.body))
    except ValueError as error:
        raise Problem(422, "Not a list", f"The body must be a JSON array or NDJSON: {error}") from error


def judged_rows(
    request: HttpRequest, read: Callable[[Any], Given | list[FieldError]]
) -> tuple[list[tuple[int, Given]], dict[int, list[FieldError]]]:
    """The good rows of a batch with their places, and the errors of the others by place; `read` judges each by itself.

    Raises:
        Problem: 413 for more rows than a batch may have; nothing of it was taken in.
    """
    good: list[tuple[int, Given]] = []
    refused: dict[int, list[FieldError]] = {}
    for index, row in enumerate(body_rows(request)):
        if index >= BATCH_MOST:
            raise Problem(413, "Too many rows", f"A batch has at most {BATCH_MOST} rows; nothing was taken in.")
        found = [row] if isinstance(row, FieldError) else read(row)
        if isinstance(found, list):
            refused[index] = found
        else:
            good.append((index, found))
    return good, refused


def batch_answer(accepted: int, duplicates: int, refused: Mapping[int, Sequence[FieldError]]) -> dict[str, Any]:
    """What a batch of which each row stands by itself is answered with."""
    told = [{"index": at, "errors": [error.as_dict() for error in refused[at]]} for at in sorted(refused)]
    return {"accepted": accepted, "duplicates": duplicates, "rejected": told}
