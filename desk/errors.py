"""Turns a refusal into what the asker can read: a page, or a toast for htmx. The API words its own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.errors import CaseError
from desk.pages import ErrorPage, Toast

PAGES = (403, 404, 409, 500, 503)


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answers a CaseError with its own status and sentence; everything else goes on to Django."""
        if not isinstance(error, CaseError):
            return None
        if getattr(request, "htmx", False):
            return render(request, "errors/_toast.html", {"page": Toast(str(error))}, status=error.status)
        template = f"errors/{error.status if error.status in PAGES else 409}.html"
        return render(request, template, {"page": ErrorPage(sentence=str(error))}, status=error.status)
