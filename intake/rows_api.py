"""`POST /sources/{slug}/rows`: a bureau's or CRM's rows, which are no cases and are kept for other sources to join."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from cases.api import Problem, TokenAuth
from cases.models import ApiToken
from intake.admission.kept_rows import receive_rows
from intake.api import BATCH_MOST, NDJSON, batch_answer, body_rows
from intake.schemas import BatchAnswer, ProblemDetails
from intake.tabular.json_rows import row_of, text_of
from intake.wording.field_errors import FieldError

router = Router(tags=["rows"], auth=TokenAuth(ApiToken.Scope.INGEST))

ROW: Final = {
    "type": "object",
    "description": "columns by name, as the signed mapping of the source calls them",
    "additionalProperties": True,
    "examples": [{"applicant_id": "310101199001011234", "as_of": "2026-01-05T09:30:00+08:00", "score": 610}],
}
BODY: Final = {
    "required": True,
    "content": {
        "application/json": {"schema": {"oneOf": [ROW, {"type": "array", "items": ROW, "maxItems": BATCH_MOST}]}},
        "application/x-ndjson": {"schema": {"type": "string", "description": "one row a line"}},
    },
}


@router.post(
    "/{slug}/rows",
    response={200: BatchAnswer, 409: ProblemDetails, 413: ProblemDetails, 422: ProblemDetails},
    openapi_extra={"requestBody": BODY},
    summary="Send rows for other sources to join",
    url_name="source_rows",
)
def post_rows(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Takes one row, a JSON array of up to 10,000, or NDJSON. Each is kept, known, or rejected with its errors.

    The source must have a signed mapping that only keeps its rows: it names their key, and as of when they are true.
    The same row sent again is a duplicate.
    """
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    raws = _rows(request)
    if len(raws) > BATCH_MOST:
        raise Problem(413, "Too many rows", f"A batch has at most {BATCH_MOST} rows; nothing was taken in.")
    taken = receive_rows(slug, raws, token=token, now=timezone.now())
    refused = {at: each.errors for at, each in enumerate(taken.verdicts) if each.errors}
    return batch_answer(taken.accepted, taken.duplicates, refused)


def _rows(request: HttpRequest) -> list[object]:
    """What was sent, also where it is one row alone. Raises Problem where it is no JSON as a whole."""
    text = "" if request.content_type in NDJSON else text_of(request.body).lstrip()
    if text[:1] != "{":
        return body_rows(request)
    row = row_of(text)
    if isinstance(row, FieldError):
        raise Problem(422, "Not JSON", f"The body is not JSON: {row.sentence('en')}")
    return [row]
