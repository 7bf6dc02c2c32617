"""The fields that a product's own feature table gives to its policy."""

from __future__ import annotations

from typing import Final

from routing.fields import feature_field
from routing.table.fields import Field
from scoring.ml.errors import FeatureTableError
from scoring.ml.features import FeatureTable, feature_table_for

# They are fields of every product already, under their own names.
OF_EVERY_CASE: Final = frozenset({"amount", "term_months", "currency"})


def features_of(table: FeatureTable) -> tuple[Field, ...]:
    """A field for each feature that is read or shown, in the table's order; ratios and ages are the model's alone."""
    return tuple(
        feature_field(feature.name, feature.type, feature.words.en, feature.words.zh, feature.unit or "",
                      low=feature.minimum, high=feature.maximum)
        for feature in table.by_name.values()
        if feature.name not in OF_EVERY_CASE and not feature.formula
    )  # fmt: skip


def product_features(product: str) -> tuple[Field, ...]:
    """The fields of a product; none where it has no feature table yet."""
    try:
        return features_of(feature_table_for(product))
    except FeatureTableError:
        return ()
