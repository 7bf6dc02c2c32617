"""What the features of sources are called: in the words of the product's champion, where it knows them."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from desk.build.fact_names import FactNames
from scoring.models import ModelVersion

# Fields of every case that are looked at beside its features, under whatever name a model reads them.
CASE_FIELDS: Final[dict[str, Promise]] = {
    "amount": gettext_lazy("Amount"),
    "term_months": gettext_lazy("Term"),
    "currency": gettext_lazy("Currency"),
}
UNKNOWN: Final[dict[str, Any]] = {"features": (), "groups": {}}


class FeatureWords:
    """Asks for the table of a product once, for all that a page tells."""

    def __init__(self) -> None:
        self._names: dict[str, FactNames] = {}

    def of(self, product: str, feature: str) -> str:
        if feature in CASE_FIELDS:
            return str(CASE_FIELDS[feature])
        if product not in self._names:
            champions = ModelVersion.objects.filter(product=product, status=ModelVersion.Status.CHAMPION)
            table = champions.values_list("feature_table", flat=True).first()
            self._names[product] = FactNames(table or UNKNOWN)
        return self._names[product].fact(feature)
