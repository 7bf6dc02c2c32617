"""New loans of tables without numbers or days are not taken for those of an earlier file; no file comes in twice."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from cases.models import Case
from intake.actions import ImportReport, rejected_rows
from intake.admission.equal_rows import may_repeat
from intake.admission.files import take_in_file
from intake.models import Batch, RejectedRow
from intake.record.on_record import past_mappings
from intake.tabular.returned import REASONS, ROW
from tests.intake.places import MakeFile
from tests.intake.silent import cut_off_behind, silent

HEADER = "贷款金额(元),期限(月),年利率,贷款用途,年龄"


def loans(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        f"{draw.randint(10, 50) * 1000},{draw.choice((12, 24, 36))},{draw.choice((4.35, 4.75, 5.2))},"
        f"{draw.choice(('经营', '消费'))},{draw.randint(25, 34)}"
        for _each in range(count)
    ]


def text(rows: list[str], header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def take_in(path: Path) -> ImportReport:
    return take_in_file(path, source="branch", mapping=None, by=None, bars=silent)


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.accepted, report.duplicates, report.rejected


def on_record() -> list[dict[str, object]]:
    return list(Case.objects.order_by("pk").values())


@pytest.fixture
def first(transactional_db: None, make_file: MakeFile) -> list[str]:
    rows = loans(500, 1)
    assert counts(take_in(make_file("a.csv", text(rows)))) == (500, 0, 0)
    return rows


def given_out(batch: Batch, header: str = HEADER) -> list[dict[str, str]]:
    """The refused rows as they are downloaded."""
    names = header.split(",")
    return [
        {**{name: each.raw[name] for name in names}, ROW: str(each.row_number), REASONS: "-"}
        for each in rejected_rows(batch)
    ]


def sent_again(make_file: MakeFile, name: str, rows: list[dict[str, str]]) -> ImportReport:
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    return take_in(make_file(name, out.getvalue()))


def test_rows_that_are_equal_to_some_of_another_file_are_refused_and_come_in_with_a_number(
    first: list[str], make_file: MakeFile
) -> None:
    other = loans(500, 2)
    before = on_record()
    report = take_in(make_file("b.csv", text(other)))
    assert counts(report) == (469, 0, 31)
    assert on_record()[:500] == before
    assert report.file is not None
    row = report.file.rejected_rows.order_by("row_number")[0]
    assert row.raw == dict(zip(HEADER.split(","), other[row.row_number - 2].split(","), strict=True))
    assert other[row.row_number - 2] in first
    assert row.errors == [
        {
            "field": "external_ref", "value": row.errors[0]["value"], "code": "equal_row_before",
            "en": "An equal row came before in a.csv, and nothing in this one tells whether it is the same loan. If it"
            " is another one, add a column with its number, such as loan_id, and send the row again.",
            "zh": "a.csv 中此前已有与此行完全相同的一行，此行中没有信息能说明是否为同一笔贷款。如为另一笔，"
            "请增加一列填写其编号（例如“贷款编号”）后重新上传此行。",
        }
    ]  # fmt: skip
    assert Case.objects.get(external_ref=row.errors[0]["value"]).origin.batch.name == "a.csv"
    # As they are, nobody has said anything of them; with numbers they are loans, and known from then on.
    out = given_out(report.file)
    assert counts(sent_again(make_file, "c.csv", out)) == (0, 0, 31)
    numbered = [{**each, "贷款编号": f"HT-{at:04d}"} for at, each in enumerate(out)]
    assert counts(sent_again(make_file, "d.csv", numbered)) == (31, 0, 0)
    assert Case.objects.filter(external_ref__startswith="HT-").count() == 31
    assert counts(sent_again(make_file, "e.csv", numbered[::-1])) == (0, 31, 0)
    assert Case.objects.count() == 1000


def test_the_file_again_a_longer_one_and_a_part_of_it_add_only_what_is_new(
    first: list[str], make_file: MakeFile
) -> None:
    before = on_record()
    assert counts(take_in(make_file("b.csv", text(first[::-1])))) == (0, 500, 0)
    assert counts(take_in(make_file("c.csv", text(first[100:140])))) == (0, 40, 0)
    # The rows of before are less than half of it, but all that came.
    new = [row for row in loans(1000, 3) if row not in first]
    assert counts(take_in(make_file("d.csv", text(first + new)))) == (len(new), 500, 0)
    assert on_record()[:500] == before
    # Rows of both files, of each of which it holds most.
    assert counts(take_in(make_file("e.csv", text(new[::-1] + first)))) == (0, 500 + len(new), 0)
    assert not RejectedRow.objects.exists()


def test_a_few_rows_that_are_all_equal_to_some_of_before_are_asked_about(first: list[str], make_file: MakeFile) -> None:
    assert counts(take_in(make_file("b.csv", text(first[10:13])))) == (0, 0, 3)
    assert Case.objects.count() == 500


def test_of_a_table_with_many_equal_rows_nearly_all_must_be_known(transactional_db: None, make_file: MakeFile) -> None:
    """Of three amounts and three terms most rows of any file are equal to some."""
    draws = random.Random(1)
    rows = [
        [f"{draws.choice((1, 2, 3))}0000,{draws.choice((12, 24, 36))}" for _row in range(400)] for _file in range(2)
    ]
    header = "贷款金额(元),期限(月)"
    assert counts(take_in(make_file("a.csv", text(rows[0], header)))) == (400, 0, 0)
    report = take_in(make_file("b.csv", text(rows[1], header)))
    assert (report.accepted + report.rejected, report.duplicates) == (400, 0)
    assert report.rejected > 300
    assert counts(take_in(make_file("c.csv", text(rows[0][::-1], header)))) == (0, 400, 0)


def test_a_table_that_has_got_numbers_is_known_as_a_whole_and_asked_about_in_a_few_rows(
    first: list[str], make_file: MakeFile
) -> None:
    header = f"贷款编号,{HEADER}"
    same = [f"HT-{at:04d},{row}" for at, row in enumerate(first)]
    assert counts(take_in(make_file("b.csv", text(same, header)))) == (0, 500, 0)
    others = [f"HT-{at:04d},{row}" for at, row in enumerate(loans(500, 2), 500)]
    report = take_in(make_file("c.csv", text(others, header)))
    assert counts(report) == (469, 0, 31)
    assert report.file is not None
    assert counts(sent_again(make_file, "d.csv", given_out(report.file, header))) == (31, 0, 0)
    assert Case.objects.count() == 1000


def test_a_day_tells_refused_rows_apart_as_a_number_does(first: list[str], make_file: MakeFile) -> None:
    report = take_in(make_file("b.csv", text(loans(500, 2))))
    assert report.file is not None
    dated = [{**each, "申请日期": f"2026-01-{at % 28 + 1:02d}"} for at, each in enumerate(given_out(report.file))]
    assert counts(sent_again(make_file, "c.csv", dated)) == (31, 0, 0)
    assert counts(sent_again(make_file, "d.csv", dated[::-1])) == (0, 31, 0)


def test_a_file_that_is_cut_off_ends_as_one_that_was_not(
    first: list[str], make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.actions.CHUNK", 100)
    longer = first + [row for row in loans(700, 3) if row not in first]
    # Of the longer one all of the first are known, and some are equal to loans of the other.
    for name, rows, told in (("b.csv", loans(500, 2), (469, 0, 31)), ("c.csv", longer, (621, 500, 39))):
        path = make_file(name, text(rows))
        with pytest.raises(InterruptedError):
            take_in_file(path, source="branch", mapping=None, by=None, bars=cut_off_behind(200))
        assert Batch.objects.latest("pk").rows == 200
        take_in(path)
        batch = Batch.objects.latest("pk")
        assert (batch.name, batch.accepted, batch.duplicates, batch.rejected) == (name, *told)


@pytest.mark.parametrize(
    ("more", "cells", "asks"),
    [
        ("期数", ["12"] * 40, True),
        ("身份证号", [f"11010519491231{at:03d}X" for at in range(40)], True),
        ("借款人姓名", ["张王李赵"[at % 4] + "伟芳娜敏静"[at % 5] for at in range(40)], True),
        ("申请日期", [f"2026-01-{at % 28 + 1:02d}" for at in range(40)], False),
        ("合同编号", [f"HT-{at:04d}" for at in range(40)], False),
        ("手机号", [f"138{at:08d}" for at in range(40)], True),
        ("出生日期", [f"1990-01-{at % 28 + 1:02d}" for at in range(40)], True),
    ],
)
def test_only_tables_are_asked_about_whose_rows_nothing_tells_apart(
    transactional_db: None, make_file: MakeFile, more: str, cells: list[str], asks: bool
) -> None:
    rows = [f"{row},{cell}" for row, cell in zip(loans(40, 1), cells, strict=True)]
    take_in(make_file("a.csv", text(rows, f"{HEADER},{more}")))
    assert may_repeat(past_mappings("branch")[0], []) is asks
