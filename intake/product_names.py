"""What a source itself calls its products whose short name tells nobody anything: it was made of a name without Latin
letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from intake.given import MADE_UP, product_named
from intake.lineage import column_of
from intake.models import FirstRows

BATCHES_MOST: Final = 10


def own_names(slug: str, products: Collection[str]) -> dict[str, str]:
    """The names by product, where they stand in the rows that are kept of the newest files and pulls."""
    sought = {each for each in products if each.startswith(MADE_UP)}
    found: dict[str, str] = {}
    if not sought:
        return {}
    kept = FirstRows.objects.filter(batch__source__slug=slug, batch__mapping__isnull=False).order_by("-batch")
    for sample, mapping in kept.values_list("sample", "batch__mapping__content")[:BATCHES_MOST].iterator():
        named = {product_named(name): name for name in _names(sample, column_of(mapping, "product"))}
        found |= {code: name for code, name in named.items() if code in sought - found.keys()}
        if sought == found.keys():
            break
    return found


def _names(sample: Mapping[str, Any], column: str) -> set[str]:
    if column not in sample["columns"]:
        return set()
    place = sample["columns"].index(column)
    cells = (row["cells"][place] for row in sample["rows"] if "bad" not in row)
    return {name for cell in cells if isinstance(cell, str) and (name := cell.strip())}
