"""The sign-in page and the pages of a refusal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demonstration, shown on the sign-in page only while the demo runs."""

    username: str
    password: str
    role: str
    does: str


@dataclass(frozen=True)
class LoginPage:
    """registration/login.html. Fields: username, password, next."""

    action_url: str
    next: str = ""
    username: str = ""
    problem: str = ""
    accounts: tuple[DemoAccount, ...] = ()


@dataclass(frozen=True)
class ErrorPage:
    """errors/{403,404,409,422,500,503}.html; every field may be missing. `title` and `sentence` are the refusal's own
    words, `changes` what happened to the case meanwhile, `typed` the note that was not saved."""

    sentence: str = ""
    title: str = ""
    back_url: str = ""
    back_words: str = ""
    reference: str = ""
    changes: tuple[str, ...] = ()
    typed: str = ""


@dataclass(frozen=True)
class Toast:
    """errors/_toast.html, given as `page`: what htmx shows when a request was refused."""

    sentence: str
    title: str = ""
    url: str = ""
    url_words: str = ""
    changes: tuple[str, ...] = ()
