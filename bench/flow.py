"""How many received cases a second become scored, explained and routed, everything durable, in one process.

References, measured in turns in the same run:
- `typical_build`: a task body a case, as such systems are usually built: load the case, `champion.score` on its one row
  (TreeExplainer and the five fold models), `save()` of the assessment, the route, two events, and twice the case, in
  one transaction. The model stays in memory and the queue's own message is not counted, both to its favour.
- `predict_and_explain`: `champion.score` on the same rows in the same chunks, nothing stored.
- `copy`: one COPY a table of the very bytes that were stored, into bare tables, one commit.
`bound` is the rate of the last two, one after the other.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count, islice
from statistics import median
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bench._ground import ready_to_decide, report, sample_submissions, say, scratch, seconds_of, stored_bytes
from cases.arrivals import NewCase, insert_cases
from cases.models import Case, CaseEvent
from cases.states import DecidedBy, State
from intake.admission.new_cases import new_case
from intake.gate.quality import judge, load_rules
from riskreview import sample
from riskreview.flow import STEPS
from routing.actions import RECORD_FIELDS, STEP_OF_WAY, active_policy, terms_of
from routing.case_facts import facts_of
from routing.models import Policy, Route
from routing.policy import route
from routing.record import records_of
from scoring.actions import model_row
from scoring.ml.champion import Champion
from scoring.models import Assessment, ModelVersion
from scoring.registry import champion_version, load_version

ROUNDS = 3
TYPICAL_MOST = 150  # cases a round; it is slow, and its rate settles early
TABLES = ("cases_case", "cases_caseevent", "scoring_assessment", "routing_route")


def arrivals() -> Iterator[NewCase]:
    """The real applications of 2018 that no quality rule holds, again and again under new references."""
    good = [each for each in sample_submissions() if not judge(each.features, each.amount, load_rules(each.product))]
    base = [new_case(submission) for submission in good]
    yield from base
    for lap in count(2):
        yield from (replace(case, external_ref=f"{case.external_ref}-{lap}") for case in base)


def take_in(source: Iterable[NewCase], number: int) -> list[int]:
    """Insert the next `number` cases, received; returns their keys."""
    with transaction.atomic(durable=True):
        return insert_cases("bench", list(islice(source, number)), entered_by=None, facts={}).keys


def run_machine() -> dict[str, float]:
    """The machine's own steps until nothing waits; seconds by the state they start from."""
    seconds: dict[str, float] = defaultdict(float)
    moved = 1
    while moved:
        moved = 0
        for step in STEPS:
            done: list[int] = []
            seconds[step.state.value] += seconds_of(lambda step=step, done=done: done.append(step.run("bench")))  # type: ignore[misc]
            moved += sum(done)
    return seconds


def typical_build(keys: Sequence[int], *, version: ModelVersion, champion: Champion, policy: Policy) -> None:
    for key in keys:
        typical_task(key, version=version, champion=champion, policy=policy)


def typical_task(key: int, *, version: ModelVersion, champion: Champion, policy: Policy) -> None:
    """One case as a usual build does it: received to routed by one model call and one save() a row."""
    with transaction.atomic(durable=True):
        case = Case.objects.select_related("applicant").get(pk=key)
        assessment = _assess(case, version, champion)
        _step(case, "score", {"model": str(version), "pd": case.pd})
        terms = terms_of(policy)
        facts = facts_of(terms, [case], {case.pk: assessment}, secret=policy.audit_secret)
        (record,) = records_of(terms, facts, route(terms, facts))
        case.advice, case.why, case.signing, now = record.advice, record.reasons, record.signing, timezone.now()
        if record.way == "review":
            case.queue_tier, case.queue_rank = record.tier, record.rank
            case.queued_at, case.due_at = now, now + timedelta(hours=record.sla_hours)
        else:
            case.outcome, case.decided_by, case.decided_at = record.way, DecidedBy.MACHINE, now
        _step(case, STEP_OF_WAY[record.way], {"way": record.way, "reasons": record.reasons})
        told = {name: getattr(record, name) for name in RECORD_FIELDS}
        Route(case=case, case_version=case.version, policy=policy, assessment=assessment, **told).save()


def _assess(case: Case, version: ModelVersion, champion: Champion) -> Assessment:
    scored = champion.score([model_row(case)])
    names, values = champion.table.names, scored.values[0].tolist()
    (reasons,), (told,), (cohort,) = champion.reasons(scored)
    case.pd, case.pd_low, case.pd_high = float(scored.pd[0]), float(scored.pd_low[0]), float(scored.pd_high[0])
    case.points, case.doubt = float(scored.points[0]), float(scored.doubt[0])
    assessment = Assessment(
        case=case, model=version, case_version=case.version, log_odds=float(scored.log_odds[0]), pd=case.pd,
        pd_low=case.pd_low, pd_high=case.pd_high, points=case.points, base_value=scored.population.base_value,
        contributions=scored.population.contributions[0].tolist(), cohort_base_value=scored.cohort.base_value,
        cohort_contributions=scored.cohort.contributions[0].tolist(), cut_off=float(scored.cut_off[0]),
        values=[None if value != value else value for value in values], residual=float(scored.residual[0]),
        unreadable=[name for name, mark in zip(names, scored.unreadable[0], strict=True) if mark],
        stale=[name for name, mark in zip(names, scored.stale[0], strict=True) if mark],
        novel=[name for name, mark in zip(names, scored.novel[0], strict=True) if mark], doubt=case.doubt,
        doubt_parts={name: float(part[0]) for name, part in scored.doubt_parts.items()}, reasons=reasons,
        applicant_reasons=told, cohort_reasons=cohort,
    )  # fmt: skip
    assessment.save()
    return assessment


def _step(case: Case, name: str, facts: dict[str, Any]) -> None:
    source = case.state
    getattr(case, name)()
    case.version += 1
    case.save()
    case.loaded_version = case.version
    CaseEvent(
        case=case, seq=case.version, name=name, from_state=source, to_state=case.state, facts=facts
    ).save()  # fmt: skip


def score_only(keys: Sequence[int], champion: Champion) -> float:
    """Seconds to predict and explain these cases in chunks, their rows read before."""
    rows = [model_row(case) for case in Case.objects.filter(pk__in=keys).order_by("pk")]
    size = settings.MACHINE_CHUNK
    return seconds_of(lambda: [champion.score(rows[at : at + size]) for at in range(0, len(rows), size)])


def one_round(source: Iterator[NewCase], number: int) -> dict[str, float]:
    """Seconds a case of the flow, of its two steps, and of the references."""
    version, policy = champion_version(sample.PRODUCT), active_policy(sample.PRODUCT)
    assert version is not None
    assert policy is not None
    champion = load_version(version)
    few = take_in(source, min(TYPICAL_MOST, number))
    typical = seconds_of(lambda: typical_build(few, version=version, champion=champion, policy=policy))
    keys = take_in(source, number)
    explained = score_only(keys, champion)
    steps = run_machine()
    left = Case.objects.filter(pk__in=[*few, *keys], state__in=[State.RECEIVED, State.SCORED]).count()
    assert left == 0, f"{left} cases were not routed"
    with stored_bytes(TABLES, f"{{case}} BETWEEN {keys[0]} AND {keys[-1]}") as copy_in:
        copied = seconds_of(copy_in)
    return {
        "flow": sum(steps.values()) / number,
        **{f"from_{state}": seconds / number for state, seconds in steps.items()},
        "typical_build": typical / len(few),
        "predict_and_explain": explained / number,
        "copy": copied / number,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.flow", description=__doc__)
    parser.add_argument("--cases", type=int, default=4608, help="cases in all rounds together (default 4,608)")
    number = max(1, parser.parse_args().cases // ROUNDS)
    with scratch():
        ready_to_decide()
        source = arrivals()
        say("Warming up")
        one_round(source, settings.MACHINE_CHUNK)
        rounds = []
        for turn in range(ROUNDS):
            say(f"Round {turn + 1} of {ROUNDS}: {number} cases")
            rounds.append(one_round(source, number))
        cost = {name: median(each[name] for each in rounds) for name in rounds[0]}
        bound = cost["predict_and_explain"] + cost["copy"]
        report(
            "flow",
            {
                "cases": number * ROUNDS,
                "chunk": settings.MACHINE_CHUNK,
                "ratios": {
                    "to_typical_build": round(cost["typical_build"] / cost["flow"], 2),
                    "to_bound": round(bound / cost["flow"], 3),
                    "to_predict_and_explain": round(cost["predict_and_explain"] / cost["flow"], 3),
                    "to_copy": round(cost["copy"] / cost["flow"], 3),
                },
                "rows_per_second": {name: round(1 / each) for name, each in [*cost.items(), ("bound", bound)]},
                "flow_of_each_round": [round(1 / each["flow"]) for each in rounds],
            },
        )


if __name__ == "__main__":
    main()
