"""The mappings that were used before, of a source and of others, for recognising the columns of the next file."""

from __future__ import annotations

from typing import Final

from intake.models import MappingVersion, SourceMapping
from intake.recognition.recognise import Past
from intake.record.choose import INFERRED
from intake.record.mapping_steps import Status

OWN_MOST: Final = 6
OTHERS_MOST: Final = 30
SIGNED: Final = (Status.IN_FORCE, Status.RETIRED)


def past_mappings(slug: str) -> list[Past]:
    """The newest first: what people signed for this source, the files that its tables were read by, then the same of
    others. Four queries. What was only recognised by itself is no history: nobody looked at it. Words name the source
    and the number or file, so that a reader finds the mapping again."""
    signed = SourceMapping.objects.select_related("source").order_by("-number")
    own = signed.filter(source__slug=slug, status__in=SIGNED)[:OWN_MOST]
    others = signed.exclude(source__slug=slug).filter(status=Status.IN_FORCE)[:OTHERS_MOST]
    used = MappingVersion.objects.select_related("source").exclude(name=INFERRED).exclude(content__has_key="version")
    files = used.filter(source__slug=slug).order_by("-number")[:OWN_MOST]
    of_others = used.exclude(source__slug=slug).order_by("source_id", "-number").distinct("source_id")[:OTHERS_MOST]
    return [
        *(Past(f"{slug} {row.number}", True, row.content) for row in own),
        *(Past(row.name, True, row.content) for row in files),
        *(Past(f"{row.source.slug} {row.number}", False, row.content) for row in others),
        *(Past(f"{row.source.slug} {row.name}", False, row.content) for row in of_others),
    ]
