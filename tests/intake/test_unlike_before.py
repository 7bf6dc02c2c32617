"""A table that nobody mapped is refused where it no longer says what its numbers are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cases.models import Case, User
from intake.admission.files import check_file
from intake.models import Batch
from intake.reading.parse import open_table
from intake.reading.rows import sample_rows
from intake.recognition.mapping import MappingError, mapping_as_data
from intake.recognition.recognise import recognise
from intake.record.as_before import draft_as_before
from tests.intake.places import MakeFile
from tests.intake.silent import silent
from tests.intake.test_on_record import counts, take_in
from tests.mapped import signed

HEADER = "贷款合同编号,贷款金额,负债收入比\n"


def of_debt(*shares: str) -> str:
    """Of a share that no feature keeps in percent."""
    return table(*shares).replace("负债收入比", "负债率")


def table(*shares: str) -> str:
    return HEADER + "".join(f"HT-{at},{5000 + at},{share}\n" for at, share in enumerate(shares))


def test_a_column_that_was_in_percent_and_says_so_no_longer_refuses_the_file(
    transactional_db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    assert counts(take_in(make_file("a.csv", table("20%", "35.5%", "8%")))) == (3, 0, 0)
    path = make_file("b.csv", table("0.2", "0.355", "0.08", "0.5"))
    with pytest.raises(MappingError) as refusal:
        take_in(path)
    assert (refusal.value.code, refusal.value.params) == ("percent_lost", {"name": "负债收入比"})
    with pytest.raises(MappingError):
        check_file(path, source="branch", mapping=None, bars=silent)
    assert (Case.objects.count(), Batch.objects.count()) == (3, 1)
    # A draft of that file reads it as it is meant, also where some cells say it.
    read = open_table(path)
    rows = sample_rows(read)
    draft = draft_as_before("branch", recognise(read.columns, rows, "branch", [])[0], rows)
    assert draft.features["debt_to_income"].type == "rate"
    # Numbers that cannot be shares are the percent that they were.
    assert counts(take_in(make_file("c.csv", table("20", "35.5", "8", "50")))) == (1, 3, 0)
    fields = {
        "external_ref": {"column": "贷款合同编号"}, "product": {"default": "branch"}, "amount": {"column": "贷款金额"},
        "currency": {"default": "CNY"}, "term_months": {"default": 12}, "applied_at": {"import_time": True},
        "applicant.id": {"derive": "applicant_reference"},
    }  # fmt: skip
    share = {"column": "负债收入比", "type": "percent", "scale": 100}
    signed("branch", {"fields": fields, "features": {"debt_to_income": share}}, by=admin, second=supervisor)
    assert counts(take_in(path)) == (0, 4, 0)


def test_rates_of_interest_in_percent_that_are_all_below_1_refuse_the_file(
    transactional_db: None, make_file: MakeFile
) -> None:
    """0.3 may be 0.3 % as well as 30 %."""
    head = HEADER.replace("负债收入比", "利率")
    rates = [f"HT-{at},{5000 + at},{rate}\n" for at, rate in enumerate(("4.25", "11.5", "0.9"))]
    assert counts(take_in(make_file("a.csv", head + "".join(rates)))) == (3, 0, 0)
    path = make_file("b.csv", head + "HT-8,6000,0.3\nHT-9,7000,0.25\n")
    with pytest.raises(MappingError) as refusal:
        take_in(path)
    assert (refusal.value.code, refusal.value.params) == ("percent_lost", {"name": "利率"})
    assert (Case.objects.count(), Batch.objects.count()) == (3, 1)
    signs = make_file("c.csv", head + "HT-8,6000,0.9%\nHT-9,7000,0.5%\n")
    assert counts(take_in(signs)) == (2, 0, 0)
    assert Case.objects.get(external_ref="HT-8").features == {"interest_rate": 0.9}


def test_mended_rows_with_open_rates_are_refused_where_nothing_is_known_of_their_file(
    transactional_db: None, make_file: MakeFile
) -> None:
    head = HEADER.replace("负债收入比", "利率").replace("\n", ",riskreview_row,riskreview_reasons\n")
    with pytest.raises(MappingError) as refusal:
        take_in(make_file("a.csv", f"{head}HT-8,6000,0.9,2,x\n"))
    assert refusal.value.code == "rate_open"
    assert refusal.value.params == {"name": "利率", "value": "0.9", "percent": "90"}
    assert Case.objects.count() == 0


def test_a_small_file_without_a_decimal_mark_is_asked_about_where_its_source_had_a_comma(
    transactional_db: None, make_file: MakeFile
) -> None:
    head = "loan id;amount;term;annual income\n"

    def incomes() -> list[object]:
        return [case.features["annual_income"] for case in Case.objects.order_by("pk")]

    assert counts(take_in(make_file("a.csv", head + "A1;1.234,50;12;80.000\nA2;2.000,00;12;90.500\n"))) == (2, 0, 0)
    assert counts(take_in(make_file("b.csv", head + "B1;5000;12;95.000\nB2;80.000;12;120500\nB3;5,000;12;1\n"))) == (
        0,
        0,
        3,
    )
    assert counts(take_in(make_file("c.csv", head + "C1;5000;12;95500\n"))) == (1, 0, 0)
    # A file that shows a point goes by that, and so do those after it.
    assert counts(take_in(make_file("d.csv", head + "D1;5000.50;12;95.25\n"))) == (1, 0, 0)
    assert counts(take_in(make_file("e.csv", head + "E1;5000;12;95.125\n"))) == (1, 0, 0)
    assert incomes() == [80000, 90500, 95500, 95.25, 95.125]


def test_shares_that_always_were_bare_numbers_are_read_as_before(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", of_debt("0.2", "0.355", "0.08")))) == (3, 0, 0)
    assert counts(take_in(make_file("b.csv", of_debt("0.2", "0.355", "0.08", "0.5")))) == (1, 3, 0)


def test_a_column_of_bare_shares_that_comes_in_percent_refuses_the_file(
    transactional_db: None, make_file: MakeFile
) -> None:
    assert counts(take_in(make_file("a.csv", of_debt("0.2", "0.355", "0.08")))) == (3, 0, 0)
    path = make_file("b.csv", of_debt("20%", "35.5%", "8%", "50%"))
    with pytest.raises(MappingError) as refusal:
        take_in(path)
    assert (refusal.value.code, refusal.value.params) == ("percent_new", {"name": "负债率"})
    assert (Case.objects.count(), Batch.objects.count()) == (3, 1)


@pytest.mark.parametrize(
    ("first", "then"), [(("20", "35.5", "8"), ("20%", "35.5%", "8%")), (("0.2", "0.35"), ("0.2%", "0.35%"))]
)
def test_numbers_that_were_percent_all_along_may_say_so(
    transactional_db: None, make_file: MakeFile, first: tuple[str, ...], then: tuple[str, ...]
) -> None:
    assert counts(take_in(make_file("a.csv", of_debt(*first)))) == (len(first), 0, 0)
    assert counts(take_in(make_file("b.csv", of_debt(*then)))) == (0, len(then), 0)


def test_shares_of_what_is_kept_in_percent_are_the_same_as_percent(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", table("0.2", "0.355", "1.08", "0")))) == (4, 0, 0)
    assert counts(take_in(make_file("b.csv", table("20%", "35.5%", "108%", "0%")))) == (0, 4, 0)
    assert [*Case.objects.order_by("pk").values_list("features__debt_to_income", flat=True)] == [20, 35.5, 108, 0]


def test_a_few_shares_are_read_as_those_before_them(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", table(*(f"0.{at}5" for at in range(1, 10)))))) == (9, 0, 0)
    few = make_file("b.csv", HEADER + "B-1,5000,0.25\nB-2,5001,2.1\nB-3,5002,0\n")
    assert counts(take_in(few)) == (3, 0, 0)
    held = Case.objects.filter(external_ref__startswith="B").order_by("pk")
    assert [*held.values_list("features__debt_to_income", flat=True)] == [25, 210, 0]
    assert counts(take_in(make_file("c.csv", HEADER + "C-1,5000,25\nC-2,5001,35.5\nC-3,5002,1.2\n"))) == (3, 0, 0)
    assert Case.objects.get(external_ref="C-2").features == {"debt_to_income": 35.5}


def test_shares_behind_noughts_alone_were_never_in_percent(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", table("0", "0")))) == (2, 0, 0)
    assert counts(take_in(make_file("b.csv", HEADER + "B-1,5000,0.25\nB-2,5001,0.35\n"))) == (2, 0, 0)
    assert Case.objects.get(external_ref="B-2").features == {"debt_to_income": 35}


def test_shares_that_always_stood_bare_on_the_cases_of_a_source_go_on_so(
    transactional_db: None, make_file: MakeFile
) -> None:
    first = make_file("a.csv", table("0.2", "0.355", "0.98"))
    mapping = recognise(open_table(first).columns, sample_rows(open_table(first)), "branch", [])[0]
    features = {"debt_to_income": replace(mapping.features["debt_to_income"], scale=None)}
    bare = mapping_as_data(replace(mapping, features=features))
    assert counts(take_in(first, make_file("m.yaml", json.dumps(bare)))) == (3, 0, 0)
    assert counts(take_in(make_file("b.csv", table("0.2", "0.355", "0.98", "0.5")))) == (1, 3, 0)
    assert [*Case.objects.order_by("pk").values_list("features__debt_to_income", flat=True)] == [0.2, 0.355, 0.98, 0.5]
    # From percent to shares is another matter.
    with pytest.raises(MappingError, match="负债收入比"):
        take_in(make_file("c.csv", table("20%", "35.5%", "8%")))


def test_a_table_that_no_longer_has_its_numbers_is_refused(transactional_db: None, make_file: MakeFile) -> None:
    head, *rows = table("20%", "35.5%", "8%").splitlines()
    assert counts(take_in(make_file("a.csv", "\n".join([head, *rows])))) == (3, 0, 0)
    bare = [line.partition(",")[2] for line in (head, *rows)]
    with pytest.raises(MappingError) as refusal:
        take_in(make_file("b.csv", "\n".join(bare)))
    assert (refusal.value.code, refusal.value.params) == ("columns_lacking", {"names": "贷款合同编号"})
    assert (Case.objects.count(), Batch.objects.count()) == (3, 1)
    # Another table of the source never had any.
    assert counts(take_in(make_file("c.csv", "贷款金额,年收入,申请日期\n5000,60000,2026-01-05\n"))) == (1, 0, 0)


def test_a_source_whose_tables_came_without_numbers_may_leave_them_out(
    transactional_db: None, make_file: MakeFile
) -> None:
    head, *rows = table("20%", "35.5%", "8%").splitlines()
    bare = "\n".join(line.partition(",")[2] for line in (head, *rows))
    assert counts(take_in(make_file("a.csv", bare))) == (3, 0, 0)
    assert counts(take_in(make_file("b.csv", "\n".join([head, *rows])))) == (0, 3, 0)
    assert counts(take_in(make_file("c.csv", bare + "\n9000,12%"))) == (1, 3, 0)


def test_a_table_without_numbers_whose_columns_have_other_names_is_refused(
    transactional_db: None, make_file: MakeFile
) -> None:
    rows = "".join(f"{5000 + at},{12 + at},{at}\n" for at in range(20))
    assert counts(take_in(make_file("a.csv", "贷款金额,贷款期限,逾期次数\n" + rows))) == (20, 0, 0)
    with pytest.raises(MappingError) as refusal:
        take_in(make_file("b.csv", "借款金额,借款期限(月),逾期次数\n" + rows))
    assert (refusal.value.code, refusal.value.params) == ("columns_lacking", {"names": "贷款金额, 贷款期限"})
    assert (Case.objects.count(), Batch.objects.count()) == (20, 1)
