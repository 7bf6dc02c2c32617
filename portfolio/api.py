"""`POST /performance`: a lender's systems tell the repayment of loans, month by month."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from cases.api import TokenAuth
from cases.models import ApiToken
from intake.api import BATCH_MOST, batch_answer, judged_rows
from intake.schemas import BatchAnswer, ProblemDetails
from portfolio.actions import record_months
from portfolio.given_months import read_month

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
    good, refused = judged_rows(request, lambda row: read_month(row, today=timezone.localdate()))
    receipt = record_months([month for _index, month in good], given_by=token.name)
    refused |= {good[position][0]: [error] for position, error in receipt.refused.items()}
    return batch_answer(receipt.accepted, receipt.duplicates, refused)
