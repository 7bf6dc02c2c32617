"""Between scoring and routing: may the machine decide these cases, or has the stream they came in turned bad?

Looked at case by case in the transaction that routes them, so that the chunk which shows a fault is held back whole,
and the breaker is open for everybody as soon as it is written. Streams are locked meanwhile: two workers with cases of
one segment look at them one after the other. Segments come before the whole product, and cases of a segment that is
held tell the product nothing: one bad source does not stop the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from django.db.models import F
from django.utils import timezone
from numpy.typing import NDArray

from cases.models import Case, User
from cases.notices import notify
from cases.states import Role
from routing.watched_usual import categories_of, own_counts, reference_of
from scoring.breaker_rules import not_closed, rules_in_force
from scoring.ml.change import UNHEARD, Change, Detector, Evidence, line_for
from scoring.ml.chart import APPROVALS, Chart, Seen
from scoring.ml.drift import Reference
from scoring.models import Assessment, Breaker, BreakerRules, BreakerStep, ModelReference, Sign, Stream
from scoring.segments import segments_of

IntArray = NDArray[np.int64]

# How many cases of a policy tell what share of them it approves.
APPROVALS_LEAST: Final = 100
# While half open half the evidence is enough.
RELAPSE_LINE: Final = 0.5
# The whole product wants more evidence, so that the segment with the fault is stopped before all others are.
WHOLE_LINE: Final = 1.25
OF_SEGMENTS: Final = {Sign.DISTRIBUTION.value, Sign.SCORE.value}
TOLD: Final = (Role.SUPERVISOR, Role.ADMIN)


@dataclass
class _Look:
    """One look at the cases of one model and product in a chunk; `held` gives the breaker of each place."""

    model_id: int
    policy_id: int
    rules: BreakerRules
    reference: Reference
    seen: Seen
    keys: IntArray
    segments: list[list[str]]
    streams: dict[str, Stream]
    breakers: dict[str, Breaker]
    held: dict[int, Breaker] = field(default_factory=dict)


def hold_back(
    policy_id: int, cases: Sequence[Case], assessments: Mapping[int, Assessment], approved: Sequence[bool]
) -> dict[int, Breaker]:
    """Which of the cases of one product (by their place) the machine may not decide now, and the breaker that says so.

    `approved` tells which of them the policy would have the machine approve. Models without a reference are not
    watched: nobody knows what is usual for them.
    """
    by_model: dict[int, list[int]] = defaultdict(list)
    for place, case in enumerate(cases):
        if case.pk in assessments:
            by_model[assessments[case.pk].model_id].append(place)
    known = dict(ModelReference.objects.filter(model__in=list(by_model)).values_list("model_id", "pk"))
    rules = rules_in_force() if known else None
    if rules is None or not rules.is_on:
        return {}
    held: dict[int, Breaker] = {}
    for model_id in sorted(known):
        places = by_model[model_id]
        found = _look_at(
            model_id,
            policy_id,
            rules,
            reference_of(known[model_id]),
            [cases[place] for place in places],
            [assessments[cases[place].pk].pk for place in places],
            [approved[place] for place in places],
        )
        held |= {places[place]: breaker for place, breaker in found.items()}
    return held


def _look_at(
    model_id: int,
    policy_id: int,
    rules: BreakerRules,
    reference: Reference,
    cases: Sequence[Case],
    assessments: Sequence[int],
    approved: Sequence[bool],
) -> dict[int, Breaker]:
    segments_at = [segments_of(case, rules.dimensions) for case in cases]
    segments: dict[str, list[int]] = defaultdict(list)
    for place, mine in enumerate(segments_at):
        for segment in mine:
            segments[segment].append(place)
    look = _Look(
        model_id,
        policy_id,
        rules,
        reference,
        _seen(assessments, approved, reference.names, categories_of(model_id)),
        np.array([case.pk for case in cases], dtype=np.int64),
        segments_at,
        _lock_streams(model_id, [*segments, ""]),
        {segment: found for (_model, segment), found in not_closed([model_id]).items()},
    )
    for segment in sorted(segments):
        _watch(look, segment, segments[segment])
    _watch(look, "", [place for place in range(len(cases)) if place not in look.held])
    Stream.objects.bulk_update(look.streams.values(), ["cases", "own", "approvals", "taught_by", "evidence", "last_at"])
    return look.held


def _seen(
    assessments: Sequence[int], approved: Sequence[bool], features: Sequence[str], categories: frozenset[str]
) -> Seen:
    names = ("pk", "values", "log_odds", "explanation_holds", "unreadable")
    found = {row[0]: row for row in Assessment.objects.filter(pk__in=assessments).values_list(*names)}
    rows = [found[key] for key in assessments]
    values = np.array([row[1] for row in rows], dtype=np.float64)
    for at, row in enumerate(rows):
        # A word that the table does not know was said: it is no gap.
        values[at, [features.index(name) for name in row[4] if name in categories]] = np.inf
    return Seen(
        values,
        np.array([row[2] for row in rows]),
        np.array([not row[3] for row in rows], dtype=np.bool_),
        np.array(approved, dtype=np.bool_),
    )


def _lock_streams(model_id: int, segments: Sequence[str]) -> dict[str, Stream]:
    Stream.objects.bulk_create([Stream(model_id=model_id, segment=each) for each in segments], ignore_conflicts=True)
    wanted = Stream.objects.filter(model=model_id, segment__in=segments).order_by("pk")
    return {each.segment: each for each in wanted.select_for_update()}


def _watch(look: _Look, segment: str, places: Sequence[int]) -> None:
    breaker, stream = look.breakers.get(segment), look.streams[segment]
    if breaker is not None:
        look.held |= {place: look.held.get(place, breaker) for place in places}
        _count_held(breaker, len(places))
    if not places or (breaker is not None and breaker.state == Breaker.State.OPEN):
        return
    stream.last_at = timezone.now()
    found = _changes(look, stream, places, line=RELAPSE_LINE if breaker else 1.0)
    if found:
        opened = _relapse(breaker, found) if breaker else _open(look, segment, found)
        look.held |= {place: look.held.get(place, opened) for place in places}
        stream.cases, stream.evidence = 0, {}
        if breaker is None:
            _count_held(opened, len(places))
            _explain(look.streams[""], opened.first_case)
    elif breaker is not None:
        Breaker.objects.filter(pk=breaker.pk).update(trial_seen=F("trial_seen") + len(places))
    else:
        _learn(look, stream, places)


def _explain(whole: Stream, first_case: int) -> None:
    """What the whole product told since the first sign of a segment is explained by that segment: without this the
    next odd case of another source would stop all of them."""
    log, began = whole.evidence.get("log"), whole.evidence.get("began")
    if log and began[int(np.argmax(log))] >= first_case:
        whole.evidence = {}


def _changes(look: _Look, stream: Stream, places: Sequence[int], *, line: float) -> list[dict[str, Any]]:
    """Signs in these cases, beside what the stream told before; the evidence stands with the stream afterwards."""
    approvals = stream.approvals.get(str(look.policy_id), (0, 0))
    known = (int(approvals[0]), int(approvals[1])) if approvals[1] >= APPROVALS_LEAST else None
    signs = set(look.rules.opens_on)
    if not stream.segment and look.rules.dimensions:
        # When a new source joins, the mix changes and nothing is wrong: who comes is watched source by source.
        signs -= OF_SEGMENTS
        line *= WHOLE_LINE
    categories = categories_of(look.model_id)
    chart = Chart.of(look.reference, own=stream.own or None, signs=signs, approvals=known, categories=categories)
    bound = line_for(max(1, chart.usual.watched), chance=look.rules.false_alarm_chance, cases=look.rules.within_cases)
    detector = Detector(chart.usual, bound * line, look.rules.allowance)
    detector.evidence = Evidence.from_dict(stream.evidence, chart.usual)
    at = np.array(places)
    seen = Seen(look.seen.values[at], look.seen.log_odds[at], look.seen.is_off[at], look.seen.approved[at])
    found = detector.watch(_heard(look, stream, places, chart, chart.bins(seen)), look.keys[at])
    stream.evidence = detector.evidence.to_dict(chart.usual)
    return [_sign(chart, change) for change in found]


def _heard(look: _Look, stream: Stream, places: Sequence[int], chart: Chart, bins: IntArray) -> IntArray:
    """The bins (n, streams); of the product's approvals only those of segments that taught what is usual for it. A
    source that joined later has customers of its own: it says nothing here, and is watched by what it taught itself."""
    if stream.taught_by and APPROVALS in chart.usual.names:
        strange = [not set(stream.taught_by).issuperset(look.segments[place]) for place in places]
        bins[np.array(strange), chart.usual.names.index(APPROVALS)] = UNHEARD
    return bins


def _sign(chart: Chart, change: Change) -> dict[str, Any]:
    return {
        "sign": chart.sign_of(change),
        "name": change.name,
        "share": round(change.share, 4),
        "usual": round(change.usual, 6),
        "cases": change.cases,
        "since": change.since,
        "log_evidence": round(change.log_evidence, 2),
    }


def _learn(look: _Look, stream: Stream, places: Sequence[int]) -> None:
    """What was quiet adds to what is usual: how many the policy approves, and once the segment's own reference."""
    stream.cases += len(places)
    before = stream.approvals.get(str(look.policy_id))
    if before is None:
        before, stream.taught_by = (0, 0), []
    if before[1] < APPROVALS_LEAST:
        hits = int(look.seen.approved[np.array(places)].sum())
        stream.approvals = {str(look.policy_id): [before[0] + hits, before[1] + len(places)]}
        if not stream.segment:
            taught = {segment for place in places for segment in look.segments[place]}
            stream.taught_by = sorted(taught.union(stream.taught_by))
    if not stream.own and stream.cases >= look.rules.own_cases:
        stream.own = own_counts(look.model_id, stream.segment, look.reference, look.rules.own_cases)


def _open(look: _Look, segment: str, signs: list[dict[str, Any]]) -> Breaker:
    first = min(sign["since"] for sign in signs)
    since = Assessment.objects.filter(case=first, model=look.model_id).values_list("at", flat=True).last()
    saved = look.rules if look.rules.pk else None
    return open_breaker(look.model_id, segment, signs, since=since, first_case=first, rules=saved)


def open_breaker(
    model_id: int,
    segment: str,
    signs: Sequence[Mapping[str, Any]],
    *,
    since: Any = None,
    first_case: int = 0,
    rules: BreakerRules | None = None,
) -> Breaker:
    """Open the breaker of a model and segment inside the present transaction, and tell supervisors and administrators.

    Two at once: one of them is not closed per model and segment, so the second finds the first one's.
    """
    now = timezone.now()
    breaker, is_new = Breaker.objects.exclude(state=Breaker.State.CLOSED).get_or_create(
        model_id=model_id,
        segment=segment,
        defaults={"signs": [dict(sign) for sign in signs], "since": since or now, "first_case": first_case,
                  "opened_at": now, "rules": rules},
    )  # fmt: skip
    if is_new:
        BreakerStep.objects.create(breaker=breaker, name=BreakerStep.Name.OPEN, facts={"signs": breaker.signs})
        tell_office(breaker, "breaker_opened", caused_by=None)
    return breaker


def _relapse(breaker: Breaker, signs: list[dict[str, Any]]) -> Breaker:
    """Open again what a person had asked to close; whoever asked is told with the others. A person who signs at the
    same moment waits for this row, and finds it open."""
    locked = Breaker.objects.select_for_update(no_key=True).get(pk=breaker.pk)
    if locked.state == Breaker.State.HALF_OPEN:
        open_again(locked)
        BreakerStep.objects.create(breaker=locked, name=BreakerStep.Name.RELAPSE, facts={"signs": signs})
        tell_office(locked, "breaker_relapsed", caused_by=None)
    return locked


def open_again(breaker: Breaker) -> None:
    """Back from half open to open, as if nobody had asked."""
    breaker.state, breaker.trial_seen = Breaker.State.OPEN, 0
    breaker.asked_by, breaker.asked_at, breaker.reason = None, None, ""
    breaker.save(update_fields=["state", "trial_seen", "asked_by", "asked_at", "reason"])


def tell_office(breaker: Breaker, code: str, *, caused_by: User | None) -> None:
    """Notify supervisors and administrators of what happened to a breaker."""
    people = User.objects.filter(role__in=TOLD, is_active=True)
    notify(people, code, None, {"segment": place_of(breaker), "breaker": breaker.pk}, caused_by=caused_by)


def place_of(breaker: Breaker) -> str:
    """`consumer v3` or `consumer v3, source=branch-los`."""
    return f"{breaker.model}, {breaker.segment}" if breaker.segment else str(breaker.model)


def _count_held(breaker: Breaker, count: int) -> None:
    if count:
        Breaker.objects.filter(pk=breaker.pk).update(held=F("held") + count)
