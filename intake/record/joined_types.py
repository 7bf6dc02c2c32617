"""As what a column of another source is read that a mapping takes for a feature: judged by the rows that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from intake.mapped.joined import join_of
from intake.models import ReferenceRow
from intake.recognition.feature_columns import infer_type
from intake.values.cells import cell_text

ROWS_MOST: Final = 200
_SAYS_HOW: Final = frozenset({"type", "values", "pattern"})


def with_joined_types(content: Mapping[str, Any]) -> dict[str, Any]:
    """The stored content, in which each feature of a joined column that does not say what it is says so: without it
    the score 700 is a text that no model knows. As it is where its source keeps no row yet."""
    joins, features = content.get("joins", {}), content.get("features", {})
    told = {name: {**entry, **_read_as(entry, joins)} for name, entry in features.items()}
    return {**content, **({"features": told} if told else {})}


def _read_as(entry: Mapping[str, Any], joins: Mapping[str, Any]) -> dict[str, str]:
    column = entry.get("column", "")
    name = join_of(column, joins) if isinstance(column, str) else ""
    if not name or _SAYS_HOW & set(entry):
        return {}
    kept = ReferenceRow.objects.filter(source__slug=joins[name]["source"]).order_by("-pk")
    cells = [*kept.values_list("cells", flat=True)[:ROWS_MOST]]
    texts = [cell_text(each.get(column.removeprefix(f"{name}."))) for each in cells]
    if not any(texts):
        return {}
    given = infer_type(column, texts)
    told = {"type": given.type, "decimal": given.decimal, "format": given.format, "utc_offset": given.utc_offset}
    # What a person has said of it stands.
    return {part: text for part, text in told.items() if text and part not in entry}
