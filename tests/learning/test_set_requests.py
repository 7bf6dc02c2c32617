"""Asking for training sets: one build for two presses, proposals that people answer, work that is left behind."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.errors import CaseMoved, CaseNotFound, NotAllowed
from cases.models import Case, User
from learning import set_requests
from learning.dataset import read_table
from learning.models import SetBuild, TrainingSet
from learning.set_building import NothingToLearn, build_training_set
from learning.set_files import path_of
from learning.set_requests import answer_proposal, ask_set, builds_waiting, propose_sets, run_builds
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.learning.test_sets import AGO, told
from tests.together import together


@pytest.fixture
def loans(champion: ModelVersion, policy: Policy) -> list[Case]:
    make.cases(6, applied_at=timezone.now() - AGO)
    make.run_machine()
    granted = list(Case.objects.order_by("pk"))
    told(granted)
    return granted


def test_two_presses_are_one_build_and_a_worker_builds_it_once(
    loans: list[Case], supervisor: User, admin: User
) -> None:
    first, second = ask_set("consumer", by=supervisor), ask_set("consumer", by=admin)
    assert first == second
    assert (SetBuild.objects.count(), builds_waiting()) == (1, True)
    assert (run_builds(), run_builds(), builds_waiting()) == (1, 0, False)
    build = SetBuild.objects.get()
    assert (build.state, build.dataset, build.done, build.total) == ("done", TrainingSet.objects.get(), 105, 105)
    assert TrainingSet.objects.get().built_by == supervisor
    # The same outcomes give the same set, however often somebody asks.
    ask_set("consumer", by=admin)
    assert (run_builds(), TrainingSet.objects.count()) == (1, 1)


def test_presses_at_once_are_one_build(
    shared_db: None, champion: ModelVersion, policy: Policy, supervisor: User, admin: User
) -> None:
    make.cases(1, applied_at=timezone.now() - AGO)
    make.run_machine()
    told(list(Case.objects.all()))
    builds = together([lambda: ask_set("consumer", by=supervisor), lambda: ask_set("consumer", by=admin)] * 2)
    assert {build.pk for build in builds} == {SetBuild.objects.get().pk}


def test_who_may_not_build_and_what_cannot_be_built_changes_nothing(
    loans: list[Case], reviewer: User, auditor: User, admin: User
) -> None:
    for person in (reviewer, auditor):
        with pytest.raises(NotAllowed):
            ask_set("consumer", by=person)
    with pytest.raises(NothingToLearn):
        ask_set("mortgage", by=admin)
    assert SetBuild.objects.count() == 0


def test_a_build_that_somebody_left_behind_is_taken_up_again(loans: list[Case], admin: User) -> None:
    ask_set("consumer", by=admin)
    SetBuild.objects.update(state="building", beat_at=timezone.now())
    assert (run_builds(), builds_waiting()) == (0, False)
    SetBuild.objects.update(beat_at=timezone.now() - 2 * set_requests.BEAT)
    assert (run_builds(), SetBuild.objects.get().state) == (1, "done")


def test_the_calendar_proposes_and_a_person_answers(
    loans: list[Case], admin: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert propose_sets() == 0
    monkeypatch.setattr(set_requests, "NEW_LEAST", 6)
    assert (propose_sets(), propose_sets()) == (1, 0)
    proposal = SetBuild.objects.get()
    assert (proposal.state, proposal.why, proposal.asked_by) == ("proposed", {"new": 6, "since": ""}, None)
    assert run_builds() == 0
    with pytest.raises(NotAllowed):
        answer_proposal(proposal.pk, by=reviewer, builds=True)
    with pytest.raises(CaseNotFound):
        answer_proposal(proposal.pk + 1, by=admin, builds=True)
    answer_proposal(proposal.pk, by=admin, builds=False)
    with pytest.raises(CaseMoved):
        answer_proposal(proposal.pk, by=admin, builds=True)
    # Within a week of an answer nothing is proposed.
    assert propose_sets() == 0
    assert propose_sets(now=timezone.now() + timedelta(days=8)) == 1
    answer_proposal(SetBuild.objects.latest("pk").pk, by=admin, builds=True)
    assert (run_builds(), TrainingSet.objects.get().built_by) == (1, admin)
    # All of it is in the set now.
    assert propose_sets(now=timezone.now() + timedelta(days=30)) == 0


def test_commands_build_a_set_and_export_it_with_its_card(
    loans: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("build_set", "--json")
    built = json.loads(capsys.readouterr().out)
    dataset = TrainingSet.objects.get()
    assert (built["dataset"], built["rows"], built["bads"], built["effective_size"]) == (dataset.pk, 6, 0, 6.0)
    call_command("export_set", str(dataset.pk), "--out", str(tmp_path), "--json")
    names = [Path(name).name for name in json.loads(capsys.readouterr().out)["files"]]
    stem = f"consumer-set-{dataset.pk}"
    assert names == [f"{stem}.parquet", f"{stem}.csv", f"{stem}.card.en.html", f"{stem}.card.zh.html"]
    assert (tmp_path / names[0]).read_bytes() == path_of(dataset).read_bytes()
    with (tmp_path / names[1]).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["case_ref"] for row in rows] == [str(row["case_ref"]) for row in read_table(path_of(dataset))]
    card = (tmp_path / names[2]).read_text(encoding="utf-8")
    assert dataset.sha256 in card
    assert "as shipped" in card or "version 0: outcomes 1.00, explorations 1.00, cap 20" in card
    assert "有效样本量" in (tmp_path / names[3]).read_text(encoding="utf-8")


def test_commands_say_what_they_cannot_do(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has a matured outcome yet"):
        call_command("build_set")
    with pytest.raises(CommandError, match="is no time"):
        call_command("build_set", "--as-of", "yesterday")
    with pytest.raises(CommandError, match="There is no training set 7"):
        call_command("export_set", "7")


def test_a_set_whose_file_is_gone_is_not_exported(loans: list[Case], tmp_path: Path) -> None:
    dataset = build_training_set("consumer")
    path_of(dataset).unlink()
    with pytest.raises(CommandError, match="file of this training set is missing"):
        call_command("export_set", str(dataset.pk), "--out", str(tmp_path))
    # Built again, the same rows give the same file.
    assert build_training_set("consumer") == dataset
    assert path_of(dataset).is_file()
