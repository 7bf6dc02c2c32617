"""The file of a case beside its facts: documents, comments, other cases of the applicant, cases like it."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.shared import CaseHead, Problem, StateMark


@dataclass(frozen=True)
class DocumentRow:
    """A document: `url` opens it in the browser where that is safe, else saves it. `note` comes with its quotation
    marks. `check` is "" until it was asked for, `altered` whether the stored content is another."""

    name: str
    kind: str
    size: str
    hash: str
    short_hash: str
    by: str
    at: str
    url: str
    save_url: str
    note: str = ""
    check: str = ""
    altered: bool = False


@dataclass(frozen=True)
class DocumentsCard:
    """Documents, and the form that adds some: `add_url` is "" for who may not. Fields: files (many), note, version,
    voids_decision (a box that must be ticked where `warning` says why)."""

    rows: tuple[DocumentRow, ...]
    url: str
    check_url: str
    add_url: str = ""
    version: int = 0
    accept: str = ""
    limits: str = ""
    warning: str = ""
    note: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class DocumentsPage:
    """desk/documents.html: the documents alone, with what a refused form said."""

    head: CaseHead
    documents: DocumentsCard
    flash: str = ""


@dataclass(frozen=True)
class CommentRow:
    """Something somebody said; `text` keeps its line breaks."""

    by: str
    at: str
    at_iso: str
    text: str


@dataclass(frozen=True)
class CommentsCard:
    """Comments, and the form for one more: `add_url` is "" for who only reads. `people_url` lists who can be named."""

    rows: tuple[CommentRow, ...]
    add_url: str = ""
    people_url: str = ""
    told: str = ""
    key: str = ""


@dataclass(frozen=True)
class RelatedRow:
    """Another case of the same applicant; `amount_short` is for the page, the exact one for the print."""

    ref: str
    url: str
    product: str
    amount: str
    applied_at: str
    state: StateMark
    is_open: bool = False
    amount_short: str = ""


@dataclass(frozen=True)
class RelatedCard:
    """Other cases of the applicant: `exposure` is what was approved, `open_note` warns of others that are open."""

    rows: tuple[RelatedRow, ...]
    exposure: str
    open_note: str = ""
    more: str = ""


@dataclass(frozen=True)
class Difference:
    """A fact in which a past loan differs: its value there and here."""

    words: str
    there: str
    here: str


@dataclass(frozen=True)
class SimilarRow:
    """A past loan with its outcome, and why it is shown; whose it was and who decided it is not told."""

    ref: str
    url: str
    why: str
    pd: str
    amount: str
    outcome: str
    bad: bool
    decided_by: str
    side: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class SimilarCases:
    """What became of loans like this one; `refusal` stands alone where there is nothing to compare."""

    rows: tuple[SimilarRow, ...] = ()
    rate: str = ""
    about: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class SimilarPage:
    """desk/similar.html: the comparison alone, for who has no script."""

    head: CaseHead
    similar: SimilarCases
    flash: str = ""


@dataclass(frozen=True)
class FilePart:
    """The part of a case's page that this module describes; "" where an address is not for the reader."""

    documents: DocumentsCard
    comments: CommentsCard
    related: RelatedCard | None
    similar_url: str
    print_url: str
    labels_url: str = ""


@dataclass(frozen=True)
class NoticeRow:
    """Something a person was told: `words` link to the case at `url`."""

    key: int
    words: str
    ref: str
    url: str
    at: str
    at_iso: str
    unread: bool


@dataclass(frozen=True)
class NoticesPage:
    """desk/notices.html. Fields of its form: notice (one key), or none for all."""

    rows: tuple[NoticeRow, ...]
    read_url: str
    unread: str
    next_url: str = ""
    flash: str = ""
