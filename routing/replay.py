"""Replay: recomputing stored assessments with the model, and stored routes with the policy, that they name.

A replay starts from what the case held when it was scored: its facts are put back to that version (what a person
supplied later is undone by what the events keep), read by the pinned feature table and compared with the stored
inputs. The scores are then computed from the stored inputs, so that a fault of reading and a fault of the model are
told apart.

A route is decided again on the figures of its own assessment and on the inputs that it kept, with the draws of its
policy's secret. What hung on the other cases of its hour is taken as it was told: whether people had a place left, and
whether the budget of an exploration was still open.

What a refused model file said cannot be recomputed: each of its assessments is a difference with the refusal as its
sentence, so that nobody takes silence for agreement. The same holds for models of an older file format.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cases.models import Case, CaseEvent
from routing.actions import RECORD_FIELDS, WITHOUT_POLICY_HOURS, terms_of
from routing.case_facts import facts_of
from routing.facts import Facts
from routing.given_facts import columns_from
from routing.models import Policy, Route
from routing.policy import route as route_by
from routing.record import BREAKER_OPEN, RouteRecord, held_back, records_of, to_people
from routing.terms import Terms
from scoring.actions import model_row
from scoring.ml.assessment import INPUTS, differing, inputs_of, inputs_shown, shown
from scoring.ml.champion import Champion
from scoring.ml.errors import ArtefactError
from scoring.models import Assessment, ModelVersion
from scoring.registry import load_version

# Lists that have one entry a feature, and are compared under its name.
BY_FEATURE: Final = frozenset({"values", "contributions", "cohort_contributions"})
# Not kept by earlier releases: NULL there, and nothing to compare.
LATER_FIELDS: Final = ("applicant_reasons", "cohort_reasons")
FIGURES: Final = ("pd", "pd_low", "pd_high", "points", "doubt")
# What a route of an earlier release kept; it had no tables, and nothing more can be compared.
OLD_ROUTE_FIELDS: Final = ("way", "advice", "is_audit", "audit_probability", "rank")
MANY_PLACES: Final = 1_000_000


@dataclass(frozen=True)
class Difference:
    """Where a case's record and its recomputation part: `field` like `assessment 1: contributions.amount`."""

    case: str
    field: str
    stored: Any
    recomputed: Any


@dataclass
class Replayed:
    """What was recomputed; `refused` of the assessments have a model that cannot be loaded."""

    cases: int = 0
    assessments: int = 0
    routes: int = 0
    refused: int = 0
    differences: list[Difference] = field(default_factory=list)


def replay_cases(cases: Sequence[Case], into: Replayed) -> None:
    """Recompute all that is stored of these cases (their applicants loaded) and add what was found to `into`.

    The machine may be at work meanwhile: what it wrote after a case was read stands at a later version, and is left
    for the next replay.
    """
    by_key = {case.pk: case for case in cases}
    every_assessment = list(Assessment.objects.filter(case__in=by_key).order_by("pk"))
    every_route = list(Route.objects.filter(case__in=by_key).order_by("pk"))
    into.differences += _false_versions(by_key, [*every_assessment, *every_route])
    assessments = [each for each in every_assessment if each.case_version < by_key[each.case_id].version]
    routes = [each for each in every_route if each.case_version < by_key[each.case_id].version]
    into.cases += len(cases)
    into.assessments += len(assessments)
    into.routes += len(routes)
    into.differences += _replay_assessments(by_key, assessments, into)
    into.differences += _replay_routes(by_key, routes, {each.pk: each for each in assessments})
    into.differences += _present_figures(by_key, assessments, routes)


def _false_versions(cases: Mapping[int, Case], records: Sequence[Assessment | Route]) -> Iterator[Difference]:
    """Records of a version that their case has not come to: read anew, because the machine may have gone on."""
    now = dict(Case.objects.filter(pk__in=cases).values_list("pk", "version"))
    for each in records:
        if each.case_version >= now[each.case_id]:
            yield Difference(
                cases[each.case_id].ref, _place(each, "case_version"), each.case_version, now[each.case_id]
            )


def _replay_assessments(
    cases: Mapping[int, Case], assessments: Sequence[Assessment], into: Replayed
) -> Iterator[Difference]:
    by_model: dict[int, list[Assessment]] = defaultdict(list)
    for assessment in assessments:
        by_model[assessment.model_id].append(assessment)
    versions = ModelVersion.objects.defer("card", "metrics", "library_versions").in_bulk(by_model)
    supplied = _supplied(cases)
    for key, mine in by_model.items():
        version = versions[key]
        try:
            champion = load_version(version)
        except ArtefactError as refusal:
            into.refused += len(mine)
            for each in mine:
                yield Difference(cases[each.case_id].ref, _place(each, "model"), version.sha256, str(refusal))
            continue
        kept = {"feature_table": champion.table.to_dict(), "usual": champion.usual}
        kept |= {name: dict(getattr(champion, name)) for name in ("norms", "cohort_norms")}
        for name, value in kept.items():
            if any(differing(getattr(version, name), value, name)):
                yield Difference(str(version), name, f"{name} on record", f"{name} of the model file")
        whole = [each for each in mine if len(each.values) == len(champion.table.names)]
        for each in set(mine) - set(whole):
            yield Difference(
                cases[each.case_id].ref, _place(each, "values"), len(each.values), len(champion.table.names)
            )
        rows = [_row_then(cases[each.case_id], each.case_version, supplied[each.case_id]) for each in whole]
        if whole:
            yield from _replay_model(version, champion, cases, whole, rows)


def _replay_model(
    version: ModelVersion,
    champion: Champion,
    cases: Mapping[int, Case],
    assessments: Sequence[Assessment],
    rows: Sequence[Mapping[str, object]],
) -> Iterator[Difference]:
    names = champion.table.names
    stored_inputs = {name: [getattr(each, name) for each in assessments] for name in INPUTS}
    computed = shown(champion, champion.score_values(inputs_of(stored_inputs, names)))
    # The inputs are read anew from the case; shown again as they were stored, they would always agree.
    computed |= inputs_shown(champion.table.read(rows), names)
    for at, stored in enumerate(assessments):
        for name, column in computed.items():
            given, value = getattr(stored, name), column[at]
            if given is None and name in LATER_FIELDS:
                continue
            if name in BY_FEATURE and len(given) == len(names):
                given, value = dict(zip(names, given, strict=True)), dict(zip(names, value, strict=True))
            for place, before, after in differing(given, value, name):
                yield Difference(cases[stored.case_id].ref, _place(stored, place), before, after)


def _place(stored: Assessment | Route, name: str) -> str:
    kind = "assessment" if isinstance(stored, Assessment) else "route"
    return f"{kind} at version {stored.case_version}: {name}"


def _supplied(cases: Iterable[int]) -> dict[int, list[CaseEvent]]:
    """The moves that changed the facts of each case, the newest first."""
    found: dict[int, list[CaseEvent]] = defaultdict(list)
    for event in CaseEvent.objects.filter(case__in=list(cases), name="supply_data").order_by("-seq"):
        found[event.case_id].append(event)
    return found


def _row_then(case: Case, version: int, supplied: Sequence[CaseEvent]) -> dict[str, Any]:
    """What the model could read of the case at that version."""
    return model_row(_case_then(case, version, supplied))


def _case_then(case: Case, version: int, supplied: Sequence[CaseEvent]) -> Case:
    """The case with its facts as they were at that version: later supplies are undone, the newest first."""
    then = copy(case)
    for event in supplied:
        if event.seq > version:
            then.features = {**then.features, **event.facts["before"]}
    return then


def _replay_routes(
    cases: Mapping[int, Case], routes: Sequence[Route], assessments: Mapping[int, Assessment]
) -> Iterator[Difference]:
    policies = Policy.objects.in_bulk({route.policy_id for route in routes if route.policy_id})
    supplied = _supplied(cases)
    for route in routes:
        case = _case_then(cases[route.case_id], route.case_version, supplied[route.case_id])
        assessment = assessments.get(route.assessment_id) if route.assessment_id else None
        policy = policies[route.policy_id] if route.policy_id else None
        again = _decide_again(policy, case, route, assessment)
        for name in RECORD_FIELDS if route.inputs or not route.policy_id else OLD_ROUTE_FIELDS:
            for place, before, after in differing(getattr(route, name), getattr(again, name), name):
                yield Difference(case.ref, _place(route, place), before, after)


def _decide_again(policy: Policy | None, case: Case, route: Route, assessment: Assessment | None) -> RouteRecord:
    if policy is None:
        return to_people("no_policy", sla_hours=WITHOUT_POLICY_HOURS)
    try:
        terms = terms_of(policy)
        facts = _facts_then(terms, policy, case, route, assessment)
        (record,) = records_of(terms, facts, route_by(terms, facts))
    except Exception as error:
        # A policy that could not be applied then must fail in the same words now; any other outcome is a difference.
        return to_people("routing_failed", sla_hours=WITHOUT_POLICY_HOURS, problem=repr(error)[:200])
    if route.capacity:
        record.capacity["places_left"] = route.capacity.get("places_left")
    # That a breaker was open hung on other cases: it is taken as it was told, and held back the same way.
    told = route.reasons[0] if route.reasons and route.reasons[0]["code"] == BREAKER_OPEN else None
    return held_back(record, told, sla_hours=WITHOUT_POLICY_HOURS) if told else record


def _facts_then(terms: Terms, policy: Policy, case: Case, route: Route, assessment: Assessment | None) -> Facts:
    """What the policy knew of the case: its inputs as they were kept, everything else from case and assessment."""
    found = {case.pk: assessment} if assessment else {}
    places = None
    if route.capacity:
        places = 0 if route.capacity.get("beyond") else MANY_PLACES
    budget = math.inf if route.exploration_probability > 0 else 0.0
    facts = facts_of(terms, [case], found, secret=policy.audit_secret, places_left=places, budget_left=budget)
    kept = columns_from(terms, [route.inputs])
    columns = {name: kept[name] if name in route.inputs else column for name, column in facts.columns.items()}
    return replace(facts, columns=columns)


def _present_figures(
    cases: Mapping[int, Case], assessments: Sequence[Assessment], routes: Sequence[Route]
) -> Iterator[Difference]:
    """What stands on the case for the queue must be what its latest assessment and route say, and be backed by them."""
    scored = {each.case_id for each in assessments}
    for case in cases.values():
        if case.pd is not None and case.pk not in scored:
            yield Difference(case.ref, "case: pd", case.pd, "no assessment is stored")
    for assessment in {each.case_id: each for each in assessments}.values():
        case = cases[assessment.case_id]
        for name in FIGURES:
            for place, before, after in differing(getattr(case, name), getattr(assessment, name), name):
                yield Difference(case.ref, f"case: {place}", before, after)
    for route in {each.case_id: each for each in routes}.values():
        case = cases[route.case_id]
        if case.advice != route.advice:
            yield Difference(case.ref, "case: advice", case.advice, route.advice)
