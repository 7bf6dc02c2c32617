"""Mappings that wait for the signature of a second person: the list beside other signatures, and a source's mark."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import User
from cases.personal import masked_text
from cases.states import Role
from desk.pages.mappings import ProposalMark, ProposalRow
from desk.words import MISSING, number, when
from intake.models import MappingStep, SourceMapping
from intake.signing.mapping_life import MADE

READERS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
ROWS: Final = 50


def proposals(user: User) -> tuple[ProposalRow, ...]:
    """The oldest first; none for who may not read mappings. One query."""
    if user.role not in READERS:
        return ()
    steps = MappingStep.objects.filter(mapping=OuterRef("pk"))
    why = steps.filter(name=MappingStep.Name.PROPOSE).order_by("-id").values("reason")[:1]
    own = steps.filter(name__in=MADE, actor=user).values("pk")[:1]
    found = _waiting().select_related("source", "proposed_by").annotate(why=Subquery(why), own=Subquery(own))
    return tuple(_row(mapping) for mapping in found.order_by("proposed_at")[:ROWS])


def marks(sources: Collection[int]) -> dict[int, ProposalMark]:
    """By source, of those that have one: its proposal, or how many there are. One query."""
    found = _waiting().filter(source__in=sources).order_by("proposed_at").values("source", "source__slug", "number")
    numbers: dict[tuple[int, str], list[int]] = {}
    for each in found:
        numbers.setdefault((each["source"], each["source__slug"]), []).append(each["number"])
    return {key: _mark(slug, waiting) for (key, slug), waiting in numbers.items()}


def _waiting() -> QuerySet[SourceMapping]:
    return SourceMapping.objects.filter(status=SourceMapping.Status.PROPOSED).defer("content", "sample", "recognised")


def _mark(slug: str, waiting: list[int]) -> ProposalMark:
    if len(waiting) == 1:
        words = _("mapping version %(n)s waits for a signature") % {"n": number(waiting[0])}
        return ProposalMark(words, reverse("desk:mapping", args=[slug, waiting[0]]))
    words = _("%(n)s mapping versions wait for a signature") % {"n": number(len(waiting))}
    return ProposalMark(words, reverse("desk:mappings", args=[slug]))


def _row(mapping: SourceMapping) -> ProposalRow:
    told, differ = mapping.comparison, MISSING
    if told and told["rows"]:
        differ = _("%(differ)s of %(rows)s") % {"differ": number(told["differ"]), "rows": number(told["rows"])}
    return ProposalRow(
        source=str(mapping.source),
        number=str(mapping.number),
        url=reverse("desk:mapping", args=[mapping.source.slug, mapping.number]),
        by=mapping.proposed_by.display_name if mapping.proposed_by else "",
        at=when(mapping.proposed_at),
        differ=differ,
        why=masked_text(mapping.why),  # type: ignore[attr-defined]
        own=mapping.own is not None,  # type: ignore[attr-defined]
    )
