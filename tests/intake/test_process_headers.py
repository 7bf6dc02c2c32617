"""What an office automation system, a card centre or a British lender calls its columns."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import openpyxl
import pytest

from intake.header_words.later_headers import known_after_decision
from intake.mapped.case_mapping import CaseMapping
from intake.reading.parse import open_table
from intake.recognition.infer import infer_mapping

ROWS: Final = 24
LATER: Final = (
    "首逾标识", "是否首逾", "首期逾期天数", "FPD", "fpd30", "FPD Flag", "First Payment Default", "首刷日期",
    "系统决策", "模型决策", "风控结果", "策略结果", "规则结果", "系统建议", "建议额度", "建议利率", "提现状态",
    "M1逾期", "M3+", "是否M3+", "MOB6 30+", "mob3_dpd30", "30+ DPD", "RepaidAt", "DefaultedAt", "ClosedAt",
    "Risk Decision", "Engine Result", "Recommended Limit", "Suggested Amount", "Probability (%)",
    "决策引擎结果", "审贷会意见", "有权人审批意见", "复议结果", "风险预警等级", "贷后检查结论", "贷后评级", "是否激活",
    "首次提现时间", "累计提现金额", "当前期数", "当前应还", "表现期逾期", "逾期30+", "逾期M1", "flag_bad", "bad_12m",
    "Default12m", "delinquent_90", "30dpd_ever", "serious_dlq", "perf_flag", "performance_class", "risk_label",
    "Risk Outcome", "UW_Status", "Committee Vote", "Take Up", "loan_paid_back", "RepayFail", "time_to_default",
    "early_payment_default", "结清方式", "不良认定日期", "会签意见", "授信通过", "批复条件",
    "exposure_at_default", "Legal Action", "Stage IFRS9", "Creditability", "kredit",
    "Forecast Category", "激活日期", "流程状态", "当前节点", "当前审批环节", "单据状态", "归档时间",
)  # fmt: skip
BEFORE: Final = (
    "流程名称", "首付比例", "首次贷款日期(征信)", "历史首逾次数", "节点", "fp score", "M1", "M1收入", "mob1",
    "系统状态", "模型评分", "规则数", "风险等级", "Risk Grade", "Probability of Default", "反欺诈结果",
    "历史M3+次数", "近6月M2+", "60+", "bank result", "投资策略", "Paid On Time",
    "激活码", "当前住址", "当前利率", "当前负债", "bad debt", "default_rate", "Delinquent Accounts",
    "performance score", "近12月预警次数", "risk score", "历史贷后评级",
)  # fmt: skip


def mapping_of(**cells: str) -> CaseMapping:
    """A draft for these columns; `{}` in a cell is the number of its row."""
    rows = [{name: cell.format(at) for name, cell in cells.items()} for at in range(ROWS)]
    return infer_mapping([*cells], rows, "branch")


@pytest.mark.parametrize("header", LATER)
def test_what_comes_of_an_application_later_is_known_after_the_decision(header: str) -> None:
    assert known_after_decision(header)


@pytest.mark.parametrize("header", BEFORE)
def test_what_only_sounds_so_is_not(header: str) -> None:
    assert not known_after_decision(header)


def test_the_number_of_a_process_is_the_reference_and_who_began_it_nobodys_feature() -> None:
    mapping = mapping_of(流程编号="OA-2026-1{:02d}", 发起人="李磊", 客户全称="宏发机械有限公司{}", 金额="1{:02d}00")
    assert mapping.fields["external_ref"].column == "流程编号"
    assert (mapping.fields["applicant.name"].column, mapping.drop) == ("客户全称", {"发起人": "personal"})


def test_what_a_machine_or_the_last_instance_gave_is_dropped_beside_what_was_asked_for() -> None:
    told = {
        "申请金额": "1{:02d}00",
        "申请期限": "12",
        "最终额度": "9{:02d}00",
        "最终期限": "12",
        "批核金额": "8{:02d}00",
    }
    columns = [*told, "系统决策", "人行评分"]
    words = ("通过", "拒绝", "人工")
    rows = [
        {name: cell.format(at) for name, cell in told.items()} | {"系统决策": words[at % 3], "人行评分": f"{600 + at}"}
        for at in range(ROWS)
    ]
    mapping = infer_mapping(columns, rows, "branch")
    assert mapping.fields["amount"].column == "申请金额"
    assert set(mapping.drop) == {"系统决策", "最终额度", "最终期限", "批核金额"}


def test_the_number_of_a_deal_is_the_reference() -> None:
    mapping = mapping_of(**{"Opportunity ID": "0061000000{:05d}", "Amount": "1{:02d}00"})
    assert mapping.fields["external_ref"].column == "Opportunity ID"


def test_a_number_of_processes_that_have_several_rows_is_no_reference() -> None:
    rows = [{"审批编号": f"SP{at // 2:06d}", "金额": f"{5_000 + at}"} for at in range(ROWS)]
    assert infer_mapping(["审批编号", "金额"], rows, "branch").fields["external_ref"].how == "row_hash"


def test_the_number_of_the_contract_comes_before_that_of_the_process() -> None:
    mapping = mapping_of(流程编号="OA-2026-1{:02d}", 合同编号="HT{:05d}", 金额="1{:02d}00")
    assert mapping.fields["external_ref"].column == "合同编号"


def test_the_head_of_a_household_is_the_applicant() -> None:
    assert mapping_of(户主姓名="王伟", 金额="1{:02d}00").fields["applicant.name"].column == "户主姓名"


def test_the_day_an_application_was_received_comes_before_that_of_the_decision() -> None:
    told = {"Decision Date": "2026-03-{:02d}", "Received": "2026-02-{:02d}", "Loan Amount": "1{:02d}00"}
    rows = [{name: cell.format(at + 1) for name, cell in told.items()} for at in range(ROWS)]
    mapping = infer_mapping([*told], rows, "branch")
    assert (mapping.fields["applied_at"].column, mapping.drop) == (
        "Received",
        {"Decision Date": "known_after_decision"},
    )


@pytest.mark.parametrize(
    "header", ["PAN", "Borrower EIN", "CURP", "DNI", "PESEL", "Codice Fiscale", "TIN No", "RFC Number"]
)
def test_numbers_of_taxpayers_and_residents_abroad_are_personal(header: str) -> None:
    mapping = mapping_of(**{"Loan Amount": "1{:02d}00", header: "ABCPK{:04d}F"})
    assert mapping.drop[header] == "personal"


def test_the_day_a_form_was_made_out_comes_before_that_of_its_check() -> None:
    rows = [
        {"审核日期": f"2026-03-{at + 1:02d}", "制单日期": f"2026-02-{at + 1:02d}", "金额": "500"} for at in range(ROWS)
    ]
    assert infer_mapping(["审核日期", "制单日期", "金额"], rows, "branch").fields["applied_at"].column == "制单日期"


def test_years_below_a_group_of_a_header_whose_other_cells_are_merged_down_are_names(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["项目编号", "融资额（万元）", "营业收入（万元）", None, "申请日期"])
    sheet.append([None, None, "2024年收入", "2025年收入", None])
    for cells in ("A1:A2", "B1:B2", "C1:D1", "E1:E2"):
        sheet.merge_cells(cells)
    for at in range(ROWS):
        sheet.append([f"ZL-{at}", 100 + at, 1_000 + at, 2_000 + at, "2026-09-01"])
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert [name.partition("（")[0] for name in table.columns][:2] == ["项目编号", "融资额"]
    assert [name for name in table.columns if "2024年收入" in name or "2025年收入" in name] == table.columns[2:4]
    assert len([*table.rows()]) == ROWS
