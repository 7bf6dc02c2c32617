"""Sending files in the browser: whole files land in the watched folder, what is wrong is named at its field."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import User
from intake.models import Batch, IncomingFile, MappingVersion, Source, SourceMapping, Way
from intake.record.written_on import WRITTEN_ON
from intake.ways_in.incoming import take_in_waiting
from intake.ways_in.pulling import STATED
from intake.wording.sentences import IntakeError
from tests.desk.conftest import SignsIn
from tests.intake.test_actions import good, table


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INCOMING = tmp_path / "incoming"
    found: Path = settings.INCOMING
    return found


def files(*names: str) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, b"id,amount\n1,2\n") for name in names]


@pytest.mark.parametrize(
    ("language", "told"), [("en", "2 files are on their way in."), ("zh-hans", "2 个文件正在接收。")]
)
def test_several_files_are_sent_at_once(
    folder: Path, supervisor: User, signs_in: SignsIn, language: str, told: str
) -> None:
    client = signs_in(supervisor, language)
    answer = client.post("/imports/upload", {"source": "branch", "file": files("a.csv", "b.csv")})
    assert answer["Location"] == "/imports"
    assert sorted(path.name for path in (folder / "branch").iterdir()) == ["a.csv", "b.csv"]
    page = client.get("/imports").content.decode()
    assert told in page
    assert supervisor.display_name in page


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"source": "branch"}, "Choose a file that is not empty."),
        ({"source": "no source", "file": files("a.csv")}, "Name the source: letters, digits, hyphens."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    folder: Path, supervisor: User, signs_in: SignsIn, form: dict[str, Any], sentence: str
) -> None:
    answer = signs_in(supervisor).post("/imports/upload", form)
    assert (answer.status_code, IncomingFile.objects.count()) == (422, 0)
    assert sentence in answer.content.decode()


def test_a_refused_file_is_listed_with_its_reason(auditor: User, signs_in: SignsIn) -> None:
    told = {"code": "table_empty", "en": "The file holds no header row.", "zh": "文件中没有表头。"}
    IncomingFile.objects.create(
        source="branch", name="a.csv", sha256="0" * 64, refusal=told, done_at="2026-01-05T00:00Z"
    )
    client = signs_in(auditor)
    page = client.get("/imports").content.decode()
    assert told["en"] in page
    assert 'type="file"' not in page
    assert client.post("/imports/upload", {}).status_code == 403


def test_a_file_that_wants_a_mapping_leads_to_the_page_where_it_is_drafted_from_it(
    folder: Path, admin: User, supervisor: User, signs_in: SignsIn, transactional_db: None
) -> None:
    """The first file of a source, refused: the source is open, and a draft is made of the file without sending it
    again."""
    rows = "".join(f"HT-{n:03d},{12 + n / 10},2026-01-05\n" for n in range(30))
    text = "单位：万元,,\n贷款合同编号,贷款金额,申请日期\n" + rows
    sender = signs_in(supervisor, "zh-hans")
    sender.post("/imports/upload", {"source": "erp-new", "file": SimpleUploadedFile("a.csv", text.encode())})
    assert take_in_waiting() == 1
    assert (Batch.objects.count(), Source.objects.get().slug) == (0, "erp-new")
    page = sender.get("/imports").content.decode()
    assert "表头上方或表格旁写有“单位：万元”" in page
    assert '<a class="row-link" href="/sources/erp-new/mapping">该来源的映射 →</a>' in page
    client = signs_in(admin)
    assert "From the last file: a.csv" in client.get("/sources/erp-new/mapping").content.decode()
    answer = client.post("/sources/erp-new/mapping/new", {"act": "last"})
    assert answer["Location"] == "/sources/erp-new/mapping/1"
    drafted = SourceMapping.objects.get()
    assert drafted.content["fields"]["amount"] == {"column": "贷款金额", "scale": "10000"}


def test_a_file_that_was_put_back_is_not_said_to_be_refused(auditor: User, signs_in: SignsIn) -> None:
    told = IntakeError(WRITTEN_ON, value="a.csv", name="7-a.csv").as_dict()
    IncomingFile.objects.create(
        source="branch", name="a.csv", sha256="0" * 64, refusal=told, done_at="2026-01-05T00:00Z"
    )
    for language, words, refused in (("en", "put back", "refused</"), ("zh-hans", "已放回", "已拒绝</")):
        page = signs_in(auditor, language).get("/imports").content.decode()
        assert words in page
        assert refused not in page


def test_a_file_that_no_mapping_helps_leads_nowhere(
    folder: Path, admin: User, signs_in: SignsIn, transactional_db: None
) -> None:
    client = signs_in(admin)
    client.post("/imports/upload", {"source": "erp-new", "file": SimpleUploadedFile("a.xlsx", b"no workbook at all")})
    assert take_in_waiting() == 1
    assert "Mapping of this source" not in client.get("/imports").content.decode()
    assert "From the last file" not in client.get("/sources/erp-new/mapping").content.decode()


@pytest.mark.parametrize(
    ("language", "stated", "hand"),
    [
        ("en", "as stated with the connection, version 1", "command line"),
        ("zh-hans", "按连接设置中填写的映射", "命令行"),
    ],
)
def test_what_nobody_started_is_not_said_to_come_from_the_command_line(
    supervisor: User, signs_in: SignsIn, language: str, stated: str, hand: str
) -> None:
    source = Source.objects.create(slug="core")
    version = MappingVersion.objects.create(source=source, name=STATED, number=1, sha256="0" * 64, content={})
    Batch.objects.create(source=source, kind=Way.SQL, name="sqlite:///loans.db", mapping=version)
    Batch.objects.create(source=source, kind=Way.REDIS, name="incoming")
    page = signs_in(supervisor, language).get("/imports").content.decode()
    assert stated in page
    assert hand not in page.partition("</thead>")[2]
    Batch.objects.create(source=source, kind=Way.FILE, name="a.csv", sha256="1" * 64, mapping=version)
    page = signs_in(supervisor, language).get("/imports").content.decode()
    assert page.partition("</thead>")[2].count(hand) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "watched folder"), ("zh-hans", "监视文件夹")])
def test_a_file_of_the_watched_folder_is_not_said_to_come_from_the_command_line(
    auditor: User, signs_in: SignsIn, folder: Path, language: str, words: str
) -> None:
    path = folder / "branch" / "a.csv"
    path.parent.mkdir(parents=True)
    path.write_text(table(good(1)), encoding="utf-8")
    os.utime(path, (time.time() - 60,) * 2)
    assert take_in_waiting() == 1
    page = signs_in(auditor, language).get("/imports").content.decode()
    assert words in page
    assert ("command line" if language == "en" else "命令行") not in page
