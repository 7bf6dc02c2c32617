"""Training sets, training, and the exported table of labels."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases import actions
from cases.models import Case, User
from learning.actions import ObservedOutcome, label_decisions, record_outcomes
from learning.dataset import ID_COLUMNS, label_rows, read_table, write_table
from learning.models import Label, TrainingSet
from learning.set_building import NothingToLearn, build_training_set
from learning.set_files import TrainingSetAltered, TrainingSetLost
from learning.train import train_model
from routing.models import Policy
from scoring.ml.features import feature_table_for
from scoring.models import ModelVersion
from scoring.registry import champion_version, load_by_hash
from tests import make

FEATURES = {*make.CLEAR_FEATURES, "amount", "currency", "term_months"}


@pytest.fixture
def loans(champion: ModelVersion, policy: Policy) -> list[Case]:
    """Sixty loans the machine granted two years ago, every fifth of which went bad, dearer ones more often."""
    rates = [5.0 + (number % 5) * 0.5 for number in range(60)]
    make.taken_in(
        [
            make.new_case(
                f"L-{number}",
                applied_at=timezone.now() - timedelta(days=730),
                features={**make.CLEAR_FEATURES, "interest_rate": rate},
            )
            for number, rate in enumerate(rates)
        ]
    )
    make.run_machine()
    granted = list(Case.objects.filter(state="approved").order_by("pk"))
    assert len(granted) == 60
    told(granted)
    return granted


def told(loans: Sequence[Case], *, days: int = 400, turned: bool = False) -> None:
    record_outcomes(
        [
            ObservedOutcome(case.pk, case.applied_at + timedelta(days=days), (number % 5 == 4) is not turned)
            for number, case in enumerate(loans)
        ],
        given_by="tests",
    )


def file_of(dataset: TrainingSet) -> Path:
    return Path(settings.DATASETS / f"{dataset.sha256}.parquet")


def test_a_training_set_is_counted_and_kept_as_a_file_under_its_hash(loans: list[Case]) -> None:
    dataset = build_training_set("consumer")
    assert (dataset.product, dataset.rows, dataset.bads) == ("consumer", 60, 12)
    assert dataset.counts["by_source"] == {"branch-los": 60}
    rows = read_table(file_of(dataset))
    assert [row["case_ref"] for row in rows] == [case.ref for case in loans]
    assert [row["is_bad"] for row in rows] == [number % 5 == 4 for number in range(60)]


def test_no_column_known_after_the_decision_is_in_a_training_set(loans: list[Case]) -> None:
    columns = set(read_table(file_of(build_training_set("consumer")))[0])
    assert columns == {*ID_COLUMNS, *FEATURES}
    assert not columns & {"pd", "advice", "outcome", "decided_by", "decided_at", "state", "points", "doubt", "why"}
    assert not set(feature_table_for("consumer").names) & set(ID_COLUMNS)


def test_the_same_content_is_the_same_set_and_a_new_outcome_another(loans: list[Case]) -> None:
    first, again = build_training_set("consumer"), build_training_set("consumer")
    assert first == again
    told(loans[:1], days=420, turned=True)
    restated = build_training_set("consumer")
    assert (restated.rows, restated.bads) == (60, 13)
    assert restated.sha256 != first.sha256
    assert TrainingSet.objects.count() == 2
    assert file_of(first).exists()


def test_only_matured_outcomes_are_learned_from(loans: list[Case]) -> None:
    before = build_training_set("consumer")
    told(loans, days=30, turned=True)
    assert set(Label.objects.values_list("source", flat=True)) == {"outcome", "early_bad", "immature_good"}
    assert build_training_set("consumer") == before


def test_a_product_without_matured_outcomes_has_no_training_set(db: None) -> None:
    with pytest.raises(NothingToLearn):
        build_training_set("consumer")
    assert TrainingSet.objects.count() == 0


def test_a_training_set_is_never_changed_or_deleted(loans: list[Case]) -> None:
    build_training_set("consumer")
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        TrainingSet.objects.update(rows=1)
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        TrainingSet.objects.all()._raw_delete("default")


def test_a_feature_named_like_one_of_our_columns_does_not_become_the_outcome(
    champion: ModelVersion, policy: Policy
) -> None:
    make.case(
        "L-1",
        applied_at=timezone.now() - timedelta(days=730),
        features={**make.CLEAR_FEATURES, "is_bad": True, "source": "elsewhere", "label_source": "x"},
    )
    make.run_machine()
    told(Case.objects.all())
    (row,) = read_table(file_of(build_training_set("consumer")))
    assert (row["is_bad"], row["source"], row["label_source"]) == (False, "branch-los", "outcome")
    assert (row["feature_is_bad"], row["feature_source"]) == (True, "elsewhere")


def test_training_registers_a_candidate_and_never_promotes(loans: list[Case], champion: ModelVersion) -> None:
    dataset = build_training_set("consumer")
    steps: list[tuple[int, int]] = []
    version = train_model(dataset, progress=lambda done, total, what: steps.append((done, total)))
    assert (version.status, version.promoted_by, version.number) == ("candidate", None, 2)
    assert version.dataset_sha256 == dataset.sha256
    assert champion_version("consumer") == champion
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    assert load_by_hash(version.sha256).metrics["rows"] == 60


def weighed(dataset: TrainingSet) -> TrainingSet:
    """The same loans, the first twenty of them known by lot alone, and four times as heavy as the others."""
    rows = read_table(file_of(dataset))
    for place, row in enumerate(rows):
        row["label_weight"], row["label_basis"] = (2.0, "explored") if place < 20 else (0.5, "always")
    other = TrainingSet.objects.create(
        product="consumer", sha256="f" * 64, rows=dataset.rows, bads=dataset.bads, counts=dataset.counts
    )
    write_table(rows, file_of(other))
    return other


def test_a_training_counts_loans_as_its_set_weighs_them_unless_it_is_told_not_to(
    loans: list[Case], champion: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learning.usual.LEAST_ROWS", 50)
    plain = build_training_set("consumer")
    dataset = weighed(plain)
    alike = train_model(plain, recipe="scorecard").card["weighing"]
    assert (alike["kind"], alike["effective_size"], alike["by_chance"]) == ("alike", 60.0, 0.0)
    version = train_model(dataset, recipe="scorecard")
    once = train_model(dataset, recipe="scorecard", weights="none")
    told = version.card["weighing"]
    assert (told["kind"], told["cap"], told["rows"]) == ("propensity", 20.0, 60)
    assert told["effective_size"] == pytest.approx(60**2 / (20 * 4 + 40 * 0.25))
    assert (told["by_chance"], told["by_chance_weight"]) == pytest.approx((20 / 60, 40 / 60))
    assert once.card["weighing"]["kind"] == "none"
    assert once.card["weighing"]["effective_size"] == 60.0
    assert once.card["weighing"]["unweighted"] == once.metrics
    assert version.sha256 != once.sha256
    assert version.metrics["log_loss"] != told["unweighted"]["log_loss"]
    assert load_by_hash(version.sha256).card["weighing"] == told, "what the file holds cannot be changed"
    assert version.reference.rows == 60, "watched from its first case in force"


def test_train_prints_its_figures_as_one_json_object(
    loans: list[Case], champion: ModelVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("train", "--json")
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rows"], figures["bads"], figures["status"]) == (60, 12, "candidate")
    assert figures["dataset"] == TrainingSet.objects.get().pk
    assert (figures["weights"], figures["effective_size"]) == ("alike", 60.0)
    assert champion_version("consumer") == champion
    call_command("train", "--json", "--dataset", str(figures["dataset"]))
    assert json.loads(capsys.readouterr().out)["sha256"] == figures["sha256"]
    with pytest.raises(CommandError, match="invalid choice: 'half'"):
        call_command("train", "--weights", "half")


def test_train_without_outcomes_or_with_an_unknown_set_says_so(db: None) -> None:
    with pytest.raises(CommandError, match=r"No case of this product has a matured outcome yet\."):
        call_command("train")
    with pytest.raises(CommandError, match=r"There is no training set 7\."):
        call_command("train", "--dataset", "7")
    assert ModelVersion.objects.count() == 0


def exported(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_labels_are_exported_with_their_provenance_and_features(
    loans: list[Case], reviewer: User, admin: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    make.released_at_once(admin)
    make.awaiting_case(reviewer)
    label_decisions()
    path = tmp_path / f"labels{ending}"
    call_command("export_labels", str(path), "--json")
    assert json.loads(capsys.readouterr().out) == {"labels": 61, "file": str(path)}
    rows = exported(path)
    assert len(rows) == 61
    assert rows[0].keys() >= {"case_ref", "source", "label_source", "is_bad", "given_by", "observed_at", *FEATURES}
    decision = rows[-1]
    assert (decision["label_source"], decision["person"], decision["outcome"]) == ("decision", "reviewer", "approve")
    assert decision["reason_codes"] == "stable_income"
    assert decision["is_bad"] in (None, "")
    assert {row["label_source"] for row in rows[:-1]} == {"outcome"}


def test_an_export_can_be_narrowed_to_a_product_and_may_be_empty(loans: list[Case], tmp_path: Path) -> None:
    for ending in (".csv", ".parquet"):
        call_command("export_labels", str(tmp_path / f"none{ending}"), "--product", "mortgage")
        assert exported(tmp_path / f"none{ending}") == []


def test_an_export_to_another_kind_of_file_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"must end in \.parquet or \.csv"):
        call_command("export_labels", str(tmp_path / "labels.xlsx"))
    assert list(tmp_path.iterdir()) == []


def test_a_column_that_mixes_numbers_and_texts_is_kept_as_text(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    write_table([{"a": 1, "b": 1, "c": True}, {"a": 2.5, "b": "x"}, {"a": None, "d": None}], path)
    assert read_table(path) == [
        {"a": 1.0, "b": "1", "c": True, "d": None},
        {"a": 2.5, "b": "x", "c": None, "d": None},
        {"a": None, "b": None, "c": None, "d": None},
    ]


def test_a_text_that_a_spreadsheet_would_run_is_exported_as_a_text(reviewer: User, admin: User, tmp_path: Path) -> None:
    make.released_at_once(admin)
    case = make.claimed_case(reviewer, features={**make.CLEAR_FEATURES, "job_title": "=1+1"})
    actions.decide_case(
        case.pk, by=reviewer, outcome="approve", reason_codes=["good_record"], note="", seen_version=case.version
    )
    label_decisions()
    call_command("export_labels", str(tmp_path / "labels.csv"))
    titles = {row.get("job_title") for row in exported(tmp_path / "labels.csv")}
    assert "'=1+1" in titles
    assert "=1+1" not in titles


def test_the_hash_of_a_set_is_worked_out_again_from_its_file_alone(loans: list[Case]) -> None:
    dataset = build_training_set("consumer")
    rows = pq.read_table(file_of(dataset)).to_pylist()
    lines = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows)
    assert hashlib.sha256(lines.encode()).hexdigest() == dataset.sha256
    assert [type(row["label_id"]) for row in rows[:1]] == [int]


def test_training_on_a_set_whose_file_is_gone_or_altered_is_refused(loans: list[Case], tmp_path: Path) -> None:
    dataset = build_training_set("consumer")
    rows = read_table(file_of(dataset))
    write_table([{**rows[0], "is_bad": not rows[0]["is_bad"]}, *rows[1:]], file_of(dataset))
    with pytest.raises(TrainingSetAltered):
        train_model(dataset)
    with pytest.raises(CommandError, match="not those its hash names"):
        call_command("export_set", str(dataset.pk), "--out", str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    file_of(dataset).write_bytes(b"no table")
    with pytest.raises(TrainingSetAltered):
        train_model(dataset)
    file_of(dataset).unlink()
    with pytest.raises(TrainingSetLost):
        train_model(dataset)
    assert ModelVersion.objects.count() == 1, "only the one in force"


def test_reasons_that_a_signer_put_right_are_exported_as_they_hold(
    champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User, admin: User
) -> None:
    make.released_at_once(admin)
    for ref, codes in (("A-1", ["good_record", "low_burden"]), ("A-2", None), ("A-3", None)):
        case, _review = make.awaiting_case(reviewer, ref)
        verdict, note = ("send_back", "look at the income again") if ref == "A-3" else ("confirm", "")
        actions.sign_case(
            case.pk, by=supervisor, verdict=verdict, note=note, seen_version=case.version, reason_codes=codes
        )
    label_decisions()
    told = [
        (row["external_ref"], row["label_source"], row["person"], row["reason_codes"], row["reasons_by"])
        for row in label_rows()
    ]
    assert sorted(told) == [
        ("A-1", "decision", "reviewer", "good_record low_burden", "supervisor"),
        ("A-1", "signature", "supervisor", "good_record low_burden", "supervisor"),
        ("A-2", "decision", "reviewer", "stable_income", "reviewer"),
        ("A-2", "signature", "supervisor", "stable_income", "reviewer"),
        ("A-3", "decision", "reviewer", "stable_income", "reviewer"),
        ("A-3", "signature", "supervisor", "", ""),
    ]
