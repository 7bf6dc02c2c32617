"""A case is known by the number of its row that is the reference now, and by a reference that lost its zeros."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Case, User
from intake.gate.rule_sets import set_rules
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.mapped.left_out import digests_of, reference_digest
from intake.mending.mending import return_to_source
from intake.models import CaseNumber, RejectedRow
from intake.recognition.telling_columns import telling_columns
from intake.signing.first_look import confirm_reading
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import LEASES, counts, lease, mapping
from tests.intake.test_reading_anew import references
from tests.intake.test_work_of_database import rows_looked_at

__all__ = ["arrive"]

NUMBERED = f"No,{LEASES}\n"


def numbered(first: int, last: int) -> str:
    """A list of leases that are numbered anew in each file."""
    return NUMBERED + "".join(f"{no},{lease(n)}\n" for no, n in enumerate(range(first, last + 1), 1))


@pytest.mark.parametrize("more", ["", "decided: approved\n"])
def test_lists_that_were_numbered_anew_double_nothing_once_the_contract_is_the_reference(
    arrive: Arrive, tmp_path: Path, more: str
) -> None:
    arrive(numbered(1, 30), "jan.csv", mapping=mapping(tmp_path, "No", more))
    corrected = mapping(tmp_path, "Contract Number", more)
    assert counts(arrive(numbered(3, 35), "feb.csv", mapping=corrected)) == (5, 28, 0, 0)
    assert counts(arrive(numbered(1, 30) + "\n", "again.csv", mapping=corrected)) == (0, 30, 0, 0)
    assert sorted(references()) == sorted([*map(str, range(1, 31)), *(f"EQ-{n}" for n in range(31, 36))])
    assert Case.objects.get(external_ref="5").applicant.external_id == "L-5"


def test_in_another_order_and_without_the_running_number_they_are_known_too(arrive: Arrive, tmp_path: Path) -> None:
    arrive(numbered(1, 10), "jan.csv", mapping=mapping(tmp_path, "No"))
    corrected = mapping(tmp_path, "Contract Number")
    turned = NUMBERED + "".join(f"{11 - n},{lease(n)}\n" for n in range(10, 0, -1))
    assert counts(arrive(turned, "turned.csv", mapping=corrected)) == (0, 10, 0, 0)
    bare = LEASES + "\n" + "".join(f"{lease(n)}\n" for n in range(4, 12))
    assert counts(arrive(bare, "bare.csv", mapping=corrected)) == (1, 7, 0, 0)


def test_a_lease_that_changed_since_is_refused_by_what_differs(arrive: Arrive, tmp_path: Path) -> None:
    arrive(numbered(1, 10), "jan.csv", mapping=mapping(tmp_path, "No"))
    changed = numbered(3, 10).replace(",40007,36,", ",40007,48,")
    report = arrive(changed, "feb.csv", mapping=mapping(tmp_path, "Contract Number"))
    assert (counts(report), Case.objects.count()) == ((0, 7, 1, 0), 10)
    (error,) = RejectedRow.objects.get().errors
    assert (error["code"], error["value"]) == ("reference_reused", "7")
    assert error["en"] == "The reference “7” is already known with other content: Term (months)."


def test_what_was_returned_comes_back_into_its_case(
    arrive: Arrive, tmp_path: Path, admin: User, reviewer: User
) -> None:
    reason = "the branch has to look into it"
    wanted = "features: {annual_income: {words: {en: Annual income, zh: 年收入}, required: true}}"
    set_rules("equipment", "", wanted, by=admin, reason=reason)
    arrive(numbered(1, 3), "jan.csv", mapping=mapping(tmp_path, "No"))
    case = Case.objects.get(external_ref="2")
    return_to_source(case.pk, by=reviewer, reason=reason, seen_version=case.version)
    mended = numbered(2, 3).replace(",40002,", ",41002,")
    assert counts(arrive(mended, "feb.csv", mapping=mapping(tmp_path, "Contract Number"))) == (1, 1, 0, 0)
    case.refresh_from_db()
    assert (case.external_ref, case.amount, Case.objects.count()) == ("2", 41002, 3)


def test_a_number_that_was_read_as_a_feature_tells_its_case(arrive: Arrive, tmp_path: Path, supervisor: User) -> None:
    header = "ID,Agreement,Customer No,Loan Amount,Term (months),Application Date\n"

    def rolling(first: int, last: int) -> str:
        rows = enumerate(range(first, last + 1), 1)
        return header + "".join(f"{no},HT-{n + 500},K{n},{40_000 + n},36,2026-01-05\n" for no, n in rows)

    assert counts(arrive(rolling(1, 30), "jan.csv")) == (30, 0, 0, 30)
    assert Case.objects.get(external_ref="5").features == {"agreement": "HT-505"}
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    own = tmp_path / "agreement.yaml"
    own.write_text(
        "fields:\n  external_ref: {column: Agreement}\n  product: {default: branch}\n"
        "  amount: {column: Loan Amount}\n  currency: {default: CNY}\n  term_months: {column: Term (months)}\n"
        "  applied_at: {column: Application Date}\n  applicant.id: {column: Customer No}\n",
        encoding="utf-8",
    )
    assert counts(arrive(rolling(3, 35), "feb.csv", mapping=own)) == (5, 28, 0, 0)
    assert Case.objects.count() == 35


def test_a_number_that_several_cases_share_is_asked_about(arrive: Arrive, tmp_path: Path) -> None:
    trucks = NUMBERED + "".join(f"{no},{lease(1)}\n" for no in (1, 2))
    arrive(trucks.replace(",40001,", ",50000,", 1), "jan.csv", mapping=mapping(tmp_path, "No"))
    later = NUMBERED + f"9,{lease(1)}\n".replace(",40001,", ",60000,")
    assert counts(arrive(later, "feb.csv", mapping=mapping(tmp_path, "Contract Number"))) == (1, 0, 0, 1)
    (finding,) = Case.objects.get(external_ref="EQ-1").findings
    assert (finding["code"], finding["params"]) == ("may_be_on_record", {"value": "1"})


SERIALS = f"Serial Number,{LEASES}\n"


@pytest.mark.parametrize("more", ["", "decided: approved\n"])
@pytest.mark.parametrize(("first", "then"), [("{:05}", "{}"), ("{}", "{:05}"), ("{:05}", "{:07}")])
def test_a_reference_that_lost_or_got_zeros_is_the_same(
    arrive: Arrive, tmp_path: Path, first: str, then: str, more: str
) -> None:
    own = mapping(tmp_path, "Serial Number", more)

    def table(form: str, last: int) -> str:
        return SERIALS + "".join(f"{form.format(n)},{lease(n)}\n" for n in range(1, last + 1))

    assert counts(arrive(table(first, 8), "jan.csv", mapping=own)) == (8, 0, 0, 0)
    assert counts(arrive(table(then, 10), "feb.csv", mapping=own)) == (2, 8, 0, 0)
    assert set(references()) == {*(first.format(n) for n in range(1, 9)), then.format(9), then.format(10)}


def test_another_loan_whose_reference_differs_by_zeros_alone_is_asked_about(arrive: Arrive, tmp_path: Path) -> None:
    own = mapping(tmp_path, "Serial Number")
    arrive(f"{SERIALS}0012,{lease(1)}\n13,{lease(2)}\n", "jan.csv", mapping=own)
    assert counts(arrive(f"{SERIALS}12,{lease(3)}\n0013,{lease(4)}\n", "feb.csv", mapping=own)) == (2, 0, 0, 2)
    found = [Case.objects.get(external_ref=reference).findings[0] for reference in ("12", "0013")]
    assert [(each["code"], each["params"]["value"]) for each in found] == [
        ("may_be_on_record", "0012"),
        ("may_be_on_record", "13"),
    ]


def test_lost_zeros_are_no_matter_under_a_corrected_reference(arrive: Arrive, tmp_path: Path) -> None:
    shown, lost = (SERIALS + "".join(f"{form.format(n)},{lease(n)}\n" for n in range(1, 9)) for form in ("{:05}", "{}"))
    arrive(shown, "jan.csv", mapping=mapping(tmp_path, "Serial Number"))
    assert counts(arrive(lost, "feb.csv", mapping=mapping(tmp_path, "Contract Number"))) == (0, 8, 0, 0)


def test_what_a_case_is_found_by(arrive: Arrive, tmp_path: Path) -> None:
    secret = settings.SECRET_KEY
    assert reference_digest(secret, "007") == reference_digest(secret, "7") != reference_digest(secret, "HT-7")
    arrive(f"{SERIALS}007,{lease(1)}\n8,{lease(2)}\n", "jan.csv", mapping=mapping(tmp_path, "Serial Number"))
    kept = {(case, digest) for case, digest in CaseNumber.objects.values_list("case__external_ref", "digest")}
    told = digests_of(secret, {"Contract Number": "EQ-2", "Lessee ID": "L-2"}, ["Contract Number", "Lessee ID"])
    assert ("007", reference_digest(secret, "7")) in kept
    assert {digest for case, digest in kept if case == "8"} == set(told.values())


def test_what_finds_cases_is_asked_for_row_by_row(arrive: Arrive, tmp_path: Path) -> None:
    own = mapping(tmp_path, "No")
    arrive(numbered(1, 1_000), "jan.csv", mapping=own)
    before = rows_looked_at()
    report = arrive(numbered(1_001, 1_100), "feb.csv", mapping=mapping(tmp_path, "Contract Number"))
    assert (report.accepted, rows_looked_at() - before < 20_000) == (100, True)


def test_only_what_numbers_each_row_is_told_by() -> None:
    rows = [
        {
            "Agreement": f"HT-{n}",
            "Deal": float(37 * n + 700),
            "Income": str(90_000 + n),
            "Purpose": f"shop {n}",
            "Rate": f"5.{n}",
            "Branch": f"B{n % 3}",
            "Seldom": f"X{n}" if n < 3 else "",
            "Opened": f"2026-01-{n + 1:02}",
            "Left": str(37 * n),
            "Line": str(n),
            "Late": str(37 * n),
            "Note No": f"N-{n // 3}",
            "Branch No": f"0{n % 3}",
        }
        for n in range(20)
    ]
    types = {"Opened": "date", "Deal": "number", "Income": "number"}
    names = {each: each.lower() for each in rows[0] if each not in ("Left", "Line", "Late")} | {
        "Income": "annual_income"
    }
    given = {each: Given("column", column=each, type=types.get(each, "text")) for each in names}
    features = {names[each]: given[each] for each in names}
    drop = {"Left": "not_used", "Line": "row_counter", "Late": "known_after_decision"}
    told = telling_columns(CaseMapping("branch", {}, features, drop=drop, columns=tuple(rows[0])), rows)
    assert told == ("Left", "Agreement", "Deal", "Note No")
    many = {f"Column {at}": "not_used" for at in range(20)}
    wide = [dict.fromkeys(many, f"S{n}") for n in range(20)]
    assert len(telling_columns(CaseMapping("branch", {}, drop=many, columns=tuple(many)), wide)) == 8
