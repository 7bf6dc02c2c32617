"""Training sets as rows, and what is being built or proposed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.build.set_card import set_name
from desk.charts import bar
from desk.pages.learning import BuildRow, BuildsPart, SetRow
from desk.pages.shared import StateMark
from desk.words import MISSING, PRODUCTS, number, percent, when, word
from learning.models import SetBuild, TrainingSet

SHOWN: Final = 8
MARKS: Final = {"done": "approved", "failed": "declined", "dismissed": "withdrawn"}
PROBLEMS: Final[Mapping[str, Promise]] = {
    "nothing_to_learn": gettext_lazy("No case of this product has a matured outcome yet."),
    "broken": gettext_lazy("Something broke; the log of the worker says what. Nothing was built."),
}


def set_row(dataset: TrainingSet) -> SetRow:
    """A set in the list."""
    compared = (dataset.card or {}).get("compared")
    return SetRow(
        name=set_name(dataset),
        url=reverse("desk:learning_set", args=[dataset.pk]),
        product=word(PRODUCTS, dataset.product),
        as_of=when(dataset.as_of or dataset.built_at),
        rows=number(dataset.rows),
        bads=f"{number(dataset.bads)} · {percent(dataset.bads / dataset.rows)}",
        effective=MISSING if dataset.effective_size is None else number(dataset.effective_size),
        new=number(compared["new"]) if compared else MISSING,
        by=dataset.built_by.display_name if dataset.built_by else "",
        sha256=dataset.sha256[:12],
    )


def builds_part(*, may_answer: bool) -> BuildsPart:
    """The last builds and proposals; asks again every second while one of them is on its way."""
    found = list(SetBuild.objects.select_related("asked_by", "dataset").order_by("-id")[:SHOWN])
    running = any(build.state in (SetBuild.State.WAITING, SetBuild.State.BUILDING) for build in found)
    return BuildsPart(
        rows=tuple(_build_row(build, may_answer=may_answer) for build in found),
        poll_url=reverse("desk:learning_sets") if running else "",
    )


def _build_row(build: SetBuild, *, may_answer: bool) -> BuildRow:
    is_open = build.state in (SetBuild.State.WAITING, SetBuild.State.BUILDING)
    answers = build.state == SetBuild.State.PROPOSED and may_answer
    return BuildRow(
        key=str(build.pk),
        product=word(PRODUCTS, build.product),
        state=StateMark(MARKS.get(build.state, "in_review"), str(SetBuild.State(build.state).label)),
        words=_words(build),
        at=when(build.asked_at or build.proposed_at),
        by=build.asked_by.display_name if build.asked_by else _("The system"),
        done=bar(build.done, build.total or 1) if is_open else None,
        set_url=reverse("desk:learning_set", args=[build.dataset_id]) if build.dataset_id else "",
        answer_url=reverse("desk:learning_proposal") if answers else "",
    )


def _words(build: SetBuild) -> str:
    if build.state == SetBuild.State.PROPOSED:
        new, since = number(build.why.get("new", 0)), build.why.get("since", "")
        if not since:
            return _("%(n)s matured outcomes, and no set yet") % {"n": new}
        time = when(datetime.fromisoformat(since))
        return _("%(n)s matured outcomes since the set of %(time)s") % {"n": new, "time": time}
    if build.state == SetBuild.State.WAITING:
        return _("waits for a worker")
    if build.state == SetBuild.State.BUILDING:
        return _("%(part)s done") % {"part": percent(build.done / build.total if build.total else 0.0, 0)}
    if build.state == SetBuild.State.FAILED:
        return str(PROBLEMS.get(build.problem.get("code", ""), PROBLEMS["broken"]))
    return set_name(build.dataset) if build.dataset else ""
