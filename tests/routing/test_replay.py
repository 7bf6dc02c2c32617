"""Replaying: what was stored comes out again, and whatever does not is named by case and field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from cases.models import Applicant, Case, CaseEvent, User
from routing.models import Policy, Route
from routing.replay import Replayed, replay_cases
from scoring.ml.assessment import SHOWN
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.routing.tampering import tampering


def replayed(*cases: Case) -> Replayed:
    found = Replayed()
    replay_cases(cases or list(Case.objects.select_related("applicant").order_by("pk")), found)
    return found


def fields(found: Replayed) -> list[tuple[str, str]]:
    return [(each.case, each.field) for each in found.differences]


def test_what_was_stored_comes_out_again(book: list[Case]) -> None:
    found = replayed()
    assert found == Replayed(cases=6, assessments=6, routes=6, refused=0, differences=[])


def test_a_random_audit_is_drawn_again(champion: ModelVersion, admin: User, supervisor: User) -> None:
    make.policy(admin, supervisor, audit_share=0.5, doubt_limit=1.0)
    make.cases(20)
    make.run_machine()
    assert set(Route.objects.values_list("is_audit", flat=True)) == {True, False}
    assert replayed().differences == []


def test_a_route_is_replayed_by_its_own_policy_and_not_by_the_present_one(
    book: list[Case], admin: User, supervisor: User
) -> None:
    make.policy(admin, supervisor, approve_below=0.01, cut_off=0.02, decline_above=0.03)
    assert replayed().differences == []


def test_an_applicant_who_became_a_key_customer_later_was_none_then(book: list[Case]) -> None:
    Applicant.objects.filter(pk=book[0].applicant_id).update(key_customer=True)
    Applicant.objects.filter(pk=book[2].applicant_id).update(key_customer=False)
    assert replayed().differences == []


def test_a_case_without_a_policy_or_a_model_is_replayed_as_it_was(champion: ModelVersion) -> None:
    make.case("R-1")
    make.case("R-2", product="mortgage")
    make.run_machine()
    assert replayed() == Replayed(cases=2, assessments=1, routes=1)


def test_a_policy_that_could_not_be_applied_fails_in_the_same_words_again(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    policy = make.policy(admin, supervisor)
    with tampering():
        Policy.objects.update(terms={**policy.terms, "approve_below": "low"})
    case = make.case("R-1")
    make.run_machine()
    assert [reason["code"] for reason in make.reread(case).why] == ["routing_failed"]
    assert replayed() == Replayed(cases=1, assessments=1, routes=1)


def another(value: Any) -> Any:
    """A value that differs, in the shape of the given one and within what the database allows."""
    match value:
        case bool():
            return not value
        case float():
            return value + 2e-9
        case str():
            return f"{value}x"
        case dict():
            return {**value, (key := next(iter(value))): another(value[key])}
        case [first, *rest] if not isinstance(first, str | None):
            return [another(first), *rest]
        case list():
            return [*value, "amount"]
    raise TypeError(value)


TAMPERED: list[tuple[Callable[[], Any], str]] = [
    (lambda: Assessment.objects.update(pd=F("pd") + 2e-9), "assessment at version 1: pd"),
    (lambda: Assessment.objects.update(doubt=0.5), "assessment at version 1: doubt"),
    (lambda: Assessment.objects.update(cohort_base_value=-9.0), "assessment at version 1: cohort_base_value"),
    (lambda: Assessment.objects.update(novel=["amount"]), "assessment at version 1: novel"),
    (lambda: Assessment.objects.update(reasons=[]), "assessment at version 1: reasons"),
    (lambda: Assessment.objects.update(explanation_holds=False), "assessment at version 1: explanation_holds"),
    (lambda: Route.objects.update(advice="decline"), "route at version 2: advice"),
    (lambda: Route.objects.update(rank=0.25), "route at version 2: rank"),
    (lambda: Route.objects.update(way="review", audit_probability=0.1), "route at version 2: way"),
    (lambda: Case.objects.update(points=612.0), "case: points"),
    (lambda: Case.objects.update(advice="decline"), "case: advice"),
]


@pytest.mark.parametrize(("tamper", "field"), TAMPERED, ids=[field for _tamper, field in TAMPERED])
def test_what_was_altered_is_named(
    champion: ModelVersion, narrow_policy: Policy, tamper: Callable[[], Any], field: str
) -> None:
    case = make.case("R-1")
    make.run_machine()
    with tampering():
        tamper()
    assert (case.ref, field) in fields(replayed())


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_that_an_assessment_shows_can_be_altered_unnoticed(book: list[Case], name: str) -> None:
    stored = Assessment.objects.get(case=book[0])
    with tampering():
        Assessment.objects.filter(pk=stored.pk).update(**{name: another(getattr(stored, name))})
    found = fields(replayed())
    assert {case for case, _field in found} == {book[0].ref}
    assert any(field.startswith(f"assessment at version 1: {name}") for _case, field in found)


def test_a_difference_of_the_last_digits_is_none(champion: ModelVersion, narrow_policy: Policy) -> None:
    make.case("R-1")
    make.run_machine()
    with tampering():
        Assessment.objects.update(log_odds=F("log_odds") + 5e-10)
    assert replayed().differences == []


def test_one_contribution_is_named_by_its_feature(book: list[Case], champion: ModelVersion) -> None:
    stored = Assessment.objects.get(case=book[0])
    names = [feature["name"] for feature in champion.feature_table["features"]]
    place = names.index("interest_rate")
    altered = [value + (at == place) for at, value in enumerate(stored.contributions)]
    with tampering():
        Assessment.objects.filter(pk=stored.pk).update(contributions=altered)
    (difference,) = replayed().differences
    assert (difference.case, difference.field) == (
        book[0].ref,
        "assessment at version 1: contributions.interest_rate",
    )
    assert (difference.stored, difference.recomputed) == (altered[place], stored.contributions[place])


def test_facts_that_were_altered_are_told_apart_from_a_model_that_was(book: list[Case]) -> None:
    with tampering():
        Case.objects.filter(pk=book[0].pk).update(features={**book[0].features, "credit_utilisation": 36.0})
    (difference,) = replayed().differences
    assert (difference.field, difference.stored, difference.recomputed) == (
        "assessment at version 1: values.credit_utilisation",
        35.0,
        36.0,
    )


def test_facts_supplied_later_are_undone_before_they_are_read(book: list[Case], reviewer: User) -> None:
    """The machine of today has no step from a scored case back to held data; its record must bear one."""
    case = book[0]
    with tampering():
        for step, (before, after) in enumerate([(35.0, 40.0), (40.0, None)], start=1):
            CaseEvent.objects.create(
                case=case,
                seq=case.version + step,
                name="supply_data",
                from_state="needs_data",
                to_state="received",
                actor=reviewer,
                facts={"before": {"credit_utilisation": before}, "after": {"credit_utilisation": after}},
            )
        Case.objects.filter(pk=case.pk).update(features={**case.features, "credit_utilisation": None})
    assert replayed().differences == []


def test_what_the_machine_writes_meanwhile_is_left_for_the_next_time(
    champion: ModelVersion, narrow_policy: Policy
) -> None:
    read_before = make.case("R-1")
    make.run_machine()
    assert replayed(read_before) == Replayed(cases=1)
    assert replayed() == Replayed(cases=1, assessments=1, routes=1)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b" "), "was altered since it was saved"),
        (lambda path: path.unlink(), "is missing or cannot be read"),
    ],
)
def test_a_refused_model_is_a_difference_with_its_sentence(
    book: list[Case], champion: ModelVersion, tmp_path: Path, settings: Any, harm: Callable[[Path], Any], sentence: str
) -> None:
    name = f"{champion.sha256}.json"
    (tmp_path / name).write_bytes((settings.ARTEFACTS / name).read_bytes())
    settings.ARTEFACTS = tmp_path
    harm(tmp_path / name)
    found = replayed()
    assert (found.assessments, found.refused, found.routes) == (6, 6, 6)
    assert fields(found) == [(case.ref, "assessment at version 1: model") for case in book]
    assert {each.stored for each in found.differences} == {champion.sha256}
    assert all(sentence in each.recomputed for each in found.differences)


def test_a_record_of_a_version_that_its_case_never_had_is_named(book: list[Case]) -> None:
    stored = Assessment.objects.get(case=book[0])
    with tampering():
        Assessment.objects.filter(pk=stored.pk).update(case_version=99, pd=0.5)
    found = replayed()
    assert (book[0].ref, "assessment at version 99: case_version") in fields(found)


def test_a_score_without_its_assessment_is_named(book: list[Case]) -> None:
    with tampering():
        Route.objects.filter(case=book[0]).delete()
        Assessment.objects.filter(case=book[0]).delete()
    found = replayed()
    assert fields(found) == [(book[0].ref, "case: pd")]


def test_an_assessment_cut_short_is_named_and_the_others_are_still_replayed(book: list[Case]) -> None:
    with tampering():
        Assessment.objects.filter(case=book[0]).update(values=[1.0])
    found = replayed()
    assert (book[0].ref, "assessment at version 1: values") in fields(found)
    assert found.assessments == 6
    assert {case for case, _field in fields(found)} == {book[0].ref}
