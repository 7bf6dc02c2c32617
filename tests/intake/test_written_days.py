"""Days that a column of features has as texts: kept in one form, and known however their file writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import openpyxl
import pytest

from cases.models import Case, User
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.mapped.case_mapping import CHINA, MappingError
from intake.mapped.given import Given, read_cell
from intake.mapped.kept_days import as_exported
from intake.models import MappingVersion, ReadingLook, Source
from intake.recognition.feature_columns import infer_type
from intake.recognition.mapping import read_mapping
from intake.recognition.written_days import are_days
from intake.signing.first_look import confirm_reading
from intake.values.shown_months import OfMonth
from tests.intake.silent import silent
from tests.intake.test_first_look import Arrive, arrive

__all__ = ["arrive"]

KEPT: Final = Given("column", column="d", type="date", unread="keep")
# A header, a cell of a text file and of a workbook by its number, and the form of the latter.
_Column = tuple[str, Callable[[int], str], Callable[[int], str | int | datetime], str]
COLUMNS: Final[tuple[_Column, ...]] = (
    ("借据编号", "JJ{:04d}".format, "JJ{:04d}".format, ""),
    ("合同编号", "{:06d}".format, "{:06d}".format, ""),
    ("客户编号", "KH{:03d}".format, "KH{:03d}".format, ""),
    ("贷款金额(元)", lambda at: f"{12000 + at}", lambda at: 12000 + at, ""),
    ("期限(月)", lambda _at: "24", lambda _at: 24, ""),
    ("申请日期", "2026/1/{}".format, lambda at: datetime(2026, 1, at), "yyyy/m/d"),  # noqa: DTZ001
    ("开户日期", "2020/3/{}".format, lambda at: datetime(2020, 3, at), "yyyy/m/d"),  # noqa: DTZ001
    ("入账月份", lambda _at: "2025-12", lambda _at: datetime(2025, 12, 1), "yyyy-mm"),  # noqa: DTZ001
)
BY_CONTRACT: Final = COLUMNS[1:]
ROWS: Final = range(1, 13)
DAY, MONTH = "col_e96333a5", "col_5ed30a36"


def csv(columns: Sequence[_Column] = COLUMNS) -> str:
    lines = [",".join(written(at) for _name, written, _cell, _form in columns) for at in ROWS]
    return "\n".join([",".join(column[0] for column in columns), *lines, ""])


def workbook(path: Path, columns: Sequence[_Column] = COLUMNS) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for place, (name, _written, cell, form) in enumerate(columns, 1):
        sheet.cell(1, place, name)
        for at in ROWS:
            made = sheet.cell(at + 1, place, cell(at))
            if form:
                made.number_format = form
    book.save(path)
    return path


def take(path: Path) -> ImportReport:
    return take_in_file(path, source="branch", mapping=None, by=None, bars=silent, unattended=True)


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.accepted, report.duplicates, report.rejected


def hashes() -> dict[str, str]:
    return dict(Case.objects.values_list("external_ref", "content_hash"))


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ("到期日期", ["2028/1/1", "2028/12/31"]),
        ("开户", ["2020年3月1日", "2020 年 3 月 2 日"]),
        ("成立日期", ["2010.5.1", "2010.12.31"]),
        ("opened", ["2020-03-01", "2020-03-02 09:30:00", "2020/3/3 9:30"]),
        ("opened", ["5-Jan-26", "05JAN2026", "5 Mar 2018", "March 5, 2018", "Mar-2018"]),
        ("open date", ["5.3.2018", "12.3.2018"]),
        ("月份", ["2025/12", "2025/1"]),
        ("入账", ["2025年12月", "2025-12"]),
        ("证件到期日", ["2028/1/1", "长期", "2028/1/2", "长期"]),
        ("证件到期日", ["2028/1/1", "长期", "長期", "长期有效", "无固定期限", "9999-12-31"]),
        ("首次逾期日期", ["2028/1/1", "未逾期", "未逾期", "已结清", "未逾期"]),
        ("有效期至", ["长期", "长期", "2028-01-02"]),
        ("证件到期日", ["20280101", "99991231", "长期", "长期"]),
        ("valid until", ["2028-01-01", "Permanent", "permanent", "no expiry"]),
        ("到期日", [f"2028/1/{day}" for day in range(1, 32)] + ["2028/2/30"]),
    ],
)
def test_days_and_months_are_recognised(header: str, texts: list[str]) -> None:
    assert infer_type(header, texts) == Given("column", column=header, type="date", unread="keep")


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ("model", ["2020.1.1", "2020.1.2"]),
        ("section", ["1.2.2020", "1.3.2020"]),
        ("batch", ["2024/1", "2024/2"]),
        ("range", ["10-12", "1-5"]),
        ("到期日期", ["10-12", "1-5"]),
        ("years", ["1990-2000", "2001-2010"]),
        ("hotel", ["Marriott 2019", "Junior 2018"]),
        ("电话", ["010-12345678", "021-12345678"]),
        ("code", ["2020-13-01", "2020-14-02"]),
        ("到期日", ["Jan-26", "Feb-26"]),
        ("备注", ["2028/1/1", "长期", "无需", "抵押"]),
        ("证件到期日", ["长期", "长期"]),
        ("批号", ["20280101", "长期", "长期"]),
        ("open date", ["03/04/2026", "04/05/2026"]),
        ("备注", [*[f"2028/1/{day}" for day in range(1, 27)], *["第1期"] * 4]),
    ],
)
def test_codes_words_and_open_days_stay_what_they_are(header: str, texts: list[str]) -> None:
    assert infer_type(header, texts) == Given("column", column=header, type="text")
    assert not are_days(header, texts)


def test_numbers_stay_numbers() -> None:
    assert infer_type("open date", ["2020.1", "2020.2"]).type == "number"
    assert infer_type("month", ["202501", "202502"]).type == "number"


def test_days_in_the_order_of_their_table_stay_days_beside_words() -> None:
    given = infer_type("valid until", ["1/3/2028", "permanent", "permanent", "permanent", "1/24/2028"])
    assert given == Given("column", column="valid until", type="date", format="%m/%d/%Y", unread="keep")
    cells = ("1/3/2028", "2028-01-03", datetime(2028, 1, 3), "permanent")  # noqa: DTZ001
    day = datetime(2028, 1, 3, tzinfo=CHINA)
    assert [read_cell(given, cell, "date", CHINA) for cell in cells] == [day, day, day, "permanent"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2025-12", "2025-12"),
        ("2025年12月", "2025-12"),
        ("Dec-2025", "2025-12"),
        (OfMonth(2025, 12, 1), "2025-12"),
        ("长期", "长期"),
        ("无", "无"),
        ("2028/2/30", "2028/2/30"),
        ("", None),
        ("N/A", None),
        ("2020/3/1", datetime(2020, 3, 1, tzinfo=CHINA)),
        ("2020年3月1日 9:30", datetime(2020, 3, 1, 9, 30, tzinfo=CHINA)),
        (datetime(2020, 3, 1), datetime(2020, 3, 1, tzinfo=CHINA)),  # noqa: DTZ001
    ],
)
def test_what_is_no_day_stays_its_text_and_a_month_a_month(cell: object, value: object) -> None:
    assert read_cell(KEPT, cell, "date", CHINA) == value


def test_a_spreadsheet_program_writes_days_without_noughts() -> None:
    assert [as_exported(each) for each in ("2026-01-05", "2026-12-31", "2025-12", "长期")] == [
        "2026/1/5", "2026/12/31", "2025-12", "",
    ]  # fmt: skip


def test_only_a_feature_may_keep_what_is_no_day() -> None:
    kept = {"column": "d", "type": "date", "unread": "keep"}
    fields = {"amount": {"column": "a"}}
    assert read_mapping({"fields": fields, "features": {"d": kept}}, source="branch").features == {"d": KEPT}
    with pytest.raises(MappingError) as refused:
        read_mapping({"fields": {**fields, "applied_at": kept}}, source="branch")
    assert refused.value.params["value"] == "date"


@pytest.mark.parametrize("is_text_first", [True, False])
def test_the_same_loans_as_text_and_as_a_workbook_are_the_same(
    arrive: Arrive, tmp_path: Path, supervisor: User, *, is_text_first: bool
) -> None:
    def come(as_text: bool) -> ImportReport:
        return arrive(csv()) if as_text else take(workbook(tmp_path / "loans.xlsx"))

    assert counts(come(is_text_first)) == (12, 0, 0)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    before = hashes()
    assert Case.objects.get(external_ref="JJ0001").features == {DAY: "2020-03-01", MONTH: "2025-12"}
    assert counts(come(not is_text_first)) == (0, 12, 0)
    assert hashes() == before
    assert not ReadingLook.objects.filter(looked_at=None).exists()


def test_a_workbook_with_another_reference_makes_no_second_cases(
    arrive: Arrive, tmp_path: Path, supervisor: User
) -> None:
    arrive(csv(BY_CONTRACT))
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    before = hashes()
    assert counts(take(workbook(tmp_path / "loans.xlsx"))) == (0, 12, 0)
    assert hashes() == before


@pytest.mark.parametrize("columns", [COLUMNS, BY_CONTRACT])
@pytest.mark.parametrize("was_text", [True, False])
def test_what_came_when_days_were_texts_is_known_as_text_and_as_workbook(
    arrive: Arrive,
    tmp_path: Path,
    supervisor: User,
    monkeypatch: pytest.MonkeyPatch,
    columns: Sequence[_Column],
    *,
    was_text: bool,
) -> None:
    with monkeypatch.context() as then:
        then.setattr("intake.recognition.feature_columns.are_days", lambda _header, _texts: False)
        first = arrive(csv(columns)) if was_text else take(workbook(tmp_path / "then.xlsx", columns))
    assert counts(first) == (12, 0, 0)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    held = {DAY: "2020/3/1", MONTH: "2025-12"} if was_text else {DAY: "2020-03-01", MONTH: "2025-12-01"}
    assert Case.objects.order_by("external_ref")[0].features == held
    before = hashes()
    assert counts(arrive(csv(columns), "again.csv")) == (0, 12, 0)
    assert counts(take(workbook(tmp_path / "again.xlsx", columns))) == (0, 12, 0)
    assert hashes() == before
    # The same texts in one form are nothing that somebody has to look at anew.
    assert MappingVersion.objects.count() == 2
    assert not ReadingLook.objects.filter(looked_at=None).exists()
    assert Source.objects.get().state == Source.State.HEALTHY


def test_a_small_file_of_papers_that_hold_for_ever_has_its_days_in_the_form_of_before(
    arrive: Arrive, supervisor: User
) -> None:
    header = "借据号,客户号,贷款金额,期限(月),放款日期,证件到期日\n"

    def loan(number: int, until: str) -> str:
        return f"JJ-{number},K-{number},{5_000 + number},12,2026-01-05,{until}\n"

    first = header + "".join(loan(n, f"2030/1/{n}" if n % 3 else "长期") for n in range(1, 21))
    arrive(first)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    few = header + "".join(loan(n, "长期") for n in (21, 22, 23)) + loan(24, "2030/1/22")
    assert arrive(few, "few.csv").held == 0
    kept = [case.features for case in Case.objects.filter(external_ref__in=["JJ-2", "JJ-21", "JJ-24"]).order_by("pk")]
    assert [set(each.values()) for each in kept] == [{"2030-01-02"}, {"长期"}, {"2030-01-22"}]
