"""An amount beside foreign money: 50,000 yuan under 贷款金额 are not 50,000 of the dollars of the column beside it."""

from __future__ import annotations

import pytest

from intake.choose import mapping_for
from intake.mapping import MappingError
from intake.parse import open_table
from intake.rows import read_rows
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
