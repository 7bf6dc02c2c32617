"""What the features of sources are called: in the words of the product's champion, else by their column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from desk.build.fact_names import FactNames, unlisted_words
from intake.gate.lineage import column_of
from intake.header_words.feature_naming import BY_HEADER
from intake.models import MappingVersion
from scoring.models import ModelVersion

# Fields of every case that are looked at beside its features, under whatever name a model reads them.
CASE_FIELDS: Final[dict[str, Promise]] = {
    "amount": gettext_lazy("Amount"),
    "term_months": gettext_lazy("Term"),
    "currency": gettext_lazy("Currency"),
    "applicant.name": gettext_lazy("Applicant name"),
    "applicant.identity_number": gettext_lazy("Identity number"),
    "applicant.phone": gettext_lazy("Telephone"),
}
# So many mappings of a source are looked through for the column of a feature.
MAPPINGS_MOST: Final = 20
UNKNOWN: Final[dict[str, Any]] = {"features": (), "groups": {}}


class FeatureWords:
    """Asks for the table of a product and the last mappings of a source once, for all that a page tells."""

    def __init__(self) -> None:
        self._names: dict[str, FactNames] = {}
        self._mappings: dict[int | str, list[dict[str, Any]]] = {}

    def of(self, product: str, feature: str, source: int | str | None = None) -> str:
        """`source` is the key of the source or, as what people were told keeps it, its slug."""
        if feature in CASE_FIELDS:
            return str(CASE_FIELDS[feature])
        if product not in self._names:
            champions = ModelVersion.objects.filter(product=product, status=ModelVersion.Status.CHAMPION)
            table = champions.values_list("feature_table", flat=True).first()
            self._names[product] = FactNames(table or UNKNOWN)
        if source is None or self._names[product].knows(feature):
            return self._names[product].fact(feature)
        return unlisted_words(feature, self._column(source, feature))

    def _column(self, source: int | str, feature: str) -> str:
        """The column by the last mapping; of a name that was made of its header, which tells nobody anything, by one
        before where the last has another name for it."""
        if source not in self._mappings:
            self._mappings[source] = self._newest(source, 1)
        column = _column_by(self._mappings[source], feature)
        if column or not feature.startswith(BY_HEADER) or len(self._mappings[source]) > 1:
            return column
        self._mappings[source] = self._newest(source, MAPPINGS_MOST)
        return _column_by(self._mappings[source], feature)

    def _newest(self, source: int | str, count: int) -> list[dict[str, Any]]:
        mine = {"source__slug": source} if isinstance(source, str) else {"source": source}
        versions = MappingVersion.objects.filter(**mine).order_by("-id")
        return list(versions.values_list("content", flat=True)[:count])


def _column_by(mappings: Sequence[dict[str, Any]], feature: str) -> str:
    return next(filter(None, (column_of(each, feature) for each in mappings)), "")
