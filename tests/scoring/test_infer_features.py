"""`infer_features` drafts a feature table that loads, tells what it found, and overwrites nothing."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scoring.ml.features import load_feature_table


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    """Loans with ids, a date, and a recovery that only bad loans have."""
    rows = []
    for number in range(400):
        bad, owner = number % 4 == 0, "Y" if number % 3 else "N"
        opened = f"2025-{1 + number % 11:02d}-03"
        rows.append(f"{number},{number % 37},{opened},{owner},{number % 7 * bad},{'bad' if bad else 'good'}")
    path = tmp_path / "Small Loans.csv"
    path.write_text("id,debt,opened,owner,recovery,result\n" + "\n".join(rows), encoding="utf-8")
    return path


def test_the_draft_is_written_and_loads(loans: Path) -> None:
    said, draft = StringIO(), loans.with_name("small.yaml")
    call_command("infer_features", loans, target="result", drop="owner", out=draft, stdout=said)
    table = load_feature_table(draft)
    assert (table.product, table.names) == ("small-loans", ("debt", "opened_months", "recovery"))
    assert "“recovery” says by its name" in draft.read_text(encoding="utf-8")
    assert "100" in said.getvalue()


def test_one_json_object_tells_everything(loans: Path) -> None:
    said = StringIO()
    call_command("infer_features", loans, target="result", time="opened", product="small", json=True, stdout=said)
    told = json.loads(said.getvalue())
    assert (told["product"], told["rows"], told["bads"], told["leaks"]) == ("small", 400, 100, ["recovery"])
    assert [feature["name"] for feature in told["table"]["features"]] == ["debt", "owner", "recovery"]
    assert {(one["column"], one["code"]) for one in told["findings"]} == {
        ("id", "counter"),
        ("recovery", "named_after_decision"),
    }


def test_without_a_file_to_write_the_draft_is_printed(loans: Path) -> None:
    said = StringIO()
    call_command("infer_features", loans, target="result", stdout=said)
    assert said.getvalue().startswith("# Drafted from Small Loans.csv: 400 loans, 100 bad.")


def test_a_file_that_exists_is_not_overwritten(loans: Path) -> None:
    draft = loans.with_name("small.yaml")
    draft.write_text("edited by hand", encoding="utf-8")
    with pytest.raises(CommandError, match="exists already"):
        call_command("infer_features", loans, target="result", out=draft)
    assert draft.read_text(encoding="utf-8") == "edited by hand"


def test_an_unknown_outcome_is_refused_by_name(loans: Path) -> None:
    with pytest.raises(CommandError, match="“outcome”"):
        call_command("infer_features", loans, target="outcome")
