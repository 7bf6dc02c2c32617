"""A source is known whatever the capitals, width and blanks of its name: nothing comes in again under another one."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from cases.accounts import create_token
from cases.errors import BadDecision
from cases.models import Case, User
from intake.gate.rule_sets import rules_of, set_rules
from intake.models import Batch, Source, SourceStep
from intake.sources.source_names import known_spellings, spelling_of
from intake.sources.sources import open_source
from intake.ways_in.connectors import add_source
from intake.ways_in.incoming import store_upload, take_in_waiting
from tests.api.calls import Caller, a_case
from tests.intake.places import MakeFile
from tests.intake.test_actions import good, table
from tests.migrated import migrate

OTHERS = ("Bank-CN", "BANK-CN", " bank-cn ", "ｂａｎｋ－ｃｎ", "\u3000Ｂank-cn")
BEFORE = [("intake", "0026_first_rows_of_batches")]


def test_every_spelling_means_the_known_source_and_an_unknown_name_a_new_one(db: None) -> None:
    Source.objects.create(slug="bank-cn")
    assert known_spellings(OTHERS) == dict.fromkeys(OTHERS, "bank-cn")
    assert [spelling_of(name) for name in OTHERS] == ["bank-cn"] * len(OTHERS)
    assert known_spellings(["bank-cn2", "", "no source", "a\x00b", "x" * 60]) == {}
    assert spelling_of("　Branch-7 ") == "Branch-7"


def test_where_two_stand_from_before_their_exact_spelling_wins_and_the_older_one_otherwise(db: None) -> None:
    Source.objects.create(slug="Bank-CN")
    Source.objects.create(slug="bank-cn", spelt_as_another=True)
    assert [spelling_of(name) for name in ("bank-cn", "Bank-CN", "BANK-CN")] == ["bank-cn", "Bank-CN", "Bank-CN"]
    assert known_spellings(["bank-cn", "BANK-cn"]) == {"bank-cn": "bank-cn", "BANK-cn": "Bank-CN"}


def test_the_database_knows_no_second_source_of_the_name(db: None) -> None:
    Source.objects.create(slug="bank-cn")
    with pytest.raises(IntegrityError, match="source_once_whatever_capitals"), transaction.atomic():
        Source.objects.create(slug="Bank-CN")
    assert Source.objects.get().slug == "bank-cn"


def test_a_first_arrival_that_another_has_overtaken_finds_its_source(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    Source.objects.create(slug="bank-cn")
    asked = iter(["Bank-CN", "bank-cn"])
    monkeypatch.setattr("intake.sources.sources.spelling_of", lambda _name: next(asked))
    with transaction.atomic():
        assert open_source("Bank-CN", "file").slug == "bank-cn"  # type: ignore[arg-type]
    assert SourceStep.objects.count() == 0


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_comes_under_another_spelling_adds_nothing(db: None, make_file: MakeFile, name: str) -> None:
    text = table(*(good(n) for n in range(1, 6)))
    call_command("import_cases", str(make_file("a.csv", text)), source="bank-cn")
    call_command("import_cases", str(make_file("b.csv", text + "R-9,consumer,5000,24,USD,60000\n")), source=name)
    assert set(Case.objects.values_list("source", flat=True)) == {"bank-cn"}
    assert [(batch.accepted, batch.duplicates) for batch in Batch.objects.order_by("pk")] == [(5, 0), (1, 5)]
    assert Source.objects.get().slug == "bank-cn"


def test_an_upload_and_a_folder_of_another_spelling_go_to_the_known_source(
    db: None, tmp_path: Path, settings: Any, supervisor: User, make_file: MakeFile
) -> None:
    settings.INCOMING = tmp_path / "incoming"
    call_command("import_cases", str(make_file("a.csv", table(good(1)))), source="bank-cn")
    assert store_upload(" Bank-CN", "b.csv", [table(good(1), good(2)).encode()], by=supervisor).source == "bank-cn"
    dropped = settings.INCOMING / "BANK-CN" / "c.csv"
    dropped.parent.mkdir(parents=True)
    dropped.write_text(table(good(2), good(3)))
    os.utime(dropped, (time.time() - 60,) * 2)
    assert take_in_waiting() == 2
    assert (Case.objects.count(), Source.objects.get().slug) == (3, "bank-cn")
    assert not dropped.exists()


def test_messages_name_their_source_in_any_spelling_and_are_answered_as_before(db: None) -> None:
    ingest = Caller(create_token("los", scopes=["ingest", "read"]))
    first = ingest.post("/cases", a_case("A-1", source="branch-los"))
    again = ingest.post("/cases", a_case("A-1", source="Branch-LOS"))
    other = ingest.post("/cases", a_case("A-1", source="BRANCH-los", amount="7.00"))
    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 409)
    assert first.json()["ref"] == again.json()["ref"]
    batch = ingest.post("/cases/batch", [a_case("A-1", source="Branch-los"), a_case("A-2", source=" Branch-los")])
    assert batch.json() == {"accepted": 1, "duplicates": 1, "rejected": []}
    assert set(Case.objects.values_list("source", flat=True)) == {"branch-los"}
    assert Source.objects.get().slug == "branch-los"


@pytest.mark.parametrize("name", [" new", "ｎew", ["branch-los"], {"a": 1}, 7, "no source", "a\x00b"])
def test_what_is_no_name_of_a_known_source_is_refused_by_the_api_as_before(db: None, name: object) -> None:
    ingest = Caller(create_token("los", scopes=["ingest"]))
    answer = ingest.post("/cases", {**a_case("A-1"), "source": name})
    assert (answer.status_code, Case.objects.count(), Source.objects.count()) == (422, 0, 0)
    assert [each["code"] for each in answer.json()["errors"]] == ["not_a_slug"]


def test_a_refused_message_is_kept_with_the_known_source(db: None) -> None:
    ingest = Caller(create_token("los", scopes=["ingest"]))
    ingest.post("/cases", a_case("A-1", source="branch-los"))
    ingest.post("/cases/batch", [a_case("A-2", source="Branch-LOS", amount="0")])
    assert Source.objects.get().batches.get().rejected_rows.count() == 1


def test_an_administrator_opens_no_second_source_and_sets_rules_for_the_known_one(admin: User) -> None:
    Source.objects.create(slug="bank-cn")
    with pytest.raises(BadDecision, match="There is a source of that name"):
        add_source("Bank-CN", by=admin, reason="agreed with the bank")
    rules = "features: {age: {words: {en: Age, zh: 年龄}, minimum: 18}}"
    assert set_rules("consumer", "Bank-CN", rules, by=admin, reason="agreed with the bank").source == "bank-cn"
    assert rules_of("consumer", "bank-cn").features["age"].minimum == 18
    assert Source.objects.get().slug == "bank-cn"


def test_two_that_stand_from_before_are_both_kept_by_the_upgrade(shared_db: None) -> None:
    executor = MigrationExecutor(connection)
    migrate(executor, BEFORE)
    old = executor.loader.project_state(BEFORE).apps.get_model("intake", "Source")
    for slug in ("Bank-CN", "other", "bank-cn", "BANK-CN"):
        old.objects.create(slug=slug)
    executor = MigrationExecutor(connection)
    migrate(executor, executor.loader.graph.leaf_nodes())
    kept = Source.objects.order_by("pk").values_list("slug", "spelt_as_another")
    assert list(kept) == [("Bank-CN", False), ("other", False), ("bank-cn", True), ("BANK-CN", True)]
