"""The board of watched models: alarms and what they touch, figures as lines, and a feature's distribution."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.products import numbered
from desk.build.fact_names import FactNames
from desk.charts import bar
from desk.pages.monitoring import AlarmRow, BinRow, Measured, WatchedModel
from desk.pages.shared import StateMark
from desk.sparks import spark
from desk.words import number, percent, when
from learning.models import MonitoringAlarm, MonitoringMeasure, MonitoringWindow
from scoring.ml.drift import AMBER, Reference
from scoring.models import ModelReference, ModelVersion

MARKS: Final = {"few": "waiting_info", "calm": "approved", "amber": "in_review", "red": "declined"}
DRAWN: Final = 20
SHARES: Final = ("approvals", "overrides", "bad_rate")
ORDER: Final = ("score", "ks", "approvals", "overrides", "auc", "bad_rate", "cost", "calibration")
Name = MonitoringMeasure.Name
Grade = MonitoringMeasure.Grade


def figure_words(name: str, value: float | None) -> str:
    """A measure's value: shares as percent, indices and AUC as numbers."""
    if value is None:
        return "--"
    return percent(value) if name in SHARES else number(value, 3)


def state_of(measure: MonitoringMeasure) -> StateMark:
    return StateMark(MARKS[measure.grade], str(Grade(measure.grade).label))


def compared_words(measure: MonitoringMeasure) -> str:
    """What the value is compared with, and of how many cases it is."""
    parts = [_("n = %(n)s") % {"n": number(measure.rows)}]
    if measure.is_estimated:
        parts.insert(0, _("estimated"))
    if measure.critical is not None and measure.name not in SHARES:
        parts.append(_("critical value %(value)s") % {"value": number(measure.critical, 3)})
    if measure.usual is not None:
        parts.append(_("before %(value)s") % {"value": figure_words(measure.name, measure.usual)})
    return " · ".join(parts)


def alarm_row(alarm: MonitoringAlarm, *, may_act: bool) -> AlarmRow:
    """Needs the measure, its window and its model loaded."""
    measure, model, facts = alarm.measure, alarm.measure.window.model, alarm.facts
    bands, seen = facts["bands"], facts["more_a_day"]
    what = str(Name(measure.name).label)
    if measure.feature:
        what = FactNames(model.feature_table).fact(measure.feature)
    touches = _("Open cases by PD: %(below)s below %(low)s, %(grey)s between, %(above)s from %(high)s")
    return AlarmRow(
        key=f"alarm-{alarm.pk}",
        model=numbered(model.product, model.number),
        what=what,
        figures=f"{figure_words(measure.name, measure.value)} · {compared_words(measure)}",
        state=state_of(measure),
        at=when(alarm.at),
        touches=touches
        % {**{name: number(count) for name, count in bands.items()}, "low": percent(facts["approve_below"]),
           "high": percent(facts["decline_above"])},
        queue=(
            _("To people: %(n)s cases a day fewer than at first (%(now)s, was %(usual)s)")
            if seen < 0
            else _("To people: %(n)s cases a day more than at first (%(now)s, was %(usual)s)")
        )
        % {"n": f"{abs(seen):.1f}", "now": percent(facts["to_people"]), "usual": percent(facts["to_people_usual"])},
        feature_url=feature_url(model.pk, measure.feature) if measure.feature else "",
        url=reverse("desk:acknowledge", args=[alarm.pk]) if may_act and alarm.acknowledged_at is None else "",
        said=f"{alarm.acknowledged_by.display_name}: {alarm.reason}" if alarm.acknowledged_by else "",
    )  # fmt: skip


def feature_url(model_id: int, feature: str) -> str:
    return reverse("desk:monitoring_feature", args=[model_id, feature])


def watched(models: Sequence[ModelVersion], references: Mapping[int, ModelReference]) -> tuple[WatchedModel, ...]:
    """The models with the measures of their last windows, in two queries whatever their number."""
    windows = MonitoringWindow.objects.filter(model__in=models).exclude(kind=MonitoringWindow.Kind.DAY)
    newest: dict[int, list[MonitoringWindow]] = defaultdict(list)
    for window in windows.order_by("-last_id")[: DRAWN * 2 * max(1, len(models))]:
        newest[window.model_id].append(window)
    chosen = [window for each in newest.values() for window in each[:DRAWN]]
    measures: dict[int, list[MonitoringMeasure]] = defaultdict(list)
    for measure in MonitoringMeasure.objects.filter(window__in=chosen).order_by("window_id"):
        measures[measure.window_id].append(measure)
    return tuple(_model(model, newest[model.pk][:DRAWN], measures, references.get(model.pk)) for model in models)


def _model(
    model: ModelVersion,
    windows: Sequence[MonitoringWindow],
    measures: Mapping[int, Sequence[MonitoringMeasure]],
    reference: ModelReference | None,
) -> WatchedModel:
    series: dict[tuple[str, str, bool], list[MonitoringMeasure]] = defaultdict(list)
    for window in sorted(windows, key=lambda each: each.pk):
        for measure in measures[window.pk]:
            series[measure.name, measure.feature, measure.is_estimated].append(measure)
    names = FactNames(model.feature_table)
    whole = [each for (_name, feature, _is), each in series.items() if not feature]
    whole.sort(key=lambda each: ORDER.index(each[-1].name))
    by_feature = [each for (_name, feature, _is), each in series.items() if feature]
    by_feature.sort(key=lambda each: -(each[-1].value or 0.0))
    last = max((window.ends_at for window in windows), default=None)
    return WatchedModel(
        title=numbered(model.product, model.number),
        url=reverse("desk:model_card", args=[model.pk]),
        since=_("newest window ends %(time)s") % {"time": when(last)} if last else "",
        reference=_("compared with %(n)s %(what)s")
        % {"n": number(reference.rows), "what": ModelReference.Origin(reference.origin).label}
        if reference
        else _("No reference yet: neither held-out loans nor 500 cases scored"),
        figures=tuple(measured(each, str(Name(each[-1].name).label)) for each in whole),
        features=tuple(
            measured(each, names.fact(each[-1].feature), url=feature_url(model.pk, each[-1].feature))
            for each in by_feature
        ),
    )


def measured(found: Sequence[MonitoringMeasure], words: str, *, url: str = "") -> Measured:
    """The last of the measures, with all of them as a line."""
    last = found[-1]
    values = [each.value for each in found if each.value is not None]
    value = figure_words(last.name, last.value)
    top = AMBER if last.name in ("csi", "score", "ks") else 0.0
    graded = not last.is_estimated and last.name not in ("auc", "bad_rate")
    return Measured(
        words=words,
        value=value,
        note=compared_words(last),
        state=state_of(last) if graded else None,
        line=spark(values, f"{words}: {value}", least_top=top),
        url=url,
    )


def bin_rows(reference: Reference, feature: str, now: Sequence[int]) -> tuple[BinRow, ...]:
    """The bins of a feature that anything fell into, in the reference and now."""
    at = reference.names.index(feature)
    usual, edges = reference.counts[at], reference.edges[at]
    shares = [(before / max(1, sum(usual)), after / max(1, sum(now))) for before, after in zip(usual, now, strict=True)]
    top = max(max(pair) for pair in shares)
    return tuple(
        BinRow(_bin_words(edges, place), percent(before), bar(before, top, "mute"), percent(after),
               bar(after, top))
        for place, (before, after) in enumerate(shares)
        if before or after
    )  # fmt: skip


def _bin_words(edges: Sequence[float], place: int) -> str:
    if place == 0:
        return _("not known")
    low = edges[place - 2] if place >= 2 else None
    high = edges[place - 1] if place - 1 < len(edges) else None
    if low is None:
        return _("below %(high)s") % {"high": _number(high or 0.0)}
    if high is None:
        return _("above %(low)s") % {"low": _number(low)}
    if high - low <= abs(low) * 1e-9 + 1e-300:
        return _number(low)
    return _("%(low)s to below %(high)s") % {"low": _number(low), "high": _number(high)}


def _number(value: float) -> str:
    return number(value, 0 if abs(value) >= 100 or float(value).is_integer() else 2)
