"""The rules of breakers that are in force, setting new ones, and which breakers are not closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.models import Case, User
from cases.rule_versions import set_next_version
from scoring.models import Breaker, BreakerRules, ModelVersion, Sign
from scoring.segments import DIMENSIONS, segments_of

FIELDS: Final = tuple(
    field.name for field in BreakerRules._meta.fields if field.name not in ("id", "reason", "set_by", "set_at")
)
LOCK: Final = "rules of breakers"
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "false_alarm_chance": (0.0001, 0.5),
    "within_cases": (100, 10_000_000),
    "allowance": (0, 1),
    "own_cases": (200, 5_000),
    "dwell_minutes": (0, 10_080),
    "trial_cases": (0, 10_000),
}


def rules_in_force() -> BreakerRules:
    """The latest version; the usual rules, unsaved, where nobody has set any."""
    return BreakerRules.objects.last() or BreakerRules()


def set_breaker_rules(*, by: User, reason: str, changes: Mapping[str, Any]) -> BreakerRules:
    """A new version of the rules, equal to the one in force but for `changes`.

    Raises:
        NotAllowed: not an administrator. BadDecision: a value that does not fit, or no reason; names the field.
    """
    return set_next_version(
        rules_in_force,
        fields=FIELDS,
        changes=changes,
        check=_check,
        unknown=_("Breakers have no such rule."),
        lock=LOCK,
        by=by,
        reason=reason,
    )


def _check(new: BreakerRules) -> None:
    """Raises BadDecision naming the first rule that does not fit."""
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(new, name) <= most:
            words = _("Enter a number from %(least)s to %(most)s.")
            raise BadDecision(name, words % {"least": f"{least:,}", "most": f"{most:,}"})
    if not set(new.opens_on) <= set(Sign.values):
        raise BadDecision("opens_on", _("Choose from the signs that are offered."))
    if not set(new.dimensions) <= set(DIMENSIONS):
        raise BadDecision("dimensions", _("Segments are cut by source, region or channel."))
    if new.when_open not in BreakerRules.WhenOpen.values:
        raise BadDecision("when_open", _("Choose who decides while a breaker is open."))


def not_closed(models: Collection[int]) -> dict[tuple[int, str], Breaker]:
    """Breakers that are open or half open, by model and segment."""
    found = Breaker.objects.filter(model__in=list(models)).exclude(state=Breaker.State.CLOSED)
    return {(each.model_id, each.segment): each for each in found}


def last_good(champion: ModelVersion) -> ModelVersion | None:
    """The champion before this one, which may stand in for it: only one that is watched as well."""
    before = ModelVersion.objects.filter(
        product=champion.product, status=ModelVersion.Status.RETIRED, promoted_at__isnull=False, reference__isnull=False
    )
    return before.exclude(pk=champion.pk).order_by("-promoted_at").first()


def serving_versions(champion: ModelVersion, cases: Sequence[Case]) -> list[tuple[ModelVersion, list[Case]]]:
    """Which model scores which of these cases: the champion, but for those of segments where its breaker is open and
    the rules have the one before it stand in, as long as its own is not."""
    rules_now = rules_in_force()
    if rules_now.when_open != BreakerRules.WhenOpen.LAST_GOOD:
        return [(champion, list(cases))]
    stand_in = last_good(champion)
    if stand_in is None:
        return [(champion, list(cases))]
    found = not_closed([champion.pk, stand_in.pk])
    replaced = {segment for (model, segment), each in found.items() if (model, each.state) == (champion.pk, "open")}
    barred = {segment for model, segment in found if model == stand_in.pk}
    shared: dict[bool, list[Case]] = {False: [], True: []}
    for case in cases:
        segments = {"", *segments_of(case, rules_now.dimensions)}
        shared[bool(segments & replaced) and not segments & barred].append(case)
    return [(model, mine) for model, mine in ((champion, shared[False]), (stand_in, shared[True])) if mine]
