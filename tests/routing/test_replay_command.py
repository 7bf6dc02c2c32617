"""`manage.py replay`: what it counts, how it ends, which cases it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.models import Case
from routing.models import Policy, Route
from scoring.models import ModelVersion
from tests import make
from tests.routing.tampering import tampering


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = 0
    try:
        call_command("replay", "--json", *arguments)
    except SystemExit as end:
        code = int(str(end.code))
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, figures


def test_the_command_counts_what_it_recomputed(book: list[Case], capsys: pytest.CaptureFixture[str]) -> None:
    make.case("R-7", product="mortgage")
    make.run_machine()
    code, figures = called(capsys)
    assert figures.pop("seconds") >= 0
    assert (code, figures) == (0, {"cases": 6, "assessments": 6, "routes": 6, "refused": 0, "differences": []})
    code, figures = called(capsys, book[1].ref, book[3].ref, book[1].ref)
    assert (code, figures["cases"], figures["assessments"]) == (0, 2, 2)


def test_the_command_ends_with_one_and_names_every_difference(
    book: list[Case], capsys: pytest.CaptureFixture[str]
) -> None:
    with tampering():
        Route.objects.filter(case=book[1]).update(rank=0.5)
    code, figures = called(capsys)
    (difference,) = figures["differences"]
    assert (code, difference["case"], difference["field"]) == (1, book[1].ref, "route at version 2: rank")
    assert difference["stored"] == 0.5
    with pytest.raises(SystemExit, match="1"):
        call_command("replay")
    lines = capsys.readouterr().out.splitlines()
    assert lines[4].split() == ["differences", "1"]
    assert lines[-1].startswith(f"{book[1].ref}, route at version 2: rank: stored 0.5; now ")


def test_many_differences_are_counted_and_the_first_are_shown(
    champion: ModelVersion, narrow_policy: Policy, capsys: pytest.CaptureFixture[str]
) -> None:
    make.cases(25)
    make.run_machine()
    with tampering():
        Case.objects.update(points=1.0)
    with pytest.raises(SystemExit):
        call_command("replay")
    assert capsys.readouterr().out.splitlines()[-1] == "and 5 more: ask with --json"


def test_a_sample_is_drawn_by_its_seed(
    champion: ModelVersion, narrow_policy: Policy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[list[str]] = []
    monkeypatch.setattr(
        "routing.management.commands.replay.replay_cases",
        lambda cases, into: drawn.append([case.ref for case in cases]),
    )
    make.cases(30)
    make.run_machine()
    for arguments in (["--seed", "1"], ["--seed", "1"], ["--seed", "2"]):
        call_command("replay", "--sample", "5", *arguments)
    assert [len(refs) for refs in drawn] == [5, 5, 5]
    assert drawn[0] == drawn[1] != drawn[2]
    call_command("replay", "--sample", "500")
    assert len(drawn[-1]) == 30


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["CR-999999"], r"CR-999999: There is no such case"),
        (["x"], "There is no such case"),
        (["--sample", "0"], "--sample draws one case or more"),
        (["CR-1", "--sample", "5"], "does not go with named cases"),
    ],
)
def test_what_cannot_be_asked_is_said(db: None, arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("replay", *arguments)
