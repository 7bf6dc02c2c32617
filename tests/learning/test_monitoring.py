"""Windows of cases are measured once, alarms are told once with what they touch, and somebody acknowledges them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Notification, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.models import MonitoringAlarm, MonitoringMeasure, MonitoringWindow
from learning.monitoring import acknowledge_alarm, watch_models
from routing.models import Policy
from scoring.models import Breaker, ModelVersion
from tests.conftest import TrainedBook
from tests.routing.watched import arrive, loan, with_reference

WHY = "A campaign for large loans."


def test_windows_are_measured_alarms_told_and_acknowledged_once(
    champion: ModelVersion, policy: Policy, trained_book: TrainedBook, admin: User, supervisor: User, auditor: User
) -> None:
    with_reference(champion, trained_book)
    decided = arrive("los", [loan(trained_book, place) for place in range(0, 3000, 6)])
    assert (watch_models(), watch_models()) == (1, 0)
    assert MonitoringAlarm.objects.count() == 0
    first = MonitoringWindow.objects.get()
    assert (first.kind, first.cases) == ("count", 500)
    grades = set(first.measures.exclude(name="overrides").exclude(name="approvals").values_list("grade", flat=True))
    assert grades == {"calm"}
    auc = first.measures.get(name="auc")
    assert auc.is_estimated
    assert auc.value == pytest.approx(champion.metrics["auc"], abs=0.08)

    slow = [loan(trained_book, place, {"credit_utilisation": 20.0 + place % 7}) for place in range(1, 3000, 6)]
    arrive("los", slow)
    assert watch_models() == 1
    alarm = MonitoringAlarm.objects.get(measure__feature="credit_utilisation")
    assert (alarm.measure.grade, alarm.measure.rows) == ("red", 500)
    assert (alarm.measure.value or 0) > 0.25 > (alarm.measure.critical or 1)
    assert set(alarm.facts["bands"]) == {"below", "grey", "above"}
    assert Notification.objects.filter(code="drift_alarm", person=supervisor).count() == 1
    with pytest.raises(NotAllowed):
        acknowledge_alarm(alarm.pk, by=auditor, reason=WHY)
    with pytest.raises(BadDecision):
        acknowledge_alarm(alarm.pk, by=supervisor, reason="fine")
    acknowledge_alarm(alarm.pk, by=supervisor, reason=WHY)
    with pytest.raises(CaseMoved):
        acknowledge_alarm(alarm.pk, by=admin, reason=WHY)
    alarm.refresh_from_db()
    assert (alarm.acknowledged_by, alarm.reason) == (supervisor, WHY)

    approved = [case for case in decided if case.state == "approved"][:200]
    seen = timezone.now() + timedelta(days=400)
    outcomes = [ObservedOutcome(case.pk, seen, bad=place % 3 == 0, mature=True) for place, case in enumerate(approved)]
    record_outcomes(outcomes, given_by="test")
    assert watch_models() == 1
    found = MonitoringMeasure.objects.get(name="calibration")
    assert (found.rows, found.grade) == (200, "red")
    whole = Breaker.objects.get(segment="")
    assert [sign["sign"] for sign in whole.signs] == ["calibration"]
