"""Past cases as arrays: what was known of each, kept in a file, and replayed to the ways they went."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from cases.models import Case, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.past_cases import keep_past, last_days, load_past
from learning.replayed_policy import replayed
from riskreview import sample
from routing.concentration import sum_up
from routing.models import Policy, Route
from routing.policy import WAY_NAMES
from routing.publication import propose_policy
from routing.simulate import simulate
from routing.table.columns import Coded
from routing.table.tables import Cell, Row
from routing.terms import Terms
from scoring.models import Assessment, ModelVersion
from tests import make


@pytest.fixture
def routed(champion: ModelVersion, policy: Policy, settings: Any, tmp_path: Path) -> list[Case]:
    """Clear cases, a key customer, one that asks for too much, and one with an outcome."""
    settings.VAR = tmp_path
    made = [*make.cases(4), make.case("K-1", key_customer=True), make.case("L-1", features={"annual_income": 6_000})]
    make.run_machine()
    approved = Case.objects.get(external_ref="B-0")
    outcome = ObservedOutcome(approved.pk, timezone.now() + timedelta(days=1), bad=True, mature=True)
    assert record_outcomes([outcome], given_by="tests").accepted == 1
    return made


def test_what_was_known_of_each_case_is_there_and_replays_to_the_way_it_went(routed: list[Case]) -> None:
    since, until = last_days(30, product="consumer")
    past = load_past("consumer", since, until)
    routes = {route.case_id: route for route in Route.objects.all()}
    assert past.case.tolist() == sorted(routes)
    assert [WAY_NAMES[way] for way in past.was] == [routes[key].way for key in past.case.tolist()]
    assert past.facts.pd.tolist() == [Assessment.objects.get(case=key).pd for key in past.case.tolist()]
    assert [bool(bad == 1) for bad in past.bad] == [key == routed[0].pk for key in past.case.tolist()]
    assert np.isnan(past.bad).sum() == len(routed) - 1
    income = past.facts.columns["yearly_income"]
    assert not isinstance(income, Coded)
    assert income.tolist() == [90_000.0] * 5 + [6_000.0]
    assert simulate(sample.TERMS, past).swaps == []


def test_the_monitoring_of_booked_loans_is_no_past_case_of_a_policy(routed: list[Case]) -> None:
    make.case("M-1", kind="monitoring")
    make.run_machine()
    since, until = last_days(30, product="consumer")
    assert load_past("consumer", since, until).case.tolist() == sorted(case.pk for case in routed)


def test_who_changes_side_is_told_against_the_version_in_force_not_against_what_once_was(
    routed: list[Case], admin: User, supervisor: User
) -> None:
    changed: dict[str, Any] = {"approve_below": 0.001, "cut_off": 0.002, "decline_above": 0.003}
    make.approved(make.proposed(admin, **changed), supervisor)
    since, until = last_days(90, product="consumer")
    found = replayed(make.terms(**changed), "consumer", since, until)
    assert (found["figures"]["swaps"], found["figures"]["total"]["decline_share"]) == ([], pytest.approx(4 / 6))


def test_a_replay_says_whether_the_lines_keep_the_promise(routed: list[Case]) -> None:
    since, until = last_days(90, product="consumer")
    stated = {"miss_rate": 0.75, "good_decline_rate": 0.05}
    assert replayed(make.terms(promise=None), "consumer", since, until)["promise"] is None
    by_hand = replayed(make.terms(), "consumer", since, until)["promise"]
    # One bad loan, approved: nothing can be said against any miss rate.
    assert by_hand == {"standing": "broken", "stated": stated, "miss_rate": 1.0, "good_decline_rate": 1.0}


def test_the_file_gives_the_same_cases_again_and_another_outcome_is_another_file(
    routed: list[Case], tmp_path: Path
) -> None:
    since, until = last_days(30, product="consumer")
    first, again = load_past("consumer", since, until), load_past("consumer", since, until)
    assert len(list(tmp_path.glob("past/consumer-*.npz"))) == 1
    assert first.case.tolist() == again.case.tolist()
    for name, column in first.facts.columns.items():
        other = again.facts.columns[name]
        if isinstance(column, Coded) and isinstance(other, Coded):
            assert (column.words, column.codes.tolist()) == (other.words, other.codes.tolist())
        else:
            np.testing.assert_array_equal(column, other)
    restated = ObservedOutcome(routed[0].pk, timezone.now() + timedelta(days=2), bad=False, mature=True)
    record_outcomes([restated], given_by="tests")
    assert load_past("consumer", since, until).bad[0] == 0.0
    assert len(list(tmp_path.glob("past/consumer-*.npz"))) == 2


def test_a_period_without_cases_is_empty(routed: list[Case]) -> None:
    since, until = last_days(1, product="consumer")
    past = load_past("consumer", since - timedelta(days=400), until - timedelta(days=400))
    assert (len(past), past.days) == (0, 1)
    assert simulate(sample.TERMS, past).total.cases == 0


def test_a_replay_can_be_frozen_with_a_proposal(routed: list[Case], admin: User) -> None:
    draft = make.tested(admin, approve_below=0.001, cut_off=0.002, decline_above=0.003)
    since, until = last_days(90, product="consumer")
    found = replayed(make.terms(approve_below=0.001, cut_off=0.002, decline_above=0.003), "consumer", since, until)
    assert (found["cases"], found["terms_sha256"]) == (6, draft.sha256)
    assert found["predicted"]["approve_share"] == 0.0
    assert found["present"]["approve_share"] == pytest.approx(4 / 6)
    assert {(swap["was"], swap["would"], swap["cases"]) for swap in found["figures"]["swaps"]} == {
        ("approve", "decline", 4)
    }
    proposed = propose_policy(draft.pk, by=admin, simulation=found)
    assert proposed.simulation is not None
    assert proposed.simulation["figures"] == json.loads(json.dumps(found["figures"]))


def run(path: Path, content: str, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    path.write_text(content, encoding="utf-8")
    call_command("simulate_policy", str(path), "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_the_command_replays_the_last_cases_under_a_file(
    routed: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = "approve_below: 0.001\ncut_off: 0.002\ndecline_above: 0.003\n"
    found = run(tmp_path / "draft.yaml", content, capsys)
    assert (found["cases"], found["figures"]["total"]["decline_share"]) == (6, pytest.approx(4 / 6))
    earlier = run(tmp_path / "draft.yaml", content, capsys, "--since", "2020-01-01", "--until", "2020-12-31")
    assert (earlier["cases"], earlier["predicted"]) == (0, None)
    call_command("simulate_policy", str(tmp_path / "draft.yaml"))
    assert "approve to decline  4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("approve_below: low\n", "approve_below: must be a number"),
        ("colour: red\n", "colour: is not known"),
        ("- 1\n", "an object with the terms"),
        ("rules: {kind: rules, hit: first, rows: [], default: {way: approve}}\n", "default"),
        ("approve_below: [\n", "cannot be read"),
    ],
)
def test_the_command_names_what_it_cannot_use(routed: list[Case], tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=words):
        call_command("simulate_policy", str(path))


def test_days_that_are_none_are_refused(routed: list[Case], tmp_path: Path) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text("sla_hours: 8\n")
    for options in (("--since", "soon"), ("--since", "2026-02-30"), ("--since", "2026-01-02", "--until", "2026-01-01")):
        with pytest.raises(CommandError, match=r"--since|--until"):
            call_command("simulate_policy", str(path), *options)


def test_terms_over_those_in_force_keep_what_the_file_leaves_out(
    routed: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str], policy: Policy
) -> None:
    found = run(tmp_path / "draft.json", "{}", capsys)
    assert found["terms_sha256"] == policy.sha256
    assert found["against"] == {"policy": policy.pk, "terms_sha256": policy.sha256}
    assert replace(make.terms(audit_share=0.0)).sha256 == policy.sha256


def with_cap(share: float) -> Terms:
    cap = Row(
        "R11", {"region_share": Cell(">", (share,))}, {"way": "decline", "reason": "concentration"}, "Cap", "上限"
    )
    rules = replace(sample.TERMS.rules, rows=(*sample.TERMS.rules.rows, cap))
    return make.terms(rules=rules, promise=None, audit_share=0.0)


def test_the_replay_of_a_cap_sums_the_book_up_and_counts_no_loan_twice(routed: list[Case]) -> None:
    since, until = last_days(30, product="consumer")
    approved = Case.objects.filter(state="approved").count()
    assert approved > 0
    unasked = load_past("consumer", since, until)
    # Nothing was summed up: no share is known, and none is made up.
    assert np.isnan(unasked.facts.columns["region_share"]).all()  # type: ignore[arg-type]
    found = replayed(with_cap(0.4), "consumer", since, until)
    assert found["book"]["kept"] == {"industry_share": 0, "region_share": 0}
    assert found["book"]["as_of"] is not None
    past = load_past("consumer", since, until)
    shares = past.facts.columns["region_share"]
    # All of the book lies in CA, so a loan of it is all of it, however often it is looked at.
    assert not isinstance(shares, Coded)
    assert shares.tolist() == [1.0] * len(routed)
    assert replayed(sample.TERMS, "consumer", since, until)["book"] is None


def test_a_granted_loan_is_a_part_of_the_book_that_has_it(routed: list[Case]) -> None:
    make.case("N-1", region="NY")
    make.run_machine()
    since, until = last_days(30, product="consumer")
    assert sum_up("consumer") is True
    past = load_past("consumer", since, until)
    granted = Case.objects.filter(state="approved")
    whole = float(sum(case.amount for case in granted))
    shares = dict(zip(past.case.tolist(), past.facts.columns["region_share"], strict=True))  # type: ignore[arg-type]
    by_region: dict[str, float] = {}
    for case in granted:
        by_region[case.region] = by_region.get(case.region, 0.0) + float(case.amount)
    for case in Case.objects.all():
        own = 0.0 if case.state == "approved" else float(case.amount)
        assert shares[case.pk] == pytest.approx((by_region.get(case.region, 0.0) + own) / (whole + own), rel=1e-12)


def test_a_share_that_was_kept_with_the_route_is_replayed_as_it_was(
    routed: list[Case], admin: User, supervisor: User
) -> None:
    terms = with_cap(0.99)
    examples = tuple(replace(one, inputs={**one.inputs, "region_share": 0.01}) for one in terms.examples)
    make.policy(admin, supervisor, rules=terms.rules, examples=examples, promise=None, audit_share=0.0)
    made = make.case("N-1", region="NY")
    make.run_machine()
    kept = Route.objects.get(case=made).inputs["region_share"]
    make.cases(3, source="later", region="TX")
    make.run_machine()
    since, until = last_days(30, product="consumer")
    past = load_past("consumer", since, until)
    shares = dict(zip(past.case.tolist(), past.facts.columns["region_share"], strict=True))  # type: ignore[arg-type]
    assert shares[made.pk] == kept
    assert past.book["kept"] == {"industry_share": 0, "region_share": 4}


def test_other_sums_are_other_past_cases(routed: list[Case]) -> None:
    since, until = last_days(30, product="consumer")
    before = keep_past("consumer", since, until)
    assert keep_past("consumer", since, until) == before
    assert sum_up("consumer") is True
    assert keep_past("consumer", since, until) != before


def test_the_command_names_a_product_that_nobody_knows(routed: list[Case], tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text("sla_hours: 4")
    with pytest.raises(CommandError) as refused:
        call_command("simulate_policy", str(file), "--product", "nope")
    assert str(refused.value) == (
        "There is no policy and no case of a product 'nope'. Products with a policy: consumer."
    )
