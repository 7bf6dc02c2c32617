"""`POST /performance`: a lender's systems tell the repayment of loans, month by month."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from cases.api import Problem, TokenAuth
from cases.models import ApiToken
from intake.api import BATCH_MOST, body_rows
from intake.field_errors import FieldError
from intake.schemas import BatchAnswer, ProblemDetails
from portfolio.actions import record_months
from portfolio.given_months import GivenMonth, read_month

router = Router(tags=["performance"], auth=TokenAuth(ApiToken.Scope.OUTCOMES))

BODY: Final = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "array",
                "maxItems": BATCH_MOST,
                "items": {
                    "type": "object",
                    "required": ["loan_ref", "as_of", "dpd"],
                    "properties": {
                        "loan_ref": {
                            "type": "string",
                            "description": "of the case, or the sender's own",
                            "examples": ["CR-10482"],
                        },
                        "source": {"type": "string", "description": "needed when two sources use one reference"},
                        "as_of": {"type": "string", "format": "date"},
                        "dpd": {"type": "integer", "minimum": 0, "description": "days past due"},
                        "balance": {"type": "number", "minimum": 0, "description": "0 once the loan is paid"},
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
    summary="Send the repayment of loans",
    url_name="performance",
)
def post_performance(request: HttpRequest) -> dict[str, Any]:
    """Takes up to 10,000 rows; each is accepted, known, or rejected with its reason, by itself. Outcomes follow."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    rejected: dict[int, list[FieldError]] = {}
    good: list[tuple[int, GivenMonth]] = []
    for index, row in enumerate(body_rows(request)):
        if index >= BATCH_MOST:
            raise Problem(413, "Too many rows", f"A batch has at most {BATCH_MOST} rows; nothing was taken in.")
        read = [row] if isinstance(row, FieldError) else read_month(row, today=timezone.localdate())
        if isinstance(read, list):
            rejected[index] = read
        else:
            good.append((index, read))
    receipt = record_months([month for _index, month in good], given_by=token.name)
    rejected |= {good[position][0]: [error] for position, error in receipt.refused.items()}
    return {
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "rejected": [
            {"index": index, "errors": [error.as_dict() for error in errors]}
            for index, errors in sorted(rejected.items())
        ],
    }
