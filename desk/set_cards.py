"""Data cards of training sets as files: one a language, which need nothing beside them."""

from __future__ import annotations

from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation

from desk.build.set_card import set_page
from desk.cards import LANGUAGES, card_styles
from learning.models import TrainingSet


def set_card_html(dataset: TrainingSet, language: str) -> str:
    """The data card in `language`, with its style sheets and drawings inside."""
    with translation.override(language):
        return render_to_string("desk/learning_set_file.html", {"page": set_page(dataset), "css": card_styles()})


def card_name(dataset: TrainingSet, language: str) -> str:
    """The name of the file."""
    return f"{dataset.product}-set-{dataset.pk}.card.{language}.html"


def write_set_cards(dataset: TrainingSet, folder: Path) -> list[Path]:
    """Write the card into a folder, once a language."""
    paths = []
    for name, code, _words in LANGUAGES:
        path = folder / card_name(dataset, name)
        path.write_text(set_card_html(dataset, code), encoding="utf-8")
        paths.append(path)
    return paths
