"""Turns a refusal into what the asker can read: a page, or a toast for htmx. The API words its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from cases.errors import CaseError, LookInHand
from desk.page_address import page_of_action
from desk.pages import ErrorPage, Toast

PAGES = (403, 404, 409, 422, 500, 503)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: left open through a sign-out, or sent from elsewhere."""
    sentence = _("This form has expired. Open the page again; nothing was saved.")
    return render(request, "errors/403.html", {"page": ErrorPage(sentence=sentence)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def not_this_way(request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
    """An address asked with a method it does not have; only what a browser sends is read by a person."""
    is_read = request.method in ("GET", "POST")
    response = render(request, "errors/405.html", status=405) if is_read else HttpResponse(status=405)
    response["Allow"] = ", ".join(allowed)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request's context: whatever failed may fail there again."""
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def _here(request: HttpRequest) -> str:
    """The page that sent this htmx request: reading it again shows what has changed."""
    return request.htmx.current_url_abs_path or ""  # type: ignore[attr-defined]


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Refuses a NUL in what was typed: nobody types one, PostgreSQL stores none. The API judges its own bodies."""
        if request.resolver_match is None or request.resolver_match.app_name != "desk":
            return None
        typed = [text for form in (request.GET, request.POST) for _name, texts in form.lists() for text in texts]
        return bad_request(request, BadRequest()) if any("\x00" in str(text) for text in typed) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answers a CaseError with its own status and sentence; everything else goes on to Django."""
        if not isinstance(error, CaseError):
            return None
        if isinstance(error, LookInHand) and request.method in ("GET", "HEAD") and not getattr(request, "htmx", False):
            return redirect("desk:second_look", error.look_id)
        if getattr(request, "htmx", False):
            here = _here(request) if error.status == 409 else ""
            toast = Toast(str(error), str(error.title), here, _("Look again"))
            return render(request, "errors/_toast.html", {"page": toast}, status=error.status)
        template = f"errors/{error.status if error.status in PAGES else 409}.html"
        # What was looked at is not what is there any more: the way on is the page it was sent from.
        back = page_of_action(request) if error.status == 409 else ""
        refused = ErrorPage(str(error), str(error.title), back, _("Look again") if back else "")
        return render(request, template, {"page": refused}, status=error.status)
