"""A column that only a computation reads counts in one unit with the other column, which the mapping reads."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import Case
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.row_reader import map_row
from intake.recognition.mapping import MappingError, mapping_as_data, read_mapping
from intake.values.percent_cells import Percentage
from tests.intake.places import NOW, MakeFile
from tests.intake.test_mapping import FIELDS, applied
from tests.intake.test_mapping import a_mapping as mapped
from tests.intake.test_on_record import counts, take_in

TEN_THOUSAND = {"type": "number", "scale": 10_000}


def computing(part: str, whole: str, read: dict[str, Any], compute: str = "percent_of") -> CaseMapping:
    features = {"x": {"compute": compute, "from": [part, whole]}, "income": {"column": whole, **read}}
    return mapped(features=features)


def value_of(mapping: CaseMapping, **cells: object) -> object:
    features = applied(mapping, cells).raw["features"]
    assert isinstance(features, dict)
    return features["x"]


@pytest.mark.parametrize(
    ("part", "whole", "read", "cells", "value"),
    [
        # Both say their unit.
        ("负债(万元)", "年收入(万元)", TEN_THOUSAND, ("5", "20"), 25),
        ("负债(元)", "年收入(万元)", TEN_THOUSAND, ("50000", "20"), 25),
        ("负债(万元)", "年收入(元)", {"type": "number"}, ("5", "200000"), 25),
        ("负债(千元)", "年收入(万元)", TEN_THOUSAND, ("50", "20"), 25),
        ("负债(k)", "年收入(千元)", {"type": "number", "scale": 1_000}, ("50", "200"), 25),
        ("负债(分)", "年收入(分)", {"type": "number", "scale": "0.01"}, ("5000000", "20000000"), 25),
        ("负债(分)", "年收入(元)", {"type": "number"}, ("5000000", "200000"), 25),
        ("基准(‰)", "利率(‰)", {"type": "number", "scale": "0.1"}, ("1", "4"), 25),
        # One says none.
        ("负债(万元)", "年收入", {"type": "number"}, ("5", "200000"), 25),
        ("负债(万元)", "年收入", TEN_THOUSAND, ("5", "20"), 25),
        ("负债(元)", "年收入", TEN_THOUSAND, ("50000", "20"), 25),
        # The mapping leaves off what the header says.
        ("负债(万元)", "年收入(万元)", {"type": "number"}, ("5", "20"), 25),
        ("负债(元)", "年收入(万元)", {"type": "number"}, ("50000", "20"), 25),
        ("负债(分)", "年收入(分)", {"type": "number"}, ("5", "20"), 25),
        ("基准(‰)", "利率(‰)", {"type": "number"}, ("1", "4"), 25),
        # It makes 万元 of yuan.
        ("负债(万元)", "年收入(元)", {"type": "number", "scale": "0.0001"}, ("5", "200000"), 25),
        ("负债", "年收入(元)", {"type": "number", "scale": "0.0001"}, ("50000", "200000"), 25),
        # Money under any name.
        ("租金(万元)", "年营业额", {"type": "number"}, ("5", "200000"), 25),
        ("抵押贷款余额(万元)", "房产估值", {"type": "number"}, ("50", "1000000"), 50),
        ("Total debt (k)", "Net worth", {"type": "number"}, ("50", "200000"), 25),
        ("负债总额(万元)", "公积金缴存基数", {"type": "number"}, ("5", "200000"), 25),
        ("Total debt (k)", "Account balance", {"type": "number"}, ("50", "200000"), 25),
        # In yuan of each household, as every other value of a case.
        ("余额(万元)", "户数", {"type": "number"}, ("5", "20"), 250_000),
        # Yearly yuan of monthly 万元.
        ("负债(元)", "月收入(万元)", {"type": "number", "scale": 120_000}, ("48000", "2"), 20),
        # Of months years: no unit.
        ("负债", "月收入", {"type": "number", "scale": 12}, ("60000", "20000"), 25),
        ("负债(元)", "月收入(元)", {"type": "number", "scale": 12}, ("60000", "20000"), 25),
        # Cells that say their own unit.
        ("负债(万元)", "年收入(万元)", TEN_THOUSAND, ("5万元", "20"), 25),
        ("负债(万元)", "年收入(万元)", TEN_THOUSAND, ("5", "20万元"), 25),
        # What is read as a text is computed from its cell.
        ("负债(万元)", "年收入(万元)", {"prefix": "CNY "}, ("5", "20"), 25),
        ("负债(万元)", "年收入(元)", {"prefix": "CNY "}, ("5", "200000"), 25),
        # Nothing is computed where one is missing, whatever the other is.
        ("负债(万元)", "年收入(万元)", TEN_THOUSAND, ("?", ""), None),
        ("负债(万元)", "年收入(万元)", TEN_THOUSAND, ("", "20"), None),
    ],
)
def test_both_columns_of_a_share_count_in_one_unit(
    part: str, whole: str, read: dict[str, Any], cells: tuple[str, str], value: object
) -> None:
    assert value_of(computing(part, whole, read), **dict(zip((part, whole), cells, strict=True))) == value


def test_a_difference_is_in_the_unit_of_the_column_that_is_read() -> None:
    mapping = computing("支出(千元)", "年收入(万元)", TEN_THOUSAND, "difference_of")
    assert value_of(mapping, **{"支出(千元)": "250", "年收入(万元)": "20"}) == 50_000
    mapping = computing("支出(万元)", "年收入(万元)", {}, "difference_of")
    assert value_of(mapping, **{"支出(万元)": "25", "年收入(万元)": "20"}) == 50_000


@pytest.mark.parametrize(
    ("part", "whole", "read", "scale", "cells", "value"),
    [
        # Of money, of a count and of an area beside a column that the mapping alone says to be in 万元.
        ("负债", "年收入", TEN_THOUSAND, 10_000, ("5", "20"), 25),
        ("负债", "年收入", TEN_THOUSAND, 1, ("50000", "20"), 25),
        ("负债", "年收入", TEN_THOUSAND, 10_000, ("5万", "20"), 25),
        ("家庭人口", "年收入", TEN_THOUSAND, 1, ("4000", "20"), 2),
        ("建筑面积(㎡)", "评估总价", TEN_THOUSAND, 1, ("5000", "100"), 0.5),
        ("EMI", "Revenue", {"type": "number", "scale": 1_000}, 1_000, ("5", "20"), 25),
        ("负债", "月收入", {"type": "number", "scale": "0.01"}, "0.01", ("5", "20"), 25),
        # The header of one alone says 万元.
        ("负债", "年收入(万元)", TEN_THOUSAND, 1, ("50000", "20"), 25),
        ("负债", "年收入(万元)", TEN_THOUSAND, 10_000, ("5", "20"), 25),
        ("负债", "年收入(万元)", TEN_THOUSAND, 1, ("5万元", "20"), 25),
        ("自有资金", "总投资(万元)", TEN_THOUSAND, 10_000, ("30", "100"), 30),
        # The mapping leaves 万元 off what it reads: it counts in 万元.
        ("负债", "年收入(万元)", {"type": "number"}, 10_000, ("5", "20"), 25),
        ("负债", "年收入(万元)", {"type": "number"}, 1, ("50000", "20"), 25),
        # Nothing reads either of them.
        ("负债(万元)", "资产", {}, 1, ("5", "200000"), 25),
        ("负债(万元)", "资产", {}, 10_000, ("5", "20"), 25),
    ],
)
def test_a_unit_that_nobody_tells_is_asked_for_and_may_be_stated(
    part: str, whole: str, read: dict[str, Any], scale: object, cells: tuple[str, str], value: object
) -> None:
    with pytest.raises(MappingError) as refusal:
        computing(part, whole, read)
    unknown, other = (whole, part) if not read else (part, whole)
    key = f"features.x.with.scales.{unknown}"
    assert (refusal.value.code, refusal.value.params) == (
        "mapping_unit_unknown", {"key": key, "name": unknown, "partner": other}
    )  # fmt: skip
    assert refusal.value.sentence("zh-hans") == (
        f"无法得知“{unknown}”与“{other}”相比以何种单位计："
        f"请以 {key} 注明其换算为基本单位的倍数（万元为 10000，按原样计为 1）。"
    )
    stated = {"compute": "percent_of", "from": [part, whole], "with": {"scales": {unknown: scale}}}
    mapping = mapped(features={"x": stated, "income": {"column": whole, **read}})
    assert value_of(mapping, **dict(zip((part, whole), cells, strict=True))) == value
    assert read_mapping(mapping_as_data(mapping)) == mapping


def test_what_a_mapping_states_of_a_unit_wins_over_the_header() -> None:
    scales = {"with": {"scales": {"负债(元)": "10000"}}}
    debt = {"compute": "percent_of", "from": ["负债(元)", "年收入(万元)"], **scales}
    mapping = mapped(features={"x": debt, "income": {"column": "年收入(万元)", **TEN_THOUSAND}})
    assert value_of(mapping, **{"负债(元)": "5", "年收入(万元)": "20"}) == 25


@pytest.mark.parametrize(
    ("left", "term", "scale", "stated", "cells"),
    [
        ("剩余期限", "期限", 12, 12, ("1", "4")),
        ("剩余期限", "期限(年)", 12, 12, ("1", "4")),
        ("剩余期限", "期限(年)", 12, 1, ("12", "4")),
        ("剩余期限(天)", "期限(月)", None, "0.03333333333333333", ("180", "24")),
    ],
)
def test_a_part_of_a_term_in_another_unit_is_asked_for(
    left: str, term: str, scale: int | None, stated: object, cells: tuple[str, str]
) -> None:
    part = {"compute": "ratio_of", "from": [left, term]}
    fields = {**FIELDS, "term_months": {"column": term, "scale": scale}}
    with pytest.raises(MappingError) as refusal:
        mapped(fields=fields, features={"x": part})
    assert (refusal.value.code, refusal.value.params["name"]) == ("mapping_unit_unknown", left)
    told = mapped(fields=fields, features={"x": {**part, "with": {"scales": {left: stated}}}})
    assert value_of(told, **dict(zip((left, term), cells, strict=True))) == 0.25


@pytest.mark.parametrize(
    ("left", "term", "cells"), [("剩余期限", "期限", ("6", "24")), ("剩余期限(月)", "期限(年)", ("12", "4"))]
)
def test_a_part_of_a_term_in_the_unit_that_is_said_is_not(left: str, term: str, cells: tuple[str, str]) -> None:
    fields = {**FIELDS, "term_months": {"column": term, "scale": 12 if "年" in term else None}}
    part = {"compute": "ratio_of", "from": [left, term]}
    assert value_of(mapped(fields=fields, features={"x": part}), **dict(zip((left, term), cells, strict=True))) == 0.25


RATE = {"type": "percent"}


@pytest.mark.parametrize(
    ("compute", "part", "whole", "cells", "value"),
    [
        ("difference_of", "执行利率", "LPR", (Percentage(0.0435), Percentage(0.0385)), 0.5),
        ("difference_of", "执行利率(%)", "LPR(%)", (Percentage(0.0435), Percentage(0.0385)), 0.5),
        ("difference_of", "执行利率", "LPR", ("4.35%", "3.85%"), 0.5),
        ("difference_of", "执行利率", "LPR", ("4.35%", "38.5‰"), 0.5),
        ("difference_of", "执行利率", "LPR", ("4.35", "3.85"), 0.5),
        ("ratio_of", "罚息利率", "执行利率", (Percentage(0.06525), Percentage(0.0435)), 1.5),
        ("ratio_of", "负债率", "行业平均", (Percentage(0.45), Percentage(0.5)), 0.9),
    ],
)
@pytest.mark.parametrize("read", [["part"], ["whole"], [], ["part", "whole"]])
def test_percents_are_computed_with_in_percent(
    compute: str, part: str, whole: str, cells: tuple[object, object], value: object, read: list[str]
) -> None:
    columns = {"part": part, "whole": whole}
    features = {"x": {"compute": compute, "from": [part, whole]}} | {
        name: {"column": columns[name], **RATE} for name in read
    }
    assert value_of(mapped(features=features), **dict(zip((part, whole), cells, strict=True))) == value


def test_beside_a_plain_number_a_percentage_is_the_share_that_stands_in_its_cell() -> None:
    share = {"compute": "ratio_of", "from": ["首付比例", "系数"]}
    mapping = mapped(features={"x": share, "factor": {"column": "系数", "type": "number"}})
    assert value_of(mapping, 首付比例=Percentage(0.3), 系数=0.6) == 0.5


@pytest.mark.parametrize(
    ("scales", "code", "key"),
    [
        ({"负债": 0}, "mapping_wrong_value", "features.x.with.scales.负债"),
        ({"负债": "万"}, "mapping_wrong_value", "features.x.with.scales.负债"),
        ({"资产": 1}, "mapping_unknown_key", "features.x.with.scales: 资产"),
        ([1, 2], "mapping_wrong_value", "features.x.with.scales"),
        ({"年收入": 10_000}, "mapping_scale_of_read", "features.x.with.scales.年收入"),
    ],
)
def test_a_factor_that_is_none_is_refused(scales: object, code: str, key: str) -> None:
    debt = {"compute": "percent_of", "from": ["负债", "年收入"], "with": {"scales": scales}}
    with pytest.raises(MappingError) as refusal:
        mapped(features={"x": debt, "income": {"column": "年收入", "type": "number"}})
    assert (refusal.value.code, refusal.value.params["key"]) == (code, key)


def test_two_columns_that_nothing_reads_count_by_their_headers() -> None:
    def of(part: str, whole: str) -> CaseMapping:
        return mapped(features={"x": {"compute": "percent_of", "from": [part, whole]}})

    assert value_of(of("负债(万元)", "资产(元)"), **{"负债(万元)": "5", "资产(元)": "200000"}) == 25
    assert value_of(of("负债(万元)", "资产(万元)"), **{"负债(万元)": "5", "资产(万元)": "20"}) == 25
    assert value_of(of("负债(元)", "资产"), **{"负债(元)": "5", "资产": "20"}) == 25
    assert value_of(of("负债", "资产"), 负债="5", 资产="20") == 25


def test_a_term_in_years_counts_in_months_beside_the_term() -> None:
    left = {"compute": "ratio_of", "from": ["剩余期限(年)", "期限(年)"]}
    fields = {**FIELDS, "term_months": {"column": "期限(年)", "scale": 12}}
    assert value_of(mapped(fields=fields, features={"x": left}), **{"剩余期限(年)": "1", "期限(年)": "4"}) == 0.25


def test_single_yuan_under_a_header_of_ten_thousands_are_refused_as_where_they_are_read() -> None:
    mapping = computing("负债(万元)", "年收入(万元)", TEN_THOUSAND)
    row = {"no": "1", "amt": "100", "负债(万元)": "5元", "年收入(万元)": "20"}
    mapped_row, errors = map_row(mapping, row, now=NOW)
    assert mapped_row.raw["features"] == {"x": None, "income": 200_000}
    assert [(each.field, each.code) for each in errors] == [("负债(万元), 年收入(万元)", "other_unit_than_column")]


def test_a_row_is_known_by_what_was_computed_from_its_bare_cells() -> None:
    same = applied(computing("负债(万元)", "年收入(万元)", TEN_THOUSAND), {"负债(万元)": "5", "年收入(万元)": "20"})
    assert same.computed_once == {}
    other = applied(computing("负债(元)", "年收入(万元)", TEN_THOUSAND), {"负债(元)": "50000", "年收入(万元)": "20"})
    assert other.computed_once == {"x": 250_000}


MAPPING = """
fields:
  external_ref: {column: 合同编号}
  product: {constant: consumer}
  amount: {column: 贷款金额(万元), scale: 10000}
  currency: {constant: CNY}
  term_months: {column: 期限(月)}
  applied_at: {column: 申请日期}
  applicant.id: {column: 客户号}
features:
  annual_income: {column: 年收入(万元), type: number, scale: 10000}
  debt_ratio: {compute: percent_of, from: [负债(万元), 年收入(万元)]}
  ltv: {compute: percent_of, from: [贷款金额(万元), 评估价值(万元)]}
"""
TABLE = (
    "合同编号,贷款金额(万元),期限(月),申请日期,客户号,年收入(万元),负债(万元),评估价值(万元)\n"
    "A,12.5,12,2026-02-28,P1,20,5,25\n"
    "B,30,24,2026-02-27,P2,40,12,60\n"
)


@pytest.mark.django_db(transaction=True)
def test_the_shares_of_a_table_in_ten_thousands_are_right(make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", TABLE), make_file("m.yaml", MAPPING))) == (2, 0, 0)
    assert list(Case.objects.order_by("external_ref").values_list("features", flat=True)) == [
        {"annual_income": 200_000, "debt_ratio": 25, "ltv": 50},
        {"annual_income": 400_000, "debt_ratio": 30, "ltv": 50},
    ]
