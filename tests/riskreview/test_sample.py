"""The sample book set up: accounts, its two tables, and when it counts as ready."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from cases.models import Case, DeskRules, User
from desk.demo import ACCOUNTS
from intake.models import Batch
from learning.models import Label
from riskreview import sample
from routing.models import Duty, Policy
from scoring.ml.features import feature_table_for
from scoring.models import ModelVersion

PASSWORD = "a-password-for-the-demo"


def test_accounts_are_made_once_and_keep_what_people_changed(db: None) -> None:
    sample.make_accounts(PASSWORD)
    User.objects.filter(username="reviewer").update(hot_keys="off")
    sample.make_accounts("another-password-for-it")
    assert sorted(User.objects.values_list("username", flat=True)) == sorted(each.username for each in ACCOUNTS)
    reviewer = User.objects.get(username="reviewer")
    assert (reviewer.hot_keys, reviewer.role, reviewer.is_staff) == ("off", "reviewer", False)
    assert reviewer.check_password(PASSWORD), "a password is set once, so that a second start need not hash it again"
    assert User.objects.get(username="admin").is_superuser


def test_one_account_may_decide_in_bulk_and_the_limit_is_in_the_currency_of_the_loans(db: None) -> None:
    sample.make_accounts(PASSWORD)
    sample.make_desk_rules()
    sample.make_desk_rules()
    assert [user.username for user in User.objects.filter(may_decide_in_bulk=True)] == ["reviewer2"]
    assert [desk.bulk_currency for desk in DeskRules.objects.all()] == [sample.TERMS.currency]


def test_duty_is_stated_once_and_keeps_what_people_changed(db: None) -> None:
    sample.make_accounts(PASSWORD)
    sample.make_duty()
    duties = Duty.objects.order_by("person__username")
    stated = duties.values_list("person__username", "hours_a_day", "most_cases_a_day", "stated_by__username")
    hours = [("reviewer", 6, None), ("reviewer2", 6, None), ("supervisor", 2, None)]
    assert list(stated) == [(name, Decimal(each), most, "supervisor") for name, each, most in hours]
    Duty.objects.filter(person__username="reviewer").update(hours_a_day=4)
    sample.make_duty()
    assert [int(duty.hours_a_day) for duty in duties] == [4, 6, 2]


def test_the_book_of_2016_is_history_and_only_granted_loans_get_their_outcome(db: None) -> None:
    assert sample.load_book(sample.HISTORY, limit=200).accepted == 200
    assert sample.load_book(sample.HISTORY, limit=200).duplicates == 200
    assert set(Case.objects.values_list("state", "decided_by")) == {("approved", "lender")}
    receipt = sample.load_outcomes(sample.HISTORY, limit=300)
    assert (receipt.accepted, receipt.contradicting, receipt.without_loan) == (200, [], [])
    assert sample.load_outcomes(sample.HISTORY, limit=300).duplicates == 200
    assert Label.objects.filter(source="outcome").count() == 200
    assert Batch.objects.count() == 1


def test_the_cases_of_2018_arrive_as_new_ones_with_what_was_derived_named(db: None) -> None:
    report = sample.load_book(sample.NEW_CASES, limit=200)
    assert (report.accepted, report.rejected) == (200, 0)
    names = set(feature_table_for(sample.PRODUCT).by_name)
    told_later = {"loan_status", "balance", "paid_total", "paid_principal", "paid_interest", "paid_late_fees"}
    for case in Case.objects.select_related("applicant"):
        assert case.state in ("received", "needs_data")
        assert not told_later & case.features.keys()
        assert {"applicant.id", "applicant.name", "applicant.key_customer"} <= set(case.derived)
        assert case.applicant.name
    assert names & Case.objects.all()[0].features.keys()


def test_it_is_ready_with_a_model_on_disk_and_a_policy_in_force(
    champion: ModelVersion, policy: Policy, settings: Any, tmp_path: Path
) -> None:
    assert sample.is_ready()
    settings.ARTEFACTS = tmp_path
    assert not sample.is_ready()


def test_it_is_not_ready_without_a_policy(champion: ModelVersion) -> None:
    assert not sample.is_ready()
