"""What is learned from: labels and their weights, and the way of one label from its outcome to its training sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import BadDecision, CaseNotFound
from cases.models import Case
from cases.second_looks import without_looks_in_hand
from cases.states import Role
from desk.access import case_for, page, person
from desk.build import learning as build
from desk.build.early_caution import caution_table
from desk.build.label_weights import weights_page
from desk.keyset import after, cursor_of
from desk.pages.learning import CautionPage, LabelRow, LabelsPage, LearningPage
from desk.pages.shared import Problem
from desk.words import number
from learning.label_weights import BOUNDS, set_weights, weights_in_force
from learning.models import Label, TrainingSetRow

READERS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
ROWS: Final = 30
NEWEST: Final = ("-id",)


@page("GET", *READERS)
def learning(request: HttpRequest) -> HttpResponse:
    shown = LearningPage(
        figures=build.label_figures(build.label_counts(), weights_in_force()),
        over_time=build.labels_over_time(),
        excluded=build.excluded_chart(),
        bases=build.bases_table(),
        labels_url=reverse("desk:learning_labels"),
        sets_url=reverse("desk:learning_sets"),
        weights_url=reverse("desk:learning_weights"),
        caution_url=reverse("desk:learning_caution"),
    )
    return render(request, "desk/learning.html", {"page": shown})


@page("GET", *READERS)
def learning_caution(request: HttpRequest) -> HttpResponse:
    shown = CautionPage(caution_table(), reverse("desk:learning"), reverse("desk:policies"))
    return render(request, "desk/learning_caution.html", {"page": shown})


@page("GET", *READERS)
def learning_labels(request: HttpRequest) -> HttpResponse:
    """The labels of one case with the sets that hold them; without a case, the latest labels of all."""
    asked = request.GET.get("case", "").replace("\x00", "").strip()[:50]
    labels = Label.objects.select_related("case", "person", "weights")
    title, problems = "", ()
    if asked:
        try:
            case = case_for(request, asked)
        except CaseNotFound:
            problem = Problem("case", _("There is no case of this reference."))
            shown = _labels_page(request, [], asked=asked, problems=(problem,))
            return render(request, "desk/learning_labels.html", {"page": shown})
        labels, title = labels.filter(case=case), case.ref
    else:
        # A list would tell who judges a case a second time how it was decided.
        free = without_looks_in_hand(Case.objects.visible_to(person(request)), person(request))
        labels = labels.filter(case__in=free)
    found = list(after(labels.order_by(*NEWEST), NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    shown = _labels_page(request, found, asked=asked, title=title, problems=problems)
    return render(request, "desk/learning_labels.html", {"page": shown})


def _labels_page(
    request: HttpRequest,
    found: Sequence[Label],
    *,
    asked: str,
    title: str = "",
    problems: tuple[Problem, ...] = (),
) -> LabelsPage:
    more: dict[str, Any] = {"case": asked} if asked else {}
    next_url = ""
    if len(found) > ROWS:
        next_url = f"?{urlencode({**more, 'after': cursor_of(found[ROWS - 1], NEWEST)})}"
    return LabelsPage(
        rows=tuple(_rows(found[:ROWS])),
        learning_url=reverse("desk:learning"),
        shown_words=_("%(n)s shown") % {"n": number(min(len(found), ROWS))},
        asked=asked,
        title=title,
        next_url=next_url,
        problems=problems,
    )


def _rows(labels: Sequence[Label]) -> list[LabelRow]:
    held: dict[int, list[TrainingSetRow]] = defaultdict(list)
    for row in TrainingSetRow.objects.filter(label__in=[label.pk for label in labels]).order_by("dataset_id"):
        held[row.label_id].append(row)
    return [build.label_row(label, held[label.pk]) for label in labels]


@page("GET", *READERS)
def learning_weights(request: HttpRequest) -> HttpResponse:
    shown = weights_page(may_change=person(request).role == Role.ADMIN)
    return render(request, "desk/learning_weights.html", {"page": shown})


@page("POST", Role.ADMIN, of="learning_weights")
def learning_weights_set(request: HttpRequest) -> HttpResponse:
    typed = {name: request.POST.get(name, "").strip()[:20] for name in BOUNDS}
    reason = request.POST.get("reason", "")
    try:
        set_weights(by=person(request), reason=reason, changes=_numbers(typed))
    except BadDecision as refusal:
        problem = Problem(refusal.field, str(refusal))
        shown = weights_page(may_change=True, typed=typed, reason=reason[:400], problems=(problem,))
        return render(request, "desk/learning_weights.html", {"page": shown}, status=422)
    messages.success(request, _("The new weights are in force for sets built from now on."))
    return redirect("desk:learning_weights")


def _numbers(typed: dict[str, str]) -> dict[str, float]:
    found = {}
    for name, text in typed.items():
        try:
            found[name] = float(text)
        except ValueError:
            raise BadDecision(name, _("Enter a number.")) from None
    return found
