"""Reads the outcome column of a table: 1 is bad, 0 is good, however they are written."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intake.values.cells import MISSING_NUMBER, cell_text
from scoring.ml.errors import TrainingError

IntArray = NDArray[np.int64]

BAD = frozenset(
    {"1", "true", "t", "yes", "y", "bad", "default", "defaulted", "charged off", "charged-off", "chgoff", "chargeoff"}
    | {"late", "delinquent", "loss", "deny", "denied", "rejected", "reject", "declined", "not repaid", "unpaid", "b"}
    | {"是", "坏", "逾期", "违约", "不良", "坏账", "核销", "坏客户", "已违约", "已逾期", "未还", "拒绝", "未通过"}
)
GOOD = frozenset(
    {"0", "false", "f", "no", "n", "good", "paid", "fully paid", "paid in full", "paid off", "pif", "p i f", "repaid"}
    | {
        "current",
        "non-default",
        "no default",
        "not default",
        "approved",
        "approve",
        "accepted",
        "performing",
        "ok",
        "g",
    }
    | {"否", "好", "正常", "结清", "已结清", "未违约", "未逾期", "好客户", "已还", "已还清", "通过", "批准"}
)
SHOWN = 6


def read_outcomes(header: str, cells: NDArray[Any] | Sequence[object]) -> tuple[IntArray, NDArray[np.bool_]]:
    """Outcomes (n,), and where (n,) they are known; the outcome of an unknown row is 0.

    TrainingError names the values where it is not clear which of them is bad, or where there is only one outcome.
    """
    texts = [cell_text(cell).casefold() for cell in cells]
    meaning = {text: _meaning(text) for text in set(texts)}
    odd = sorted(text for text, bad in meaning.items() if bad is None)
    if odd:
        shown = ", ".join(f"“{text}”" for text in odd[:SHOWN])
        raise TrainingError(
            "outcome",
            f"“{header}” must say 1 (bad) or 0 (good), yes or no, or the like; it is not clear what {shown} means.",
            f"“{header}”应为 1（坏）或 0（好）、是或否等；无法判断 {shown} 的含义。",
        )
    known = np.array([meaning[text] != -1 for text in texts], dtype=np.bool_)
    y = np.array([max(meaning[text] or 0, 0) for text in texts], dtype=np.int64)
    if len(set(y[known].tolist())) < 2:
        raise TrainingError(
            "outcome", f"“{header}” knows only one outcome.", f"“{header}”只有一种结果，无法训练或检验模型。"
        )
    return y, known


def _meaning(text: str) -> int | None:
    """1 bad, 0 good, -1 not known, None unclear."""
    if text in BAD:
        return 1
    if text in GOOD:
        return 0
    return -1 if text in MISSING_NUMBER else None
