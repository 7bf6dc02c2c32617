"""The mappings that were used before, of a source and of others, for recognising the columns of the next file."""

from __future__ import annotations

from typing import Final

from intake.mapping_life import Status
from intake.models import MappingVersion, SourceMapping
from intake.recognise import Past

OWN_MOST: Final = 6
OTHERS_MOST: Final = 30
SIGNED: Final = (Status.IN_FORCE, Status.RETIRED)


def past_mappings(slug: str) -> list[Past]:
    """The newest first: what people signed for this source, what its files were read by, then what others are read
    by. Three queries. Words name the source and the number, so that a reader finds the mapping again."""
    signed = SourceMapping.objects.filter(status__in=SIGNED).order_by("-number")
    own = [Past(f"{slug} {row.number}", True, row.content) for row in signed.filter(source__slug=slug)[:OWN_MOST]]
    used = MappingVersion.objects.select_related("source").order_by("source_id", "-number")
    mine = used.filter(source__slug=slug).order_by("-number")[:OWN_MOST]
    own += [Past(row.name, True, row.content) for row in mine]
    latest = used.exclude(source__slug=slug).distinct("source_id")[:OTHERS_MOST]
    return [*own, *(Past(row.source.slug, False, row.content) for row in latest)]
