"""What a change of a mapping would make of rows that came before is told of every kind of source."""

from __future__ import annotations

import ipaddress
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.accounts import create_token
from cases.models import User
from intake.admission.files import take_in_file
from intake.models import Batch, Connector, FirstRows
from intake.reading.mapping_sample import RowsTable, sample_of, table_of
from intake.record.first_rows import ROWS_KEPT
from intake.record.past_rows import comparison_of
from intake.signing.mapping_life import draft_mapping
from intake.ways_in.connectors import ask_now
from intake.ways_in.pulling import pull, pull_due
from tests import mapped
from tests.api.calls import Caller
from tests.intake.places import MakeFile
from tests.intake.pulled import connect, lay_down, loan
from tests.intake.silent import silent

HEADER = "id,amount,applied,income\n"
LOANS: dict[str, Any] = {
    "fields": {
        "external_ref": {"column": "id"},
        "product": {"constant": "consumer"},
        "amount": {"column": "amount"},
        "currency": {"constant": "USD"},
        "term_months": {"constant": 24},
        "applied_at": {"import_time": True},
        "applicant.id": {"derive": "applicant_reference"},
    }
}


def hundredfold(slug: str, by: User) -> dict[str, Any]:
    """What a draft would change that reads every amount as a hundred of itself."""
    amount = {"column": "amount", "scale": 100}
    return comparison_of(draft_mapping(slug, {"fields": {**LOANS["fields"], "amount": amount}}, by=by))


def rows(first: int, last: int) -> str:
    return HEADER + "".join(f"L-{number},{5000 + number},2026-01-05,60000\n" for number in range(first, last))


def take_in(path: Path, slug: str = "branch") -> Batch:
    batch = take_in_file(path, source=slug, mapping=None, by=None, bars=silent).file
    assert batch is not None
    return batch


def pulled_again(connector: Connector, by: User) -> None:
    ask_now(connector.source.slug, by=by)
    pull(connector.pk)


def test_the_rows_of_a_database_are_compared(tmp_path: Path, settings: Any, admin: User) -> None:
    settings.SOURCE_DATABASES = tmp_path
    lay_down(tmp_path, [loan(number) for number in range(27)])
    connector = connect(admin)
    assert pull_due() == 1
    # Pulls that bring a few rows each are told of together.
    for number in range(27, 30):
        lay_down(tmp_path, [loan(number)])
        pulled_again(connector, admin)
    assert list(FirstRows.objects.order_by("batch").values_list("count", flat=True)) == [27, 1, 1, 1]
    told = hundredfold("los", admin)
    assert (told["rows"], told["differ"], told["became_good"], told["became_bad"]) == (30, 30, 0, 0)
    assert told["fields"]["amount"] == 30
    assert told["files"] == [{"name": "sqlite:///loans.db", "rows": 30, "differ": 30}]
    found = next(each for each in told["examples"] if each["field"] == "amount")
    assert (found["old"], found["new"]) == ("5029.00", "502900.00")


def test_the_rows_of_a_file_that_was_set_aside_nowhere_are_compared(
    transactional_db: None, make_file: MakeFile, admin: User
) -> None:
    take_in(make_file("a.csv", rows(0, 15)))
    told = hundredfold("branch", admin)
    assert (told["rows"], told["differ"], told["fields"]["amount"]) == (15, 15, 15)
    assert [(each["name"], each["rows"]) for each in told["files"]] == [("a.csv", 15)]


PEOPLE = """申请编号,客户编号,姓名,身份证号,配偶身份证号,手机号,备用手机号,贷款金额,期限(月),贷款结果
A1,C1,张三,110105199003070754,110105199103070751,13800138001,13900139001,5000,12,结清
A2,C2,李四,11010519880307111X,110105198903071117,13800138002,13900139002,6000,12,违约
"""
RESULT = {"column": "贷款结果", "bad_values": ["违约"], "good_values": ["结清"]}


@pytest.mark.parametrize(
    ("part", "given", "old", "new"),
    [
        ("applicant.identity_number", {"column": "配偶身份证号"}, "110***********0754", "110***********0751"),
        ("applicant.identity_number", None, "110***********0754", ""),
        ("applicant.phone", {"column": "备用手机号"}, "+86138****8001", "+86139****9001"),
        ("applicant.name", {"column": "客户编号"}, "张三", "C1"),
    ],
)
def test_who_the_applicant_is_is_compared_and_numbers_are_shown_hidden(
    transactional_db: None,
    make_file: MakeFile,
    admin: User,
    part: str,
    given: dict[str, str] | None,
    old: str,
    new: str,
) -> None:
    batch = take_in(make_file("people.csv", PEOPLE))
    assert batch.mapping is not None
    content = batch.mapping.content
    fields = {name: each for name, each in {**content["fields"], part: given}.items() if each is not None}
    told = comparison_of(draft_mapping("branch", {**content, "fields": fields}, by=admin))
    assert (told["rows"], told["differ"], told["fields"]) == (2, 2, {part: 2})
    assert (told["examples"][0]["old"], told["examples"][0]["new"]) == (old, new)


def test_what_became_of_the_loans_is_compared(transactional_db: None, make_file: MakeFile, admin: User) -> None:
    content = take_in(make_file("people.csv", PEOPLE)).mapping.content  # type: ignore[union-attr]
    first = {**content, "outcome": RESULT, "drop": {k: v for k, v in content["drop"].items() if k != "贷款结果"}}
    take_in_mapped = draft_mapping("branch", first, by=admin)
    told = comparison_of(take_in_mapped)
    assert (told["differ"], told["fields"]) == (2, {"outcome": 2})


def test_the_rows_that_were_sent_to_be_kept_for_others_are_compared(admin: User, supervisor: User) -> None:
    kept = {"reference": {"key": {"column": "person"}, "as_of": {"column": "asked"}}}
    mapped.signed("credit-bureau", kept, by=admin, second=supervisor)
    sent = [{"person": f"P{at}", "other": f"Q{at}", "asked": "2026-01-05T09:00:00+08:00"} for at in range(4)]
    bureau = Caller(create_token("bureau", scopes=["ingest"]))
    assert bureau.post("/sources/credit-bureau/rows", sent).json()["accepted"] == 4
    changed = {"reference": {**kept["reference"], "key": {"column": "other"}}}
    told = comparison_of(draft_mapping("credit-bureau", changed, by=admin))
    assert (told["rows"], told["differ"], told["fields"]) == (4, 4, {"reference.key": 4})


def test_of_a_source_the_newest_thousand_rows_are_kept(
    transactional_db: None, make_file: MakeFile, admin: User
) -> None:
    batches = [take_in(make_file(f"{at}.csv", rows(at * 10_000, at * 10_000 + count))) for at, count in
               enumerate((1200, 400, 600))]  # fmt: skip
    kept = {each.batch_id: each.count for each in FirstRows.objects.all()}
    # With the two newest there are a thousand.
    assert kept == {batches[1].pk: 400, batches[2].pk: 600}
    last = take_in(make_file("3.csv", rows(30_000, 31_500)))
    assert {each.batch_id: each.count for each in FirstRows.objects.all()} == {last.pk: ROWS_KEPT}
    told = hundredfold("branch", admin)
    assert (told["rows"], told["differ"], told["files"][0]["rows"]) == (1000, 1000, 1000)
    # Sent again, it is told of once.
    take_in(make_file("3.csv", rows(30_000, 31_500)))
    assert FirstRows.objects.count() == 1


def test_rows_of_very_long_cells_are_kept_up_to_a_limit(transactional_db: None, make_file: MakeFile) -> None:
    text = "id,amount,applied,memo\n" + "".join(f"L-{at},5000,2026-01-05,{'x' * 60_000}{at}\n" for at in range(100))
    batch = take_in(make_file("a.csv", text))
    assert (batch.accepted, FirstRows.objects.get(batch=batch).count) == (100, 69)


@pytest.mark.parametrize(
    "cell",
    [
        Decimal("80.000"), Decimal("-0.10"), date(2026, 1, 5), datetime.fromisoformat("2026-01-05 09:30"),
        datetime(2026, 1, 5, 9, 30, 0, 250, tzinfo=UTC), 12, 0.1, True, None, "80.000", "",
    ],
)  # fmt: skip
def test_a_cell_comes_back_as_the_kind_it_was(cell: object) -> None:
    """As a text 80.000 may be eighty thousand."""
    sample = sample_of(RowsTable(["a"], [(2, {"a": cell})]), "t")
    [(number, row)] = table_of(json.loads(json.dumps(sample))).rows()
    assert isinstance(row, dict)
    assert (number, row["a"], type(row["a"])) == (2, cell, type(cell))


def test_typed_columns_of_postgresql_are_compared_as_they_were(
    transactional_db: None, admin: User, settings: Any
) -> None:
    settings.SOURCE_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"),)
    known = settings.DATABASES["default"]
    address = f"postgresql://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
    query = (
        "SELECT 'L-' || n AS id, (80 + n)::numeric(12,3) AS amount, 24 AS term, 'USD' AS currency,"
        " date '2026-01-05' AS applied, decode('61', 'hex') AS code, timestamptz '2026-01-05 09:00+08' AS updated_at"
        " FROM generate_series(0, 29) AS n"
    )
    connect(admin, address, "pg", query=query, watermark="updated_at")
    assert pull_due() == 1
    kept = FirstRows.objects.get()
    assert kept.sample["rows"][0]["cells"][1:5] == [{"decimal": "80.000"}, 24, "USD", {"day": "2026-01-05"}]
    told = hundredfold("pg", admin)
    assert (told["rows"], told["differ"], told["became_good"], told["became_bad"]) == (30, 30, 0, 0)
    found = next(each for each in told["examples"] if each["field"] == "amount")
    assert (found["row"], found["old"], found["new"]) == (2, "80.00", "8000.00")
