"""The table of label weights as its page: what each kind of label counts, the form, and every version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from desk.pages.learning import WeightField, WeightRow, WeightsPage, WeightsVersionRow
from desk.pages.shared import Problem
from desk.words import number, when
from learning.label_models import LabelWeights, Source
from learning.label_weights import BOUNDS, base_weight, shipped, weights_in_force

FIELDS: Final[Mapping[str, Promise]] = {
    "outcome": gettext_lazy("base weight of a matured outcome"),
    "exploration": gettext_lazy("base weight of an explored one"),
    "inferred": gettext_lazy("weight of an inferred one (sensitivity only)"),
    "cap": gettext_lazy("most that 1 / propensity may come to"),
}
NOTES: Final[Mapping[str, Promise]] = {
    Source.OUTCOME: gettext_lazy("over its propensity, capped"),
    Source.EXPLORATION: gettext_lazy("over the chance of its draw, capped: the anchor for declines"),
    Source.EARLY_BAD: gettext_lazy("never: early bads without the goods of their age make every young book look worse"),
    Source.IMMATURE_GOOD: gettext_lazy("never: its window is not over"),
    Source.DECISION: gettext_lazy("never: a person's view is not repayment; it teaches the reviewer model"),
    Source.SIGNATURE: gettext_lazy("never: as the decision, trusted more by the reviewer model"),
    Source.BLIND_REVIEW: gettext_lazy("never as y: two who agree blind are evidence beside it, kept apart"),
    Source.INFERRED: gettext_lazy("sensitivity analysis only; the database lets none into a set"),
}


def weights_page(
    *,
    may_change: bool,
    typed: Mapping[str, str] | None = None,
    reason: str = "",
    problems: tuple[Problem, ...] = (),
) -> WeightsPage:
    """The page; what was typed stays in the form when it was refused."""
    now = weights_in_force()
    versions = list(LabelWeights.objects.select_related("set_by"))
    return WeightsPage(
        number=number(now.number) if now.pk else "",
        rows=tuple(
            WeightRow(str(source.label), number(base_weight(now, source), 2), str(NOTES[source])) for source in Source
        ),
        fields=tuple(
            WeightField(name, str(words), typed[name] if typed else f"{getattr(now, name):g}")
            for name, words in FIELDS.items()
        ),
        versions=tuple(_version_rows(versions)),
        learning_url=reverse("desk:learning"),
        set_url=reverse("desk:learning_weights_set") if may_change else "",
        reason=reason,
        problems=problems,
    )


def _version_rows(versions: Sequence[LabelWeights]) -> list[WeightsVersionRow]:
    """The newest first, each with what it changed."""
    found, before = [], shipped()
    for version in versions:
        changes = tuple(
            f"{FIELDS[name]}: {getattr(before, name):g} → {getattr(version, name):g}"
            for name in BOUNDS
            if getattr(before, name) != getattr(version, name)
        )
        by = version.set_by.display_name
        found.append(WeightsVersionRow(number(version.number), when(version.set_at), by, changes, version.reason))
        before = version
    return found[::-1]
