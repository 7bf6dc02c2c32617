"""`manage.py train`: a candidate with its card as page and files, of the recipe that was asked for; never promoted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.models import Case
from learning.actions import ObservedOutcome, record_outcomes
from learning.models import TrainingSet
from routing.models import Policy
from scoring.models import ModelVersion
from scoring.registry import champion_version, load_by_hash
from tests import make

APPLIED = datetime(2024, 5, 6, 9, 30, tzinfo=UTC)


@pytest.fixture
def loans(champion: ModelVersion, policy: Policy) -> list[Case]:
    """Eighty loans of two regions that the machine granted in May 2024, every fourth of which went bad."""
    make.taken_in(
        [
            make.new_case(
                f"L-{number}",
                applied_at=APPLIED,
                region="CA" if number % 2 else "TX",
                features={**make.CLEAR_FEATURES, "interest_rate": 5.0 + (number % 4) * 0.5},
            )
            for number in range(80)
        ]
    )
    make.run_machine()
    granted = list(Case.objects.filter(state="approved").order_by("pk"))
    assert len(granted) == 80
    record_outcomes(
        [
            ObservedOutcome(case.pk, case.applied_at + timedelta(days=400), number % 4 == 3)
            for number, case in enumerate(granted)
        ],
        given_by="tests",
    )
    return granted


def trained(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    call_command("train", "--json", *arguments)
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return figures


def test_a_training_prints_its_figures_and_writes_its_card_in_both_languages(
    loans: list[Case], champion: ModelVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = trained(capsys, "--recipe", "scorecard")
    version = ModelVersion.objects.get(sha256=figures["sha256"])
    assert (figures["recipe"], figures["status"], figures["rows"], figures["bads"]) == (
        "scorecard",
        "candidate",
        80,
        20,
    )
    assert figures["auc"] == round(version.metrics["auc"], 4)
    assert champion_version("consumer") == champion
    for language, word in (("en", "Known limits"), ("zh", "贷款年利率")):
        path = Path(figures[f"card_{language}"])
        assert path.name == f"{version.sha256}.card.{language}.html"
        assert word in path.read_text(encoding="utf-8")


def test_the_model_and_its_card_name_what_they_were_trained_on(
    loans: list[Case], capsys: pytest.CaptureFixture[str]
) -> None:
    figures = trained(capsys, "--recipe", "scorecard", "--seed", "3")
    version, dataset = ModelVersion.objects.get(sha256=figures["sha256"]), TrainingSet.objects.get()
    assert (version.dataset_sha256, load_by_hash(version.sha256).dataset_sha256) == (dataset.sha256, dataset.sha256)
    card = version.card
    assert (card["seed"], card["recipe"], card["data"]["rows"]) == (3, "scorecard", 80)
    assert card["data"]["first"] == card["data"]["last"] == "2024-05-06"
    (region,) = [fact for fact in card["fairness"] if fact["fact"] == "region"]
    assert {group["name"]: group["rows"] for group in region["groups"]} == {"CA": 40, "TX": 40}


def test_the_same_training_set_recipe_and_seed_give_the_same_model(
    loans: list[Case], capsys: pytest.CaptureFixture[str]
) -> None:
    first = trained(capsys, "--recipe", "scorecard")
    again = trained(capsys, "--recipe", "scorecard", "--dataset", str(first["dataset"]))
    other = trained(capsys, "--recipe", "logistic_regression", "--dataset", str(first["dataset"]))
    assert again == first
    assert other["sha256"] != first["sha256"]
    assert other["model"] == "consumer v3"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--recipe", "magic"], r"There is no recipe magic\. Known: scorecard, .*, blend\."),
        (["--dataset", "7"], r"There is no training set 7\."),
        ([], r"No case of this product has a matured outcome yet\."),
        (["--product", "mortgage"], r"No case of this product has a matured outcome yet\."),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_sentence(db: None, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("train", *arguments)
    assert ModelVersion.objects.count() == 0
