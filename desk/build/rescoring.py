"""What scoring the waiting cases again would change, in the reader's language."""

from __future__ import annotations

from collections import Counter

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import User
from cases.products import numbered
from cases.states import Role
from desk.pages import Action, Cell, Pair, Table
from desk.pages.challengers import RescoringPage
from desk.words import ADVICE, number
from routing.rescoring import Preview
from scoring.models import ModelVersion

SIDES = ("approve", "decline", "review")


def rescoring_page(version: ModelVersion, preview: Preview, reader: User) -> RescoringPage:
    may = reader.role == Role.ADMIN and preview.waiting > 0
    url = reverse("desk:rescoring", args=[version.pk])
    return RescoringPage(
        title=numbered(version.product, version.number),
        model_url=reverse("desk:model_card", args=[version.pk]),
        about=(
            Pair(_("Waiting on a score of another model, untouched"), number(preview.waiting)),
            Pair(_("Looked at here"), number(preview.looked_at)),
        ),
        table=_table(preview),
        sentence=_sentence(preview),
        move=Action(_("Score them again"), url, "primary", reason_required=True) if may else None,
    )


def _table(preview: Preview) -> Table:
    places = (
        (_("Approved by the machine"), "approve", None),
        (_("Declined by the machine"), "decline", None),
        (_("To people, advice to approve"), "review", "approve"),
        (_("To people, advice to decline"), "review", "decline"),
        (_("To people, without advice"), "review", ""),
    )
    rows = []
    for side in SIDES:
        advice = "" if side == "review" else side
        cells = tuple(Cell(number(_count(preview.changes, advice, way, then))) for _words, way, then in places)
        rows.append((str(ADVICE[side]), cells))
    columns = (_("Advice now"), *(words for words, _way, _then in places))
    return Table(_("Where they would go"), columns, tuple(rows), note=_("by the policy in force, capacity aside"))


def _count(changes: Counter[tuple[str, str, str]], advice: str, way: str, then: str | None) -> int:
    return sum(n for (now, to, told), n in changes.items() if now == advice and to == way and then in (None, told))


def _sentence(preview: Preview) -> str:
    changes = preview.changes
    counts = {
        "n": number(preview.looked_at),
        "up": number(sum(n for (now, _way, then), n in changes.items() if now != "approve" and then == "approve")),
        "down": number(sum(n for (now, _way, then), n in changes.items() if now != "decline" and then == "decline")),
        "left": number(sum(n for (_now, way, _then), n in changes.items() if way != "review")),
    }
    return _("Of %(n)s cases %(up)s would come to the advice to approve, %(down)s to the advice to decline; %(left)s would leave the queue.") % counts  # fmt: skip  # noqa: E501
