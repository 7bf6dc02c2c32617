"""`GET /cases` and `GET /cases/{ref}`: what is known of cases, for a lender's systems."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from django.http import HttpRequest
from ninja import Field, Router

from cases.api import Problem, TokenAuth
from cases.models import ApiToken, Case
from cases.states import State
from desk.dossier import dossier_as_json, open_dossier
from desk.keyset import after, cursor_of

router = Router(tags=["cases"], auth=TokenAuth(ApiToken.Scope.READ))

PAGE: Final = 100
ORDER: Final = ("id",)


@router.get("", summary="List cases", url_name="get_cases")
def get_cases(
    request: HttpRequest,
    state: Annotated[str, Field(description="a state of a case, e.g. `queued`")] = "",
    source: Annotated[str, Field(description="name of the sending system")] = "",
    since: Annotated[datetime | None, Field(description="received at or after this time, with its zone")] = None,
    cursor: Annotated[str, Field(description="`next` of the page before")] = "",
) -> dict[str, Any]:
    """A page of cases in the order of their arrival, without a count: the cost does not grow with the book."""
    if state and state not in State.values:
        raise Problem(422, "Bad filter", f"state must be one of {', '.join(State.values)}.")
    if since is not None and since.tzinfo is None:
        raise Problem(422, "Bad filter", "since needs a time zone, as in 2026-01-05T09:30:00+08:00.")
    cases = Case.objects.order_by(*ORDER)
    if state:
        cases = cases.filter(state=state)
    if source:
        cases = cases.filter(source=source)
    if since is not None:
        cases = cases.filter(received_at__gte=since)
    rows = list(after(cases, ORDER, cursor)[: PAGE + 1])
    return {
        "cases": [_summary(case) for case in rows[:PAGE]],
        "next": cursor_of(rows[PAGE - 1], ORDER) if len(rows) > PAGE else None,
    }


@router.get("/{ref}", summary="One case", url_name="get_case")
def get_case(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The case with its assessment, route and decision; reasons in both languages."""
    return dossier_as_json(open_dossier(Case.objects.by_ref(ref)))


def _summary(case: Case) -> dict[str, Any]:
    return {
        "ref": case.ref,
        "state": case.state,
        "source": case.source,
        "external_ref": case.external_ref,
        "product": case.product,
        "amount": str(case.amount),
        "currency": case.currency,
        "pd": case.pd,
        "points": case.points,
        "outcome": case.outcome,
        "decided_by": case.decided_by,
        "received_at": case.received_at.isoformat(),
    }
