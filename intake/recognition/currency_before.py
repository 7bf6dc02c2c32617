"""Tables that no longer say their currency, of a source whose loans were in several."""

from __future__ import annotations

from collections.abc import Sequence

from cases.models import Case
from intake.header_words.header_units import squeeze
from intake.mapped.case_mapping import CaseMapping


def lost_currency(slug: str, mapping: CaseMapping, past: Sequence[CaseMapping]) -> tuple[str, str] | None:
    """The column that told the currency before, and one that cases of this source are in, where a table has a default
    instead and these cases are in another. A table with the columns of one that came without it before lacks
    nothing."""
    currency = mapping.fields.get("currency")
    if currency is None or currency.how != "default":
        return None
    present = set(map(squeeze, mapping.columns))
    column = ""
    for then in past:
        was = then.fields.get("currency")
        if was is not None and was.how == "column":
            column = column or was.column
        elif was is not None and set(map(squeeze, then.columns)) == present:
            return None
    if not column:
        return None
    others = Case.objects.filter(source=slug).exclude(currency=currency.value).order_by("-pk")
    said = others.values_list("currency", flat=True).first()
    return (column, said) if said else None
