"""Which of equal rows came in is told by what their mapping left out; what is not known of a case doubles nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.models import Case, User
from intake.gate.rule_sets import set_rules
from intake.mapped.left_out import CELLS_MOST, digests_of, is_same
from intake.mending.mending import return_to_source
from intake.models import RejectedRow
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_reading_anew import by_column, references

__all__ = ["arrive"]

LEASES = "Contract Number,Lessee ID,Financed Amount (USD),Term (months),Application Date"


def lease(number: int) -> str:
    return f"EQ-{number},L-{number},{40_000 + number},36,2026-01-05"


def counts(report: object) -> tuple[int, ...]:
    return tuple(getattr(report, name) for name in ("accepted", "duplicates", "rejected", "held"))


def mapping(tmp_path: Path, reference: str, more: str = "") -> Path:
    path = by_column(tmp_path, reference, "Financed Amount (USD)", "Lessee ID")
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    return path


@pytest.mark.parametrize("more", ["", "decided: approved\n"])
def test_a_number_that_tables_got_since_tells_no_row_of_before_from_itself(
    arrive: Arrive, tmp_path: Path, more: str
) -> None:
    rows = [(f"{n}", f"SN-{n}", lease(n)) for n in range(1, 5)]
    arrive(
        f"No,{LEASES}\n" + "".join(f"{n},{row}\n" for n, _serial, row in rows),
        mapping=mapping(tmp_path, "Contract Number", more),
    )
    text = f"No,Serial,{LEASES}\n" + "".join(",".join(row) + "\n" for row in rows)
    assert counts(arrive(text, "feb.csv", mapping=tmp_path / "own.yaml")) == (0, 4, 0, 0)
    assert counts(arrive(text, "mar.csv", mapping=mapping(tmp_path, "Serial", more))) == (0, 4, 0, 0)
    assert references() == ["EQ-1", "EQ-2", "EQ-3", "EQ-4"]


@pytest.mark.parametrize("columns", [["Balance 2026-02"], ["Balance 2026-01", "Branch"], []])
def test_columns_that_nobody_reads_may_come_go_and_be_renamed(
    arrive: Arrive, tmp_path: Path, columns: list[str]
) -> None:
    first = f"Serial Number,{LEASES},Balance 2026-01\n" + "".join(f"SN-{n},{lease(n)},{n}\n" for n in range(1, 5))
    arrive(first, mapping=mapping(tmp_path, "Contract Number"))
    text = ",".join(["Serial Number", LEASES, *columns]) + "\n"
    text += "".join(",".join([f"SN-{n}", lease(n), *("7" for _column in columns)]) + "\n" for n in range(1, 5))
    report = arrive(text, "feb.csv", mapping=mapping(tmp_path, "Serial Number"))
    assert (counts(report), references()) == ((0, 4, 0, 0), ["EQ-1", "EQ-2", "EQ-3", "EQ-4"])


def test_of_a_wide_table_the_numbers_are_kept_first(arrive: Arrive, tmp_path: Path) -> None:
    others = [f"Amount of {n}" for n in range(60)]
    header = ",".join([*others, "Serial Number", LEASES]) + "\n"

    def line(number: int, serial: str) -> str:
        return ",".join([*(f"{at}.5" for at in range(60)), serial, lease(number)]) + "\n"

    arrive(header + line(1, "SN-1") + line(2, "SN-2"), mapping=mapping(tmp_path, "Contract Number"))
    later = header + line(1, "SN-7") + line(2, "SN-2") + line(3, "SN-8")
    report = arrive(later, "later.csv", mapping=mapping(tmp_path, "Serial Number"))
    assert counts(report) == (2, 1, 0, 1)
    (finding,) = Case.objects.get(external_ref="SN-7").findings
    assert (finding["code"], finding["params"]) == ("equal_but_number", {"value": "EQ-1"})


def test_the_number_of_a_vehicle_tells_leases_apart_though_it_is_left_out_as_personal(
    arrive: Arrive, tmp_path: Path
) -> None:
    header = "合同编号,车架号,客户号,融资金额(元),期限(月),申请日期\n"

    def line(number: int, vehicle: int) -> str:
        return f"HT{number:03},LSVAA4182E21{vehicle:05},K{number:03},{200_000 + number},36,2026-01-05\n"

    arrive(header + "".join(line(n, n) for n in range(1, 31)), unattended=False)
    own = by_column(tmp_path, "车架号", "融资金额(元)", "客户号", "期限(月)")
    own.write_text(
        own.read_text(encoding="utf-8")
        .replace("Application Date", "申请日期")
        .replace("constant: USD", "constant: CNY")
        .replace("constant: equipment", "default: consumer"),
        encoding="utf-8",
    )
    report = arrive(header + line(1, 1) + line(2, 77), "later.csv", mapping=own)
    assert (report.duplicates, report.held) == (1, 1)


def test_a_book_of_decided_loans_without_numbers_is_refused_and_not_doubled_once_it_gets_them(
    arrive: Arrive, tmp_path: Path
) -> None:
    header = LEASES.removeprefix("Contract Number,") + "\n"
    rows = [f"L-{n // 3},{40_000 + n // 3},36,2026-01-05\n" for n in range(12)]
    book = mapping(tmp_path, "X", "decided: approved\n")
    plain = book.read_text(encoding="utf-8")
    book.write_text(plain.replace("{column: X}", "{row_hash: values, prefix: R-}"), encoding="utf-8")
    assert counts(arrive(header + "".join(rows), mapping=book)) == (12, 0, 0, 0)
    book.write_text(plain.replace("{column: X}", "{column: Serial No}"), encoding="utf-8")
    numbered = "Serial No," + header + "".join(f"SN-{n},{row}" for n, row in enumerate(rows))
    numbered += "SN-99,L-9,77000,36,2026-01-05\n"
    assert counts(arrive(numbered, "numbered.csv", mapping=book)) == (1, 0, 12, 0)
    assert Case.objects.count() == 13
    errors = RejectedRow.objects.order_by("row_number")[0].errors
    assert [(error["code"], error["value"]) for error in errors] == [
        ("may_be_on_record", Case.objects.order_by("pk")[0].external_ref)
    ]


def test_what_is_kept_of_a_column_is_told_from_nothing_kept_of_it() -> None:
    found = digests_of("secret", {"Serial": "SN-1", "Make": "Volvo", "No": "7.0"}, ["Serial", "Make", "No", "Gone"])
    kept = list(found.values())
    assert (len(kept), all(0 <= each < 2**63 for each in kept)) == (2, True)
    told = [is_same("secret", {"Serial": text}, ["Serial"], kept) for text in ("SN-1", "sn-1", "SN-2", "")]
    assert told == [True, True, False, False]
    assert is_same("secret", {"No": "7", "Serial": "SN-2"}, ["No", "Serial"], kept) is False
    assert is_same("secret", {"No": "7"}, ["No"], kept) is True
    assert is_same("secret", {"Make": "Scania", "Other": "1"}, ["Make", "Other"], kept) is None
    assert is_same("secret", {"No": "007"}, ["No"], kept) is True
    assert is_same("secret", {"No": "70"}, ["No"], kept) is False
    assert is_same("other secret", {"Serial": "SN-2"}, ["Serial"], kept) is None
    many = {f"Column {at}": str(at) for at in range(100)}
    assert len(digests_of("secret", many, many)) == CELLS_MOST


@pytest.mark.parametrize("more", ["", "decided: approved\n"])
@pytest.mark.parametrize("term", ["Term (Months)", "Term（months）", "Term(months)"])
def test_another_spelling_of_a_header_makes_no_other_loan(arrive: Arrive, tmp_path: Path, term: str, more: str) -> None:
    text = f"Serial Number,{LEASES}\n" + "".join(f"SN-{n},{lease(n)}\n" for n in range(1, 5))
    arrive(text, mapping=mapping(tmp_path, "Contract Number", more))
    own = mapping(tmp_path, "Serial Number", more)
    own.write_text(own.read_text(encoding="utf-8").replace("Term (months)", term), encoding="utf-8")
    report = arrive(text.replace("Term (months)", term), "feb.csv", mapping=own)
    assert (counts(report), references()) == ((0, 4, 0, 0), ["EQ-1", "EQ-2", "EQ-3", "EQ-4"])


def test_a_loan_that_changed_under_a_corrected_reference_is_refused_by_what_differs_and_comes_once(
    arrive: Arrive, tmp_path: Path
) -> None:
    text = f"Serial Number,{LEASES}\n" + "".join(f"SN-{n},{lease(n)}\n" for n in range(1, 4))
    arrive(text, mapping=mapping(tmp_path, "Contract Number"))
    own = mapping(tmp_path, "Serial Number")
    assert counts(arrive(text, "same.csv", mapping=own)) == (0, 3, 0, 0)
    changed = text.replace(",40002,36,", ",40002,48,")
    assert counts(arrive(changed, "changed.csv", mapping=own)) == (0, 2, 1, 0)
    (error,) = RejectedRow.objects.get().errors
    assert (error["code"], error["value"]) == ("reference_reused", "EQ-2")
    assert error["en"] == "The reference “EQ-2” is already known with other content: Term (months)."
    # A column of then that is gone: each loan is refused, and none comes again.
    gone = own.read_text(encoding="utf-8").replace("{column: Application Date}", "{import_time: true}")
    own.write_text(gone, encoding="utf-8")
    short = "".join(line.rpartition(",")[0] + "\n" for line in text.splitlines())
    assert counts(arrive(short, "short.csv", mapping=own)) == (0, 0, 3, 0)
    assert references() == ["EQ-1", "EQ-2", "EQ-3"]


def test_what_was_returned_comes_back_under_the_corrected_reference_into_the_same_case(
    arrive: Arrive, tmp_path: Path, admin: User, reviewer: User
) -> None:
    reason = "the branch has to look into it"
    wanted = "features: {annual_income: {words: {en: Annual income, zh: 年收入}, required: true}}"
    set_rules("equipment", "", wanted, by=admin, reason=reason)
    text = f"Serial Number,{LEASES}\n" + "".join(f"SN-{n},{lease(n)}\n" for n in range(1, 3))
    assert arrive(text, mapping=mapping(tmp_path, "Contract Number")).held == 2
    case = Case.objects.get(external_ref="EQ-1")
    return_to_source(case.pk, by=reviewer, reason=reason, seen_version=case.version)
    mended = text.replace(",40001,", ",41001,")
    own = mapping(tmp_path, "Serial Number")
    assert counts(arrive(mended, "mended.csv", mapping=own)) == (1, 1, 0, 0)
    assert counts(arrive(mended + "\n", "again.csv", mapping=own)) == (0, 2, 0, 0)
    assert [(each.external_ref, each.amount) for each in Case.objects.order_by("pk")] == [
        ("EQ-1", 41001),
        ("EQ-2", 40002),
    ]
