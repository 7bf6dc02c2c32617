"""What lies in the file of a case beside its facts, read in one statement: documents, comments, other cases, origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from cases.models import Case, Comment, Document, User

RELATED_READ: Final = 200
COMMENTS_READ: Final = 500


@dataclass(frozen=True)
class Filed:
    """A document of the case, without its content."""

    pk: int
    name: str
    media_type: str
    size: int
    sha256: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Said:
    """A comment on the case."""

    pk: int
    text: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Related:
    """Another case of the same applicant."""

    pk: int
    kind: str
    product: str
    state: str
    outcome: str
    amount: Decimal
    currency: str
    applied_at: datetime


@dataclass(frozen=True)
class Origin:
    """The row of a file, or the system, a case came from; all empty where a person entered it."""

    file: str = ""
    row: int | None = None
    token: str = ""


@dataclass(frozen=True)
class CaseFile:
    """Documents and comments as they came, the first first; other cases of the applicant, the newest first.

    `related` is cut at RELATED_READ, `comments` at COMMENTS_READ.
    """

    documents: tuple[Filed, ...] = ()
    comments: tuple[Said, ...] = ()
    related: tuple[Related, ...] = ()
    origin: Origin = Origin()


def read_case_file(case: Case) -> CaseFile:
    """One statement, so that the page of a case can afford all of it."""
    names = ("username", "first_name", "last_name")
    documents = Document.objects.filter(case=OuterRef("pk")).order_by("id")
    comments = Comment.objects.filter(case=OuterRef("pk")).order_by("-id")[:COMMENTS_READ]
    related = Case.objects.filter(applicant=OuterRef("applicant")).exclude(pk=OuterRef("pk"))
    found = (
        Case.objects.filter(pk=case.pk)
        .values(
            arrived=F("origin__batch__name"),
            arrived_as=F("origin__batch__kind"),
            row=F("origin__row_number"),
            documents_in=_rows(
                documents, "pk", "name", "media_type", "size", "sha256", "note", *_of("added_by", names), at="added_at"
            ),
            comments_in=_rows(comments, "pk", "text", *_of("author", names), at="at"),
            related_in=_rows(
                related.order_by("-applied_at", "-id")[:RELATED_READ],
                "pk",
                "kind",
                "product",
                "state",
                "outcome",
                "amount",
                "currency",
                "applied_at",
            ),
        )
        .get()
    )
    return CaseFile(
        documents=tuple(Filed(**_signed(row, "added_by", at="at")) for row in found["documents_in"]),
        comments=tuple(Said(**_signed(row, "author", at="at")) for row in reversed(found["comments_in"])),
        related=tuple(Related(**_case_of(row)) for row in found["related_in"]),
        origin=_origin(found["arrived"] or "", found["arrived_as"], found["row"]),
    )


def _origin(name: str, kind: str | None, row: int | None) -> Origin:
    return Origin(name, row) if kind == "file" else Origin(token=name)


def _of(person: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{person}__{name}" for name in names)


def _rows(rows: QuerySet[Any], *fields: str, **renamed: str) -> ArraySubquery:
    plain = {field: F(field) for field in fields} | {name: F(field) for name, field in renamed.items()}
    return ArraySubquery(rows.values(_row=JSONObject(**plain)))


def _signed(row: Mapping[str, Any], person: str, *, at: str) -> dict[str, Any]:
    """The row with its person's displayed name as `by`, and its time as one."""
    parts = {key.removeprefix(f"{person}__"): value for key, value in row.items() if key.startswith(f"{person}__")}
    rest = {key: value for key, value in row.items() if not key.startswith(f"{person}__")}
    return {**rest, "by": User(**parts).display_name, at: datetime.fromisoformat(row[at])}


def _case_of(row: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Callable[[Any], Any]] = {
        "amount": lambda value: Decimal(str(value)),
        "applied_at": datetime.fromisoformat,
    }
    return {key: read.get(key, lambda value: value)(value) for key, value in row.items()}
