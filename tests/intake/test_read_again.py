"""What waits for a look is read again from where it came: kept files, tables of an archive, a database."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cases.errors import CaseMoved, NotAllowed
from cases.models import Case, User
from cases.states import Role
from intake.models import IncomingFile, ReadingLook
from intake.signing.first_look import confirm_reading
from intake.ways_in.connectors import set_connector
from intake.ways_in.incoming import kept_files, read_again, take_in_waiting
from intake.ways_in.pulling import pull
from tests import make, mapped
from tests.intake.pulled import REASON, TYPED, connect, lay_down, loan

LOANS = (
    "Loan No,Client,Loan Amount,Term (months),Application Date\nL-1,C-1,5000,24,2026-01-05\nL-2,C-2,80,36,2026-01-06\n"
)
OTHER = "Contract No,Borrower,Principal Amount,Tenor (months),Approved On\nK-1,B-1,700,12,2026-01-07\n"
RIGHT = {
    "fields": {
        "external_ref": {"column": "Loan No"},
        "product": {"constant": "equipment"},
        "amount": {"column": "Loan Amount"},
        "currency": {"constant": "MYR"},
        "term_months": {"column": "Term (months)"},
        "applied_at": {"column": "Application Date"},
        "applicant.id": {"column": "Client"},
    }
}


@pytest.fixture
def folder(db: None, tmp_path: Path, settings: Any) -> Path:
    settings.INCOMING = tmp_path / "incoming"
    settings.SOURCE_DATABASES = tmp_path
    found: Path = settings.INCOMING
    return found


def rest(path: Path) -> Path:
    """As if nobody had written to it for long."""
    os.utime(path, (time.time() - 90,) * 2)
    return path


def drop(folder: Path, text: str, name: str = "loans.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return rest(folder / name)


def told() -> list[tuple[str, str, str]]:
    return list(Case.objects.order_by("external_ref").values_list("external_ref", "currency", "state"))


ANEW = [("L-1", "MYR", "received"), ("L-2", "MYR", "received")]


def test_a_process_that_died_between_the_record_and_the_file_leaves_it_to_be_asked_for_again(
    folder: Path, admin: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder / "branch", LOANS)
    assert take_in_waiting() == 1
    mapped.signed("branch", RIGHT, by=admin, second=supervisor)

    def killed(_path: Path, _target: Path) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(OSError, match="killed"):
            read_again("branch", 1, by=supervisor)
    assert IncomingFile.objects.get().batch is None
    assert read_again("branch", 1, by=supervisor) == 1
    (found,) = (each for each in (folder / "branch").iterdir() if each.stat().st_size)
    rest(found)
    take_in_waiting()
    assert told() == ANEW
    look = ReadingLook.objects.select_related("version__source").get()
    assert len(kept_files(look.version)) == 1


def test_a_folder_in_other_capitals_is_that_of_the_source(folder: Path, admin: User, supervisor: User) -> None:
    mapped.drafted("branch", by=admin)
    drop(folder / "Branch", LOANS)
    assert take_in_waiting() == 1
    mapped.signed("branch", RIGHT, by=admin, second=supervisor)
    assert read_again("branch", 1, by=supervisor) == 1
    rest(folder / "branch" / "loans.csv")
    assert take_in_waiting() == 1
    assert told() == ANEW


def test_of_an_archive_one_table_is_read_again_and_what_became_of_the_other_stands(
    folder: Path, admin: User, supervisor: User
) -> None:
    (folder / "branch").mkdir(parents=True)
    with zipfile.ZipFile(folder / "branch" / "both.zip", "w") as archive:
        archive.writestr("loans.csv", LOANS)
        archive.writestr("other.csv", OTHER)
    rest(folder / "branch" / "both.zip")
    assert take_in_waiting() == 1
    members = {
        each.name[-9:]: each for each in IncomingFile.objects.exclude(archive=None).select_related("batch__mapping")
    }
    numbers = {name: each.batch.mapping.number for name, each in members.items() if each.batch and each.batch.mapping}
    assert sorted(numbers.values()) == [1, 2]
    confirm_reading("branch", numbers["other.csv"], by=supervisor, known_before=True)
    mapped.signed("branch", RIGHT, by=admin, second=supervisor)
    assert read_again("branch", numbers["loans.csv"], by=supervisor) == 1
    rest(folder / "branch" / "both.zip")
    assert take_in_waiting() == 1
    other = IncomingFile.objects.get(name__endswith="other.csv")
    assert (other.batch_id, other.refusal) == (members["other.csv"].batch_id, {})
    assert [row[1:] for row in told() if row[0].startswith("L-")] == [row[1:] for row in ANEW]


def test_a_database_is_read_from_the_beginning_into_the_same_cases(folder: Path, admin: User, supervisor: User) -> None:
    lay_down(folder.parent, [loan(1), loan(2)])
    query = "SELECT id AS loan_no, amount AS loan_amount, term, updated_at FROM loans"
    connector = connect(admin, query=query, key="loan_no")
    pull(connector.pk)
    before = dict(Case.objects.values_list("external_ref", "pk"))
    assert (len(before), set(Case.objects.values_list("state", flat=True))) == (2, {"needs_data"})
    content = {
        "fields": {
            "external_ref": {"column": "loan_no", "prefix": "X-"},
            "product": {"constant": "equipment"},
            "amount": {"column": "loan_amount"},
            "currency": {"constant": "MYR"},
            "term_months": {"column": "term"},
            "applied_at": {"column": "updated_at"},
            "applicant.id": {"derive": "applicant_reference"},
        }
    }
    mapped.signed("los", content, by=admin, second=supervisor)
    typed = {**TYPED, "query": query, "key": "loan_no"}
    set_connector("los", kind="sql", address="", typed=typed, by=admin, reason=REASON, anew=True)
    pull(connector.pk)
    assert told() == [("X-A-00001", "MYR", "received"), ("X-A-00002", "MYR", "received")]
    assert dict(Case.objects.values_list("external_ref", "pk")) == {f"X-{ref}": key for ref, key in before.items()}


def test_who_may_not_upload_reads_nothing_again_and_nothing_without_a_look(
    folder: Path, reviewer: User, supervisor: User
) -> None:
    drop(folder / "branch", LOANS)
    assert take_in_waiting() == 1
    for by in (reviewer, make.user("a_second_auditor", Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            read_again("branch", 1, by=by)
    with pytest.raises(CaseMoved):
        read_again("branch", 2, by=supervisor)
    assert read_again("branch", 1, by=supervisor) == 0
    assert [state for *_case, state in told()] == ["needs_data", "needs_data"]
    assert IncomingFile.objects.get().batch is not None
