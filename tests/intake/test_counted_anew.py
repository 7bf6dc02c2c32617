"""A list that counts its rows anew each day, the newest first, below a header that may name the loan: ID, 编号."""

from __future__ import annotations

import pytest

from cases.models import Case
from intake.recognition.infer import infer_mapping
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in


def rows(first: int, last: int, *, newest_first: bool = True, header: str = "ID") -> list[dict[str, str]]:
    """Ten loans a day, so many of which are listed."""
    loans = [
        {
            "客户号": f"C{number:05d}",
            "贷款金额": f"{10_000 + 100 * number}",
            "期限(月)": "12",
            "申请日期": f"2026-09-{1 + number // 10:02d}",
        }
        for number in range(first, last)
    ]
    listed = loans[::-1] if newest_first else loans
    return [{header: str(at), **loan} for at, loan in enumerate(listed, 1)]


def text(lines: list[dict[str, str]]) -> str:
    return "\n".join([",".join(lines[0]), *(",".join(line.values()) for line in lines)]) + "\n"


@pytest.mark.parametrize("header", ["ID", "编号", "Reference", "Record ID"])
def test_its_numbers_are_no_reference_where_the_newest_loan_is_the_first(header: str) -> None:
    listed = rows(0, 40, header=header)
    mapping = infer_mapping([*listed[0]], listed, "branch")
    assert (mapping.fields["external_ref"].how, mapping.drop[header]) == ("row_hash", "row_counter")


@pytest.mark.parametrize(
    ("newest_first", "header"),
    [(False, "ID"), (False, "编号"), (True, "合同编号"), (True, "Loan ID"), (True, "借据号")],
)
def test_a_number_that_grows_with_the_days_or_names_the_loan_is_one(newest_first: bool, header: str) -> None:
    listed = rows(0, 40, newest_first=newest_first, header=header)
    mapping = infer_mapping([*listed[0]], listed, "branch")
    assert mapping.fields["external_ref"].column == header


def test_of_one_day_nothing_tells_that_its_numbers_are_counted_anew() -> None:
    listed = rows(0, 10)
    assert infer_mapping([*listed[0]], listed, "branch").fields["external_ref"].column == "ID"


def test_the_list_of_each_next_day_brings_its_new_loans_once(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("1.csv", text(rows(0, 20))))) == (20, 0, 0)
    for day in (3, 4, 5):
        assert counts(take_in(make_file(f"{day}.csv", text(rows(0, 10 * day))))) == (10, 10 * day - 10, 0)
    assert Case.objects.count() == 50
    assert not Case.objects.filter(findings__contains=[{"code": "alike_on_record"}]).exists()


def test_after_a_list_of_one_day_that_was_told_by_its_numbers_a_person_is_asked(
    transactional_db: None, make_file: MakeFile
) -> None:
    assert counts(take_in(make_file("1.csv", text(rows(0, 10))))) == (10, 0, 0)
    take_in(make_file("2.csv", text(rows(0, 20))))
    told = Case.objects.order_by("pk").values_list("amount", "findings")
    again = [amount for amount, findings in told if any(each["code"] == "alike_on_record" for each in findings)]
    new = {amount for amount, _findings in told[10:]} - set(again)
    assert len(new) <= 10
    # What is not asked about is on record once.
    sure = [amount for amount, findings in told if not any(each["code"] == "alike_on_record" for each in findings)]
    assert len(sure) == len(set(sure)) == 20
