"""Watching over models window by window: what is measured, which alarms are new, and when a breaker has to open.

A window is measured once, when it is full: the sweep asks whether the next one is, and computes nothing before. What
follows from PDs alone is marked as estimated, and stands beside what was observed when outcomes come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import rules
from cases.errors import CaseMoved, CaseNotFound, NotAllowed
from cases.models import User
from cases.notices import notify
from cases.states import Role
from learning.label_models import MATURED
from learning.models import Label, MonitoringAlarm, MonitoringMeasure, MonitoringWindow
from learning.touched import touched_by
from learning.usual import keep_references
from learning.window_measures import Figure, Scored, figures_of_cases, figures_of_outcomes, overrides_of
from routing.breaking import open_breaker
from routing.watched_usual import reference_of
from scoring.breaker_rules import rules_in_force
from scoring.models import Assessment, ModelReference, ModelVersion, Sign

WINDOW_CASES: Final = 500
WINDOW_OUTCOMES: Final = 200
# Files are often sorted by how loans went: outcomes that come one after the other are judged together, once none has
# come for a minute; where they never cease, after a day. The last number bounds memory alone.
TOGETHER: Final = timedelta(minutes=1)
WAITS_MOST: Final = timedelta(days=1)
MOST_OUTCOMES: Final = 50_000
ACKNOWLEDGES: Final = (Role.SUPERVISOR, Role.ADMIN)
TOLD: Final = (Role.SUPERVISOR, Role.ADMIN)
LOUD: Final = ("amber", "red")
Kind = MonitoringWindow.Kind
# Which red alarm opens a breaker, as what sign.
OPENS: Final = {"csi": Sign.WINDOWS, "score": Sign.WINDOWS, "ks": Sign.WINDOWS, "calibration": Sign.CALIBRATION,
                "overrides": Sign.OVERRIDES}  # fmt: skip


def watch_models(*, now: datetime | None = None) -> int:
    """Measure every window that became full since the last sweep, of models in force. Returns how many."""
    moment = now or timezone.now()
    keep_references()
    watched = ModelReference.objects.filter(model__status=ModelVersion.Status.CHAMPION).select_related("model")
    watched = watched.defer("content", "model__feature_table", "model__card")
    return sum(_watch(each.model, each.pk, moment) for each in watched)


def _watch(model: ModelVersion, reference: int, now: datetime) -> int:
    made = 0
    for kind, keys in ((Kind.COUNT, _next_count(model)), (Kind.DAY, _next_day(model, now))):
        if keys:
            scored = _scored(keys)
            first = MonitoringWindow.objects.filter(model=model, kind=Kind.COUNT).order_by("pk").first()
            usual = _scored(_keys_of(first)) if first else None
            figures = figures_of_cases(scored, usual, reference_of(reference), overrides_of(model.pk))
            made += _write(model, kind, (keys[0], keys[-1]), scored.at, figures)
    labels = _next_outcomes(model, now)
    if labels:
        figures = figures_of_outcomes(_scored_latest(model, [label.case_id for label in labels]), labels)
        span = [label.recorded_at for label in labels]
        keys = [label.pk for label in labels]
        made += _write(model, Kind.OUTCOMES, (min(keys), max(keys)), span, figures)
    return made


def _last(model: ModelVersion, kind: str) -> MonitoringWindow | None:
    return MonitoringWindow.objects.filter(model=model, kind=kind).order_by("-last_id").first()


def _next_count(model: ModelVersion) -> list[int]:
    last = _last(model, Kind.COUNT)
    found = Assessment.objects.filter(model=model, pk__gt=last.last_id if last else 0).order_by("pk")
    keys = list(found.values_list("pk", flat=True)[:WINDOW_CASES])
    return keys if len(keys) == WINDOW_CASES else []


def _next_day(model: ModelVersion, now: datetime) -> list[int]:
    """The assessments of the next day that is over; [] where none is."""
    last, today = _last(model, Kind.DAY), _midnight(now)
    found = Assessment.objects.filter(model=model, pk__gt=last.last_id if last else 0, at__lt=today).order_by("pk")
    first = found.values_list("at", flat=True).first()
    if first is None:
        return []
    ends = _midnight(first) + timedelta(days=1)
    return list(found.filter(at__lt=ends).values_list("pk", flat=True))


def _midnight(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def _next_outcomes(model: ModelVersion, now: datetime) -> list[Label]:
    """The next matured outcomes of cases that this model scored; [] where they are too few, or more are just coming.

    Bads before their time are left out: PDs foretell all that turn bad within the window, and as long as it is open the
    goods of the same age cannot be known. Bads alone would make every young book look worse than foretold.
    """
    last = _last(model, Kind.OUTCOMES)
    since = {"recorded_at__gte": model.promoted_at} if model.promoted_at else {}
    known = Label.objects.filter(
        pk__gt=last.last_id if last else 0, source__in=MATURED, case__assessments__model=model, **since
    )
    told = known.aggregate(first=Min("recorded_at"), newest=Max("recorded_at"))
    if told["first"] is None or (now - told["newest"] < TOGETHER and now - told["first"] < WAITS_MOST):
        return []
    # A restated outcome counts as it was told last.
    found = {label.case_id: label for label in known.order_by("pk").distinct()[:MOST_OUTCOMES]}
    return list(found.values()) if len(found) >= WINDOW_OUTCOMES else []


def _keys_of(window: MonitoringWindow) -> list[int]:
    found = Assessment.objects.filter(model=window.model_id, pk__gte=window.first_id, pk__lte=window.last_id)
    return list(found.order_by("pk").values_list("pk", flat=True))


def _scored_latest(model: ModelVersion, cases: Sequence[int]) -> Scored:
    found = Assessment.objects.filter(model=model, case__in=cases).order_by("case_id", "-pk").distinct("case_id")
    return _scored(list(found.values_list("pk", flat=True)))


def _scored(keys: Sequence[int]) -> Scored:
    names = ("case_id", "at", "values", "log_odds", "pd", "cut_off", "route__way")
    rows = list(Assessment.objects.filter(pk__in=keys).order_by("pk").values_list(*names))
    cut_off = np.array([0.5 if row[5] is None else row[5] for row in rows])
    return Scored(
        cases=[row[0] for row in rows],
        at=[row[1] for row in rows],
        values=np.array([row[2] for row in rows], dtype=np.float64),
        log_odds=np.array([row[3] for row in rows]),
        pd=np.array([row[4] for row in rows]),
        cut_off=cut_off,
        ways=[row[6] or "" for row in rows],
    )


def _write(
    model: ModelVersion, kind: str, keys: tuple[int, int], span: Sequence[datetime], figures: Sequence[Figure]
) -> int:
    """Two sweeps at once: a window stands once, and the second finds the first one's."""
    before = _last(model, kind)
    loud = {(each.name, each.feature): each.grade for each in before.measures.all()} if before else {}
    with transaction.atomic(durable=True):
        window, is_new = MonitoringWindow.objects.get_or_create(
            model=model, kind=kind, first_id=keys[0],
            defaults={"last_id": keys[1], "starts_at": min(span), "ends_at": max(span), "cases": len(span)},
        )  # fmt: skip
        if not is_new:
            return 0
        made = MonitoringMeasure.objects.bulk_create(
            MonitoringMeasure(window=window, **figure.columns) for figure in figures
        )
        new = [each for each in made if each.grade in LOUD and not _was_told(each, loud)]
        if new:
            facts = touched_by(model, window)
            MonitoringAlarm.objects.bulk_create(MonitoringAlarm(measure=each, facts=facts) for each in new)
            people = User.objects.filter(role__in=TOLD, is_active=True)
            notify(people, "drift_alarm", None, {"model": str(model), "count": len(new)}, caused_by=None)
            _open_for(model, window, new)
    return 1


def _was_told(measure: MonitoringMeasure, before: dict[tuple[str, str], str]) -> bool:
    """Whether the window before was as loud: it is the same alarm then."""
    was = before.get((measure.name, measure.feature), "calm")
    return was == "red" or was == measure.grade


def _open_for(model: ModelVersion, window: MonitoringWindow, alarms: Sequence[MonitoringMeasure]) -> None:
    in_force = rules_in_force()
    signs: list[dict[str, Any]] = [
        {"sign": OPENS[each.name].value, "name": each.feature or each.name, "share": round(each.value or 0.0, 4),
         "usual": round(each.usual or 0.0, 4), "cases": each.rows, "since": 0, "window": window.pk}
        for each in alarms
        if each.grade == "red" and each.name in OPENS and OPENS[each.name] in in_force.opens_on
    ]  # fmt: skip
    if signs and in_force.is_on:
        open_breaker(model.pk, "", signs, since=window.starts_at, rules=in_force if in_force.pk else None)


def acknowledge_alarm(alarm_id: int, *, by: User, reason: str) -> MonitoringAlarm:
    """Say that an alarm was looked into, and what it was.

    Raises:
        NotAllowed: neither supervisor nor administrator. CaseNotFound: no such alarm. CaseMoved: somebody was faster.
        BadDecision: no reason.
    """
    if not by.is_active or by.role not in ACKNOWLEDGES:
        raise NotAllowed
    lacking = _("Say what it was, in ten characters or more.")
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    with transaction.atomic(durable=True):
        alarm = MonitoringAlarm.objects.select_for_update().filter(pk=alarm_id).first()
        if alarm is None:
            raise CaseNotFound(_("There is no such alarm."))
        if alarm.acknowledged_at is not None:
            raise CaseMoved(_("Somebody was faster: the alarm is acknowledged."))
        alarm.acknowledged_by, alarm.acknowledged_at, alarm.reason = by, timezone.now(), why
        alarm.save(update_fields=["acknowledged_by", "acknowledged_at", "reason"])
        return alarm
