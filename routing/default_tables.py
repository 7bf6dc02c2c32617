"""The tables that a policy starts with: what people must see, what the machine may do, and who signs."""

from __future__ import annotations

from typing import Final

from routing.table.tables import Cell, Row, Table

YES: Final = Cell("=", (True,))

RULES: Final = Table(
    "rules",
    "collect",
    (
        Row("R1", {"key_customer": YES}, {"way": "review", "tier": 1.0, "reason": "key_customer"},
            "Key customer: always reviewed by a person", "重点客户：一律人工复核"),
        Row("R2", {"amount_above_limit": YES}, {"way": "review", "tier": 1.0, "reason": "amount_above_limit"},
            "Amount above the limit", "金额超过限额"),
        Row("R3", {"opted_out": YES}, {"way": "review", "tier": 1.0, "reason": "opted_out"},
            "The applicant wants no automated decision", "申请人拒绝自动化决策"),
        Row("R4", {"blacklisted": YES}, {"way": "decline", "reason": "blacklisted"},
            "Applicant on the blacklist", "申请人在黑名单内"),
        Row("R5", {"industry_list": Cell("=", ("red",))}, {"way": "decline", "reason": "industry_red"},
            "Industry on the red list", "行业属于限制名单"),
        Row("R6", {"industry_list": Cell("=", ("watch",))}, {"way": "review", "tier": 1.0, "reason": "industry_watch"},
            "Industry on the watch list", "行业属于关注名单"),
        Row("R7", {"over_limit": YES}, {"way": "review", "tier": 1.0, "reason": "over_limit"},
            "Asks for more than the credit limit", "申请金额超出授信额度"),
        Row("R8", {"doubtful": YES}, {"way": "review", "tier": 3.0, "reason": "doubtful"},
            "The model doubts itself", "模型对评分存疑"),
        Row("R9", {"band": Cell("=", ("decline",))}, {"way": "decline", "reason": "pd_above"},
            "PD above the decline line", "违约概率高于拒绝线"),
        Row("R10", {"band": Cell("=", ("approve",))}, {"way": "approve", "reason": "pd_below"},
            "PD below the approval line", "违约概率低于通过线"),
    ),
    {"way": "review", "tier": 3.0, "reason": "grey_band"},
)  # fmt: skip

# The floor that no table can lower (above one's authority, against the advice, key customers) is in cases/rules.py.
SIGNATURES: Final = Table(
    "signatures",
    "collect",
    (
        Row("S1", {"outcome": Cell("=", ("approve",)), "over_limit": YES}, {"signatures": 1.0},
            "Approves more than the credit limit", "批准金额超出授信额度"),
        Row("S2", {"outcome": Cell("=", ("approve",)), "override": Cell("=", ("to_approve",)),
                   "amount_above_limit": YES}, {"signatures": 2.0},
            "Approves a large amount against the advice", "推翻建议批准大额贷款"),
    ),
    {"signatures": 0.0},
)  # fmt: skip
