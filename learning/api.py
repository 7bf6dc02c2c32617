"""`POST /outcomes`: a lender's systems tell how loans went."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from cases.api import TokenAuth
from cases.models import ApiToken
from intake.api import BATCH_MOST, batch_answer, judged_rows
from intake.schemas import BatchAnswer, ProblemDetails
from intake.wording.field_errors import FieldError
from learning.actions import ObservedOutcome, record_outcomes
from learning.given_outcomes import find_cases, read_outcome, refusals

router = Router(tags=["outcomes"], auth=TokenAuth(ApiToken.Scope.OUTCOMES))

BODY: Final = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "array",
                "maxItems": BATCH_MOST,
                "items": {
                    "type": "object",
                    "required": ["observed_at", "bad"],
                    "properties": {
                        "case_ref": {"type": "string", "examples": ["CR-10482"]},
                        "external_ref": {"type": "string", "description": "instead of case_ref"},
                        "source": {"type": "string", "description": "needed when two sources use one external_ref"},
                        "observed_at": {"type": "string", "format": "date-time"},
                        "bad": {"type": "boolean"},
                    },
                },
            }
        }
    },
}


@router.post(
    "",
    response={200: BatchAnswer, 413: ProblemDetails, 422: ProblemDetails},
    openapi_extra={"requestBody": BODY},
    summary="Send outcomes of loans",
    url_name="outcomes",
)
def post_outcomes(request: HttpRequest) -> dict[str, Any]:
    """Takes up to 10,000 rows; each is accepted, known, or rejected with its reason, by itself."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    given, refused = judged_rows(request, lambda row: read_outcome(row, now=timezone.now()))
    good: list[tuple[int, ObservedOutcome]] = []
    for (index, each), key in zip(given, find_cases([each for _index, each in given]), strict=True):
        if isinstance(key, FieldError):
            refused[index] = [key]
        else:
            good.append((index, ObservedOutcome(key, each.observed_at, each.bad)))
    receipt = record_outcomes([outcome for _index, outcome in good], given_by=token.name)
    refused |= {good[position][0]: [error] for position, error in refusals(receipt)}
    return batch_answer(receipt.accepted, receipt.duplicates, refused)
