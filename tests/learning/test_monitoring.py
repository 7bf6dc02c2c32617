"""Windows of cases are measured once, alarms are told once with what they touch, and somebody acknowledges them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Case, Notification, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.models import MonitoringAlarm, MonitoringMeasure, MonitoringWindow
from learning.monitoring import TOGETHER, acknowledge_alarm, watch_models
from routing.models import Policy
from scoring.models import Assessment, Breaker, ModelVersion
from tests.conftest import TrainedBook
from tests.routing.watched import arrive, loan, with_reference

WHY = "A campaign for large loans."


def _granted(book: TrainedBook) -> tuple[list[Case], float]:
    """The first 400 loans that the machine approves, and how many of them it foretells to turn bad."""
    arrived = arrive("los", [loan(book, place) for place in range(0, 3000, 6)])
    loans = [case for case in arrived if case.state == "approved"][:400]
    watch_models()
    return loans, float(sum(Assessment.objects.filter(case__in=loans).values_list("pd", flat=True)))


def _tell(loans: list[Case], bads: set[int], *, days: int, mature: bool) -> None:
    """How these loans went, so many days after today; those in `bads` turned bad."""
    seen = timezone.now() + timedelta(days=days)
    told = [ObservedOutcome(case.pk, seen, bad=case.pk in bads, mature=mature) for case in loans]
    assert record_outcomes(told, given_by="test").accepted == len(loans)


def _outcome_windows(*, after: timedelta) -> int:
    """How many windows of outcomes there are after a sweep so much later; days that end meanwhile do not matter."""
    watch_models(now=timezone.now() + after)
    return MonitoringWindow.objects.filter(kind="outcomes").count()


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
    assert _outcome_windows(after=TOGETHER) == 1
    found = MonitoringMeasure.objects.get(name="calibration")
    assert (found.rows, found.grade) == (200, "red")
    whole = Breaker.objects.get(segment="")
    assert [sign["sign"] for sign in whole.signs] == ["calibration"]


def test_bads_before_their_time_say_nothing_of_calibration_until_their_window_is_over(
    champion: ModelVersion, policy: Policy, trained_book: TrainedBook
) -> None:
    with_reference(champion, trained_book)
    loans, foretold = _granted(trained_book)
    assert (len(loans), round(foretold, 1)) == (400, 17.0)
    # An older book has matured, four bads among 154; of a young one 52 are bad already, and 194 good so far.
    old, young = loans[:154], loans[154:]
    _tell(old, {case.pk for case in old[::40]}, days=400, mature=True)
    _tell(young, {case.pk for case in young[:52]}, days=90, mature=False)
    assert (_outcome_windows(after=TOGETHER), Breaker.objects.count()) == (0, 0)

    # Now its windows are over: what was bad early is bad among the goods of its age, and counts.
    _tell(young, {case.pk for case in young[:52]}, days=401, mature=True)
    assert _outcome_windows(after=TOGETHER) == 1
    found = MonitoringMeasure.objects.get(name="calibration")
    assert (found.rows, found.grade) == (400, "red")
    assert found.value == pytest.approx(56 / foretold)
    assert [sign["sign"] for sign in Breaker.objects.get(segment="").signs] == ["calibration"]


def test_a_file_that_tells_its_bads_first_is_judged_as_a_whole(
    champion: ModelVersion, policy: Policy, trained_book: TrainedBook
) -> None:
    with_reference(champion, trained_book)
    loans, foretold = _granted(trained_book)
    bads = {case.pk for case in loans[: round(foretold)]}
    _tell(loans[:200], bads, days=400, mature=True)
    assert (_outcome_windows(after=timedelta(0)), Breaker.objects.count()) == (0, 0)
    _tell(loans[200:], bads, days=400, mature=True)
    assert _outcome_windows(after=TOGETHER) == 1
    found = MonitoringMeasure.objects.get(name="calibration")
    assert (found.rows, found.grade) == (400, "calm")
    assert found.value == pytest.approx(round(foretold) / foretold)
    assert not Breaker.objects.exists()


def test_outcomes_that_never_cease_to_come_are_judged_after_a_day(
    champion: ModelVersion, policy: Policy, trained_book: TrainedBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_reference(champion, trained_book)
    loans, _foretold = _granted(trained_book)
    _tell(loans[:200], set(), days=400, mature=True)
    assert _outcome_windows(after=timedelta(0)) == 0
    # As if the first of them were a day old, and the last were not.
    monkeypatch.setattr("learning.monitoring.WAITS_MOST", timedelta(0))
    assert _outcome_windows(after=timedelta(0)) == 1
    assert MonitoringWindow.objects.get(kind="outcomes").cases == 200
