"""What lenders call the products whose short names were made up, as they have no Latin letter."""

from __future__ import annotations

from collections.abc import Sequence

from cases.models import ProductName
from intake.mapped.given import MADE_UP, product_named
from intake.reading.rows import ReadRow


def keep_product_names(rows: Sequence[ReadRow]) -> None:
    """Keep by which names the rows told their products. Runs inside the caller's transaction; two at once that tell the
    same name: the primary key lets one in."""
    told = {row.submission.product: row for row in rows if row.submission is not None}
    names = {product: _name(product, row) for product, row in told.items() if product.startswith(MADE_UP)}
    found = [(product, name) for product, name in sorted(names.items()) if name]
    new = [ProductName(product=product, name=name[: ProductName.NAME_MOST]) for product, name in found]
    ProductName.objects.bulk_create(new, ignore_conflicts=True)


def _name(product: str, row: ReadRow) -> str:
    """The cell of which the product was made."""
    return next((text for text in row.raw.values() if text and product_named(text) == product), "")
