"""In which zone a column's times are: shown on the mapping page, chosen there, and told where a value is explained."""

from __future__ import annotations

from django.test import Client
from django.utils.translation import override

from cases.models import User
from desk.build.lineage_steps import step_words
from desk.build.mapping_words import COMPUTED_WORDS, zone_words
from desk.mapping_form import content_from_form
from intake.gate.lineage import Reading, Step, reading_of
from intake.models import Source, SourceMapping
from tests.desk.conftest import SignsIn
from tests.desk.test_mappings import drafted, form_of, shown

HEADER = "Application Time (EST)"
TABLE = f"loan no,loan amount,term,{HEADER},Opened At (UTC)\nHT-1,124000,24,2026-01-05 09:30,2020-01-05 09:30\n"


def at_of(sent: dict[str, str], column: str) -> str:
    return next(key.partition("-")[2] for key, value in sent.items() if value == column and key.startswith("column-"))


def test_the_page_asks_for_an_open_zone_and_keeps_what_is_chosen(
    branch: Source, admin: User, signs_in: SignsIn
) -> None:
    client: Client = signs_in(admin)
    made = drafted(client, TABLE)
    assert made.content["fields"]["applied_at"] == {"column": HEADER, "utc_offset": "?"}
    page = shown(client, made)
    assert "In which time zone is it? Its header does not say for sure." in page
    assert "is a time in a zone that the header does not name for sure" in page
    sent = form_of(page)
    at, opened = at_of(sent, HEADER), at_of(sent, "Opened At (UTC)")
    assert (sent[f"utc_offset-{at}"], sent[f"utc_offset-{opened}"]) == ("?", "+00:00")
    assert client.post("/sources/branch/mapping/1/save", {**sent, f"utc_offset-{at}": "-05:00"}).status_code == 302
    saved = SourceMapping.objects.get()
    assert saved.content["fields"]["applied_at"] == {"column": HEADER, "utc_offset": "-05:00"}
    assert saved.content["features"]["opened_at_utc"]["utc_offset"] == "+00:00"
    assert "In which time zone is it?" not in shown(client, saved)


def test_what_is_no_moment_any_more_has_no_zone() -> None:
    content = {"features": {"x": {"column": "a", "type": "date", "utc_offset": "+00:00"}}}
    posted = {"column-0": "a", "was-0": "features.x", "target-0": "feature", "name-0": "x", "utc_offset-0": "+00:00"}
    made, problems = content_from_form(content, {**posted, "type-0": "text"})
    assert (made["features"], problems) == ({"x": {"column": "a", "type": "text"}}, [])
    made, problems = content_from_form(content, {**posted, "type-0": "date"})
    assert (made["features"], problems) == (content["features"], [])


def test_lineage_tells_the_zone_in_both_languages() -> None:
    mapping = {
        "fields": {
            "applied_at": {"compute": "moment_of", "from": ["day", "clock"], "with": {"utc_offset": "+00:00"}},
        },
        "features": {"x": {"column": "a", "type": "date", "utc_offset": "+07:00"}},
    }
    whole, one = reading_of(mapping, "applied_at"), reading_of(mapping, "x")
    assert whole == Reading(("day", "clock"), (Step("compute", "moment_of"), Step("utc_offset", "+00:00")))
    assert one == Reading(("a",), (Step("type", "date"), Step("utc_offset", "+07:00")))
    assert step_words(Step("utc_offset", "+07:00")) == "a time without a zone: UTC+07:00"
    assert str(COMPUTED_WORDS["moment_of"]) == "the day of the first column at the time in the second"
    with override("zh-hans"):
        assert step_words(Step("utc_offset", "+07:00")) == "未写时区的时刻按 UTC+07:00"
        assert str(COMPUTED_WORDS["moment_of"]) == "第一列的日期与第二列的时刻合在一起"
        assert zone_words("?") == "时区不明：不读取时刻"
