"""Under which spelling a source is known: names are one whatever their capitals, their width and blanks around them.

A name that differs only so would be a new source, and every loan would come in again. All that names a source to take
something in asks here first.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from django.db import connection

from intake.mapped.fields import is_slug


def plain_name(text: str) -> str:
    """The name without blanks around it, in signs of the usual width."""
    return unicodedata.normalize("NFKC", text).strip()


def known_spellings(names: Collection[str]) -> dict[str, str]:
    """Of these names those that a source is known by, each with the spelling of that source.

    A source of exactly this spelling comes first: two may stand from before, when capitals told them apart. Of several
    that all differ in capitals it is the oldest.
    """
    plain = {name: each for name in names if is_slug(each := plain_name(name))}
    if not plain:
        return {}
    asked = list(set(plain.values()))
    with connection.cursor() as cursor:
        # Written out, because every post asks it, and to compose it takes several times as long as to answer it.
        cursor.execute(
            """
            SELECT slug, spelt_as_another FROM intake_source
            WHERE slug = ANY(%s) OR lower(slug) = ANY(%s) AND NOT spelt_as_another
            """,
            [asked, [each.lower() for each in asked]],
        )
        known = dict(cursor.fetchall())
    folded = {slug.lower(): slug for slug, is_another in known.items() if not is_another}
    found = {name: each if each in known else folded.get(each.lower(), "") for name, each in plain.items()}
    return {name: slug for name, slug in found.items() if slug}


def spelling_of(name: str) -> str:
    """The name as the known source spells it, or else as it would open a new one."""
    return known_spellings([name]).get(name) or plain_name(name)
