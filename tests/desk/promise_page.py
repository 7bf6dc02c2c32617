"""The page of a promise as its tests ask for it and read it."""

from __future__ import annotations

import re
from html import unescape

from django.test import Client

from routing.models import Policy


def url_of(policy: Policy) -> str:
    return f"/policies/{policy.pk}/promise"


def text_of(client: Client, url: str) -> str:
    """The words of the main part of the page, one space between its pieces."""
    page = client.get(url).content.decode()
    main = page.split("<main", 1)[1].split("</main>")[0]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))
