"""Model cards as files: one a language, which need nothing beside them, for whoever has no account here."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from desk.build.model_card import model_card
from scoring.models import ModelVersion

# Part of the file's name, code of the language, its own name.
LANGUAGES: Final = (("en", "en", "English"), ("zh", "zh-hans", "中文"))
SHEETS: Final = ("tokens", "base", "layout", "components", "pages")


def card_html(version: ModelVersion, language: str) -> str:
    """The card of a model that has one, in `language`, with its style sheets and drawings inside."""
    with translation.override(language):
        return render_to_string("desk/model_card_file.html", {"page": model_card(version), "css": card_styles()})


def write_card_files(version: ModelVersion) -> list[Path]:
    """Write the card beside the model's own file, once a language. The same model gives the same files but for what
    was decided about it since: who promoted it."""
    paths = []
    settings.ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for name, language, _words in LANGUAGES:
        path: Path = settings.ARTEFACTS / f"{version.sha256}.card.{name}.html"
        # Two trainings of one model at once each write a draft of their own; the file appears when it is whole.
        handle, draft = tempfile.mkstemp(dir=settings.ARTEFACTS, prefix=".draft-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(card_html(version, language))
        os.replace(draft, path)
        paths.append(path)
    return paths


def card_styles() -> SafeString:
    """Our own style sheets, which hold nothing that a person typed; escaped, they would not be CSS any more."""
    sheets = [finders.find(f"css/{name}.css") for name in SHEETS]
    return SafeString("\n".join(Path(str(sheet)).read_text(encoding="utf-8") for sheet in sheets))
