"""What every part of the API shares: bearer tokens with scopes, and refusals as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from ninja.security import HttpBearer

from cases.errors import CaseError
from cases.models import ApiToken
from cases.tokens import hash_token

PROBLEM: Final = "application/problem+json"
REFUSED: Final = {
    404: ("Not found", "The API has no such address; see /api/v1/docs."),
    405: ("Method not allowed", "This address does not take this method; see /api/v1/docs."),
}


class Problem(Exception):
    """A refused request: status, a short title, a sentence, and every field that is at fault."""

    def __init__(self, status: int, title: str, detail: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = list(errors)


class TokenAuth(HttpBearer):
    """Lets a request through whose token is known, not revoked, and carries the scope."""

    def __init__(self, scope: ApiToken.Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        # Written out, because every call asks it, and to compose a query takes several times as long as to answer it.
        known = ApiToken.objects.raw(
            "SELECT id, name, scopes FROM cases_apitoken WHERE token_hash = %s AND revoked_at IS NULL",
            [hash_token(token)],
        )
        found = next(iter(known), None)
        if found is not None and self.scope.value not in found.scopes:
            raise Problem(
                403, "Scope missing", f"This token may not be used here: it lacks the scope {self.scope.value}."
            )
        return found


def problem_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Words as problems what is refused before any call of the API runs: unknown addresses and methods. HEAD, of which
    Ninja knows nothing, is answered as GET without a body."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method == "HEAD" and request.path.startswith("/api/"):
            request.method = "GET"
            response = answer(request)
            request.method = "HEAD"
            response["Content-Length"] = str(len(response.content))
            response.content = b""
            return response
        response = get_response(request)
        refused = REFUSED.get(response.status_code)
        if refused and request.path.startswith("/api/") and response.get("Content-Type") != PROBLEM:
            problem = problem_response(Problem(response.status_code, *refused))
            if "Allow" in response:
                problem["Allow"] = response["Allow"]
            return problem
        return response

    return answer


def problem_response(problem: Problem) -> HttpResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = problem.errors
    return JsonResponse(body, status=problem.status, content_type=PROBLEM)


def refusal_problem(refusal: CaseError) -> Problem:
    """A refused action as a problem; the sentence is in the language of the request."""
    with translation.override(translation.get_language()):
        return Problem(refusal.status, refusal.code.replace("_", " ").capitalize(), str(refusal))
