"""The pages of the sources: what is listed, and changing one with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from cases.models import User
from desk.views import sources
from intake.health.quarantine import quarantine_source
from intake.models import Batch, MappingVersion, Source, SourceDay, SourceStep
from intake.sources.sources import set_source
from tests import make
from tests.desk.conftest import SignsIn

REASON = "agreed with the branch"


@pytest.fixture
def branch(db: None) -> Source:
    source: Source = Source.objects.create(slug="branch", title="Branch 1")
    return source


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Where cases come from", "every 24 h", "Too little is known")),
        ("zh-hans", ("业务来自何处", "每 24 小时", "所知尚少")),
    ],
)
def test_the_list_shows_who_answers_and_what_is_promised(
    branch: Source, admin: User, auditor: User, signs_in: SignsIn, language: str, words: tuple[str, ...]
) -> None:
    set_source("branch", by=admin, reason=REASON, changes={"owner": admin, "every_hours": 24})
    page = signs_in(auditor, language).get("/sources").content.decode()
    assert 'href="/sources/branch"' in page
    for each in (*words, "Branch 1", admin.display_name):
        assert each in page


def test_an_administrator_changes_a_source_with_a_reason(branch: Source, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    form = {"title": "Branch 1", "kind": "file", "trust": "limited", "owner": str(admin.pk), "every_hours": "24"}
    assert client.post("/sources/branch/set", {**form, "reason": REASON})["Location"] == "/sources/branch"
    assert Source.objects.get().trust == "limited"
    page = client.get("/sources/branch").content.decode()
    assert REASON in page
    assert "trust: Full → Limited" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"reason": "short"}, "Say why, in ten characters or more."),
        ({"every_hours": "often"}, "Enter hours from 1 to 10,000, or nothing."),
        ({"owner": "9" * 30}, "Choose somebody who works here."),
    ],
)
def test_what_cannot_be_read_is_refused_and_kept_on_the_form(
    branch: Source, admin: User, signs_in: SignsIn, changed: dict[str, str], sentence: str
) -> None:
    form = {"title": "New name", "kind": "file", "trust": "full", "owner": "", "reason": REASON, **changed}
    answer = signs_in(admin).post("/sources/branch/set", form)
    page = answer.content.decode()
    assert (answer.status_code, Source.objects.get().title) == (422, "Branch 1")
    assert sentence in page
    assert 'value="New name"' in page
    assert not SourceStep.objects.exists()


def test_who_only_reads_finds_no_button_and_an_unknown_source_is_not_found(
    branch: Source, supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(supervisor)
    page = client.get("/sources/branch").content.decode()
    assert 'name="reason"' not in page
    assert client.get("/sources/nowhere").status_code == 404


SIGN = {"product": "consumer", "feature": "annual_income", "what": "missing", "value": 0.8, "usual": 0.03, "rows": 90}


def quarantined(source: Source) -> None:
    since = timezone.now() - timedelta(hours=3)
    assert quarantine_source(source.pk, signs=[{**SIGN, "grade": "bad"}], since=since)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "annual income is missing in 80.0% of 90 rows; usual is 3.0%"),
        ("zh-hans", "年收入在 90 行中有 80.0% 缺失；通常为 3.0%"),
    ],
)
def test_a_quarantined_source_says_why_and_is_released_with_a_reason(
    branch: Source, supervisor: User, signs_in: SignsIn, language: str, sentence: str
) -> None:
    quarantined(branch)
    client = signs_in(supervisor, language)
    assert sentence in client.get("/sources/branch").content.decode()
    refused = client.post("/sources/branch/release", {"reason": "short"})
    assert refused.status_code == 422
    assert 'id="release-reason-problem"' in refused.content.decode()
    assert Source.objects.get().state == "quarantined"
    done = client.post("/sources/branch/release", {"reason": "the export was mended", "new_usual": "on"})
    assert done["Location"] == "/sources/branch"
    assert Source.objects.get().state == "healthy"
    assert client.post("/sources/branch/release", {"reason": "the export was mended"}).status_code == 409


def test_a_release_that_calls_usual_what_too_few_cases_tell_says_so(
    branch: Source, supervisor: User, signs_in: SignsIn
) -> None:
    quarantined(branch)
    client = signs_in(supervisor)
    asked = client.get("/sources/branch").content.decode()
    assert [asked.count(f'name="new_usual" value="{each}"') for each in ("", "also", "on")] == [1, 1, 1]
    done = client.post("/sources/branch/release", {"reason": "as every weekend", "new_usual": "also"}, follow=True)
    assert "Fewer than 50 cases came to learn from." in done.content.decode()
    assert Source.objects.get().state == "healthy"


@pytest.mark.parametrize(
    ("language", "income", "amount"),
    [
        ("en", "Annual income is missing in", "Amount is missing in"),
        ("zh-hans", "年收入在 90 行中有 80.0% 缺失", "金额在 90 行中有 80.0% 缺失"),
    ],
)
def test_features_are_called_as_the_champion_calls_them(
    branch: Source, champion: object, supervisor: User, signs_in: SignsIn, language: str, income: str, amount: str
) -> None:
    signs = [{**SIGN, "grade": "bad", "feature": feature} for feature in ("annual_income", "amount")]
    assert quarantine_source(branch.pk, signs=signs, since=timezone.now())
    page = signs_in(supervisor, language).get("/sources/branch").content.decode()
    assert income in page
    assert amount in page


@pytest.mark.parametrize(
    ("language", "missing", "alone"),
    [
        ("en", "own funds share is missing in", "月末存款 is one and the same value in 100.0% of 90 rows<"),
        ("zh-hans", "自有资金占比在 90 行中有 80.0% 缺失", "月末存款在 90 行中有 100.0% 为同一个值<"),
    ],
)
def test_a_feature_that_no_champion_knows_is_called_as_its_column_and_nothing_is_said_of_an_unknown_usual(
    branch: Source, champion: object, supervisor: User, signs_in: SignsIn, language: str, missing: str, alone: str
) -> None:
    columns = {"own_funds_share": "自有资金占比", "col_56701065": "月末存款"}
    features = {name: {"column": column, "type": "number"} for name, column in columns.items()}
    MappingVersion.objects.create(source=branch, number=1, name="", sha256="1" * 64, content={"features": features})
    stuck = {**SIGN, "grade": "bad", "what": "one_value", "feature": "col_56701065", "value": 1.0, "usual": 0.0}
    signs = [{**SIGN, "grade": "bad", "feature": "own_funds_share"}, stuck]
    assert quarantine_source(branch.pk, signs=signs, since=timezone.now())
    page = signs_in(supervisor, language).get("/sources/branch").content.decode()
    assert missing in page
    assert alone in page


def test_a_feature_that_the_last_mapping_calls_otherwise_is_called_as_its_column(
    branch: Source, champion: object, supervisor: User, signs_in: SignsIn
) -> None:
    for number, name in enumerate(("col_6f097948", "grade"), 1):
        content = {"features": {name: {"column": "职级", "type": "text"}}}
        sha256 = str(number) * 64
        MappingVersion.objects.create(source=branch, number=number, name="", sha256=sha256, content=content)
    signs = [{**SIGN, "grade": "bad", "feature": name} for name in ("col_6f097948", "col_00000000")]
    assert quarantine_source(branch.pk, signs=signs, since=timezone.now())
    page = signs_in(supervisor).get("/sources/branch").content.decode()
    assert "职级 is missing in 80.0% of 90 rows" in page
    assert "col 00000000 is missing in 80.0% of 90 rows" in page


def test_an_auditor_sees_the_quarantine_and_cannot_release_it(branch: Source, auditor: User, signs_in: SignsIn) -> None:
    quarantined(branch)
    client = signs_in(auditor)
    assert 'id="release-reason"' not in client.get("/sources/branch").content.decode()
    assert client.post("/sources/branch/release", {"reason": "the export was mended"}).status_code == 403


def test_whatever_was_decided_since_the_first_sign_is_listed(
    champion: object, policy: object, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    decided, waiting = make.case("A-1"), make.case("A-2", key_customer=True)
    make.run_machine()
    assert make.reread(decided).decided_by == "machine"
    source = Source.objects.create(slug="branch-los")
    client = signs_in(supervisor)
    assert "never quarantined" in client.get("/sources/branch-los/decided").content.decode()
    proposed, _review = make.awaiting_case(reviewer, "A-3")
    quarantined(source)
    page = client.get("/sources/branch-los/decided").content.decode()
    assert decided.ref in page
    assert waiting.ref not in page
    # Decided by one person, it only waits for a signature: that is not to be given unaware.
    row = page.split(proposed.ref, 1)[1].split("</tr>", 1)[0]
    assert "Awaiting sign-off" in row
    assert "Not decided" in row


def test_the_owner_is_told_and_the_notice_leads_to_the_source(
    branch: Source, admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    set_source("branch", by=admin, reason=REASON, changes={"owner": supervisor})
    quarantined(branch)
    page = signs_in(supervisor).get("/notifications").content.decode()
    assert 'href="/sources/branch"' in page
    assert "Source branch turned bad and is quarantined" in page


def test_the_board_draws_the_last_batches(branch: Source, auditor: User, signs_in: SignsIn) -> None:
    mapping = MappingVersion.objects.create(source=branch, number=1, name="m", sha256="0" * 64, content={})
    for number in range(1, 4):
        measures = {"missing": 0.01 * number, "shift": 0.1}
        Batch.objects.create(
            source=branch, name="a.csv", sha256=str(number) * 64, mapping=mapping, measures=measures,
            rows=number * 10, accepted=number * 10,
            signs=[{**SIGN, "grade": "watch"}] if number == 3 else [],
        )  # fmt: skip
    page = signs_in(auditor).get("/sources").content.decode()
    assert page.count('class="spark"') == 3
    assert 'aria-label="Rows: 30 last"' in page
    assert 'aria-label="Missing cells: 3.0% last"' in page
    assert "annual income is missing in 80.0% of 90 rows" in page
    for shown in ("30</span>", "3.0%</span>", "0.10</span>", "annual income 80.0%</span>", "Healthy"):
        assert shown in page
        assert shown in signs_in(auditor).get("/sources/branch").content.decode()
    assert "Too little is known" not in page


def test_a_first_file_of_which_only_the_refused_rows_could_be_counted_makes_no_source_healthy(
    branch: Source, auditor: User, signs_in: SignsIn
) -> None:
    mapping = MappingVersion.objects.create(source=branch, number=1, name="m", sha256="9" * 64, content={})
    Batch.objects.create(
        source=branch, name="a.csv", sha256="1" * 64, mapping=mapping, measures={"refused": 0.3333}, rows=3, accepted=2,
        rejected=1,
    )  # fmt: skip
    page = signs_in(auditor).get("/sources").content.decode()
    assert "Too little is known" in page
    assert "Healthy" not in page
    assert 'aria-label="Refused rows: 33.3% last"' in page


def test_sources_that_want_somebody_come_first_on_every_page(
    admin: User, auditor: User, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = timezone.now()
    for slug in ("a", "b", "c", "d", "e", "f", "g"):
        Source.objects.create(slug=slug, created_at=since - timedelta(days=9))
    b, d, f = Source.objects.get(slug="b"), Source.objects.get(slug="d"), Source.objects.get(slug="f")
    mapping = MappingVersion.objects.create(source=b, number=1, name="m", sha256="0" * 64, content={})
    came = {"kind": "file", "mapping": mapping, "finished_at": since}
    # Its signs are of before, its newest batch has none.
    Batch.objects.create(source=b, sha256="1" * 64, signs=[{**SIGN, "grade": "watch"}], **came)
    Batch.objects.create(source=b, sha256="2" * 64, **came)
    Batch.objects.create(source=d, sha256="3" * 64, signs=[{**SIGN, "grade": "watch"}], **came)
    SourceDay.objects.create(source=f, day=since.date() - timedelta(days=2), cases=90, low=1, high=9)
    Source.objects.filter(slug__in=("b", "e")).update(every_hours=1)
    quarantined(Source.objects.get(slug="g"))
    client = signs_in(auditor)
    monkeypatch.setattr(sources, "ROWS", 2)
    address, shown = "/sources", []
    while address:
        page = client.get(address).context["page"]
        shown.append([row.slug for row in page.rows])
        address = f"/sources{page.next_url}" if page.next_url else ""
    assert shown == [["g", "d"], ["e", "f"], ["a", "b"], ["c"]]


def test_what_a_source_is_quarantined_for_is_said_once(branch: Source, auditor: User, signs_in: SignsIn) -> None:
    quarantined(branch)
    mapping = MappingVersion.objects.create(source=branch, number=1, name="m", sha256="0" * 64, content={})
    other = {**SIGN, "grade": "watch", "value": 0.1}
    Batch.objects.create(
        source=branch, name="a.csv", sha256="1" * 64, mapping=mapping, signs=[{**SIGN, "grade": "bad"}, other]
    )
    client = signs_in(auditor)
    page = client.get("/sources/branch").content.decode()
    assert page.count("annual income is missing in 80.0% of 90 rows") == 1
    assert page.count("annual income is missing in 10.0% of 90 rows") == 1
    assert "The last batch looks as usual" not in page
    Batch.objects.update(signs=[])
    page = client.get("/sources/branch").content.decode()
    assert page.count("annual income is missing in 80.0% of 90 rows") == 1
    assert "The last batch looks as usual" in page


def test_a_source_from_which_nothing_comes_says_so(branch: Source, auditor: User, signs_in: SignsIn) -> None:
    Source.objects.update(every_hours=1, created_at=timezone.now() - timedelta(hours=2))
    assert "nothing since" in signs_in(auditor).get("/sources").content.decode()
    Source.objects.update(every_hours=2)
    assert "nothing since" not in signs_in(auditor).get("/sources").content.decode()


@pytest.mark.parametrize(
    ("language", "since"), [("en", "watched since 2026-11-02 09:12"), ("zh-hans", "自 2026-11-02 09:12 起被观察")]
)
def test_board_and_page_say_since_when_a_source_is_watched(
    branch: Source, auditor: User, signs_in: SignsIn, language: str, since: str
) -> None:
    mapping = MappingVersion.objects.create(source=branch, number=1, name="m", sha256="0" * 64, content={})
    for day in (2, 3, 4):
        Batch.objects.create(
            source=branch, name="a.csv", sha256=str(day) * 64, mapping=mapping, signs=[{**SIGN, "grade": "watch"}],
            started_at=datetime(2026, 11, day, 1, 12, tzinfo=UTC),
        )  # fmt: skip
    client = signs_in(auditor, language)
    for address in ("/sources", "/sources/branch"):
        assert since in client.get(address).content.decode()
    quarantined(branch)
    for address in ("/sources", "/sources/branch"):
        assert since not in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("language", "sentence", "line"),
    [
        ("en", "100.0% of 300 rows could not be taken in; usual is 2.0%", "Refused rows: 100.0% last"),
        ("zh-hans", "300 行中有 100.0% 无法接收；通常为 2.0%", "被拒行：最近 100.0%"),
    ],
)
def test_a_batch_of_which_all_rows_were_refused_stands_on_the_board_and_on_the_page(
    branch: Source, auditor: User, signs_in: SignsIn, language: str, sentence: str, line: str
) -> None:
    mapping = MappingVersion.objects.create(source=branch, number=1, name="m", sha256="0" * 64, content={})
    sign = {"product": "", "feature": "", "what": "refused", "value": 1.0, "usual": 0.02, "rows": 300, "grade": "bad"}
    Batch.objects.create(
        source=branch, name="a.csv", sha256="1" * 64, mapping=mapping, measures={"refused": 1.0},
        rows=300, rejected=300, signs=[sign],
    )  # fmt: skip
    client = signs_in(auditor, language)
    for page in (client.get("/sources"), client.get("/sources/branch")):
        shown = page.content.decode()
        assert sentence in shown
        assert f'aria-label="{line}"' in shown
        assert shown.count('class="spark"') == 2
