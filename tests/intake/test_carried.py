"""A mapping that people sign changes what is usual with it: what they rename, drop or read otherwise is no break."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

from cases.models import User
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.health.carried import carried
from intake.health.profiles import make_reference, reference_from
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.models import Batch, FirstRows, MappingVersion, Source
from intake.recognition.mapping import mapping_as_data
from intake.record.on_record import past_mappings
from tests import mapped
from tests.intake.places import MakeFile
from tests.intake.silent import silent

HEADER = "external_ref,product,amount,term_months,currency,annual_income,职级,score\n"


def lines(count: int, *, first: int, score: str = "") -> str:
    draw = random.Random(first)
    return HEADER + "".join(
        f"R-{number},consumer,{round(draw.gauss(5_000, 1_000))},24,USD,{round(draw.gauss(60_000, 9_000))},"
        f"{draw.choice('ABC')},{score or round(draw.gauss(650, 50))}\n"
        for number in range(first, first + count)
    )


def take_in(path: Path) -> ImportReport:
    return take_in_file(path, source="branch", mapping=None, by=None, bars=silent)


def signed(admin: User, supervisor: User, *, dropped: str = "", scaled: str = "") -> None:
    """The mapping of the last file, with 职级 as grade, one feature dropped and another read by a unit."""
    (last, *_older) = past_mappings("branch")
    features = {"grade" if given.column == "职级" else name: given for name, given in last.features.items()}
    drop = last.drop | ({features.pop(dropped).column: "not_used"} if dropped else {})
    if scaled:
        features[scaled] = replace(features[scaled], scale=Decimal(10))
    content = mapping_as_data(replace(last, features=features, drop=drop))
    content = {name: value for name, value in content.items() if name not in ("columns", "source", "version")}
    mapped.signed("branch", content, by=admin, second=supervisor)


def test_a_renamed_and_a_dropped_feature_are_no_break_and_the_renamed_one_is_still_watched(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))
    known = Source.objects.get().reference["consumer"]
    (was,) = (name for name in known["usual"]["missing"] if name.startswith("col_"))
    take_in(make_file("1.csv", lines(100, first=1_000)))
    score = next(name for name in known["edges"] if "score" in name)
    signed(admin, supervisor, dropped=score)
    carried_now = Source.objects.get().reference["consumer"]
    assert carried_now["usual"]["counts"]["grade"] == known["usual"]["counts"][was]
    assert {was, score}.isdisjoint(carried_now["usual"]["missing"])
    assert carried_now["is_anew"] is False
    report = take_in(make_file("2.csv", lines(100, first=2_000)))
    assert (report.accepted, report.held, Batch.objects.latest("pk").signs) == (100, 0, [])
    broken = lines(100, first=3_000).replace(",A,", ",X,").replace(",B,", ",Y,")
    assert take_in(make_file("3.csv", broken)).held == 100
    step = Source.objects.get().steps.get(name="quarantined")
    assert {sign["feature"] for sign in step.facts["signs"]} == {"grade"}


def test_where_no_rows_are_kept_a_feature_that_is_read_in_another_way_is_learnt_anew(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    take_in(make_file("0.csv", lines(400, first=0)))
    FirstRows.objects.all().delete()
    signed(admin, supervisor, scaled="annual_income")
    usual = Source.objects.get().reference["consumer"]
    assert (usual["is_anew"], "annual_income" in usual["usual"]["missing"]) == (True, False)
    assert take_in(make_file("1.csv", lines(200, first=1_000))).held == 0
    assert Source.objects.get().reference["consumer"] == usual
    assert take_in(make_file("2.csv", lines(200, first=2_000))).held == 0
    learnt = reference_from(Source.objects.get().reference["consumer"])
    assert (learnt.is_anew, learnt.usual.rows, learnt.usual.missing["annual_income"]) == (False, 400, 0)
    assert min(learnt.edges["annual_income"]) > 400_000
    assert take_in(make_file("3.csv", lines(100, first=3_000))).held == 0
    in_old_unit = lines(100, first=4_000).replace(",USD,6", ",USD,").replace(",USD,5", ",USD,")
    assert take_in(make_file("4.csv", in_old_unit)).held == 100


def test_a_file_of_which_no_row_is_new_is_not_judged(
    db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    text = lines(400, first=0)
    take_in(make_file("0.csv", text))
    signed(admin, supervisor)
    emptied = "".join(f"{line.rpartition(',')[0]},\n" for line in text.splitlines()[1:])
    report = take_in(make_file("1.csv", HEADER + emptied))
    assert (report.accepted, report.held, Source.objects.get().state) == (0, 0, "healthy")
    assert Batch.objects.latest("pk").profile.keys() <= {""}
    assert MappingVersion.objects.count() == 2


def test_what_is_read_alike_under_the_same_name_is_left_as_it_was() -> None:
    known = make_reference([{"income": at, "grade": "AB"[at % 2]} for at in range(400)])
    assert known is not None
    income, grade = Given("column", column="Income", type="number"), Given("column", column="Grade", type="text")
    before = CaseMapping("branch", {}, {"income": income, "grade": grade})
    settled = replace(before, features={"income": replace(income, decimal="."), "grade": grade})
    now = timezone.now()
    assert carried(known, before, settled, at=now) is known
    swapped = replace(before, features={"income": grade, "grade": income})
    found = carried(known, before, swapped, at=now)
    assert (set(found.edges), set(found.usual.counts), found.is_anew) == ({"grade"}, {"income", "grade"}, False)
    more = replace(before, features={**before.features, "score": replace(income, column="Score")})
    assert carried(known, before, more, at=now).is_anew is True
