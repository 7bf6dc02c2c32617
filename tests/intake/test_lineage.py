"""How a value was read, as the stored mapping tells."""

from __future__ import annotations

from typing import Any

import pytest

from intake.lineage import Reading, Step, reading_of

MAPPING: dict[str, Any] = {
    "fields": {
        "amount": {"column": "金额(万元)", "type": "number", "scale": "10000"},
        "currency": {"constant": "CNY"},
        "external_ref": {"row_hash": True},
        "term_months": {"column": "期限"},
        "region": {"column": "地区"},
    },
    "features": {
        "income": {"column": "inc", "missing": ["-1", "-2"], "values": {"a": 1}, "pattern": "x(.*)"},
        "used": {"compute": "percent_of", "from": ["used", "limit"], "with": {}},
    },
}


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("amount", Reading(("金额(万元)",), (Step("type", "number"), Step("scale", "10000")))),
        ("currency", Reading((), (Step("constant", "CNY"),))),
        ("external_ref", Reading((), (Step("row_hash"),))),
        # 2年 is 24; a text stands as it came.
        ("term_months", Reading(("期限",), (Step("type", "months"),))),
        ("region", Reading(("地区",), ())),
        (
            "income",
            Reading(("inc",), (Step("missing", "-1, -2"), Step("values", "a → 1"), Step("pattern", "x(.*)"))),
        ),
        ("used", Reading(("used", "limit"), (Step("compute", "percent_of"),))),
        ("other", None),
    ],
)
def test_columns_and_steps_are_told_in_their_order(name: str, reading: Reading | None) -> None:
    assert reading_of(MAPPING, name) == reading


def test_a_message_was_read_by_no_mapping() -> None:
    assert reading_of({}, "amount") is None
