"""Keys of joined sources: an identity number or telephone is found however it is written, and what was kept before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cases.models import Case
from intake.mapped.joined import keys_looked_for, standard_key
from intake.models import Batch, ReferenceRow, Source
from intake.record.reference import look_up
from tests.intake.places import MakeFile
from tests.intake.test_joins import BUREAU, LOANS, scores, take

RESIDENT = "440106199001031017"
OLDER, OLDER_15 = "11010519491231002X", "110105491231002"
TYPED = LOANS.replace("{column: person}", "{column: person, type: identity_number}")
THEN = datetime(2026, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("440106 19900103 1017", RESIDENT),
        ("440106-19900103-1017", RESIDENT),
        (OLDER_15, OLDER.lower()),
        (OLDER.lower(), OLDER.lower()),
        ("91350211m000100y43", "91350211m000100y43"),
        ("138 0013 8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("021-61234567", "+862161234567"),
        ("+86 21 6123 4567", "+862161234567"),
        # Numbers of loans and customers, and numbers with a slip.
        ("440106199001031018", "440106199001031018"),
        ("202601010001000012", "202601010001000012"),
        ("02161234567", "02161234567"),
        ("2161234567", "2161234567"),
        ("021-61234567-801", "021-61234567-801"),
        ("13800138000/13900139000", "13800138000/13900139000"),
        ("00123", "00123"),
        ("e12345678", "e12345678"),
        ("ht-2026-0001", "ht-2026-0001"),
    ],
)
def test_only_an_identity_number_or_a_telephone_has_another_form(key: str, kept: str) -> None:
    assert standard_key(key) == kept
    assert standard_key(kept) == kept


def test_what_is_looked_for_is_what_may_have_been_kept() -> None:
    assert keys_looked_for("p1") == ("p1",)
    assert keys_looked_for(RESIDENT) == (RESIDENT, "440106900103101")
    assert keys_looked_for("440106 19900103 1017") == (RESIDENT, "440106 19900103 1017", "440106900103101")
    assert keys_looked_for("110101200001011239")[1:] == ()


@pytest.mark.django_db
@pytest.mark.parametrize("loans", [LOANS, TYPED], ids=["plain", "typed"])
@pytest.mark.parametrize("typed", ["", ", type: identity_number"], ids=["plain", "typed"])
def test_a_key_is_found_however_either_side_writes_it(make_file: MakeFile, loans: str, typed: str) -> None:
    bureau = f"身份证号,查询时间,评分\n440106 19900103 1017,2026-01-04,600\n{OLDER_15},2026-01-04,700\n"
    take(make_file, "credit-bureau", BUREAU.replace("身份证号}", f"身份证号{typed}}}"), bureau)
    text = f"id,amount,applied,person\nA,1000,2026-01-06,{RESIDENT}\nB,1000,2026-01-06,{OLDER}\n"
    text += f"C,1000,2026-01-06,440106-19900103-1017\nD,1000,2026-01-06,{OLDER_15}\n"
    assert take(make_file, "branch", loans, text).accepted == 4
    assert scores() == {"A": 600, "B": 700, "C": 600, "D": 700}
    assert sorted(ReferenceRow.objects.values_list("key", flat=True)) == [OLDER.lower(), RESIDENT]


@pytest.mark.django_db
def test_a_telephone_is_found_however_it_is_written_and_a_loan_number_is_itself(make_file: MakeFile) -> None:
    take(
        make_file,
        "credit-bureau",
        BUREAU,
        "身份证号,查询时间,评分\n138 0013 8000,2026-01-04,600\n02161234567,2026-01-04,700\n",
    )
    phones = LOANS.replace("{column: person}", "{column: person, type: phone}")
    take(make_file, "typed", phones, "id,amount,applied,person\nA,1000,2026-01-06,+86 13800138000\n")
    take(
        make_file,
        "plain",
        LOANS,
        "id,amount,applied,person\nA,1000,2026-01-06,02161234567\nB,1000,2026-01-06,2161234567\n",
    )
    assert (scores("typed"), scores("plain")) == ({"A": 600}, {"A": 700, "B": None})


@pytest.mark.django_db
@pytest.mark.parametrize("kept", [OLDER_15, OLDER.lower()])
def test_a_row_that_was_kept_as_its_mapping_read_it_is_found(kept: str) -> None:
    source = Source.objects.create(slug="credit-bureau")
    batch = Batch.objects.create(source=source, kind="redis", name="old", started_by=None)
    for number, (key, score) in enumerate([(kept, "600"), ("440106 19900103 1017", "700")], 1):
        ReferenceRow.objects.create(
            source=source, batch=batch, row_number=number, key=key, as_of=THEN, row_hash=str(number),
            cells={"评分": score},
        )  # fmt: skip
    now = datetime(2026, 1, 6, tzinfo=UTC)
    asked = [OLDER, OLDER_15, "440106 19900103 1017", "p9"]
    found = look_up("credit-bureau", [(each.lower(), now) for each in asked])
    assert [row and row.cells["评分"] for row in found] == ["600", "600", "700", None]


@pytest.mark.django_db
def test_of_a_row_kept_before_and_one_kept_now_the_latest_counts(make_file: MakeFile) -> None:
    take(make_file, "credit-bureau", BUREAU, f"身份证号,查询时间,评分\n{OLDER_15},2026-01-04,700\n")
    source, batch = Source.objects.get(slug="credit-bureau"), Batch.objects.get()
    for number, (day, score) in enumerate([(3, "600"), (5, "800")], 1):
        ReferenceRow.objects.create(
            source=source, batch=batch, row_number=number, key=OLDER_15, as_of=datetime(2026, 1, day, 20, tzinfo=UTC),
            row_hash=str(number), cells={"评分": score},
        )  # fmt: skip
    text = "id,amount,applied,person\n" + "".join(f"A{day},1000,2026-01-0{day} 12:00,{OLDER}\n" for day in range(3, 8))
    take(make_file, "branch", TYPED, text)
    assert scores() == {"A3": None, "A4": 600, "A5": 700, "A6": 800, "A7": 800}
    assert Case.objects.count() == 5


@pytest.mark.django_db
def test_the_same_row_adds_nothing_where_its_key_has_another_form(make_file: MakeFile) -> None:
    bureau = f"身份证号,查询时间,评分\n{OLDER_15},2026-01-04,700\n"
    assert take(make_file, "credit-bureau", BUREAU, bureau).accepted == 1
    assert take(make_file, "credit-bureau", BUREAU, bureau + "P1,2026-01-04,1\n", "b.csv").accepted == 1
    assert ReferenceRow.objects.count() == 2
