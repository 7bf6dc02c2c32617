"""Products as words, and the versions of policies and models by the product they are for."""

from __future__ import annotations

import re
from time import monotonic
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.product_models import ProductName

PRODUCTS: Final[dict[str, Promise]] = {
    "consumer": _("Consumer loan"),
    "credit_card": _("Credit card"),
    "small_business": _("Small business loan"),
}
# What intake calls other products of usual Chinese names (`intake/mapped/given.py`): with words, and offered nowhere.
OFTEN_SENT: Final[dict[str, Promise]] = {
    "business": _("Business loan"),
    "mortgage": _("Mortgage"),
    "car": _("Car loan"),
    "card": _("Credit card"),
    "working-capital": _("Working capital loan"),
    "equipment": _("Equipment loan"),
}
# How a short name begins that was made of one without Latin letters (`intake/mapped/given.py`).
MADE_UP: Final = "p-"
# After so many seconds.
ASKED_AGAIN: Final = 60
_names: dict[str, tuple[str, float]] = {}
# As `Policy.__str__` and `ModelVersion.__str__` write them: `consumer policy 1`, `consumer v1`.
STORED: Final = re.compile(r"(?P<product>.+) (?:policy |v)(?P<count>\d+)")


def word(table: dict[str, Promise], code: str) -> str:
    """The words for `code` in the reader's language; an unknown code (a lender's own product) reads as itself, or as
    the name of which it was made."""
    found = table.get(code) or (OFTEN_SENT.get(code) if table is PRODUCTS else None)
    if found is not None:
        return str(found)
    own = _told_name(code) if table is PRODUCTS and code.startswith(MADE_UP) else ""
    return own or code.replace("_", " ").replace("-", " ")


def _told_name(code: str) -> str:
    """The name of a code never changes; one that has none yet is asked for again after a minute."""
    name, until = _names.get(code, ("", 0.0))
    if not name and monotonic() >= until:
        name = ProductName.objects.filter(product=code).values_list("name", flat=True).first() or ""
        _names[code] = name, monotonic() + ASKED_AGAIN
    return name


def numbered(product: str, count: int | str) -> str:
    """`Consumer loan, version 3`, of a policy or a model."""
    return gettext("%(product)s, version %(n)s") % {"product": word(PRODUCTS, product), "n": count}


def version_words(stored: str) -> str:
    """The same of the name that an event or a packet keeps; another name reads as itself."""
    found = STORED.fullmatch(stored)
    return numbered(found["product"], found["count"]) if found else stored
