"""`GET /cases` and `GET /cases/{ref}`: what is known of cases, for a lender's systems.

They stand on the router of `POST /cases`, because an address belongs to one router only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from django.http import HttpRequest
from ninja import Field, Query

from cases.api import Problem, TokenAuth
from cases.instants import storable_moment
from cases.models import ApiToken, Case
from cases.standing import is_released
from cases.states import State
from desk.dossier import dossier_as_json, open_dossier
from desk.keyset import after, cursor_of, is_cursor
from intake.api import router

__all__ = ["router"]

READ: Final = TokenAuth(ApiToken.Scope.READ)
PAGE: Final = 100
ORDER: Final = ("id",)
STATES: Final[list[Any]] = ["", *State.values]
StateName = Annotated[str, Field(json_schema_extra={"enum": STATES})]
SINCE_WORDS: Final = "received at or after this time, with its zone, as in 2026-01-05T09:30:00+08:00 (RFC 3339)"
# No seconds since 1970 and no bare days: the document says the same.
INSTANT: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$"
Instant = Annotated[str, Field(pattern=INSTANT, json_schema_extra={"format": "date-time"})]


@router.get("", auth=READ, summary="List cases")
def get_cases(
    request: HttpRequest,
    state: Annotated[StateName | None, Query(description="a state of a case; empty: all of them")] = None,
    source: Annotated[str, Query(description="name of the sending system")] = "",
    since: Annotated[Instant | None, Query(description=SINCE_WORDS)] = None,
    cursor: Annotated[str, Query(description="`next` of the page before")] = "",
) -> dict[str, Any]:
    """A page of cases in the order of their arrival, without a count: the cost does not grow with the book."""
    if state and state not in State.values:
        raise Problem(422, "Bad filter", f"state must be one of {', '.join(State.values)}.")
    if "\x00" in source:
        raise Problem(422, "Bad filter", "source holds a character that no name has.")
    if cursor and not is_cursor(cursor, ORDER):
        raise Problem(422, "Bad filter", "cursor is not one that this address gave.")
    cases = Case.objects.order_by(*ORDER)
    if state:
        cases = cases.filter(state=state)
    if source:
        cases = cases.filter(source=source)
    if since is not None:
        cases = cases.filter(received_at__gte=_instant(since))
    rows = list(after(cases, ORDER, cursor)[: PAGE + 1])
    return {
        "cases": [_summary(case) for case in rows[:PAGE]],
        "next": cursor_of(rows[PAGE - 1], ORDER) if len(rows) > PAGE else None,
    }


def _instant(text: str) -> datetime:
    try:
        return storable_moment(datetime.fromisoformat(text))
    except ValueError as wrong:
        raise Problem(422, "Bad filter", f"since is no time: {wrong}.") from wrong


@router.get("/{ref}", auth=READ, summary="One case", url_name="case")
def get_case(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The case with its assessment, route and decision; reasons in both languages.

    `route` names the deciding row of the policy's rules, the lines the PD was measured by, what either decision is
    expected to cost (in the case's currency), the granted limit, who must sign either decision, and the random arms
    with the probability of each, drawn or not. A person's `decision` can be taken back until `released_at`: act on it
    once it is `final`.
    """
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
        "final": bool(case.outcome) and is_released(case),
        "received_at": case.received_at.isoformat(),
    }
