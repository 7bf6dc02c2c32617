"""What the page of a case says of its explanation and its doubt, also where there is less to say than usual."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from cases.models import User
from desk.build.doubt import doubt_parts
from desk.dossier import dossier_as_json, open_dossier
from desk.explained import Explained
from routing.models import Policy
from scoring.ml.features import FeatureTable
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import reassessed
from tests.desk.test_case_page import text_of

PARTS = {"cut_off": 0.6, "disagreement": 0.25, "novelty": 0.0, "missing": 0.0}


def test_the_page_sets_the_case_against_the_book_and_against_loans_just_approved(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case = make.queued_case()
    stored = Assessment.objects.get(case=case)
    page = text_of(signs_in(reviewer).get(f"/review/{case.ref}").content.decode())
    assert "Average of the book" in page
    assert "Against loans just approved" in page
    assert f"cut-off {stored.cut_off:.1%}" in page
    assert "Do not rely on the explanation" not in page


def test_an_explanation_that_does_not_add_up_is_not_shown(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    case = make.queued_case()
    assert "Average of the book" in signs_in(reviewer).get(f"/review/{case.ref}").content.decode()
    reassessed(case, explanation_holds=False, residual=0.5)
    page = text_of(signs_in(reviewer).get(f"/review/{case.ref}").content.decode())
    assert "Do not rely on the explanation: its parts do not add up" in page
    assert "Average of the book" not in page
    assert "Loans just approved" not in page
    shown = dossier_as_json(open_dossier(case))["assessment"]
    assert (shown["explanation_holds"], shown["applicant_reasons"], shown["cohort_reasons"]) == (False, [], [])


def test_against_the_approved_only_what_was_put_to_the_model_speaks_against_a_case(ground: Policy) -> None:
    case = make.queued_case()
    kept = Assessment.objects.get(case=case).cohort_reasons or []
    assert "up" in {reason["direction"] for reason in kept}
    shown = dossier_as_json(open_dossier(case))["assessment"]["cohort_reasons"]
    assert [one["code"] for one in shown] == [one["code"] for one in kept]
    reassessed(case, cohort_reasons=None)
    before = dossier_as_json(open_dossier(case))["assessment"]["cohort_reasons"]
    assert before == [one for one in shown if one["direction"] == "down"]


def test_the_range_of_a_pd_is_explained_in_the_reader_s_language(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case = make.queued_case()
    page = signs_in(reviewer).get(f"/review/{case.ref}").content.decode()
    assert "In nine of ten cases the range holds the bad rate among loans of this score." in page
    assert "该区间包含同分贷款的坏账率" in signs_in(reviewer, "zh-hans").get(f"/review/{case.ref}").content.decode()


def test_an_assessment_from_before_the_cohort_keeps_its_own_sentences(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case = make.queued_case()
    reason = {"code": "pricing", "direction": "up", "contribution": 0.3, "pd_points": 2.0, "features": ["sub_grade"]}
    words = {"value": 20.0, "norm": 11.0, "en": "Weak grade, said then", "zh": "当时说的等级偏弱"}
    parts = {"disagreement": 0.1, "missing": 0.0, "novelty": 0.0}
    reassessed(
        case,
        cut_off=None,
        cohort_base_value=None,
        cohort_contributions=[],
        novel=[],
        doubt_parts=parts,
        reasons=[{**reason, **words}],
    )
    page = text_of(signs_in(reviewer).get(f"/review/{case.ref}").content.decode())
    assert "Weak grade, said then" in page
    assert "cut-off" not in page
    assert "just approved" not in page
    assert "当时说的等级偏弱" in text_of(signs_in(reviewer, "zh-hans").get(f"/review/{case.ref}").content.decode())
    shown = dossier_as_json(open_dossier(case))["assessment"]
    assert (shown["cut_off"], shown["cohort_base_value"], shown["cohort_contributions"]) == (None, None, {})
    assert shown["cohort_reasons"] == []


def test_what_must_not_be_named_is_marked_for_the_reviewer_and_kept_from_the_applicant(
    ground: Policy, champion: ModelVersion, reviewer: User, signs_in: SignsIn
) -> None:
    case = make.queued_case(features={**make.CLEAR_FEATURES, "inquiries_12m": 12, "credit_utilisation": 99.0})
    mark = "not to be named to the applicant"
    assert mark not in signs_in(reviewer).get(f"/review/{case.ref}").content.decode()
    told = [reason["code"] for reason in dossier_as_json(open_dossier(case))["assessment"]["applicant_reasons"]]
    assert {"inquiries", "utilisation"} <= {*told}
    barred = ModelVersion.objects.get(pk=champion.pk)
    barred.pk, barred._state.adding, barred.number, barred.sha256 = None, True, 2, "1" * 64
    barred.status, barred.promoted_at, barred.promoted_by = ModelVersion.Status.CANDIDATE, None, None
    for feature in barred.feature_table["features"]:
        feature["nameable"] = feature["group"] != "inquiries"
    barred.save(force_insert=True)
    reassessed(case, model=barred, applicant_reasons=None)
    assert mark in signs_in(reviewer).get(f"/review/{case.ref}").content.decode()
    shown = dossier_as_json(open_dossier(case))["assessment"]
    assert "inquiries" in [reason["code"] for reason in shown["reason_codes"]]
    assert [reason["code"] for reason in shown["applicant_reasons"]][: len(told) - 1] == [
        code for code in told if code != "inquiries"
    ]


def explained(champion: ModelVersion, **changes: Any) -> Explained:
    table = FeatureTable.from_dict(champion.feature_table)
    facts: dict[str, Any] = {
        "model": champion,
        "pd": 0.08,
        "pd_low": 0.06,
        "pd_high": 0.11,
        "cut_off": 0.10,
        "values": [1.0] * len(table.names),
        "doubt_parts": PARTS,
    }
    return Explained(table, Assessment(**{**facts, **changes}))


def sentences(champion: ModelVersion, language: str = "en", **changes: Any) -> dict[str, str]:
    with translation.override(language):
        parts = doubt_parts(explained(champion, **changes))
    return {name: part.sentence for name, part in zip(PARTS, parts, strict=True)}


def test_each_part_of_the_doubt_says_what_it_rests_on(champion: ModelVersion) -> None:
    said = sentences(champion)
    assert said == {
        "cut_off": "The cut-off of 10.0% lies in the range of the PD, 6.0% – 11.0%.",
        "disagreement": "At most 25% of the models' votes stand on the other side of the cut-off.",
        "novelty": "The training loans show facts like these.",
        "missing": "All that the model reads is there and up to date.",
    }
    clear = sentences(champion, cut_off=0.2, doubt_parts={**PARTS, "disagreement": 0.0, "novelty": 0.7})
    assert clear["cut_off"] == "The range of the PD, 6.0% – 11.0%, stays clear of the cut-off of 20.0%."
    assert clear["disagreement"] == "All models stand on the same side of the cut-off."
    assert clear["novelty"] == "Each fact is usual, but rarely do they come together like this."


def test_novel_missing_and_stale_facts_are_named(champion: ModelVersion) -> None:
    names = [feature["name"] for feature in champion.feature_table["features"]]
    gone = {"employment_years", "annual_income", "loan_to_income", "amount"}
    values = [None if name in gone else 1.0 for name in names]
    said = {
        "values": values,
        "unreadable": ["amount"],
        "stale": ["credit_utilisation"],
        "novel": ["amount", "inquiries_12m"],
    }
    english, chinese = (sentences(champion, language, **said) for language in ("en", "zh-hans"))
    rare = "New or rare together in the training loans: Loan amount, Credit inquiries in 12 months."
    assert english["novelty"] == rare
    assert english["missing"] == (
        "Not supplied: Annual income, Length of employment. Out of date: Credit limits in use."
    )
    assert "贷款金额、近 12 个月征信查询次数" in chinese["novelty"]
    assert "年收入、工作年限" in chinese["missing"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_model_of_before_the_cut_off_has_fewer_parts(champion: ModelVersion, language: str) -> None:
    with translation.override(language):
        parts = doubt_parts(explained(champion, cut_off=None, doubt_parts={"missing": 0.0, "disagreement": 0.4}))
    assert [bool(part.sentence) for part in parts] == [False, True]
    assert [part.value for part in parts] == ["40%", "0%"]
