"""A mapping tried on its own sample before it can be proposed."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision
from intake.models import SourceMapping
from intake.reading.mapping_preview import preview
from intake.reading.mapping_sample import table_of
from intake.recognition.mapping import read_mapping
from intake.record.reference import look_up
from intake.wording.sentences import IntakeError


def refuse_unreadable(mapping: SourceMapping) -> None:
    """Raises BadDecision where not one row of its sample can be read by it: signed, it would refuse whatever comes.

    What is joined may not have arrived yet, and a sample may be of another table, whose columns are missed: by neither
    is a mapping judged.
    """
    try:
        read = read_mapping(mapping.content, source=mapping.source.slug)
        made = preview(table_of(mapping.sample), read, now=timezone.now(), look_up=look_up)
    except IntakeError:
        return
    if made.bad and not made.good and not read.joins:
        raise BadDecision("", _("Not one row of the sample can be read by it. The preview says why."))
