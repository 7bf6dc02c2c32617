"""How a value was read, as the stored mapping tells."""

from __future__ import annotations

from typing import Any

import pytest

from intake.gate.lineage import Reading, Step, reading_of, steps_of_message

MAPPING: dict[str, Any] = {
    "fields": {
        "amount": {"column": "金额(万元)", "type": "number", "scale": "10000"},
        "currency": {"constant": "CNY"},
        "external_ref": {"row_hash": True},
        "term_months": {"column": "期限"},
        "region": {"column": "地区"},
        "product": {"column": "产品"},
        "applicant.id": {"column": "客户号", "type": "text", "prefix": "C-"},
        "applicant.phone": {"column": "手机"},
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
        # 2年 is 24, 消费贷 is consumer; a text stands as it came, but for what nobody sees.
        ("term_months", Reading(("期限",), (Step("type", "months"),))),
        ("product", Reading(("产品",), (Step("type", "slug"),))),
        ("region", Reading(("地区",), (Step("trimmed"),))),
        ("applicant.id", Reading(("客户号",), (Step("trimmed"), Step("prefix", "C-")))),
        ("applicant.phone", Reading(("手机",), (Step("type", "phone"),))),
        (
            "income",
            Reading(
                ("inc",),
                (Step("trimmed"), Step("missing", "-1, -2"), Step("values", "a → 1"), Step("pattern", "x(.*)")),
            ),
        ),
        ("used", Reading(("used", "limit"), (Step("compute", "percent_of"),))),
        ("other", None),
    ],
)
def test_columns_and_steps_are_told_in_their_order(name: str, reading: Reading | None) -> None:
    assert reading_of(MAPPING, name) == reading


def test_a_message_was_read_by_no_mapping() -> None:
    assert reading_of({}, "amount") is None


@pytest.mark.parametrize(
    ("name", "value", "steps"),
    [
        ("amount", 120_000, ()),
        ("annual_income", 90_000.5, ()),
        ("is_homeowner", True, ()),
        ("currency", "CNY", ()),
        ("purpose", "car", (Step("visible"),)),
        ("applied_at", "2026-01-05", (Step("type", "date"),)),
        ("applicant.identity_number", "", (Step("type", "identity_number"),)),
        ("applicant.phone", "", (Step("type", "phone"),)),
    ],
)
def test_what_a_message_states_stands_as_it_came_but_for_texts_moments_and_numbers_of_a_standard(
    name: str, value: object, steps: tuple[Step, ...]
) -> None:
    assert steps_of_message(name, value) == steps
