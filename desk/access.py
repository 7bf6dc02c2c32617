"""Who may open which page and how: sign-in, roles, HTTP methods, and the one way a view gets its case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from cases.errors import LookInHand, NotAllowed
from cases.models import Case, User
from cases.second_looks import look_in_hand_of
from cases.states import Role
from desk.errors import not_this_way
from desk.page_address import READS, page_address, page_of_action

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


def methods(*allowed: str, of: str = "", keeps: Sequence[str] = ()) -> Callable[[View[Given]], View[Given]]:
    """A view for these HTTP methods. `of` names the page (its address takes the first argument) an action belongs to:
    who opens the address of the action, from the bar of the browser or after signing in, is sent to that page. What is
    posted under the names `keeps` tells which page of them it is."""

    def wrap(view: View[Given]) -> View[Given]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
            if request.method in allowed:
                return view(request, *args, **kwargs)
            if of and request.method in READS:
                return redirect(page_of_action(request))
            return not_this_way(request, allowed)

        marked: Any = checked
        marked.page_of, marked.page_keeps = of, keeps
        return marked  # type: ignore[no-any-return]

    return wrap


def page(method: str, *roles: Role, of: str = "", keeps: Sequence[str] = ()) -> Callable[[View[Given]], View[Given]]:
    """A view for signed-in people with one of `roles` (all roles when none is named), for one HTTP method; `of` and
    `keeps` as in `methods`."""

    def wrap(view: View[Given]) -> View[Given]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in_first(request)
            if person(request).role not in (roles or tuple(Role)):
                raise NotAllowed
            return view(request, *args, **kwargs)

        guarded: Any = methods(*(READS if method == "GET" else (method,)), of=of, keeps=keeps)(checked)
        return guarded  # type: ignore[no-any-return]

    return wrap


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in and back. Where a script asked, its whole page goes there: the script would follow a redirect, put
    the door in place of a case, and take what was typed for saved."""
    if not getattr(request, "htmx", False):
        return redirect_to_login(request.get_full_path())
    here = request.htmx.current_url_abs_path or page_address(request)  # type: ignore[attr-defined]
    door = redirect_to_login(here)
    return HttpResponse(status=401, headers={"HX-Redirect": door["Location"]})


def person(request: HttpRequest) -> User:
    """The signed-in person."""
    user = request.user
    if not isinstance(user, User):
        raise NotAllowed
    return user


def case_for(request: HttpRequest, ref: str, *, during_a_look: bool = False) -> Case:
    """The case of that name, if this person may see it. `during_a_look`: what is shown tells nothing of the decision.

    Raises:
        CaseNotFound: no such case, or not theirs to see; a stranger cannot tell the two apart.
        LookInHand: they judge its decision a second time and have not answered yet.
    """
    cases = Case.objects.visible_to(person(request)).select_related("applicant", "reserved_for", "assigned_to")
    found: Any = cases.annotate(look_in_hand_id=look_in_hand_of(person(request))).by_ref(ref)
    if found.look_in_hand_id and not during_a_look:
        raise LookInHand(found.look_in_hand_id)
    return found  # type: ignore[no-any-return]
