"""The page of imports while files come in: what of several was sent, how far each has come, which source is meant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases.models import User
from intake.models import Batch, IncomingFile, MappingVersion, RejectedRow, Source
from tests.desk.conftest import SignsIn


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INCOMING = tmp_path / "incoming"
    found: Path = settings.INCOMING
    return found


def a_file(name: str, content: bytes = b"id,amount\n1,2\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def running(**changes: Any) -> Batch:
    source = Source.objects.get_or_create(slug="branch")[0]
    mapping = MappingVersion.objects.create(source=source, number=1, name="m", sha256="0" * 64, content={})
    given = {"rows": 12_000, "accepted": 12_000, "moved_at": timezone.now(), **changes}
    batch: Batch = Batch.objects.create(source=source, name="big.csv", sha256="1" * 64, mapping=mapping, **given)
    return batch


@pytest.mark.parametrize(
    ("language", "refused", "sent"),
    [
        ("en", "empty.csv: Choose a file that is not empty.", "Sent all the same, and on their way in:"),
        ("zh-hans", "empty.csv：请选择一个非空文件。", "其余文件已发送，正在接收："),
    ],
)
def test_of_several_files_the_bad_ones_are_named_and_the_others_taken(
    folder: Path, supervisor: User, signs_in: SignsIn, language: str, refused: str, sent: str
) -> None:
    files = [a_file("f_en.csv"), a_file("empty.csv", b""), a_file("b.xlsx"), a_file("nothing.csv", b"")]
    answer = signs_in(supervisor, language).post("/imports/upload", {"source": "branch", "file": files})
    page = answer.content.decode()
    assert answer.status_code == 422
    nothing = refused.replace("empty.csv", "nothing.csv")
    assert f'<li class="problem">{refused}</li><li class="problem">{nothing}</li>' in page
    assert f'{sent}</p><ul class="note files"><li>f_en.csv</li><li>b.xlsx</li></ul>' in page
    assert sorted(path.name for path in (folder / "branch").iterdir()) == ["b.xlsx", "f_en.csv"]
    assert set(IncomingFile.objects.values_list("name", flat=True)) == {"b.xlsx", "f_en.csv"}
    assert 'value="branch"' in page


def test_a_name_that_is_none_refuses_all_files_once(folder: Path, supervisor: User, signs_in: SignsIn) -> None:
    files = [a_file("a.csv"), a_file("b.csv", b"")]
    page = signs_in(supervisor).post("/imports/upload", {"source": "no source", "file": files}).content.decode()
    assert page.count("Name the source: letters, digits, hyphens.") == 2
    assert "Choose a file" not in page
    assert IncomingFile.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "language", "hint"),
    [
        ("Bank-CN ", "en", "This is the known source “bank-cn”."),
        ("Bank-CN ", "zh-hans", "这是已有来源“bank-cn”。"),
        ("bank-us", "en", "No source is called “bank-us”: sending opens a new one."),
        ("bank-us", "zh-hans", "没有名为“bank-us”的来源：发送后将新建该来源。"),
        ("<b>", "en", "Name the source: letters, digits, hyphens."),
        ("", "en", ""),
    ],
)
def test_it_is_said_before_sending_which_source_a_name_means(
    supervisor: User, signs_in: SignsIn, typed: str, language: str, hint: str
) -> None:
    Source.objects.create(slug="bank-cn")
    client = signs_in(supervisor, language)
    assert client.post("/imports/source", {"source": typed}).content.decode() == hint
    assert '<option value="bank-cn"></option>' in client.get("/imports").content.decode()
    assert Source.objects.count() == 1


@pytest.mark.parametrize(
    ("expected", "language", "bar", "words"),
    [
        (60_000, "en", ' value="12000" max="60000"></progress>', "12,000 of about 60,000 rows"),
        (60_000, "zh-hans", ' value="12000" max="60000"></progress>', "已读 12,000 行，共约 60,000 行"),
        (9_000, "en", ' value="12000" max="12000"></progress>', "12,000 of about 12,000 rows"),
        (None, "en", "></progress>", "12,000 rows so far"),
        (None, "zh-hans", "></progress>", "已读 12,000 行"),
    ],
)
def test_a_running_file_shows_how_far_it_has_come_and_the_page_looks_again_soon(
    supervisor: User, signs_in: SignsIn, expected: int | None, language: str, bar: str, words: str
) -> None:
    batch = running(rows_expected=expected)
    IncomingFile.objects.create(source="branch", name="big.csv", sha256="1" * 64)
    page = signs_in(supervisor, language).get("/imports").content.decode()
    assert f'aria-label="big.csv" aria-describedby="progress-{batch.pk}"{bar}' in page
    assert f'id="progress-{batch.pk}">{words}</span>' in page
    assert "click, every 2s" in page
    assert ("watched folder" if language == "en" else "监视文件夹") in page
    # It stands once, as what is running.
    assert page.count("big.csv</span>") == 1


@pytest.mark.parametrize("changes", [{"moved_at": None}, {"moved_at": timezone.now() - timedelta(minutes=3)}])
def test_what_has_not_come_on_for_minutes_shows_no_bar(
    supervisor: User, signs_in: SignsIn, changes: dict[str, Any]
) -> None:
    running(**changes)
    page = signs_in(supervisor).get("/imports").content.decode()
    assert "running or broken off" in page
    assert "<progress" not in page
    assert "click, every 20s" in page


@pytest.mark.parametrize(
    ("language", "told"), [("en", "possible is at least 40,000."), ("zh-hans", "不得低于 40,000。")]
)
def test_rejected_rows_of_before_name_no_limit_that_is_none(
    supervisor: User, signs_in: SignsIn, language: str, told: str
) -> None:
    batch = running(rows=1, accepted=0, rejected=1)
    error = {
        "field": "annual_income", "value": "36,699", "code": "feature_out_of_range",
        "en": "Annual income is 36,699; possible is 40,000 to inf.",
        "zh": "年收入为 36,699；可能的范围是 40,000 至 inf。",
    }  # fmt: skip
    RejectedRow.objects.create(batch=batch, row_number=1, row_hash="1", raw={"a": "1"}, errors=[error])
    answer: Any = signs_in(supervisor, language).get(f"/imports/{batch.pk}/rejected.csv")
    lines = b"".join(answer.streaming_content).decode()
    assert told in lines
    assert "inf" not in lines
