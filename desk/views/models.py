"""The trained models, the card of each with its life, and the card as a file. Nothing is changed here."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.products import numbered
from desk import cards
from desk.access import page, person
from desk.build import model_card as build
from desk.build.card_words import RECIPES, measure_words
from desk.build.model_life import READERS, model_life
from desk.keyset import after, cursor_of
from desk.pages import CardLink, ModelRow, ModelsPage, StateMark
from desk.words import PRODUCTS, number, when, word
from scoring.models import ModelVersion

ROWS: Final = 50
NEWEST: Final = ("-id",)


@page("GET")
def models(request: HttpRequest) -> HttpResponse:
    wanted = ModelVersion.objects.defer("feature_table", "norms", "library_versions").select_related("promoted_by")
    found = list(after(wanted.order_by(*NEWEST), NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    shown = ModelsPage(
        rows=tuple(_row(version) for version in found[:ROWS]),
        shown_words=_("%(n)s shown") % {"n": number(min(len(found), ROWS))},
        train_url=reverse("desk:learning_sets") if person(request).role in READERS else "",
        next_url=f"?{urlencode({'after': cursor_of(found[ROWS - 1], NEWEST)})}" if len(found) > ROWS else "",
    )
    return render(request, "desk/models.html", {"page": shown})


def _row(version: ModelVersion) -> ModelRow:
    measure = version.card["metrics"]["auc"] if version.card else None
    auc, between = measure_words(measure) if measure else (number(version.metrics["auc"], 3), "")
    return ModelRow(
        name=numbered(version.product, version.number),
        url=reverse("desk:model_card", args=[version.pk]),
        product=word(PRODUCTS, version.product),
        recipe=word(RECIPES, version.recipe),
        state=StateMark(version.status, str(ModelVersion.Status(version.status).label)),
        trained_at=when(version.trained_at),
        loans=number(version.metrics["rows"]),
        auc=auc,
        auc_range=between,
        promoted=version.promoted_by.display_name if version.promoted_by else "",
    )


@page("GET")
def model_card(request: HttpRequest, version_id: int) -> HttpResponse:
    version = _version(version_id)
    files = tuple(
        CardLink(words, reverse("desk:card_file", args=[version.pk, language]), code)
        for language, code, words in cards.LANGUAGES
    )
    shown = build.model_card(version, list_url=reverse("desk:models"), files=files if version.card else ())
    life = model_life(version, person(request))
    return render(request, "desk/model_card.html", {"page": shown, "life": life})


@page("GET")
def card_file(request: HttpRequest, version_id: int, language: str) -> HttpResponse:
    """The card as one file, in a language of the reader's choice."""
    version = _version(version_id)
    codes = {name: code for name, code, _words in cards.LANGUAGES}
    if language not in codes or not version.card:
        raise Http404
    name = f"{version.product}-v{version.number}.card.{language}.html"
    return HttpResponse(
        cards.card_html(version, codes[language]), headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _version(version_id: int) -> ModelVersion:
    return get_object_or_404(ModelVersion.objects.select_related("promoted_by"), pk=version_id)
