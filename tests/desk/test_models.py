"""The list of models, the card of one as a page and as a file, for every role and in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from cases.models import User
from desk.build.card_words import LIMITS, limit_words
from desk.build.fact_names import FactNames
from desk.cards import write_card_files
from scoring.life import Step, tell
from scoring.ml.card import limits_of
from scoring.models import ModelVersion
from tests.desk.conftest import SignsIn
from tests.made_card import Made, made

SET = "ab" * 32
LATER = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def model() -> Made:
    return made()


def version(model: Made, number: int = 1, **changes: Any) -> ModelVersion:
    """A candidate with the card of the model made by hand; `changes` are other fields."""
    fields = {
        "product": "consumer",
        "number": number,
        "recipe": "blend",
        "sha256": f"{number:064x}",
        "dataset_sha256": SET,
        "feature_table": model.table.to_dict(),
        "feature_table_sha256": model.table.sha256,
        "library_versions": {"numpy": "2.4.6", "python": "3.11.9"},
        "metrics": {"auc": 0.755, "rows": 2000, "bads": 409},
        "norms": {},
        "card": model.card(),
    }
    made_one: ModelVersion = ModelVersion.objects.create(**{**fields, **changes})
    return made_one


def words_of(page: str) -> str:
    """The text of the page's main part, one space between its pieces."""
    main = page.split("<main", 1)[1].split("</main>")[0]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", main)))


def card_of(client: Client, version: ModelVersion) -> str:
    return client.get(f"/models/{version.pk}").content.decode()


def test_the_list_shows_each_model_with_its_auc_and_who_put_it_in_force(
    model: Made, admin: User, reviewer: User, signs_in: SignsIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    first_one = version(model, 1)
    tell(first_one, Step.FIRST, by=admin)
    in_force = {"status": "champion", "promoted_by": admin, "promoted_at": LATER}
    ModelVersion.objects.filter(pk=first_one.pk).update(**in_force)
    version(model, 2, recipe="scorecard")
    version(model, 3, card={}, recipe="GradientBoostingRisk")
    client = signs_in(reviewer)
    with django_assert_max_num_queries(12):
        text = words_of(client.get("/models").content.decode())
    first, second, third = (
        text[text.index(name) :][:140]
        for name in ("Consumer loan, version 3", "Consumer loan, version 2", "Consumer loan, version 1")
    )
    assert (
        text.index("Consumer loan, version 3")
        < text.index("Consumer loan, version 2")
        < text.index("Consumer loan, version 1")
    )
    assert "GradientBoostingRisk" in first
    assert "0.729 – 0.779" not in first.split("Consumer loan, version 2")[0]
    assert "Scorecard Candidate" in second.replace("  ", " ")
    assert "Blend Champion" in third
    assert "2,000 0.755 0.729 – 0.779 admin" in third


def test_an_empty_list_leads_who_may_train_to_the_training_sets(reviewer: User, admin: User, signs_in: SignsIn) -> None:
    page = signs_in(admin).get("/models").content.decode()
    assert "No model trained yet" in page
    assert '<a href="/learning/sets">Train one on a training set</a>' in page
    assert "Train one on a training set" not in signs_in(reviewer).get("/models").content.decode()


def test_the_list_goes_on_on_a_further_page(model: Made, reviewer: User, signs_in: SignsIn) -> None:
    card = model.card()
    for number in range(1, 53):
        version(model, number, card=card)
    client = signs_in(reviewer)
    page = client.get("/models").content.decode()
    following = re.search(r'href="(\?after=[^"]+)"', page)
    assert following
    rest = words_of(client.get(f"/models{following[1]}").content.decode())
    assert "Consumer loan, version 2 " in rest
    assert "Consumer loan, version 3 " not in rest


def test_a_card_tells_what_the_model_learned_from_and_how_well_it_does(
    model: Made, reviewer: User, signs_in: SignsIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    shown, client = version(model), signs_in(reviewer)
    with django_assert_max_num_queries(12):
        page = card_of(client, shown)
    text = words_of(page)
    for words in (
        "Consumer loan, version 1 Candidate",
        "Blend, trained",
        "AUC 0.755 0.729 – 0.779 · chance that a bad loan scores above a good one",
        "Only 409 of its loans went bad",
        "Its loans do not say to which group they belong, by: Region",
        "Loan amount 13.3%",
        "Lender's pricing 21.9%",
        "Length of employment 9.6%",
        "2017 667 21.4%",
        "Gradient boosting (LightGBM) 0.70 straight line 0.755 0.729 – 0.779",
        "Scorecard 0.30 straight line 0.726",
        "Loans 2,000 Bad loans 409 Bad rate 20.4% Applied for 2016-01-03 – 2018-09-03",
        f"Training set {SET}",
        "Made with numpy 2.4.6, python 3.11.9",
        "State of the file missing: cases go to people",
        "Promoted by nobody: it is not in force",
    ):
        assert words in text
    assert page.count('<circle class="dot"') == 10
    assert "predicted 3.8%, observed 5.0%" in page


def test_a_card_says_how_its_loans_counted_and_what_they_are_worth(
    model: Made, reviewer: User, signs_in: SignsIn
) -> None:
    once = {"auc": 0.7512, "ks": 0.401, "brier": 0.1402, "log_loss": 0.44, "ece": 0.012}
    told = {"kind": "propensity", "cap": 20.0, "effective_size": 812.4, "rows": 2000, "by_chance": 0.015,
            "by_chance_weight": 0.21, "unweighted": once}  # fmt: skip
    text = words_of(card_of(signs_in(reviewer), version(model, card={**model.card(), "weighing": told})))
    for words in (
        "Weights of the loans by the chance that they were seen, at most 20 each",
        "Effective sample size 812",
        "Known only by a random arm 1.5% of the loans, 21.0% of the weight",
        "AUC 0.751, KS 0.401, Brier 0.1402, log-loss 0.4400, calibration error 0.0120",
    ):
        assert words in text


def test_groups_are_compared_with_the_one_that_is_approved_most_often_and_small_ones_are_not_judged(
    model: Made, reviewer: User, signs_in: SignsIn
) -> None:
    card = model.card()
    judged = card["fairness"][1]
    judged["small"] = {"0": 12, "": 7}
    text = words_of(card_of(signs_in(reviewer), version(model, card=card)))
    fairness = text[text.index("Fairness by Credit limits in use") :].split("Fairness by Region")[0]
    assert "compared with “below 60%”, approved most often" in fairness
    assert "60% to below 128% 1,036 26.4% 23.9% – 29.2%" in fairness
    assert "2 smaller groups 19 too few -- --" in fairness
    assert "The training loans do not say to which group they belong." in text


def test_a_long_table_of_groups_is_folded(model: Made, reviewer: User, signs_in: SignsIn) -> None:
    card = model.card()
    card["fairness"][0]["groups"] *= 5
    page = card_of(signs_in(reviewer), version(model, card=card))
    assert "<summary>15 rows</summary>" in page


def test_leaks_and_limits_stand_above_the_figures_in_the_reader_s_language(
    model: Made, reviewer: User, signs_in: SignsIn
) -> None:
    card = model.card()
    card["leaks"] = [
        {"column": "recoveries", "code": "single_column", "en": "It tells the outcome.", "zh": "泄露结果。"}
    ]
    shown = version(model, card=card)
    english, chinese = (card_of(signs_in(reviewer, language), shown) for language in ("en", "zh-hans"))
    assert "It tells the outcome." in words_of(english)
    assert "泄露结果。" in words_of(chinese)
    assert "贷款年利率" in words_of(chinese)
    assert "Interest rate" not in words_of(chinese)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_limit_has_a_sentence_with_its_figures(model: Made, language: str) -> None:
    card = model.card()
    card["metrics"]["auc"]["low"], card["metrics"]["ece"]["value"] = 0.55, 0.031
    card["fairness"][0]["small"] = {"x": 3}
    card["data"]["missing"]["annual_income"] = 0.5
    limits = limits_of(card, watched_briefly=0.25)
    card["data"]["first"] = ""
    limits += limits_of(card, watched_briefly=0.0)
    card["data"]["first"] = "2018-01-02"
    limits += limits_of(card, watched_briefly=0.0)
    card["data"]["bads"] = 900
    limits += limits_of(card, watched_briefly=0.0, effective_bads=81.0)
    assert {limit["code"] for limit in limits} == set(LIMITS)
    with translation.override(language):
        names = FactNames(model.table.to_dict()).all_facts()
        sentences = [limit_words(limit, names) for limit in limits]
    assert all("%(" not in words for words in sentences)
    text = " ".join(sentences)
    for figure in ("0.550", "3.1%", "2.0%", "25.0%", "409", "500", "244", "50%", "900", "81"):
        assert figure in text
    assert {"en": "Annual income 50%", "zh-hans": "年收入 50%"}[language] in text


def test_an_unknown_limit_reads_as_itself() -> None:
    assert limit_words({"code": "made_elsewhere", "params": {}}, {}) == "made elsewhere"


def test_the_bins_of_the_scorecard_are_shown_with_their_points(model: Made, reviewer: User, signs_in: SignsIn) -> None:
    text = words_of(card_of(signs_in(reviewer), version(model)))
    bins = text[text.index("Length of employment −") :]
    assert bins.startswith("Length of employment −4.5 to +4.2 points Value Loans Bad rate Points below 2")
    assert "not known 191" in bins.split("Income check")[0]
    assert "income verified 679" in bins


def test_a_model_from_before_cards_shows_who_it_is(model: Made, reviewer: User, signs_in: SignsIn) -> None:
    old = version(model, card={}, recipe="GradientBoostingRisk")
    page = card_of(signs_in(reviewer), old)
    assert "This model is from before model cards: train it anew to have one." in words_of(page)
    assert old.sha256 in page
    assert "card.en.html" not in page
    assert signs_in(reviewer).get(f"/models/{old.pk}/card.en.html").status_code == 404


@pytest.mark.parametrize(("name", "lang", "word"), [("en", "en", "Known limits"), ("zh", "zh-Hans", "贷款年利率")])
def test_a_card_can_be_taken_along_as_one_file_in_either_language(
    model: Made, reviewer: User, signs_in: SignsIn, name: str, lang: str, word: str
) -> None:
    shown = version(model)
    answer = signs_in(reviewer, "en").get(f"/models/{shown.pk}/card.{name}.html")
    assert answer["Content-Disposition"] == f'attachment; filename="consumer-v1.card.{name}.html"'
    page = answer.content.decode()
    assert f'<html lang="{lang}">' in page
    assert word in page
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", page)
    assert ".card > header {" in page
    assert "color-scheme: light dark" in page


def test_the_files_of_a_card_lie_beside_the_model_and_are_the_same_each_time(
    model: Made, db: None, tmp_path: Path, settings: Any
) -> None:
    settings.ARTEFACTS = tmp_path / "artefacts"
    shown = version(model)
    paths = write_card_files(shown)
    assert [path.name for path in paths] == [f"{shown.sha256}.card.en.html", f"{shown.sha256}.card.zh.html"]
    before = [path.read_bytes() for path in paths]
    assert write_card_files(shown) == paths
    assert [path.read_bytes() for path in paths] == before
    assert sorted(path.name for path in settings.ARTEFACTS.iterdir()) == [path.name for path in paths]


@pytest.mark.parametrize("path", ["/models/999999", "/models/999999/card.en.html", "/models/{pk}/card.fr.html"])
def test_what_is_not_there_is_not_found(path: str, model: Made, reviewer: User, signs_in: SignsIn) -> None:
    assert signs_in(reviewer).get(path.format(pk=version(model).pk)).status_code == 404


def test_the_model_s_file_is_in_place_where_it_was_saved(
    champion: ModelVersion, reviewer: User, signs_in: SignsIn
) -> None:
    assert (settings.ARTEFACTS / f"{champion.sha256}.json").is_file()
    text = words_of(card_of(signs_in(reviewer), champion))
    assert "State of the file in place" in text
    assert "Promoted by admin, 20" in text
    assert "the period it learned from is not known" in text


def test_a_file_that_was_altered_is_not_in_place(
    model: Made, reviewer: User, signs_in: SignsIn, settings: Any, tmp_path: Path
) -> None:
    settings.ARTEFACTS, shown = tmp_path, version(model)
    (tmp_path / f"{shown.sha256}.json").write_text("{}")
    assert "State of the file altered: cases go to people" in words_of(card_of(signs_in(reviewer), shown))


def test_only_those_who_look_after_the_whole_are_led_to_the_models(
    reviewer: User, supervisor: User, auditor: User, admin: User, signs_in: SignsIn
) -> None:
    led = {user.role for user in (reviewer, supervisor, auditor, admin) if 'href="/models"' in _frame(signs_in(user))}
    assert led == {"supervisor", "auditor", "admin"}


def _frame(client: Client) -> str:
    return client.get("/cases").content.decode()
