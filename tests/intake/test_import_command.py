"""`import_cases`: what it prints, what it refuses, the example mappings, and its memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cases.models import Applicant, Case
from intake.models import Batch, RejectedRow, Source
from tests.intake.places import MAPPINGS, SAMPLE, SHARED, MakeFile
from tests.worker import worker_environ

ROWS = "id,product,amount,term,currency,annual_income\nR-1,consumer,5000,24,USD,60000\nR-2,consumer,abc,24,USD,1\n"
GERMAN = (
    "duration_in_month,credit_amount,age_in_years,purpose,telephone,bad\n"
    "6,1169,67,radio/television,none,0\n48,5951,22,radio/television,none,1\n48,5951,22,radio/television,none,1\n"
)
TAIWAN = (
    "ID,LIMIT_BAL,SEX,EDUCATION,MARRIAGE,AGE,PAY_0,default_next_month\n"
    "1,20000,2,2,1,24,2,1\n2,120000,2,0,2,26,-1,0\n3,90000,7,2,2,34,0,0\n"
)
SBA_COLUMNS = (
    "loan_nr_chk_dgt,name,city,state,zip,bank,bank_state,naics,approval_date,approval_fy,term,no_emp,new_exist,"
    "create_job,retained_job,franchise_code,urban_rural,rev_line_cr,low_doc,chg_off_date,disbursement_date,"
    "disbursement_gross,balance_gross,mis_status,chg_off_prin_gr,gr_appv,sba_appv,default,naics2,is_franchise\n"
)
SBA = SBA_COLUMNS + (
    "4554284009,STACEY'S,MOLINE,IL,61265,TRIUMPH,IL,722410,2001-06-04,2001,205,5,2.0,0,0,1,1,,Y,2005-03-28,"
    "2002-04-30,60000.0,0.0,CHGOFF,27395.0,60000.0,51000.0,1,N72,0\n"
    "7766224008,S. PATEL,SANTA MARIA,CA,93454,HERITAGE,CA,721110,not a day,2004,50,6,1.0,0,6,1,1,,N,,2004-11-30,"
    "645000.0,0.0,PIF,0.0,645000.0,483750.0,0,N00,0\n"
)


def imported(path: Path, source: str, *options: str, out: pytest.CaptureFixture[str]) -> dict[str, Any]:
    call_command("import_cases", str(path), "--source", source, "--json", *options)
    figures: dict[str, Any] = json.loads(out.readouterr().out)
    return figures


def test_json_is_one_object_with_the_counts(db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str]) -> None:
    path = make_file("a.csv", ROWS)
    first = imported(path, "branch", out=capsys)
    file = Batch.objects.get()
    counts = {"rows": 2, "rejected": 1, "held": 0, "import_file": file.pk}
    read = first.pop("recognised")
    assert (read["external_ref"], read["term_months"], read["features.annual_income"]) == (
        "id",
        "term",
        "annual_income (type number)",
    )
    assert first == {**counts, "accepted": 1, "duplicates": 0, "taken_in_before": 0}
    again = imported(path, "branch", out=capsys)
    assert again.pop("recognised") == read
    assert again == {**counts, "accepted": 0, "duplicates": 1, "taken_in_before": 1}
    assert (Case.objects.count(), RejectedRow.objects.count(), Batch.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("amount", "code"),
    [("1234567890123456789012345678", "too_many_digits"), ("1e39", "too_many_digits"), ("9" * 400, "not_a_number")],
)
def test_an_amount_beyond_all_sense_is_refused_and_the_other_rows_are_kept(
    db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str], amount: str, code: str
) -> None:
    path = make_file("long.csv", ROWS.replace("abc", amount) + "R-3,consumer,6000,24,USD,50000\n")
    found = imported(path, "branch", out=capsys)
    assert (found["accepted"], found["rejected"]) == (2, 1)
    (rejected,) = RejectedRow.objects.all()
    assert [(error["field"], error["code"]) for error in rejected.errors] == [("amount", code)]


def test_a_person_reads_the_counts_and_why_rows_were_rejected(
    db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_cases", str(make_file("a.csv", ROWS)), "--source", "branch")
    said = capsys.readouterr()
    assert [line.split() for line in said.out.splitlines()][:4] == [
        ["rows", "2"], ["accepted", "1"], ["duplicates", "0"], ["rejected", "1"],
    ]  # fmt: skip
    assert "row 3, amount: “abc” is not a number. “abc”不是数字。" in said.err
    assert f"/imports/{Batch.objects.get().pk}/rejected.csv" in said.err


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_person_reads_what_the_columns_were_taken_for(
    db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    path = make_file("a.csv", "合同号,金额(万元),期限,申请日期,手机\nA-1,5,24,2026-01-05,13800138000\n")
    call_command("import_cases", str(path), "--source", "branch", *options)
    said = capsys.readouterr().out.splitlines()
    at = said.index("Nobody wrote a mapping; the columns are read by what they seem to say:")
    lines = said[at + 1 :]
    for line in ("  external_ref <- 合同号", "  amount <- 金额(万元) (times 10000)", "  currency <- constant: CNY"):
        assert line in lines
    capsys.readouterr()
    given = make_file("own.yaml", "fields: {external_ref: {column: 合同号}}\n")
    call_command("import_cases", str(path), "--source", "other", "--mapping", str(given), *options)
    assert "Nobody wrote" not in capsys.readouterr().out


def test_a_dry_run_counts_and_writes_nothing(db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str]) -> None:
    figures = imported(make_file("a.csv", ROWS), "branch", "--dry-run", out=capsys)
    assert figures.pop("recognised")["amount"] == "amount"
    assert figures == {"rows": 2, "accepted": 1, "duplicates": 0, "rejected": 1, "dry_run": True}
    for model in (Case, Applicant, Batch, RejectedRow, Source):
        assert not model._default_manager.exists()


def test_csv_xlsx_and_parquet_of_the_same_rows_are_the_same_cases(
    db: None, make_file: MakeFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["id", "product", "amount", "term", "annual_income"]]
    rows += [[f"R-{number}", "consumer", 5000 + number, 24, 60000] for number in range(3)]  # type: ignore[list-item]
    text = "\n".join(";".join(map(str, row)) for row in rows)
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    columns = {name: [row[at] for row in rows[1:]] for at, name in enumerate(rows[0])}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    paths = [make_file("a.csv", text.encode("gb18030")), tmp_path / "a.xlsx", tmp_path / "a.parquet"]
    assert [imported(path, "branch", out=capsys)["accepted"] for path in paths] == [3, 0, 0]
    assert Case.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "content", "options", "sentence"),
    [
        ("absent.csv", None, (), "does not exist or cannot be read"),
        ("a.csv", "", (), "The file holds no header row. 文件中没有表头。"),
        (
            "a.xlsx",
            b"PK\x03\x04 and no more",
            (),
            "The file is damaged, was cut off, or is not of the kind that its name says; open it",
        ),
        ("a.csv", "amount,amount\n1,2\n", (), "The header names these columns more than once: amount."),
        ("a.csv", ROWS, ("--mapping", "absent.yaml"), "absent.yaml does not exist or cannot be read"),
        ("a.csv", ROWS, ("--mapping", str(MAPPINGS / "german_credit.yaml")), "columns that the table does not have"),
    ],
)
def test_a_file_or_mapping_that_cannot_be_used_is_refused_in_a_sentence(
    db: None,
    make_file: MakeFile,
    tmp_path: Path,
    name: str,
    content: str | bytes | None,
    options: tuple[str, ...],
    sentence: str,
) -> None:
    path = tmp_path / name if content is None else make_file(name, content)
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("import_cases", str(path), "--source", "branch", *options)
    assert (Case.objects.count(), Batch.objects.count(), Source.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("source", ["two words", "a/b", "x" * 51, "张三"])
def test_a_source_that_is_no_short_name_is_refused(db: None, make_file: MakeFile, source: str) -> None:
    with pytest.raises(CommandError):
        call_command("import_cases", str(make_file("a.csv", ROWS)), "--source", source)
    assert (Case.objects.count(), Batch.objects.count(), Source.objects.count()) == (0, 0, 0)


def test_the_german_mapping_reads_a_table_without_references(
    db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = imported(make_file("g.csv", GERMAN), "german-credit", out=capsys)
    assert (figures["accepted"], figures["rejected"]) == (3, 0)
    case = Case.objects.get(amount=1169)
    assert (case.state, case.decided_by, case.currency, case.term_months) == ("approved", "lender", "DEM", 6)
    assert (case.product, case.features["age"], case.features["purpose"]) == ("instalment", 67, "radio/television")
    assert "bad" not in case.features
    assert {"external_ref", "applied_at", "applicant.id"} <= set(case.derived)
    assert Case.objects.filter(amount=5951).count() == 2


def test_the_taiwan_mapping_translates_codes_and_refuses_unknown_ones(
    db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = imported(make_file("t.csv", TAIWAN), "taiwan-cards", out=capsys)
    assert (figures["accepted"], figures["rejected"]) == (2, 1)
    case = Case.objects.get(external_ref="TW-2")
    assert (case.amount, case.currency, case.term_months) == (Decimal("120000.00"), "TWD", 12)
    assert (case.features["sex"], case.features["education"], case.features["marriage"]) == ("female", None, "single")
    assert "term_months" in case.derived
    assert not any(name.startswith("default") for name in case.features)
    (row,) = RejectedRow.objects.all()
    assert [(error["field"], error["code"]) for error in row.errors] == [("SEX", "value_not_listed")]


def test_the_sba_mapping_reads_no_column_that_tells_the_outcome(
    db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = imported(make_file("s.csv", SBA), "sba-loans", out=capsys)
    assert (figures["accepted"], figures["rejected"]) == (1, 1)
    case = Case.objects.get()
    assert (case.external_ref, case.term_months, case.industry, case.region) == ("SBA-4554284009", 84, "N72", "IL")
    assert (case.applicant.name, case.applicant.segment) == ("STACEY'S", "small-business")
    assert case.features["is_new_business"] is True
    assert not {"term", "chg_off_date", "mis_status", "default", "balance_gross"} & case.features.keys()
    (row,) = RejectedRow.objects.all()
    assert row.errors[0]["field"] == "approval_date"


REAL = [
    (SAMPLE / "lending_club_2018.csv.gz", "lending-club-2018", 10_000),
    (SHARED / "german" / "data.csv.gz", "german-credit", 1000),
    (SHARED / "taiwan" / "data.csv.gz", "taiwan-cards", 30_000),
    (SHARED / "sba" / "data.csv.gz", "sba-loans", 16_544),
]


@pytest.mark.parametrize(("path", "source", "rows"), [each for each in REAL if each[0].exists()])
def test_the_whole_real_tables_are_read_by_their_mappings(
    db: None, path: Path, source: str, rows: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every loan of the tables the mappings were written for: the shipped one, and those beside the project."""
    figures = imported(path, source, "--dry-run", out=capsys)
    assert (figures["rows"], figures["accepted"] + figures["rejected"]) == (rows, rows)
    assert figures["accepted"] >= 0.99 * rows


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_file_is_taken_in_with_little_memory(shared_db: None, tmp_path: Path) -> None:
    """Three thousand rows and twelve thousand grow the process alike: what is held is a chunk, not the file."""
    grown = {}
    for count in (3_000, 12_000):
        path = tmp_path / f"{count}.csv"
        with path.open("w") as file:
            file.write("id,product,amount,term,currency,annual_income,note\n")
            file.writelines(f"{count}-{n},consumer,{1000 + n % 9000},24,USD,60000,{'x' * 200}\n" for n in range(count))
        done = subprocess.run(
            [sys.executable, "-m", "tests.intake.memory", str(path), f"large-{count}"],
            cwd=settings.BASE_DIR,
            env=worker_environ(),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        figures = json.loads(done.stdout)
        assert (figures["accepted"], figures["rejected"]) == (count, 0)
        grown[count] = figures["grown_kib"] / 1024
    assert grown[12_000] < grown[3_000] + 15
    assert grown[12_000] < 120


def test_rows_without_a_reference_are_known_again_after_more_of_their_columns_were_recognised(
    db: None, make_file: MakeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "客户编号,手机号,逾期次数,贷款金额,年收入\nC-1,13800138000,0,5000,60000\nC-1,13900139000,2,5000,60000\n"
    rows += "".join(f"C-2,13800138000,0,{number},60000\n" for number in range(100, 138))
    # As it was read then: the telephone and the count of lateness were dropped, so that the two rows were equal.
    before = make_file(
        "before.yaml",
        "fields: {external_ref: {row_hash: true, prefix: R-}, product: {default: branch}, amount: {column: 贷款金额},"
        " currency: {default: CNY}, term_months: {default: 12}, applied_at: {import_time: true},"
        " applicant.id: {column: 客户编号}}\n"
        "features: {annual_income: {column: 年收入, type: number}}\n"
        "drop: {手机号: personal, 逾期次数: known_after_decision}\n",
    )
    imported(make_file("a.csv", rows), "branch", "--mapping", str(before), out=capsys)
    on_record = list(Case.objects.order_by("pk").values())
    assert [case["external_ref"][-2:] == "-2" for case in on_record] == [False, True, *[False] * 38]
    again = imported(make_file("a.csv", rows), "branch", out=capsys)
    assert (again["rows"], again["accepted"], again["duplicates"], again["rejected"]) == (40, 0, 40, 0)
    assert list(Case.objects.order_by("pk").values()) == on_record
    # Another amount is another row, and its telephone tells it from its equal.
    more = rows.replace(",5000,", ",7000,") + "C-2,13800138000,0,5000,60000\n"
    figures = imported(make_file("b.csv", more), "branch", out=capsys)
    assert (figures["accepted"], figures["duplicates"], figures["rejected"]) == (3, 38, 0)
    assert [ref for ref in Case.objects.values_list("external_ref", flat=True) if ref.endswith("-2")] == [
        on_record[1]["external_ref"]
    ]
    figures = imported(make_file("c.csv", more + "\n"), "branch", out=capsys)
    assert (figures["accepted"], figures["duplicates"], figures["rejected"]) == (0, 41, 0)
