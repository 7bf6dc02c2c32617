"""Who may open which page: sign-in, roles, and the one way a view gets its case."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from cases.errors import NotAllowed
from cases.models import Case, User
from cases.states import Role

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


def page(method: str, *roles: Role) -> Callable[[View[Given]], View[Given]]:
    """A view for signed-in people with one of `roles` (all roles when none is named), for one HTTP method."""

    def wrap(view: View[Given]) -> View[Given]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
            if person(request).role not in (roles or tuple(Role)):
                raise NotAllowed
            return view(request, *args, **kwargs)

        methods = ["GET", "HEAD"] if method == "GET" else [method]
        guarded: Any = require_http_methods(methods)(login_required(checked))
        return guarded  # type: ignore[no-any-return]

    return wrap


def person(request: HttpRequest) -> User:
    """The signed-in person."""
    user = request.user
    if not isinstance(user, User):
        raise NotAllowed
    return user


def case_for(request: HttpRequest, ref: str) -> Case:
    """The case of that name, if this person may see it.

    Raises:
        CaseNotFound: no such case, or not theirs to see; a stranger cannot tell the two apart.
    """
    found: Case = Case.objects.visible_to(person(request)).select_related("applicant", "reserved_for").by_ref(ref)
    return found
