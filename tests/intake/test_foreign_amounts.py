"""An amount beside foreign money: 50,000 yuan under 贷款金额 are not 50,000 of the dollars of the column beside it."""

from __future__ import annotations

import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile


@pytest.mark.parametrize(
    ("header", "other"),
    [
        ("贷款金额,余额,外币币种,外币金额", "外币金额"), ("贷款金额,余额,币种,外币金额", "外币金额"),
        ("贷款金额,余额,币种,原币金额", "原币金额"), ("Loan Amount,Balance,Foreign Currency,x", "Foreign Currency"),
        ("贷款金额,余额,外币币种,x", "外币币种"),
    ],
)  # fmt: skip
def test_an_amount_beside_foreign_money_need_not_be_in_its_currency(
    make_file: MakeFile, header: str, other: str
) -> None:
    rows = "H1,12,50000,40000,USD,7000\nH2,12,60000,50000,USD,8000\nH3,12,60000,50000,HKD,8000\n"
    with pytest.raises(MappingError) as refusal:
        mapping_for(open_table(make_file("t.csv", f"合同号,期限,{header}\n{rows}")), "branch-x", None)
    assert (refusal.value.code, refusal.value.params["other"]) == ("amount_foreign", other)
    assert refusal.value.sentence("zh-hans")


def test_an_amount_that_is_called_foreign_is_in_the_currency_beside_it(make_file: MakeFile) -> None:
    text = "合同号,期限,贷款金额(原币),币种,折人民币金额\nH1,12,7000,USD,50000\n"
    table = open_table(make_file("t.csv", text))
    (row,) = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert row.submission is not None
    assert (int(row.submission.amount), row.submission.currency) == (7000, "USD")


@pytest.mark.parametrize(
    ("head", "amounts"),
    [
        ("币种,金额(本币),金额(原币)", [300_000, 1_500_000]),
        ("Currency,Amount (LCY),Amount (FCY)", [300_000, 1_500_000]),
        ("币种,折人民币金额,贷款金额(原币)", [300_000, 1_500_000]),
    ],
)
def test_of_two_amounts_that_in_the_currency_of_the_loan_is_taken(
    make_file: MakeFile, head: str, amounts: list[int]
) -> None:
    rows = "1,C1,USD,2150000,300000,12,2025-01-05\n2,C2,CNY,1500000,1500000,24,2025-01-06\n"
    table = open_table(make_file("t.csv", f"借据号,客户号,{head},期限(月),申请日期\n{rows}"))
    cases = [row.submission for row in read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)]
    assert [(int(case.amount), case.currency) for case in cases if case] == list(
        zip(amounts, ["USD", "CNY"], strict=True)
    )


@pytest.mark.parametrize("header", ["借据金额(本位币)", "Loan Amount (Local Currency)", "贷款金额（本币）"])
def test_an_amount_in_the_currency_of_the_books_is_in_none_of_its_rows(make_file: MakeFile, header: str) -> None:
    text = f"借据号,币种,{header},期限(月)\n1,USD,2150000,12\n2,CNY,1500000,24\n"
    with pytest.raises(MappingError) as refusal:
        mapping_for(open_table(make_file("t.csv", text)), "branch-x", None)
    assert (refusal.value.code, refusal.value.params["name"]) == ("amount_foreign", header)


@pytest.mark.parametrize(
    ("header", "currency"),
    [("貸款金額(元)", ""), ("貸款金額", ""), ("貸款金額(新台币)", "TWD"), ("贷款金额(人民币元)", "CNY")],
)
def test_money_beside_years_of_taiwan_needs_its_currency(make_file: MakeFile, header: str, currency: str) -> None:
    table = open_table(make_file("t.csv", f"案件编号,{header},期數,申請日期\nT1,3000000,36,民國114年1月5日\n"))
    if currency:
        assert mapping_for(table, "branch-x", None)[1].fields["currency"].value == currency
        return
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert refusal.value.code == "currency_of_years"
    assert refusal.value.params == {"name": "申請日期", "value": "民國114年1月5日", "amount": header}
