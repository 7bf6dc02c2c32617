"""The shapes of the intake API for its documentation; the checks themselves are `intake/mapped/submission.py`'s."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal

from ninja import Field, Schema

from intake.mapped.fields import MAX_FEATURES


class ApplicantIn(Schema):
    id: str = Field(max_length=64, examples=["310101199001011234"])
    name: str | None = Field("", max_length=200, examples=["张三"])
    segment: str | None = "retail"
    key_customer: bool = False
    identity_number: str | None = Field(
        "", examples=["11010519491231002X"], description="GB 11643 or GB 32100, checked"
    )
    phone: str | None = Field("", examples=["13800138000"])


class CaseIn(Schema):
    external_ref: str = Field(min_length=1, max_length=100, examples=["A-1001"])
    source: str = Field(max_length=50, examples=["branch-los"])
    kind: Literal["application", "monitoring"] = "application"
    product: str = Field(examples=["consumer"])
    industry: str | None = Field("", examples=["F52"])
    region: str | None = Field("", examples=["310000"])
    channel: str | None = Field("", examples=["branch"])
    amount: Decimal = Field(ge=0.01, max_digits=15, decimal_places=2, examples=["120000.00"])
    currency: str = Field(min_length=3, max_length=3, examples=["CNY"])
    term_months: int = Field(ge=1, le=600, examples=[24])
    applied_at: datetime = Field(examples=["2026-01-05T09:30:00+08:00"])
    applicant: ApplicantIn
    features: dict[str, float | str | bool | None] | None = Field(
        default_factory=dict,
        examples=[{"annual_income": 180000, "delinquencies_2y": 0, "purpose": "car"}],
        json_schema_extra={"propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,62}$"}, "maxProperties": MAX_FEATURES},
    )


class CaseAccepted(Schema):
    ref: str = Field(examples=["CR-10482"])
    state: str = Field(examples=["received"])


class FieldProblem(Schema):
    field: str
    value: str
    code: str
    en: str
    zh: str


class RejectedRowOut(Schema):
    index: int
    errors: list[FieldProblem]


class BatchAnswer(Schema):
    accepted: int
    duplicates: int
    rejected: list[RejectedRowOut]


class ProblemDetails(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


KEY_LONGEST: Final = 255
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": KEY_LONGEST},
    "description": "The same key with the same body is given the first answer again; with another body it is refused. "
    "A refused request gives its key back. Without a key a case is known by source and external_ref all the same.",
}


def case_body(*, many: bool) -> dict[str, Any]:
    """The request body for the OpenAPI document. The body itself is read by hand, so that every bad field is named."""
    one = CaseIn.model_json_schema(ref_template="#/components/schemas/{model}")
    applicant = one.pop("$defs")["ApplicantIn"]
    one["properties"]["applicant"] = applicant
    if not many:
        return {"required": True, "content": {"application/json": {"schema": one}}}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": one, "maxItems": 10_000}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "one case a line"}},
        },
    }
