"""The file of a case in print: everything that is known of it in one document."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.case import Assessment
from desk.pages.case_file import CommentRow, DocumentRow, RelatedCard
from desk.pages.shared import CaseHead, Event, FactGroup, Finding


@dataclass(frozen=True)
class PrintedDecision:
    """A decision in print: what, by whom and when, its reasons and note in `lines`, and its signatures. `undone` says
    what ended it, where it does not stand."""

    words: str
    by: str
    at: str
    lines: tuple[str, ...]
    signatures: tuple[str, ...]
    sealed: str = ""
    undone: str = ""


@dataclass(frozen=True)
class PrintPage:
    """desk/print.html: everything of the file in one document. `veiled` says why the model's part is not in it; `sheet`
    and `printed` stand on every sheet of paper."""

    head: CaseHead
    pairs: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    facts: tuple[FactGroup, ...]
    assessment: Assessment | None
    hashes: tuple[tuple[str, str], ...]
    no_score: str
    veiled: str
    opinions: tuple[str, ...]
    decisions: tuple[PrintedDecision, ...]
    documents: tuple[DocumentRow, ...]
    comments: tuple[CommentRow, ...]
    related: RelatedCard | None
    events: tuple[Event, ...]
    sheet: str
    printed: str
    case_url: str
    own_url: str
    flash: str = ""
