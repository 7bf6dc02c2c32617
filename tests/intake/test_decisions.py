"""What was decided on an application, and how far it has come, is nothing that a decision may rest on."""

from __future__ import annotations

import pytest

from intake.header_words.later_headers import tells_decision
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import infer_mapping
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from scoring.ml.tables.leaks import says_after_decision
from tests.intake.places import NOW, MakeFile

LATER = "known_after_decision"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Status", ("Approved", "Rejected", "Pending")), ("状态", ("审批中", "已放款", "已拒绝")),
        ("状态", ("審批通過", "审批不通过", "待补件")), ("Stage", ("Disbursed", "Declined", "Underwriting")),
        ("处理结果", ("通过", "拒绝", "通过")), ("Result", ("APPROVED", "NOT_APPROVED", "IN_REVIEW")),
        ("环节", ("初审中", "终审拒绝", "放款成功")), ("Status", ("Approved", "Charged Off", "Cancelled")),
        ("f1", ("auto-approved", "Approved with conditions", "declined")),
        # By its header, whatever stands in it.
        ("申请状态", ("审批中", "审批中", "审批中")), ("application_status", ("A", "R", "P")),
        ("Loan Application Status", ("1", "2", "3")), ("审批结论", ("10", "20", "10")),
        ("审批阶段", ("一", "二", "三")), ("Approval Stage", ("L1", "L2", "L1")),
        ("Underwriting Decision", ("x", "y", "x")),
    ],
)  # fmt: skip
def test_a_decision_is_no_feature(make_file: MakeFile, header: str, cells: tuple[str, ...]) -> None:
    lines = "".join(f"L{at},C{at},{1000 + at},12,2026-01-05,{each}\n" for at, each in enumerate(cells))
    table = open_table(make_file("t.csv", f"贷款编号,客户编号,贷款金额,期限,申请日期,{header}\n{lines}"))
    mapping = mapping_for(table, "branch-x", None)[1]
    assert (mapping.features, mapping.drop) == ({}, {header: LATER})
    rows = list(read_rows(table, mapping, now=NOW))
    assert [row.submission and row.submission.features for row in rows] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Marital Status", ("Married", "Single", "Divorced")), ("在职状态", ("在职", "离职", "在职")),
        ("Customer Status", ("active", "inactive", "closed")), ("Employment Status", ("pending", "verified", "new")),
        ("人脸识别结果", ("通过", "不通过", "通过")), ("联网核查结果", ("通过", "未通过", "通过")),
        ("Previous Loan Status", ("Approved", "Refused", "Canceled")), ("历史申请状态", ("通过", "拒绝", "拒绝")),
        ("KYC status", ("approved", "rejected", "pending")), ("Insurance", ("accepted", "declined", "declined")),
        ("Application State", ("CA", "NY", "TX")), ("Status", ("Approved", "Blue", "Rejected")),
        ("Status", ("Approved", "Approved", "Approved")), ("Status", ("Open", "Closed", "Pending")),
        ("审批权限", ("支行", "分行", "总行")), ("Approval Level", ("L1", "L2", "L1")),
    ],
)  # fmt: skip
def test_states_of_somebody_and_results_of_checks_stay_features(header: str, cells: tuple[str, ...]) -> None:
    rows = [{"贷款金额": str(1000 + at), header: cell} for at, cell in enumerate(cells)]
    mapping = infer_mapping(["贷款金额", header], rows, "branch")
    assert ([given.column for given in mapping.features.values()], mapping.drop) == ([header], {})


def test_a_decision_says_nothing_of_how_often_somebody_was_late() -> None:
    rows = [{"贷款金额": "1000", "逾期次数": "1", "Status": each} for each in ("Approved", "Rejected")]
    mapping = infer_mapping(list(rows[0]), rows, "branch")
    assert (list(mapping.features), mapping.drop) == (["late_payments"], {"Status": LATER})


def test_a_draft_and_the_training_know_of_it() -> None:
    rows = [{"贷款金额": "1000", "Status": each} for each in ("Approved", "Rejected")]
    mapping, clues = recognise(["贷款金额", "Status"], rows, "branch", ())
    assert (mapping.features, mapping.drop, clues["Status"].detail) == ({}, {"Status": LATER}, LATER)
    assert [says_after_decision(each) for each in ("申请状态", "application_status", "婚姻状态")] == [True, True, False]
    assert not tells_decision("历史申请状态", ("通过", "拒绝"))
