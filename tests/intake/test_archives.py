"""Archives of several tables: each table is a batch of its own, a bad one is refused by name, nothing is lost."""

from __future__ import annotations

import gzip
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from cases.models import Case, CaseEvent
from intake.admission.files import MemberDone, each_member, take_in_file
from intake.models import Batch, CaseOrigin, IncomingFile, RejectedRow
from intake.tabular import archive_members, archives
from intake.tabular.archive_members import members_of
from intake.tabular.tables import TableError
from intake.ways_in.incoming import store_upload, take_in_waiting
from tests.intake.dirt.files import book
from tests.intake.dirt.kinds import row as line
from tests.intake.silent import silent
from tests.intake.test_actions import everything, good, table

Parts = dict[str, bytes | str]


def packed(parts: Parts | list[tuple[str, bytes | str]]) -> bytes:
    """A ZIP of these parts, in their order; a name may come twice in a list."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def locked(content: bytes, name: str) -> bytes:
    """The archive with the mark of encryption on one part."""
    place = content.index(name.encode(), content.index(b"PK\x01\x02"))
    flags = place - 46 + 8
    return content[:flags] + bytes([content[flags] | 1]) + content[flags + 1 :]


def parquet(*refs: str) -> bytes:
    out = io.BytesIO()
    count = len(refs)
    columns = {"id": list(refs), "product": ["consumer"] * count, "amount": [5000] * count, "term": [24] * count,
               "currency": ["USD"] * count, "annual_income": [60000] * count}  # fmt: skip
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    def make(parts: Any, name: str = "month.zip") -> Path:
        path = tmp_path / name
        path.write_bytes(parts if isinstance(parts, bytes) else packed(parts))
        return path

    return make


def take_in(path: Path, source: str = "branch", mapping: str | None = None) -> list[MemberDone]:
    def take(found: Path, name: str) -> Any:
        return take_in_file(found, source=source, mapping=mapping, by=None, bars=silent, name=name)

    return list(each_member(path, take))


def told(tables: list[MemberDone]) -> dict[str, Any]:
    """By the name inside the archive: (rows, accepted, duplicates, rejected), or the code of the refusal."""
    return {
        each.member.name: (each.report.rows, each.report.accepted, each.report.duplicates, each.report.rejected)
        if each.report
        else each.refusal and each.refusal.code
        for each in tables
    }


def test_every_table_of_an_archive_is_taken_in_whatever_its_kind_and_columns(db: None, archive: Any) -> None:
    other = "合同号;产品;贷款金额;期限;币种;年收入\nR-3;consumer;7000;36个月;人民币;90000\n"
    parts = {
        "a.csv": table(good(1), "R-9,consumer,abc,24,USD,1"),
        "sub/b.parquet": parquet("R-2"),
        "c.txt": other.encode("gb18030"),
        "d.xlsx": book(line(4).split(",")),
        "e.csv.gz": gzip.compress(table(good(5)).encode("utf-16")),
    }
    assert told(take_in(archive(parts))) == {
        "a.csv": (2, 1, 0, 1), "sub/b.parquet": (1, 1, 0, 0), "c.txt": (1, 1, 0, 0), "d.xlsx": (1, 1, 0, 0),
        "e.csv.gz": (1, 1, 0, 0),
    }  # fmt: skip
    origins = CaseOrigin.objects.order_by("case__external_ref")
    assert list(origins.values_list("case__external_ref", "batch__name", "row_number")) == [
        ("R-1", "month.zip › a.csv", 2), ("R-2", "month.zip › sub/b.parquet", 2), ("R-3", "month.zip › c.txt", 2),
        ("R-4", "month.zip › d.xlsx", 2), ("R-5", "month.zip › e.csv.gz", 2),
    ]  # fmt: skip
    event = CaseEvent.objects.filter(case__external_ref="R-2").order_by("pk").first()
    assert event is not None
    assert event.facts["file"] == "month.zip › sub/b.parquet"
    rejected = RejectedRow.objects.get()
    assert (rejected.batch.name, rejected.row_number) == ("month.zip › a.csv", 3)


def test_the_same_archive_again_adds_nothing_and_a_table_is_known_in_another_archive(db: None, archive: Any) -> None:
    parts: Parts = {"a.csv": table(good(1), good(2)), "b.csv": table(good(3))}
    path = archive(parts)
    take_in(path)
    before = everything()
    assert told(take_in(path)) == {"a.csv": (2, 0, 2, 0), "b.csv": (1, 0, 1, 0)}
    assert everything() == before
    again = archive({"old/a.csv": parts["a.csv"], "new.csv": table(good(3), good(4))}, "next.zip")
    assert told(take_in(again)) == {"old/a.csv": (2, 0, 2, 0), "new.csv": (2, 1, 1, 0)}
    assert (Case.objects.count(), Batch.objects.count()) == (4, 3)
    assert Batch.objects.filter(name="month.zip › a.csv").count() == 1


def test_bad_tables_are_refused_by_name_and_the_good_ones_come_in(db: None, archive: Any) -> None:
    parts: Parts = {
        "first.csv": table(good(1)),
        "secret.csv": table(good(2)),
        "inner.zip": packed({"a.csv": table(good(3))}),
        "disguised.csv": packed({"a.csv": table(good(4))}),
        "report.pdf": b"%PDF-1.7",
        "document.csv": b"%PDF-1.7",
        "short.csv.gz": gzip.compress(table(*map(good, range(20, 60))).encode())[:-30],
        "half.xlsx": book(line(5).split(","))[:-100],
        "bomb.csv": b" " * (70 << 20),
        "empty.csv": b"",
        "last.csv": table(good(6)),
    }
    path = archive(locked(packed(parts), "secret.csv"))
    assert told(take_in(path)) == {
        "first.csv": (1, 1, 0, 0), "secret.csv": "zip_locked", "inner.zip": "zip_in_zip",
        "disguised.csv": "zip_in_zip", "report.pdf": "zip_other_kind", "document.csv": "table_other_kind",
        "short.csv.gz": "table_damaged", "half.xlsx": "table_damaged", "bomb.csv": "table_bomb",
        "empty.csv": "table_empty", "last.csv": (1, 1, 0, 0),
    }  # fmt: skip
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["R-1", "R-6"]


def test_a_part_whose_bytes_are_damaged_gives_no_row_and_harms_no_other(db: None, archive: Any) -> None:
    content = packed({"a.csv": table(*(good(number) for number in range(1, 200))), "b.csv": table(good(300))})
    place = content.index(b"a.csv") + 200
    path = archive(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
    assert told(take_in(path)) == {"a.csv": "table_damaged", "b.csv": (1, 1, 0, 0)}
    assert Case.objects.get().external_ref == "R-300"


def test_odd_names_lead_nowhere_and_are_told_apart(db: None, archive: Any, tmp_path: Path) -> None:
    gbk = packed({"xxxx.csv": table(good(1))}).replace(b"xxxx.csv", "上海".encode("gbk") + b".csv")
    assert [each.name for each in members_of(archive(gbk, "gbk.zip"))] == ["上海.csv"]
    parts = [
        ("../../up.csv", table(good(1))),
        ("/etc/passwd.csv", table(good(2))),
        ("a.csv", table(good(3))),
        ("a.csv", table(good(4))),
        ("C:\\data\\b.csv", table(good(5))),
        ("表😀.csv", table(good(6))),
        ("line\nbreak\u202e.csv", table(good(7))),
        (f"{'x' * 400}.csv", table(good(8))),
        ("__MACOSX/._a.csv", b"\x00\x05\x16\x07"),
        ("folder/", b""),
        (".hidden.csv", b"x"),
        ("Thumbs.db", b"x"),
    ]
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive(parts)
    names = ["../../up.csv", "/etc/passwd.csv", "a.csv", "a.csv (2)", "C:\\data\\b.csv", "表😀.csv",
             "line\\nbreak\\u202e.csv", "…" + "x" * 145 + ".csv"]  # fmt: skip
    before = set(tmp_path.parent.rglob("*.csv"))
    assert told(take_in(path)) == dict.fromkeys(names, (1, 1, 0, 0))
    assert Case.objects.count() == 8
    assert set(tmp_path.parent.rglob("*.csv")) == before


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({}, "zip_empty"),
        ({"folder/": b"", "__MACOSX/._a.csv": b"x"}, "zip_empty"),
        ({f"{number}.csv": b"a" for number in range(501)}, "zip_too_many"),
    ],
)
def test_an_archive_with_nothing_or_far_too_much_is_refused_as_a_whole(archive: Any, parts: Parts, code: str) -> None:
    with pytest.raises(TableError) as refusal:
        members_of(archive(parts))
    assert refusal.value.code == code


def test_many_parts_that_unpack_to_more_than_a_disk_are_refused_before_any_is_unpacked(
    archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive({f"{number}.csv": os.urandom(600).hex() for number in range(40)})
    monkeypatch.setattr(archive_members, "is_bomb", lambda size, packed: size > 20_000)
    with pytest.raises(TableError) as refusal:
        members_of(path)
    assert refusal.value.code == "table_bomb"


def test_a_list_of_parts_that_fills_the_memory_is_not_read(archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive({f"{number}.csv": b"a" for number in range(400)})
    monkeypatch.setattr(archives, "LIST_MOST", 10_000)
    with pytest.raises(TableError) as refusal:
        members_of(path)
    assert refusal.value.code == "table_bomb"


def test_an_archive_whose_import_is_killed_goes_on_where_it_stopped(db: None, archive: Any) -> None:
    path = archive({"a.csv": table(good(1)), "b.csv": table(*map(good, range(2, 2503))), "c.csv": table(good(9000))})

    class Killing:
        """Stands for the moment of death: after the first chunk of the second table."""

        def update(self, n: int = 1) -> object:
            if n == 1000:
                raise KeyboardInterrupt
            return n

        def __enter__(self) -> Killing:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    with pytest.raises(KeyboardInterrupt):
        list(each_member(path, lambda found, name: take_in_file(
            found, source="branch", mapping=None, by=None, bars=lambda _total: Killing(), name=name)))  # fmt: skip
    assert Case.objects.count() == 1001
    assert told(take_in(path)) == {"a.csv": (1, 0, 1, 0), "b.csv": (2501, 1501, 1000, 0), "c.csv": (1, 1, 0, 0)}
    assert (Case.objects.count(), Batch.objects.filter(finished_at=None).count()) == (2503, 0)


def test_a_mapping_that_fits_some_tables_only_refuses_the_others_by_name(
    db: None, archive: Any, make_file: Any
) -> None:
    fields = {
        "external_ref": {"column": "nr"},
        "amount": {"column": "sum"},
        "term_months": {"constant": 24},
        "product": {"constant": "consumer"},
        "currency": {"constant": "CNY"},
        "applied_at": {"import_time": True},
        "applicant.id": {"derive": "applicant_reference"},
    }
    described = make_file("m.yaml", json.dumps({"fields": fields}))
    path = archive({"a.csv": "nr,sum\nA-1,5000\n", "b.csv": table(good(1))})
    assert told(take_in(path, mapping=str(described))) == {"a.csv": (1, 1, 0, 0), "b.csv": "mapping_columns"}


def test_the_command_reports_each_table_and_ends_with_an_error_where_one_was_refused(
    db: None, archive: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = archive({"a.csv": table(good(1), "R-2,consumer,abc,24,USD,1"), "b.pdf": b"%PDF"})
    with pytest.raises(CommandError, match="1 of the 2 files in the archive were refused"):
        call_command("import_cases", str(path), "--source", "branch", "--json", "--dry-run")
    found = json.loads(capsys.readouterr().out)
    refused = found["tables"][1].pop("refused")
    assert found["tables"][0].pop("recognised")["external_ref"] == "id"
    assert found == {
        "rows": 2, "accepted": 1, "duplicates": 0, "rejected": 1, "dry_run": True,
        "tables": [
            {"name": "month.zip › a.csv", "rows": 2, "accepted": 1, "duplicates": 0, "rejected": 1, "dry_run": True},
            {"name": "month.zip › b.pdf"},
        ],
    }  # fmt: skip
    assert refused["code"] == "zip_other_kind"
    assert refused["en"] != refused["zh"]
    assert everything() == (0,) * 6
    with pytest.raises(CommandError):
        call_command("import_cases", str(path), "--source", "branch")
    said = capsys.readouterr().err
    assert "month.zip › a.csv, row 3, amount: “abc” is not a number." in said
    assert f"month.zip › b.pdf: {refused['en']} {refused['zh']}" in said
    assert Case.objects.count() == 1


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INCOMING = tmp_path / "incoming"
    found: Path = settings.INCOMING
    return found


def drop(folder: Path, name: str, content: bytes) -> None:
    path = folder / "branch" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - 60,) * 2)


def known_members() -> list[tuple[str, bool, str]]:
    found = IncomingFile.objects.filter(archive__isnull=False).order_by("place")
    return [(each.name, each.batch_id is not None, each.refusal.get("code", "")) for each in found]


def test_an_uploaded_archive_leads_to_a_record_for_each_table(db: None, folder: Path, supervisor: Any) -> None:
    content = packed({"a.csv": table(good(1)), "b.pdf": b"%PDF", "c.csv": table(good(2))})
    for _turn in range(2):
        store_upload("branch", "month.zip", [content], by=supervisor)
        os.utime(folder / "branch" / "month.zip", (time.time() - 60,) * 2)
        assert take_in_waiting() == 1
        whole = IncomingFile.objects.get(archive=None)
        assert (whole.batch, whole.refusal, whole.members) == (None, {}, 3)
        assert known_members() == [
            ("month.zip › a.csv", True, ""), ("month.zip › b.pdf", False, "zip_other_kind"),
            ("month.zip › c.csv", True, ""),
        ]  # fmt: skip
    assert [each.name for each in (folder / ".done" / "branch").iterdir()] == [f"{whole.pk}-month.zip"]
    assert set(Batch.objects.values_list("started_by", flat=True)) == {supervisor.pk}
    assert (Case.objects.count(), Batch.objects.count()) == (2, 2)


def test_an_archive_of_which_nothing_could_be_read_is_set_aside_as_refused(db: None, folder: Path) -> None:
    drop(folder, "month.zip", packed({"b.pdf": b"%PDF"}))
    drop(folder, "empty.zip", packed({}))
    assert take_in_waiting() == 2
    assert known_members() == [("month.zip › b.pdf", False, "zip_other_kind")]
    assert IncomingFile.objects.get(name="empty.zip").refusal["code"] == "zip_empty"
    assert len(list((folder / ".refused" / "branch").iterdir())) == 2
    assert Case.objects.count() == 0
