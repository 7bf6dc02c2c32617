"""A table that was read in another way before makes no second cases, and no new loan is taken for an old one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from cases.actions import withdraw_case
from cases.models import Case, User
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.gate.rule_sets import set_rules
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.earlier_readings import MAPPINGS_MOST, other_readings
from intake.mending.mending import return_to_source, supply_data
from intake.models import Batch, RejectedRow
from intake.recognition.mapping import read_mapping
from tests.intake.places import MakeFile
from tests.intake.silent import cut_off_behind, silent
from tests.mapped import signed

REASON: Final = "the same loan under another number"
HEADER: Final = "贷款合同编号,客户编号,贷款金额,年收入,申请日期\n"
MADE: Final = "external_ref: {row_hash: true, prefix: R-}"
OTHERS: Final = (
    " product: {default: branch}, amount: {column: 贷款金额}, currency: {default: CNY}, term_months: {default: 12},"
    " applied_at: {column: 申请日期}"
)
APPLICANT: Final = " applicant.id: {column: 客户编号}"
INCOME: Final = "features: {annual_income: {column: 年收入, type: number}}\n"


def line(number: int, *, amount: int = 5000) -> str:
    return f"HT-{number:04d},C-{number % 50},{amount + number},60000,2026-01-05\n"


def rows(first: int, last: int) -> str:
    return HEADER + "".join(line(number) for number in range(first, last))


def then(make_file: MakeFile, reference: str = MADE, applicant: str = APPLICANT, drop: str = "贷款合同编号") -> Path:
    """How such tables were read before the contract number was known as the reference."""
    text = f"fields: {{{reference},{OTHERS},{applicant}}}\n{INCOME}drop: {{{drop}: identifier}}\n"
    return make_file("then.yaml", text)


def take_in(path: Path, mapping: Path | None = None) -> ImportReport:
    return take_in_file(path, source="branch", mapping=str(mapping) if mapping else None, by=None, bars=silent)


@pytest.mark.django_db(transaction=True)
def test_the_same_days_in_two_ways_are_the_same_cases(make_file: MakeFile) -> None:
    head, ways = "id,amount,birth date\n", ("02/{:02}/1985", "1985-02-{:02}")
    texts = [head + "".join(f"A-{day},5000,{way.format(day)}\n" for day in range(1, 28)) for way in ways]
    assert counts(take_in(make_file("a.csv", texts[0]))) == (27, 0, 0)
    assert Case.objects.get(external_ref="A-25").features == {"birth_date": "1985-02-25"}
    assert counts(take_in(make_file("b.csv", texts[1]))) == (0, 27, 0)


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.accepted, report.duplicates, report.rejected


def on_record() -> list[dict[str, object]]:
    return list(Case.objects.order_by("pk").values())


def test_an_old_file_makes_no_second_cases_once_its_number_is_recognised_as_the_reference(
    transactional_db: None, make_file: MakeFile
) -> None:
    assert counts(take_in(make_file("a.csv", rows(0, 40)), then(make_file))) == (40, 0, 0)
    before = on_record()
    assert {str(case["external_ref"])[:2] for case in before} == {"R-"}
    # The old rows beside ten new ones, and one that was corrected: that is not the row which came.
    more = rows(0, 50) + line(3, amount=9000).replace("HT-0003", "HT-3003")
    assert counts(take_in(make_file("b.csv", more))) == (11, 40, 0)
    assert on_record()[:40] == before
    new = list(Case.objects.order_by("pk").values_list("external_ref", flat=True)[40:])
    assert new == [*(f"HT-{number:04d}" for number in range(40, 50)), "HT-3003"]
    assert counts(take_in(make_file("c.csv", more + "\n"))) == (0, 51, 0)
    assert not Case.objects.filter(state="needs_data").exists()


def test_a_file_that_is_cut_off_is_known_again_behind_the_cut(
    transactional_db: None, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two equal rows the second has a name of its own, though the first was read in the run before."""
    text = rows(0, 40) + line(1).replace("HT-0001", "HT-0041")
    monkeypatch.setattr("intake.actions.CHUNK", 10)
    path = make_file("a.csv", text)
    take_in(path, then(make_file))
    assert Case.objects.filter(external_ref__endswith="-2").count() == 1
    before = on_record()
    path = make_file("b.csv", text + "\n")
    with pytest.raises(InterruptedError):
        take_in_file(path, source="branch", mapping=None, by=None, bars=cut_off_behind(20))
    assert Batch.objects.latest("pk").rows == 20
    report = take_in(path)
    assert (report.rows, *counts(report)) == (41, 0, 41, 0)
    assert on_record() == before


def test_the_number_of_another_column_is_known_again(transactional_db: None, make_file: MakeFile) -> None:
    header = "loan_id,application_id,amount,applied,annual_income\n"
    text = header + "".join(f"L-{n},A-{n},{5000 + n},2026-01-05,60000\n" for n in range(20))
    loan = make_file(
        "then.yaml",
        "fields: {external_ref: {column: loan_id}, product: {default: branch}, amount: {column: amount},"
        " currency: {default: CNY}, term_months: {default: 12}, applied_at: {column: applied},"
        " applicant.id: {derive: applicant_reference}}\n"
        "features: {annual_income: {column: annual_income, type: number}}\ndrop: {application_id: identifier}\n",
    )
    assert counts(take_in(make_file("a.csv", text), loan)) == (20, 0, 0)
    before = on_record()
    assert counts(take_in(make_file("b.csv", text + "L-20,A-20,5020,2026-01-05,60000\n"))) == (1, 20, 0)
    assert on_record()[:20] == before
    assert Case.objects.latest("pk").external_ref == "A-20"


def test_a_row_is_not_refused_because_its_applicant_is_known_now(transactional_db: None, make_file: MakeFile) -> None:
    """Under the same reference: the number of the applicant was nobody's column."""
    mapping = then(
        make_file, "external_ref: {column: 贷款合同编号}", " applicant.id: {derive: applicant_reference}", "客户编号"
    )
    assert counts(take_in(make_file("a.csv", rows(0, 20)), mapping)) == (20, 0, 0)
    before = on_record()
    assert counts(take_in(make_file("b.csv", rows(0, 21)))) == (1, 20, 0)
    assert on_record()[:20] == before
    assert not RejectedRow.objects.exists()


def test_a_row_is_not_refused_because_a_column_is_read_as_something_else_now(
    transactional_db: None, make_file: MakeFile
) -> None:
    """As texts, or by another factor: the reference is the same, the content is not."""
    for at, read_as in enumerate(("{column: 年收入, type: text}", "{column: 年收入, type: number, scale: 10}")):
        mapping = then(make_file, "external_ref: {column: 贷款合同编号}", drop="nothing")
        mapping.write_text(mapping.read_text().replace("{column: 年收入, type: number}", read_as))
        first = 100 * at
        assert counts(take_in(make_file("a.csv", rows(first, first + 20)), mapping)) == (20, 0, 0)
        assert counts(take_in(make_file("b.csv", rows(first, first + 21)))) == (1, 20, 0)
    assert not RejectedRow.objects.exists()


def test_a_mapping_that_people_sign_makes_no_second_cases(
    transactional_db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("a.csv", rows(0, 30)), then(make_file))
    before = on_record()
    content = {
        "fields": {
            "external_ref": {"column": "贷款合同编号"}, "product": {"constant": "sme"},
            "amount": {"column": "贷款金额"},
            "currency": {"constant": "CNY"}, "term_months": {"default": 12}, "applied_at": {"column": "申请日期"},
            "applicant.id": {"column": "客户编号"},
        },
        "features": {"yearly": {"column": "年收入", "type": "number"}},
    }  # fmt: skip
    signed("branch", content, by=admin, second=supervisor)
    assert counts(take_in(make_file("b.csv", rows(0, 31)))) == (1, 30, 0)
    assert on_record()[:30] == before


def test_where_many_rows_are_equal_a_person_says_whether_it_is_the_same_loan(
    transactional_db: None, make_file: MakeFile, reviewer: User, supervisor: User
) -> None:
    header = "贷款合同编号,贷款金额\n"
    thin = make_file(
        "then.yaml",
        f"fields: {{{MADE}, product: {{default: branch}}, amount: {{column: 贷款金额}}, currency: {{default: CNY}},"
        " term_months: {default: 12}, applied_at: {import_time: true}, applicant.id: {derive: applicant_reference}}\n"
        "drop: {贷款合同编号: identifier}\n",
    )
    text = header + "".join(f"HT-{n},{5000 + n // 2}\n" for n in range(20))
    assert counts(take_in(make_file("a.csv", text), thin)) == (20, 0, 0)
    before = on_record()
    # A new loan of the same amount as an old one, and one of another.
    assert counts(take_in(make_file("b.csv", header + "HT-90,5000\nHT-91,7000\n"))) == (2, 0, 0)
    assert on_record()[:20] == before
    held, other = Case.objects.order_by("pk")[20:]
    (finding,) = held.findings
    old = Case.objects.order_by("pk")[0].external_ref
    assert (held.state, finding["code"], finding["params"]) == ("needs_data", "may_be_on_record", {"value": old})
    assert (other.state, other.findings) == ("received", [])
    # Rows whose numbers are those of then are these, and nobody is asked.
    assert counts(take_in(make_file("a2.csv", text + "HT-91,7000\n"))) == (0, 21, 0)
    # It is another loan; or it is the same, and ends.
    after = supply_data(held.pk, by=reviewer, values={}, reason=REASON, seen_version=held.version)
    assert (after.state, after.findings) == ("received", [])
    take_in(make_file("c.csv", header + "HT-92,5001\n"))
    again = Case.objects.latest("pk")
    assert withdraw_case(again.pk, by=supervisor, note=REASON).state == "withdrawn"


def test_what_was_returned_takes_in_what_is_read_otherwise_now(
    transactional_db: None, make_file: MakeFile, admin: User, reviewer: User
) -> None:
    """The fault was in the mapping, which left a column out: its sender changes nothing, and sends the file again."""
    wanted = "features: {annual_income: {words: {en: Annual income, zh: 年收入}, required: true}}"
    set_rules("branch", "", wanted, by=admin, reason=REASON)
    mapping = then(make_file)
    text = mapping.read_text().replace(INCOME, "").replace("drop: {", "drop: {年收入: not_used, ")
    mapping.write_text(text)
    take_in(make_file("a.csv", rows(0, 2)), mapping)
    case, other = Case.objects.order_by("pk")
    assert (case.state, other.state, case.features) == ("needs_data", "needs_data", {})
    return_to_source(case.pk, by=reviewer, reason=REASON, seen_version=case.version)
    assert counts(take_in(make_file("b.csv", rows(0, 2) + "\n"))) == (1, 1, 0)
    assert Case.objects.count() == 2
    after = Case.objects.get(pk=case.pk)
    assert (after.state, after.external_ref) == ("received", case.external_ref)
    assert (after.features, after.findings) == ({"annual_income": 60000}, [])
    assert Case.objects.get(pk=other.pk).state == "needs_data"


def way(reference: str, *columns: str) -> CaseMapping:
    given = {"column": reference} if reference else {"row_hash": True}
    content = {
        "source": "branch",
        "fields": {"external_ref": given, "amount": {"column": "a"}},
        "columns": list(columns),
    }
    return read_mapping(content, source="branch")


def test_only_other_ways_to_read_columns_that_are_there_are_kept_up_with() -> None:
    now = way("b", "a", "b", "c")
    assert other_readings(now, [way("b", "c", "b", "a"), way("d", "a", "b", "d"), way("", "a", "b", "c", "d")]) == []
    (spelt,) = other_readings(way("Loan No", "a", "Line No", "Loan No"), [way("LINE　No", "A", "LINE　No")])
    assert (spelt.columns, spelt.fields["external_ref"].column) == (("a", "Line No"), "Line No")
    without = way("c", "a", "b", "c", "d")
    assert other_readings(now, [without]) == [without]
    other, made = way("c", "a", "b", "c"), way("", "a", "b", "c")
    assert other_readings(now, [other, other, made, now, way("c", "c", "a", "b")]) == [other, made]
    columns = ["a", "b", *(f"x{number}" for number in range(9))]
    many = [way(f"x{number}", *columns) for number in range(9)]
    assert other_readings(way("b", *columns), many) == many[:MAPPINGS_MOST]


@pytest.mark.parametrize("header", ["external_ref", "loan_id", "贷款编号", "申请编号"])
def test_a_loan_that_stands_three_times_in_a_file_is_one_case(
    transactional_db: None, make_file: MakeFile, header: str
) -> None:
    lines = "".join(f"L-{at // 3},{5000 + at // 3},C-{at // 3}\n" for at in range(12))
    assert counts(take_in(make_file("a.csv", f"{header},贷款金额,客户编号\n{lines}"))) == (4, 8, 0)
    assert list(Case.objects.order_by("pk").values_list("external_ref", flat=True)) == ["L-0", "L-1", "L-2", "L-3"]
    other = make_file("b.csv", f"{header},贷款金额,客户编号\n" + "L-9,9000,C-9\nL-9,9001,C-9\nL-9,9000,C-9\n")
    assert counts(take_in(other)) == (1, 1, 1)
