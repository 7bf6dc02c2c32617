"""HTML and XML that core systems write as .xls: Excel shows them, and whoever sent one is told to save it there."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cases.models import Case, User
from intake.models import Batch, IncomingFile
from intake.reading.parse import TableError, open_table
from intake.ways_in.incoming import store_upload, take_in_waiting
from tests.intake.places import MakeFile

PAGE = "<html><head><meta charset='gbk'></head><body><table border=1><tr><td>申请编号</td></tr></table></body></html>"
XML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
)
MHTML = "MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html><table>"
ENGLISH = (
    "The file is {} and no workbook, although Excel may show it as a table: open it in Excel, save it as .xlsx and send"
    " that."
)
CHINESE = "文件是 {}，不是工作簿，尽管 Excel 可能将其显示为表格：请用 Excel 打开，另存为 .xlsx 后重新发送。"


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xls", PAGE.encode("gbk"), "HTML/XML"),
        ("a.xls", PAGE.encode("utf-16"), "HTML/XML"),
        ("a.xls", PAGE.encode("utf-8-sig"), "HTML/XML"),
        ("a.xls", XML.encode(), "HTML/XML"),
        ("a.csv", b"\r\n " + XML.encode(), "HTML/XML"),
        ("a.xls", MHTML.encode(), "MHTML"),
        ("a.csv.gz", gzip.compress(XML.encode()), "HTML/XML"),
        ("a.zip", zipped("a.xls", PAGE.encode("gbk")), "HTML/XML"),
    ],
)
def test_a_table_in_html_or_xml_is_refused_with_the_way_to_a_workbook(
    make_file: MakeFile, name: str, content: bytes, kind: str
) -> None:
    with pytest.raises(TableError) as refusal:
        open_table(make_file(name, content))
    assert refusal.value.sentence("en") == ENGLISH.format(kind)
    assert refusal.value.sentence("zh-hans") == CHINESE.format(kind)


def test_what_excel_shows_as_no_table_is_told_as_before(make_file: MakeFile) -> None:
    with pytest.raises(TableError) as refusal:
        open_table(make_file("a.xls", b"%PDF-1.7\n"))
    assert refusal.value.sentence("en") == (
        "The file is PDF, which is no table; send CSV, a spreadsheet or Parquet (JSON goes to the API)."
    )


def test_such_a_file_that_is_uploaded_is_kept_with_the_sentence_and_makes_nothing(
    supervisor: User, tmp_path: Path, settings: Any
) -> None:
    settings.INCOMING = tmp_path
    store_upload("branch", "loans.xls", [PAGE.encode("gbk")], by=supervisor)
    assert take_in_waiting() == 1
    refused = IncomingFile.objects.get()
    assert refused.batch is None
    assert refused.refusal["code"] == "table_for_excel"
    assert (refused.refusal["en"], refused.refusal["zh"]) == (ENGLISH.format("HTML/XML"), CHINESE.format("HTML/XML"))
    assert (Case.objects.count(), Batch.objects.count()) == (0, 0)
