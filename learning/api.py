"""`POST /outcomes`: a lender's systems tell how loans went."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from cases.api import Problem, TokenAuth
from cases.errors import CaseNotFound
from cases.models import ApiToken, Case
from intake.api import BATCH_MOST, body_rows
from intake.field_errors import FieldError
from intake.schemas import BatchAnswer, ProblemDetails
from learning.actions import ObservedOutcome, record_outcomes

router = Router(tags=["outcomes"], auth=TokenAuth(ApiToken.Scope.OUTCOMES))

KEYS: Final = {"case_ref", "external_ref", "source", "observed_at", "bad"}
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
    url_name="post_outcomes",
)
def post_outcomes(request: HttpRequest) -> dict[str, Any]:
    """Takes up to 10,000 rows; each is accepted, known, or rejected with its reason, by itself."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    rejected: list[dict[str, Any]] = []
    good: list[tuple[int, ObservedOutcome]] = []
    for index, row in enumerate(body_rows(request)):
        if index >= BATCH_MOST:
            raise Problem(413, "Too many rows", f"A batch has at most {BATCH_MOST} rows; nothing was taken in.")
        read = [row] if isinstance(row, FieldError) else read_outcome(row, now=timezone.now())
        if isinstance(read, list):
            rejected.append({"index": index, "errors": [error.as_dict() for error in read]})
        else:
            good.append((index, read))
    receipt = record_outcomes([outcome for _index, outcome in good], given_by=token.name)
    for positions, code in ((receipt.without_loan, "no_loan"), (receipt.contradicting, "other_outcome")):
        rejected += [
            {"index": good[position][0], "errors": [FieldError("bad", "", code).as_dict()]} for position in positions
        ]
    return {
        "accepted": receipt.accepted,
        "duplicates": receipt.duplicates,
        "rejected": sorted(rejected, key=lambda each: each["index"]),
    }


def read_outcome(row: object, *, now: datetime) -> ObservedOutcome | list[FieldError]:
    """One row of the body, or every field of it that is wrong."""
    if not isinstance(row, Mapping):
        return [FieldError("", json.dumps(row)[:200], "not_an_object")]
    errors = [FieldError(str(name), str(row[name]), "unknown_field") for name in row if name not in KEYS]
    key = _case_key(row, errors)
    observed_at = _moment(row.get("observed_at"), now, errors)
    bad = row.get("bad")
    if not isinstance(bad, bool):
        errors.append(FieldError("bad", "" if bad is None else str(bad), "required" if bad is None else "not_a_flag"))
    if errors or key is None or observed_at is None:
        return errors
    return ObservedOutcome(key, observed_at, bool(bad))


def _case_key(row: Mapping[str, Any], errors: list[FieldError]) -> int | None:
    if row.get("case_ref"):
        try:
            return int(Case.objects.by_ref(str(row["case_ref"])).pk)
        except CaseNotFound:
            errors.append(FieldError("case_ref", str(row["case_ref"]), "unknown_case"))
            return None
    given = str(row.get("external_ref") or "")
    if not given:
        errors.append(FieldError("case_ref", "", "required"))
        return None
    found = Case.objects.filter(external_ref=given)
    if row.get("source"):
        found = found.filter(source=str(row["source"]))
    keys = list(found.values_list("pk", flat=True)[:2])
    if len(keys) == 1:
        return int(keys[0])
    errors.append(FieldError("external_ref", given, "several_cases" if keys else "unknown_case"))
    return None


def _moment(given: object, now: datetime, errors: list[FieldError]) -> datetime | None:
    if given in (None, ""):
        errors.append(FieldError("observed_at", "", "required"))
        return None
    try:
        moment = datetime.fromisoformat(str(given))
    except ValueError:
        errors.append(FieldError("observed_at", str(given), "not_a_date"))
        return None
    if moment.tzinfo is None:
        errors.append(FieldError("observed_at", str(given), "no_time_zone"))
        return None
    if moment > now + timedelta(days=1):
        errors.append(FieldError("observed_at", str(given), "in_the_future"))
        return None
    return moment
