"""Units in headers, decimal marks of a file, dotted dates, rates in two forms: no number is silently another one."""

import io
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from intake.mapped.case_mapping import CHINA
from intake.mapped.given import Given
from intake.mapped.row_reader import map_row
from intake.mapped.submission import Submission
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, bind_mapping, read_rows, sample_rows
from intake.recognition.mapping import CaseMapping, infer_mapping, mapping_as_data, read_mapping
from intake.values.cell_dates import read_moment
from intake.values.cells import CellError, read_number, read_rate
from intake.wording.sentences import SENTENCES
from tests.intake.places import FIELDS, NOW, MakeFile


def read(
    make_file: MakeFile, content: str | bytes, given: CaseMapping | None = None
) -> tuple[CaseMapping, list[ReadRow]]:
    table = open_table(make_file("table.csv", content))
    mapping = bind_mapping(given or infer_mapping(table.columns, sample_rows(table), "bank"), table)
    return mapping, list(read_rows(table, mapping, now=NOW))


def good(rows: list[ReadRow]) -> list[Submission]:
    cases = [row.submission for row in rows if row.submission]
    assert len(cases) == len(rows), [row.errors for row in rows]
    return cases


def workbook(rows: list[list[str | float]], percent_columns: str = "") -> bytes:
    """An .xlsx whose numbers in some columns are formatted as percent: 0.085 shows as 8.5 %."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for cells in rows:
        sheet.append(cells)
    for letter in percent_columns:
        for cell in sheet[letter]:
            cell.number_format = "0.0%"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("header", "name", "cell", "value", "scale"),
    [
        ("年收入(万元)", "annual_income", "12.5", 125_000, 10_000),
        ("年收入（万）", "annual_income", "12.5", 125_000, 10_000),
        ("年收入_万元", "annual_income", "3", 30_000, 10_000),
        ("月收入(千元)", "monthly_income", "8.5", 8_500, 1_000),
        ("年收入（单位：万元）", "annual_income", "12.5", 125_000, 10_000),
        ("Annual income (k)", "annual_income", "71.5", 71_500, 1_000),
        ("Annual income (USD thousands)", "annual_income", "71.5", 71_500, 1_000),
        ("revenue ('000)", "revenue", "2", 2_000, 1_000),
        ("Revenue in millions", "revenue", "2.5", 2_500_000, 1_000_000),
        ("employment (years)", "employment_years", "4", 4, None),
        ("Revenue (USD)", "revenue_usd", "4", 4, None),
        ("利率(%)", "interest_rate", "0.85", 0.85, None),
    ],
)
def test_the_unit_in_a_header_scales_a_feature(
    make_file: MakeFile, header: str, name: str, cell: str, value: float, scale: int | None
) -> None:
    mapping, rows = read(make_file, f"id,amount,{header}\nA-1,5000,{cell}\nA-2,6000,{cell}\n")
    found = {"employment": "employment_years"}
    features = {found.get(key, key): item for key, item in good(rows)[0].features.items()}
    assert features == {name: value}
    (given,) = mapping_as_data(mapping)["features"].values()  # type: ignore[attr-defined]
    assert given.get("scale") == (None if scale is None else str(scale))


EUROPEAN = "id;amount;rate;income\nA-1;16.469,50;7,37;71.912\nA-2;5.000,00;8,1;100.000\n"


def test_a_comma_file_groups_its_undecided_numbers_with_points(make_file: MakeFile) -> None:
    _, rows = read(make_file, EUROPEAN)
    first, second = good(rows)
    assert (first.amount, first.features) == (Decimal("16469.50"), {"rate": 7.37, "income": 71912})
    assert (second.amount, second.features) == (Decimal("5000.00"), {"rate": 8.1, "income": 100000})


def test_an_explicit_mapping_without_a_mark_takes_that_of_the_file(make_file: MakeFile) -> None:
    features = {
        "income": {"column": "income", "type": "number"},
        "used": {"compute": "percent_of", "from": ["rate", "income"]},
        "stated": {"column": "income", "type": "number", "decimal": "."},
    }
    mapping, rows = read(make_file, EUROPEAN, read_mapping({"source": "bank", "fields": FIELDS, "features": features}))
    first = good(rows)[0]
    assert (first.amount, first.features["income"], first.features["stated"]) == (Decimal("16469.50"), 71912, 71.912)
    assert first.features["used"] == 0.01
    assert read_mapping(mapping_as_data(mapping)).features["income"].decimal == ","


@pytest.mark.parametrize(
    "content",
    [
        "id;amount;rate;income\nA-1;100;7,37;71.912\nA-2;200;7,38;1.5\n",
        "id;amount;rate;income\nA-1;100;7,37;71.912\nA-2;200;7,38;0.125\n",
        "id;amount;rate;income\nA-1;100;7.37;71.912\nA-2;200;7.38;72.000\n",
    ],
)
def test_a_file_without_proof_or_with_contradicting_proof_is_read_as_it_stands(
    make_file: MakeFile, content: str
) -> None:
    _, rows = read(make_file, content)
    assert good(rows)[0].features == {"rate": 7.37, "income": 71.912}


def test_numbers_of_a_spreadsheet_have_no_mark_of_their_own(make_file: MakeFile) -> None:
    table: list[list[str | float]] = [["id", "amount", "rate", "income"]]
    table += [["A-1", 5000, "7,37", 71.912]]
    table += [["A-2", 6000, "7,4", 72.5]]
    _, rows = read(make_file, workbook(table))
    assert good(rows)[0].features == {"rate": 7.37, "income": 71.912}


@pytest.mark.parametrize("header", ["applied", "application date", "Date of application", "申请日期"])
def test_dotted_dates_are_day_month_year(make_file: MakeFile, header: str) -> None:
    _, rows = read(make_file, f"id,amount,{header}\nA-1,5000,01.02.2024\nA-2,6000,03.04.2024\n")
    first, second = good(rows)
    assert first.applied_at == datetime(2024, 2, 1, tzinfo=CHINA)
    assert second.applied_at == datetime(2024, 4, 3, tzinfo=CHINA)
    assert (first.features, second.features) == ({}, {})
    assert "applied_at" not in first.derived


def test_an_explicit_mapping_reads_dotted_dates_without_a_format(make_file: MakeFile) -> None:
    fields = {**FIELDS, "applied_at": {"column": "on"}}
    text = "id,amount,on\nA-1,5000,01.02.2024\nA-2,5000,12.25.2024\n"
    _, rows = read(make_file, text, read_mapping({"source": "bank", "fields": fields}))
    assert rows[0].submission is not None
    assert rows[0].submission.applied_at == datetime(2024, 2, 1, tzinfo=CHINA)
    assert [(error.field, error.code) for error in rows[1].errors] == [("on", "not_a_date")]
    assert read_moment("3.4.2024 09:30", CHINA) == datetime(2024, 4, 3, 9, 30, tzinfo=CHINA)


@pytest.mark.parametrize("text", ["01.02.2024", "1.2.2024", "2024.01.02", "01,02,2024", "31.12.24", "1.23.456"])
@pytest.mark.parametrize("mark", ["", ",", "."])
def test_a_date_is_never_a_number(text: str, mark: str) -> None:
    with pytest.raises(CellError):
        read_number(text, mark)


def days(*texts: str, other: str = "") -> str:
    return "id,amount,applied,opened\n" + "".join(f"A-{at},5000,{text},{other}\n" for at, text in enumerate(texts))


@pytest.mark.parametrize(
    ("table", "first"),
    [
        (days("03/04/2024", "25/04/2024", "04/05/2024"), "2024-04-03"),
        (days("03/04/2024", "04/25/2024", "04/05/2024"), "2024-03-04"),
        (days("03-04-2024 10:30", "25-04-2024 09:00"), "2024-04-03"),
        # One slip of ten and more does not turn the others.
        (days("03/04/2024", *[f"{day}/04/2024" for day in range(13, 23)], "04/25/2024"), "2024-04-03"),
        # Nothing tells in its own column; another of the file does, as long as none contradicts.
        (days("03/04/2024", "05/06/2024", other="28/02/2020"), "2024-04-03"),
        (days("01/02/2024", "01/03/2024", "01/04/2025"), "2024-02-01"),
        # The days of a January are no table by month.
        (days("02/01/2024", "03/01/2024", "04/01/2024", "15/01/2024"), "2024-01-02"),
        (days("01/02/2024", "01/03/2024", "01/04/2024", "01/15/2024"), "2024-01-02"),
        (days("02/01/2024", "03/01/2024", "04/01/2024", other="28/02/2020"), "2024-01-02"),
        (days("03/04/2024", "2024-04-25", "25/04/2024"), "2024-04-03"),
    ],
)
def test_the_order_of_a_date_is_told_by_the_others(make_file: MakeFile, table: str, first: str) -> None:
    _, rows = read(make_file, table)
    case = rows[0].submission
    assert case is not None
    assert case.applied_at.astimezone(CHINA).date().isoformat() == first
    assert "applied_at" not in case.derived


def test_where_nothing_tells_the_order_of_a_date_its_rows_are_named_and_no_other(make_file: MakeFile) -> None:
    mapping, rows = read(make_file, days("03/04/2024", "05/05/2024", "06/07/2024"))
    assert (mapping.fields["applied_at"].column, mapping.fields["applied_at"].format) == ("applied", "")
    assert [[(error.field, error.code) for error in row.errors] for row in rows] == [
        [("applied", "ambiguous_date")], [], [("applied", "ambiguous_date")],
    ]  # fmt: skip
    _, rows = read(make_file, days("02/01/2024", "03/01/2024", "04/01/2024", "05/01/2024"))
    assert [row.errors[0].code for row in rows] == ["ambiguous_date"] * 4


def test_a_feature_of_such_dates_is_kept_in_one_form_where_its_order_is_known(make_file: MakeFile) -> None:
    text = "id,amount,seen,met\nA-1,5000,25/04/2024,01/02/2024\nA-2,6000,03/04/2024,03/02/2024\n"
    _, rows = read(make_file, text)
    assert good(rows)[1].features == {"seen": "2024-04-03", "met": "03/02/2024"}


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("25/04/2024", "2024-04-25"),
        ("25/04/2024 00:00", "2024-04-25"),
        ("25/04/2024 10:30", "2024-04-25T10:30:00+08:00"),
        ("2024-04-25T00:00:00Z", "2024-04-25T00:00:00+00:00"),
    ],
)
def test_a_day_is_kept_as_a_day_and_a_moment_as_a_moment(cell: str, kept: str) -> None:
    given = Given("column", column="seen", type="date")
    mapping = replace(infer_mapping(["id", "amount"], [], "branch"), features={"seen": given})
    mapped, _errors = map_row(mapping, {"id": "A-1", "amount": 5, "seen": cell}, now=NOW)
    assert mapped.raw["features"] == {"seen": kept}
    assert mapped.once == ({"seen": f"{kept}T00:00:00+08:00"} if len(kept) == 10 else {})


def test_shares_beside_percent_texts_come_out_in_percent(make_file: MakeFile) -> None:
    table: list[list[str | float]] = [["id", "amount", "rate", "usage"], ["A-1", 5000, "8.5%", "120%"]]
    table += [[f"A-{number}", 5000, 0.085, 0.5] for number in range(2, 40)]
    table += [["A-40", 5000, "n/a", 1.5]]
    mapping, rows = read(make_file, workbook(table, "CD"))
    cases = good(rows)
    assert [case.features["rate"] for case in cases[:2]] == [8.5, 8.5]
    assert [case.features["usage"] for case in cases[:2]] == [120, 50]
    assert (cases[-1].features["rate"], cases[-1].features["usage"]) == (None, 150)
    assert mapping.features["rate"].type == "percent"
    assert read_mapping(mapping_as_data(mapping)).features["rate"].type == "percent"
    assert [read_rate(text) for text in ("8.5%", "0.085", "12", "0.5％")] == [
        Decimal("8.5"), Decimal("8.5"), Decimal(12), Decimal("0.5"),
    ]  # fmt: skip


def test_a_bare_1_beside_percents_and_shares_is_not_guessed_at(make_file: MakeFile) -> None:
    mapping, rows = read(
        make_file, "id,amount,usage\nA-1,5000,95%\nA-2,5000,0.7\nA-3,5000,1\nA-4,5000,100%\nA-5,5000,0.01\n"
    )
    assert mapping.features["usage"].type == "rate"
    assert [row.submission and row.submission.features["usage"] for row in rows] == [95, 70, None, 100, 1]
    assert [(error.field, error.value, error.code) for error in rows[2].errors] == [("usage", "1", "rate_of_one")]


def test_bare_numbers_under_a_percent_header_are_percents(make_file: MakeFile) -> None:
    _, rows = read(make_file, "id,amount,利率(%)\nA-1,5000,0.85%\nA-2,6000,0.9\n")
    assert [case.features["interest_rate"] for case in good(rows)] == [0.85, 0.9]


def test_a_cell_with_a_unit_of_its_own_is_not_scaled_again(make_file: MakeFile) -> None:
    text = "id,贷款金额(万元),年收入(万元)\nA-1,12.5万元,20万\nA-2,8,15\nA-3,9,16\n"
    _, rows = read(make_file, text)
    assert [case.amount for case in good(rows)] == [Decimal(125_000), Decimal(80_000), Decimal(90_000)]
    assert [case.features["annual_income"] for case in good(rows)] == [200_000, 150_000, 160_000]


def test_a_unit_may_name_the_currency_too(make_file: MakeFile) -> None:
    _, rows = read(make_file, "id,Loan amount (USD thousands)\nA-1,12.5\n")
    assert [(case.amount, case.currency) for case in good(rows)] == [(Decimal(12_500), "USD")]


def test_percents_beside_bare_percents_are_not_multiplied(make_file: MakeFile) -> None:
    _, rows = read(make_file, "id,amount,rate\nA-1,5000,8.5%\nA-2,6000,9.5\nA-3,6000,0.9\n")
    assert [case.features["rate"] for case in good(rows)] == [8.5, 9.5, 0.9]


def test_one_long_cell_costs_its_row_and_not_its_column(make_file: MakeFile) -> None:
    lines = [f"A-{number},5000,Ann {number},clerk" for number in range(3)]
    lines += [f"A-8,5000,{'x' * 300},clerk", f"A-9,5000,Bob,{'y' * 600}"]
    _, rows = read(make_file, "id,amount,customer_name,job_title\n" + "\n".join(lines) + "\n")
    assert [row.submission.applicant.name for row in rows if row.submission] == ["Ann 0", "Ann 1", "Ann 2"]
    assert [row.submission.features for row in rows if row.submission] == [{"job_title": "clerk"}] * 3
    assert [[(error.field, error.code, error.params["limit"]) for error in row.errors] for row in rows[3:]] == [
        [("customer_name", "too_long", "200")],
        [("job_title", "too_long", "500")],
    ]


def test_headers_of_lending_club_become_the_canonical_features(make_file: MakeFile) -> None:
    header = (
        "id,loan_amnt,term,int_rate,sub_grade,annual_inc,emp_length,verification_status,delinq_2yrs,inq_last_12m,"
        "acc_now_delinq,open_act_il,all_util"
    )
    text = (
        f"{header}\n1,5000,36 months,13.99%,C4,60000,10+ years,Not Verified,0,2,0,3,55\n"
        "2,6000,60 months,7.5%,A1,70000,< 1 year,Source Verified,1,0,0,1,20\n"
        "3,7000,36 months,9%,G5,80000,n/a,Verified,0,1,1,0,\n4,7000,36 months,9%,B2,80000,3 years,Verified,0,1,1,0,9\n"
    )
    _, rows = read(make_file, text)
    first, second, third, fourth = good(rows)
    assert (first.amount, first.term_months, second.term_months) == (Decimal(5000), 36, 60)
    assert first.features == {
        "interest_rate": 13.99, "sub_grade": 14, "annual_income": 60000, "employment_years": 10,
        "income_verified": "not_verified", "delinquencies_2y": 0, "inquiries_12m": 2, "accounts_delinquent_now": 0,
        "open_instalment_accounts": 3, "credit_utilisation": 55,
    }  # fmt: skip
    assert [case.features["employment_years"] for case in (second, third, fourth)] == [0, None, 3]
    assert [case.features["income_verified"] for case in (second, third)] == ["source_verified", "verified"]
    assert [case.features["sub_grade"] for case in (second, third)] == [1, 35]


def test_further_spellings_of_usual_headers_are_known(make_file: MakeFile) -> None:
    _, rows = read(
        make_file,
        "id,amount,APR %,Gross Yearly Income,open_il_6m,verification_status\n"
        "A-1,5000,0.9,60000,1,pending\nA-2,6000,0.8,70000,2,done\n",
    )
    assert good(rows)[0].features == {
        "interest_rate": 0.9, "annual_income": 60000, "open_instalment_accounts": 1, "verification_status": "pending",
    }  # fmt: skip


def test_a_row_names_what_cannot_be_read_and_what_is_not_possible_at_once(make_file: MakeFile) -> None:
    lines = "".join(f"A-{number},5000,12,2024-01-0{number}\n" for number in range(1, 5))
    _, rows = read(make_file, f"id,amount,term,applied\n{lines}A-9,-5,0,2024-02-30\n")
    assert [(error.field, error.value, error.code) for error in rows[-1].errors] == [
        ("applied", "2024-02-30", "not_a_date"),
        ("amount", "-5", "not_positive"),
        ("term", "0", "out_of_range"),
    ]


def test_chinese_sentences_have_no_half_width_punctuation() -> None:
    said = {code: chinese.replace("+08:00", "") for code, (_english, chinese) in SENTENCES.items()}
    plain = {code: chinese for code, chinese in said.items() if set(",;:!?()") & set(chinese)}
    assert plain == {}
