"""Training sets: building one with a button and a bar, answering a proposal, the data card, and the files."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import CaseError
from cases.states import Role
from desk.access import page, person
from desk.build.learning_sets import builds_part, set_row
from desk.build.set_card import set_page
from desk.build.trainings import train_part
from desk.cards import LANGUAGES
from desk.keyset import after, cursor_of
from desk.pages.learning import ProductToBuild, SetsPage
from desk.pages.models import CardLink
from desk.posted import number_of
from desk.set_cards import card_name, set_card_html
from desk.words import PRODUCTS, number, word
from learning.label_models import MATURED
from learning.models import Label, TrainingSet
from learning.set_building import NothingToLearn
from learning.set_export import csv_lines
from learning.set_files import path_of, read_set
from learning.set_requests import BUILDERS, answer_proposal, ask_set
from learning.training_requests import TRAINERS, ask_training

READERS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
ROWS: Final = 50
NEWEST: Final = ("-id",)
FORMS: Final = {"parquet": "Parquet", "csv": "CSV"}


@page("GET", *READERS)
def learning_sets(request: HttpRequest) -> HttpResponse:
    may_build = person(request).role in BUILDERS
    if request.headers.get("HX-Target") == "set-builds":
        part = builds_part(may_answer=may_build)
        return render(request, "components/set_builds.html", {"builds": part})
    wanted = TrainingSet.objects.select_related("built_by").order_by(*NEWEST)
    found = list(after(wanted, NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    matured = Label.objects.filter(source__in=MATURED).order_by().values_list("case__product")
    shown = SetsPage(
        rows=tuple(set_row(dataset) for dataset in found[:ROWS]),
        builds=builds_part(may_answer=may_build),
        products=tuple(
            ProductToBuild(product, word(PRODUCTS, product), number(count))
            for product, count in sorted(matured.annotate(n=Count("case", distinct=True)))
        ),
        shown_words=_("%(n)s shown") % {"n": number(min(len(found), ROWS))},
        learning_url=reverse("desk:learning"),
        build_url=reverse("desk:learning_build") if may_build else "",
        next_url=f"?{urlencode({'after': cursor_of(found[ROWS - 1], NEWEST)})}" if len(found) > ROWS else "",
    )
    return render(request, "desk/learning_sets.html", {"page": shown})


@page("POST", *BUILDERS, of="learning_sets")
def learning_build(request: HttpRequest) -> HttpResponse:
    product = request.POST.get("product", "").replace("\x00", "")[:50]
    try:
        ask_set(product, by=person(request))
    except NothingToLearn as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:learning_sets")


@page("POST", *BUILDERS, of="learning_sets")
def learning_proposal(request: HttpRequest) -> HttpResponse:
    build, builds = number_of(request.POST.get("build", "")), request.POST.get("answer") == "build"
    try:
        answer_proposal(build, by=person(request), builds=builds)
    except CaseError as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:learning_sets")


@page("GET", *READERS)
def learning_set(request: HttpRequest, set_id: int) -> HttpResponse:
    dataset = _set(set_id)
    train = train_part(dataset, person(request))
    if request.headers.get("HX-Target") == "trainings":
        return render(request, "components/trainings.html", {"part": train})
    cards = tuple(
        CardLink(
            _("Data card (%(language)s)") % {"language": words},
            reverse("desk:learning_set_card", args=[dataset.pk, name]),
            code,
        )
        for name, code, words in LANGUAGES
    )
    tables = tuple(
        CardLink(words, reverse("desk:learning_set_file", args=[dataset.pk, form]), "") for form, words in FORMS.items()
    )
    shown = set_page(dataset, list_url=reverse("desk:learning_sets"), files=(*tables, *cards))
    return render(request, "desk/learning_set.html", {"page": shown, "train": train})


@page("POST", *TRAINERS, of="learning_set")
def learning_train(request: HttpRequest, set_id: int) -> HttpResponse:
    """Have a challenger trained on the set; its row tells how far it is."""
    posted = request.POST
    ask_training(set_id, by=person(request), recipe=posted.get("recipe", ""), weights=posted.get("weights", ""))
    return redirect("desk:learning_set", set_id=set_id)


@page("GET", *READERS)
def learning_set_file(request: HttpRequest, set_id: int, form: str) -> HttpResponseBase:
    """The rows of the set, as Parquet or CSV, once they are known to be those of its hash."""
    dataset = _set(set_id)
    if form not in FORMS:
        raise Http404
    rows = read_set(dataset)
    name = f"{dataset.product}-set-{dataset.pk}.{form}"
    if form == "parquet":
        return FileResponse(path_of(dataset).open("rb"), as_attachment=True, filename=name)
    return StreamingHttpResponse(
        csv_lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page("GET", *READERS)
def learning_set_card(request: HttpRequest, set_id: int, language: str) -> HttpResponse:
    """The data card as one file, in a language of the reader's choice."""
    dataset = _set(set_id)
    codes = {name: code for name, code, _words in LANGUAGES}
    if language not in codes:
        raise Http404
    return HttpResponse(
        set_card_html(dataset, codes[language]),
        headers={"Content-Disposition": f'attachment; filename="{card_name(dataset, language)}"'},
    )


def _set(set_id: int) -> TrainingSet:
    return get_object_or_404(TrainingSet.objects.select_related("built_by", "previous"), pk=set_id)
