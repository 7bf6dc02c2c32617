"""What lies in the file of a case beside its facts, read in one statement: documents, comments, other cases, origin."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cases.models import Case, Comment, Conflict, DeskRules, Document, Reveal, SecondLook, User
from desk.origin import NOWHERE, Origin, origin_of
from intake.models import RuleSet, SamePerson

RELATED_READ: Final = 200
COMMENTS_READ: Final = 500
REVEALS_READ: Final = 100
DESK: Final = DeskRules._meta.concrete_fields
# Stands for the key of the case in the statement that is kept.
ANY_CASE: Final = -1


@dataclass(frozen=True)
class Filed:
    """A document of the case, without its content; `withheld` where its note is kept from the reader."""

    pk: int
    name: str
    media_type: str
    size: int
    sha256: str
    note: str
    by: str
    by_id: int
    at: datetime
    withheld: bool = False


@dataclass(frozen=True)
class Said:
    """A comment on the case; `withheld` where its text is kept from the reader."""

    pk: int
    text: str
    by: str
    by_id: int
    at: datetime
    withheld: bool = False


@dataclass(frozen=True)
class Related:
    """Another case of the same applicant; `lookers` judge its decision a second time and may not know it yet."""

    pk: int
    kind: str
    product: str
    state: str
    outcome: str
    amount: Decimal
    currency: str
    applied_at: datetime
    lookers: tuple[int, ...]


@dataclass(frozen=True)
class Looked:
    """A second look at a decision of this case: what its person said, that decision (`decided`), and
    where the two differed who settled it and how."""

    by: str
    by_id: int
    at: datetime
    outcome: str
    band: int
    reason_codes: tuple[str, ...]
    note: str
    decided: str
    settled: str
    settled_by: str
    settled_note: str
    settled_at: datetime | None


@dataclass(frozen=True)
class Revealed:
    """Somebody had the names and numbers of the applicant shown; `is_apart` where a line of it would tell who judges a
    decision a second time before that is over."""

    by: str
    by_id: int
    at: datetime
    until: datetime
    why: str
    is_apart: bool


@dataclass(frozen=True)
class CaseFile:
    """Documents and comments as they came, the first first; other cases of the applicant, the newest first; `apart`
    are the keys of people with a conflict of interest with the applicant; `looks` are the second looks that are over:
    answered, and settled where the two views differ, as whoever settles may not know whose view is whose.

    `related` is cut at RELATED_READ, `comments` at COMMENTS_READ, `reveals` at REVEALS_READ, the latest of each. `desk`
    are the rules of the desk in force, which are read along because almost every page of a case counts by them.
    `is_ruled` where rules of quality that somebody set were in force when the case came in.
    """

    documents: tuple[Filed, ...] = ()
    comments: tuple[Said, ...] = ()
    related: tuple[Related, ...] = ()
    origin: Origin = NOWHERE
    apart: frozenset[int] = frozenset()
    desk: DeskRules | None = None
    is_ruled: bool = False
    looks: tuple[Looked, ...] = ()
    reveals: tuple[Revealed, ...] = ()


def read_case_file(case: Case) -> CaseFile:
    """One statement, so that the page of a case can afford all of it."""
    columns, statement, params = _statement()
    with connection.cursor() as cursor:
        cursor.execute(statement, [case.pk if each == ANY_CASE else each for each in params])
        found = dict(zip(columns, cursor.fetchone(), strict=True))
    return CaseFile(
        documents=tuple(Filed(**_signed(row, "added_by", at="at")) for row in _read(found["documents_in"])),
        comments=tuple(Said(**_signed(row, "author", at="at")) for row in reversed(_read(found["comments_in"]))),
        related=tuple(Related(**_case_of(row)) for row in _read(found["related_in"])),
        apart=frozenset(found["apart"]),
        origin=origin_of(found["arrived"] or "", found["arrived_as"], found["row"], found["batch"]),
        desk=next((_desk_of(row) for row in _read(found["desk_in"])), DeskRules()),
        is_ruled=any(found["ruled"]),
        looks=tuple(_look_of(row) for row in _read(found["looks_in"])),
        reveals=tuple(_reveal_of(row) for row in _read(found["reveals_in"])),
    )


def unknown_looker() -> Exists:
    """Whether the `person` of a row judges a decision on its `case` a second time, of which nobody may know yet."""
    looks = SecondLook.objects.filter(case=OuterRef("case"), looker=OuterRef("person"), adjudication=None)
    return Exists(looks.exclude(done_at__isnull=False, outcome=F("review__outcome")))


@cache
def _statement() -> tuple[tuple[str, ...], str, tuple[Any, ...]]:
    """The columns, the text and the parameters of that statement, made once a process: making it takes ten times as
    long as having it answered."""
    names = ("id", "username", "first_name", "last_name")
    documents = Document.objects.filter(case=OuterRef("pk")).order_by("id")
    comments = Comment.objects.filter(case=OuterRef("pk")).order_by("-id")[:COMMENTS_READ]
    apart = Conflict.objects.filter(applicant=OuterRef("applicant"), ended_at=None)
    looks = SecondLook.objects.filter(case=OuterRef("pk"), looker__isnull=False, done_at=None)
    over = SecondLook.objects.filter(case=OuterRef("pk"), done_at__isnull=False)
    over = over.filter(Q(outcome=F("review__outcome")) | Q(adjudication__isnull=False)).order_by("id")
    reveals = Reveal.objects.filter(case=OuterRef("pk")).order_by("-id")[:REVEALS_READ]
    rules = RuleSet.objects.filter(
        product=OuterRef("product"), source__in=["", OuterRef("source")], set_at__lte=OuterRef("received_at")
    )
    rules = rules.order_by("source", "-number").distinct("source")
    parts: dict[str, Any] = {
        "ruled": ArraySubquery(rules.values(says=~Q(text=""))),
        "arrived": F("origin__batch__name"),
        "arrived_as": F("origin__batch__kind"),
        "batch": F("origin__batch_id"),
        "row": F("origin__row_number"),
        "apart": ArraySubquery(apart.values("person")),
        "desk_in": _rows(DeskRules.objects.order_by("-id")[:1], *(each.attname for each in DESK)),
        "documents_in": _rows(
            documents, "pk", "name", "media_type", "size", "sha256", "note", *_of("added_by", names), at="added_at"
        ),
        "comments_in": _rows(comments, "pk", "text", *_of("author", names), at="at"),
        "reveals_in": _rows(
            reveals.annotate(is_apart=unknown_looker()), "until", "why", "is_apart", *_of("person", names), at="at"
        ),
        "looks_in": _rows(
            over,
            "outcome",
            "band",
            "reason_codes",
            "note",
            *_of("looker", names),
            *_of("adjudication__judge", names),
            at="done_at",
            decided="review__outcome",
            settled="adjudication__outcome",
            settled_note="adjudication__note",
            settled_at="adjudication__at",
        ),
        "related_in": _rows(
            _related().annotate(lookers=ArraySubquery(looks.values("looker"))),
            "pk",
            "kind",
            "product",
            "state",
            "outcome",
            "amount",
            "currency",
            "applied_at",
            "lookers",
        ),
    }
    query = Case.objects.filter(pk=ANY_CASE).values(**parts).query
    return (tuple(parts), *query.sql_with_params())


def _related() -> QuerySet[Case]:
    """Other cases of the applicant of the case around it, and of whoever is the same, the newest first.

    One list of applicants, because "this one or one of those" is answered by reading every case there is.
    """
    # Out of the persons, the applicants that are one, and the related cases: to the case itself.
    applicant = OuterRef(OuterRef(OuterRef("applicant")))
    person = SamePerson.objects.filter(applicant=applicant).values("person")
    same = ArraySubquery(SamePerson.objects.filter(person__in=person).values("applicant"))
    one_of_them = Func(same, OuterRef("applicant"), template="ANY(array_append(%(expressions)s))")
    is_theirs = Func(
        F("applicant"), one_of_them, template="%(expressions)s", arg_joiner=" = ", output_field=BooleanField()
    )
    related = Case.objects.filter(is_theirs)
    newest: QuerySet[Case] = related.exclude(pk=OuterRef("pk")).order_by("-applied_at", "-id")[:RELATED_READ]
    return newest


def _read(rows: list[str]) -> list[dict[str, Any]]:
    return [json.loads(row) for row in rows]


def _desk_of(row: Mapping[str, Any]) -> DeskRules:
    return DeskRules(**{each.attname: each.to_python(row[each.attname]) for each in DESK})


def _of(person: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{person}__{name}" for name in names)


def _rows(rows: QuerySet[Any], *fields: str, **renamed: str) -> ArraySubquery:
    plain = {field: F(field) for field in fields} | {name: F(field) for name, field in renamed.items()}
    return ArraySubquery(rows.values(_row=JSONObject(**plain)))


def _signed(row: Mapping[str, Any], person: str, *, at: str) -> dict[str, Any]:
    """The row with its person's displayed name as `by`, and its time as one."""
    parts = {key.removeprefix(f"{person}__"): value for key, value in row.items() if key.startswith(f"{person}__")}
    rest = {key: value for key, value in row.items() if not key.startswith(f"{person}__")}
    by = User(**parts)
    return {**rest, "by": by.display_name, "by_id": by.pk, at: datetime.fromisoformat(row[at])}


def _look_of(row: Mapping[str, Any]) -> Looked:
    is_settled = row["settled"] is not None
    judge = _signed(row, "adjudication__judge", at="settled_at")["by"] if is_settled else ""
    names = {key: value for key, value in row.items() if not key.startswith("adjudication__judge")}
    return Looked(
        **{
            **_signed(names, "looker", at="at"),
            "reason_codes": tuple(row["reason_codes"]),
            "settled": row["settled"] or "",
            "settled_by": judge,
            "settled_note": row["settled_note"] or "",
            "settled_at": datetime.fromisoformat(row["settled_at"]) if is_settled else None,
        }
    )


def _reveal_of(row: Mapping[str, Any]) -> Revealed:
    return Revealed(**{**_signed(row, "person", at="at"), "until": datetime.fromisoformat(row["until"])})


def _case_of(row: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Callable[[Any], Any]] = {
        "amount": lambda value: Decimal(str(value)),
        "applied_at": datetime.fromisoformat,
        "lookers": tuple,
    }
    return {key: read.get(key, lambda value: value)(value) for key, value in row.items()}
