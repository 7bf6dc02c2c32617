"""Outcomes by file: a plain table is taken as it stands, and every row that is wrong is told with its field."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.models import Case
from learning.models import Label
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make


@pytest.fixture
def loans(champion: ModelVersion, policy: Policy) -> list[Case]:
    make.cases(4, applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    return list(Case.objects.order_by("pk"))


def test_a_plain_table_is_recorded_row_by_row_and_twice_adds_nothing(
    loans: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = (timezone.now() - timedelta(days=100)).date().isoformat()
    lines = ["external_ref,observed_at,bad", f"B-0,{day},1", f"B-1,{day},否", f"B-2,{day},perhaps", f"B-9,{day},0",
             "B-3,yesterday,0"]  # fmt: skip
    path = tmp_path / "outcomes.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    for accepted, duplicates in ((2, 0), (0, 2)):
        call_command("import_outcomes", str(path), "--source", "branch-los", "--json")
        told = json.loads(capsys.readouterr().out)
        assert (told["rows"], told["accepted"], told["duplicates"], told["rejected"]) == (5, accepted, duplicates, 3)
        assert [(each["row"], each["errors"][0]["field"], each["errors"][0]["code"]) for each in told["errors"]] == [
            (4, "bad", "not_a_flag"), (5, "external_ref", "unknown_case"), (6, "observed_at", "not_a_date"),
        ]  # fmt: skip
    assert list(Label.objects.order_by("pk").values_list("case", "is_bad", "given_by")) == [
        (loans[0].pk, True, "branch-los"), (loans[1].pk, False, "branch-los"),
    ]  # fmt: skip


def test_parquet_with_moments_and_flags_is_a_plain_table_too(
    loans: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moments = [timezone.now() - timedelta(days=number) for number in (5, 6)]
    table = pa.table({"case_ref": [case.ref for case in loans[:2]], "observed_at": moments, "bad": [True, False]})
    pq.write_table(table, tmp_path / "o.parquet")
    call_command("import_outcomes", str(tmp_path / "o.parquet"), "--source", "book", "--json")
    assert json.loads(capsys.readouterr().out)["accepted"] == 2
    assert list(Label.objects.order_by("pk").values_list("observed_at", "is_bad")) == [
        (moments[0], True), (moments[1], False),
    ]  # fmt: skip


def test_what_is_no_table_is_refused(db: None, tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("{}", encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("import_outcomes", str(tmp_path / "o.csv"), "--source", "book")


def test_every_table_of_an_archive_is_read_and_a_bad_one_told_by_name(
    loans: list[Case], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = (timezone.now() - timedelta(days=100)).date().isoformat()
    path = tmp_path / "outcomes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", f"external_ref,observed_at,bad\nB-0,{day},1\n")
        archive.writestr("b.pdf", "%PDF")
        archive.writestr("c.csv", f"case_ref,observed_at,bad\n{loans[1].ref},{day},0\n")
    with pytest.raises(CommandError, match="1 of the 3 files in the archive were refused"):
        call_command("import_outcomes", str(path), "--source", "branch-los", "--json")
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["name"] for each in told] == [f"outcomes.zip › {name}" for name in ("a.csv", "b.pdf", "c.csv")]
    assert [each.get("accepted") for each in told] == [1, None, 1]
    assert told[1]["refused"] != told[1]["refused_zh"] != ""
    assert list(Label.objects.order_by("case").values_list("case", flat=True)) == [loans[0].pk, loans[1].pk]
