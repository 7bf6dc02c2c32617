"""The value of a fact as an event keeps it, in words: what stood there before, and what stands there now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from desk.build.fact_names import unlisted_words
from desk.build.mapping_words import FIELD_WORDS
from desk.build.personal import Sight
from desk.words import PRODUCTS, industry_words, plain, region_words, when, word

_STANDARDS = {"region": region_words, "industry": industry_words}


def fact_words(name: str) -> str:
    """What a feature, or a field as "amount", is called where no feature table is at hand."""
    return str(FIELD_WORDS[name]) if name in FIELD_WORDS else unlisted_words(name)


def told_value(name: str, value: Any, sight: Sight) -> str:
    """`name` is a feature, or a field as "amount"; "--" for no value."""
    if sight.is_personal(name):
        return sight.shown(name, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "applied_at" and isinstance(value, str):
        return when(datetime.fromisoformat(value))
    if name in _STANDARDS and isinstance(value, str):
        return _STANDARDS[name](value)
    return word(PRODUCTS, value) if name == "product" and isinstance(value, str) else plain(value)
