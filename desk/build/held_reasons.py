"""Why cases are held, in words, and as links that filter the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from desk.pages.quality import HeldGroup
from desk.words import number
from intake.gate.held import held_reasons

KINDS: Final[Mapping[str, Promise]] = {
    "feature_missing": _("Completeness: a value is missing"),
    "feature_out_of_range": _("Range: a value is not possible"),
    "feature_not_number": _("Type: a value is no number"),
    "feature_not_text": _("Type: a value is no text"),
    "feature_not_flag": _("Type: a value is neither yes nor no"),
    "feature_not_date": _("Type: a value is no date"),
    "feature_not_identity_number": _("Type: a value is no identity number"),
    "feature_not_phone": _("Type: a value is no telephone number"),
    "feature_not_industry": _("Type: a value is no industry"),
    "feature_not_region": _("Type: a value is no region"),
    "feature_not_listed": _("Range: a value is not among the known ones"),
    "feature_too_old": _("Freshness: a value is too old"),
    "feature_after_application": _("Freshness: a date lies after the application"),
    "application_too_old": _("Freshness: the application came late"),
    "later_than_promised": _("Freshness: it came later than its source promises"),
    "value_capped": _("Limits: a value was capped"),
    "value_left_out": _("Limits: a value was left out"),
    "another_document": _("Type: the number is of another document than an identity card"),
    "not_computed_again": _("Computed values: one is not known since a value was mended"),
    "joined_unreadable": _("Joined sources: a value cannot be read"),
    "feature_unusual": _("Distribution: a value is unusual"),
    "feature_refers_to_nothing": _("Reference: a case that does not exist is named"),
    "fields_disagree": _("Fields that do not agree"),
    "applied_twice": _("Uniqueness: the applicant applied before"),
    "may_be_on_record": _("Uniqueness: it may have come before without a number"),
    "source_quarantined": _("The source is or was quarantined"),
    "reading_not_looked_at": _("Nobody has looked at how its columns are read"),
    "source_not_trusted": _("The source is not trusted"),
    "returned_to_source": _("Returned to the source"),
}


def held_groups(chosen: tuple[str, str]) -> tuple[HeldGroup, ...]:
    """Each reason of each source with its number of cases; `chosen` is (source, code)."""
    url = reverse("desk:held")
    return tuple(
        HeldGroup(
            words=str(KINDS.get(each.code, each.code.replace("_", " "))),
            source=each.source,
            cases=number(each.cases),
            url=f"{url}?{urlencode({'source': each.source, 'code': each.code})}",
            chosen=(each.source, each.code) == chosen,
        )
        for each in held_reasons()
    )
