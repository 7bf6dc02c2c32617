"""What whoever approves has to tick, as sentences in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation

from desk.build.consequence_rows import rows_of
from desk.build.consequence_words import SENTENCES, sentence_of
from routing.consequences import Consequence, consequences
from routing.table.tables import Cell, Row
from routing.terms import Terms
from tests import make
from tests.desk.test_policy_form import FULL

SIMULATED = {
    "terms_sha256": "a", "against": {"policy": 1, "terms_sha256": "b"}, "cases": 900, "period": {"days": 90},
    "predicted": {"approve_share": 0.7, "decline_share": 0.1, "review_share": 0.2, "reviews_a_day": 2.0},
    "present": {"approve_share": 0.6, "decline_share": 0.2, "review_share": 0.2, "reviews_a_day": 2.0},
    "promise": {"standing": "drawn"},
}  # fmt: skip
NOTHING = {"against": {"policy": None, "terms_sha256": ""}, "cases": 0}


def words(now: Terms, was: Terms | None, simulation: dict[str, object]) -> list[str]:
    return [sentence_of(each) for each in consequences(now, was, simulation)]


def test_figures_and_lines_are_told_as_shares() -> None:
    told = words(make.terms(approve_below=0.115, audit_share=0.02, sla_hours=12), make.terms(), SIMULATED)
    assert told[:3] == [
        "The machine approves more: 70.0% of cases instead of 60.0% (1.0 a day).",
        "The machine declines fewer: 10.0% of cases instead of 20.0% (1.0 a day).",
        "Machine approves below a PD of: 11.5% instead of 12.0%.",
    ]
    assert "Of what the machine would decide 2.0% are audited at random instead of 1.0%." in told
    assert "A decision has to be made within 12 hours instead of 24." in told


def test_a_first_version_without_a_past_says_both() -> None:
    assert words(make.terms(), None, NOTHING) == [
        "No past case was replayed: nobody knows what this version will do.",
        "Nothing shows that the lines keep the promised miss rate: there is no evidence.",
        "It is the first version: from now on the machine decides cases of this product.",
    ]


def test_a_promise_that_the_lines_do_not_keep_says_by_how_much() -> None:
    broken = {"standing": "broken", "stated": {"miss_rate": 0.05, "good_decline_rate": None}, "miss_rate": 0.123,
              "good_decline_rate": 0.4}  # fmt: skip
    told = words(make.terms(), make.terms(), {**SIMULATED, "promise": broken})
    assert (
        "The lines do not keep the promise. Bad loans approved by the machine: 5.0% promised, the evidence says up to "
        "12.3%." in told
    )


def test_rows_and_lists_are_named_without_what_stands_in_them() -> None:
    rules = replace(make.terms().rules, rows=make.terms().rules.rows[1:], hit="first")
    told = words(make.terms(rules=rules, lists={"blacklist": ("C-1",)}), make.terms(), SIMULATED)
    assert "Rules: rows R1 are gone." in told
    joined = "the first row that hits instead of all rows that hit, the most careful counts"
    assert f"Rules: rows are joined in another way ({joined})." in told
    assert "Blacklist: 1 added, 0 removed." in told


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_difference_has_a_sentence_with_its_figures(language: str) -> None:
    moved = replace(FULL.rules, rows=FULL.rules.rows[::-1])
    found = [
        *consequences(FULL, make.terms(), SIMULATED),
        *consequences(make.terms(currency="CNY", rules=moved), FULL, SIMULATED),
        *consequences(make.terms(), make.terms(), SIMULATED),
        *consequences(make.terms(), None, {**SIMULATED, "present": None}),
        *(Consequence(code, {"name": "rules"}) for code in SENTENCES),
    ]
    assert {each.code for each in found} <= set(SENTENCES)
    with translation.override(language):
        told = [sentence_of(each) for each in found]
    assert all(words and "%(" not in words for words in told)
    assert any("一" <= sign <= "鿿" for sign in "".join(told)) == (language == "zh-hans")


def test_new_changed_and_removed_rows_are_told_in_full() -> None:
    _first, second, *rest = make.terms().rules.rows
    cells = {"region_share": Cell(">", (0.4,)), "amount": Cell("between", (100.0, 5000.0), (True, False))}
    new = Row("R11", cells, {"way": "decline", "reason": "cap"}, "Region cap", "地区上限")
    changed = replace(second, outputs={**second.outputs, "way": "decline"})
    now = make.terms(rules=replace(make.terms().rules, rows=(changed, *rest, new), default={"way": "decline"}))
    by_code = {each.code: rows_of(each, now) for each in consequences(now, make.terms(), SIMULATED)}
    assert by_code["rows_added"] == (
        "now: R11 (Region cap): Amount asked for from 100 to below 5,000; Share of its region in the book above 40.0 % "
        "→ Way: machine declines, Reason code: cap",
    )
    assert by_code["rows_changed"] == (
        "was: R2 (Amount above the limit): Amount above the limit is yes → Way: people look, "
        "Place in the queue (1 must, 3 if there is time): 1, Reason code: amount_above_limit",
        "now: R2 (Amount above the limit): Amount above the limit is yes → Way: machine declines, "
        "Place in the queue (1 must, 3 if there is time): 1, Reason code: amount_above_limit",
    )
    assert by_code["rows_removed"] == (
        "was: R1 (Key customer: always reviewed by a person): Key customer is yes → Way: people look, "
        "Place in the queue (1 must, 3 if there is time): 1, Reason code: key_customer",
    )
    assert by_code["default_row_changed"] == (
        "was: Way: people look, Place in the queue (1 must, 3 if there is time): 3, Reason code: grey_band",
        "now: Way: machine declines",
    )
    with translation.override("zh-hans"):
        added = next(each for each in consequences(now, make.terms(), SIMULATED) if each.code == "rows_added")
        assert rows_of(added, now) == (
            "现为：R11 (地区上限): 申请金额 介于 100（含）与 5,000（不含）之间; 地区集中度 大于 40.0 % → "
            "去向: 系统拒绝, 原因代码: cap",
        )


def test_a_first_version_tells_all_its_rows() -> None:
    terms = make.terms(limits=None)
    told = [rows_of(each, terms) for each in consequences(terms, None, NOTHING)][-1]
    assert len(told) == len(terms.rules.rows) + len(terms.signatures.rows)
    assert told[9].startswith(
        "Rules: R10 (PD below the approval line): Band of the PD is approve → Way: machine approves"
    )


def test_a_row_of_a_field_that_the_product_has_no_more_is_told_by_its_key() -> None:
    row = {"id": "R1", "when": {"feature_old": {"op": "<", "operands": [18]}}, "then": {"way": "review"}}
    gone = Consequence("rows_removed", {"name": "rules", "rows": ["R1"], "was": [row], "now": []})
    assert rows_of(gone, make.terms()) == ("was: R1: feature_old below 18 → Way: people look",)
