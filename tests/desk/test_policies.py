"""The pages of policies: who sees and does what, the editor and its files, the replay, approval, and the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from cases.models import Case, User
from cases.states import Role
from desk.policy_form import form_of
from learning import past_reading
from learning.past_reading import Reading, ask_reading, read_past
from routing.arms import Exploration as Explores
from routing.drafting import draft_policy, edit_policy
from routing.models import Policy, PolicyStep
from routing.table.files import export_table
from routing.terms import Terms
from scoring.models import ModelVersion
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_models import words_of

EXPLORES = Explores(0.1, 0.3, 10_000, 100_000, 10, 0.2, 0.3, 0.95)


@pytest.fixture
def second_admin(db: None) -> User:
    return make.user("second_admin", Role.ADMIN)


@pytest.fixture
def in_force(admin: User, supervisor: User) -> Policy:
    return make.policy(admin, supervisor, audit_share=0.0)


def draft(by: User, **changes: Any) -> Policy:
    return draft_policy("consumer", by=by, terms=make.terms(**changes))


def posted(policy: Policy, typed: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the form of a version sends when somebody typed this into it."""
    form = form_of(Terms.from_dict(policy.terms), policy.purpose)
    return {**form, "seen": policy.sha256, "period": "90", **(typed or {})}


def send(client: Client, policy: Policy, act: str, typed: Mapping[str, str] | None = None) -> Any:
    return client.post(f"/policies/{policy.pk}/edit", {**posted(policy, typed), "act": act})


def stored(policy: Policy) -> Policy:
    return Policy.objects.get(pk=policy.pk)


def text_of(answer: Any) -> str:
    return words_of(answer.content.decode())


def test_the_list_tells_what_is_in_force_and_who_made_each_version(
    in_force: Policy,
    admin: User,
    auditor: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    draft(admin, approve_below=0.1)
    client = signs_in(auditor)
    with django_assert_max_num_queries(12):
        text = text_of(client.get("/policies"))
    assert "Consumer loan, version 1 in force" in text
    assert "Machine approves below 12.0% Machine declines from 16.0% Advice turns at each loan's own" in text
    assert re.search(r"Consumer loan, version 2 Draft -- admin, \d{4}", text)
    assert re.search(r"Consumer loan, version 1 Active for the test admin, [^a-z]+ supervisor, ", text)
    assert "New draft" not in text


def test_a_product_with_a_model_and_no_policy_gets_a_first_draft(
    champion: ModelVersion, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    assert "nothing in force: people decide every case First draft" in text_of(client.get("/policies"))
    answer = client.post("/policies/new", {"product": "consumer"})
    made = Policy.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/policies/{made.pk}")
    assert "feature_annual_income" in [field["key"] for field in made.terms["features"]]
    assert client.post("/policies/new", {"product": "horses"}).status_code == 404
    assert Policy.objects.count() == 1


def test_a_new_draft_says_what_the_version_in_force_says(in_force: Policy, admin: User, signs_in: SignsIn) -> None:
    signs_in(admin).post("/policies/new", {"product": "consumer"})
    made = Policy.objects.latest("pk")
    assert (made.based_on, made.status, made.drafted_by) == (in_force, "draft", admin)
    assert {**made.terms, "features": []} == {**in_force.terms, "features": []}


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
def test_others_read_a_draft_without_inputs_and_replay_it(role: Role, admin: User, signs_in: SignsIn) -> None:
    made, client = draft(admin), signs_in(make.user("somebody", role))
    page = client.get(f"/policies/{made.pk}").content.decode()
    assert 'id="i-approve_below"' not in page
    assert 'value="save"' not in page
    assert "Key customer: always reviewed by a person" in page
    answer = client.post(f"/policies/{made.pk}/simulation", {"period": "90", "seen": "x", "approve_below": "rubbish"})
    assert "No case was routed in this period" in text_of(answer)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_admin_changes_a_line_and_saves(language: str, admin: User, signs_in: SignsIn) -> None:
    made, client = draft(admin), signs_in(admin, language)
    answer = send(client, made, "save", {"approve_below": "11.5", "purpose": "A lower line"})
    assert (answer.status_code, answer["Location"]) == (302, f"/policies/{made.pk}")
    changed = stored(made)
    assert (changed.terms["approve_below"], changed.purpose) == (0.115, "A lower line")
    page = client.get(f"/policies/{made.pk}").content.decode()
    assert 'name="approve_below" value="11.5"' in page
    assert 'type="range" min="0" max="50" step="0.1" value="11.5"' in page


def test_saving_what_is_stored_already_changes_nothing(admin: User, signs_in: SignsIn) -> None:
    made = make.tested(admin)
    send(signs_in(admin), made, "save")
    assert stored(made).status == "tested"
    assert not made.steps.filter(name="edit").exists()


def test_what_is_wrong_is_shown_at_its_input_and_nothing_is_saved(admin: User, signs_in: SignsIn) -> None:
    made = draft(admin)
    typed = {"sla_hours": "soon", "rules.0.if.key_customer": "perhaps", "purpose": "kept"}
    answer = send(signs_in(admin), made, "save", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'name="rules\.0\.if\.key_customer" value="perhaps"[^>]*aria-invalid="true" '
                     r'aria-describedby="p-rules\.0\.if\.key_customer"', page)  # fmt: skip
    assert 'id="p-rules.0.if.key_customer">“perhaps” is neither yes nor no.' in page
    assert '<a href="#i-sla_hours">A number is expected.</a>' in page
    assert 'value="kept"' in page
    assert (stored(made).sha256, stored(made).purpose) == (made.sha256, "")


def test_a_purpose_longer_than_its_place_is_refused(admin: User, signs_in: SignsIn) -> None:
    made = draft(admin)
    answer = send(signs_in(admin), made, "save", {"purpose": "x" * 301})
    assert (answer.status_code, "At most 300 characters." in text_of(answer)) == (422, True)
    assert stored(made).purpose == ""


def test_a_button_of_a_table_shows_its_work_unsaved(admin: User, signs_in: SignsIn) -> None:
    made, client = draft(admin), signs_in(admin)
    page = send(client, made, "add_column rules", {"rules.new": "term_months", "approve_below": "11"}).content.decode()
    assert 'name="rules.0.if.term_months"' in page
    assert 'name="approve_below" value="11"' in page
    assert "not saved" in page
    assert 'name="rules.10.id" value="R11"' in send(client, made, "add_row rules").content.decode()
    assert stored(made).sha256 == made.sha256


def test_two_editors_the_second_is_told_and_keeps_what_was_typed(
    admin: User, second_admin: User, signs_in: SignsIn
) -> None:
    made = draft(admin)
    form = posted(made, {"approve_below": "11", "act": "save"})
    other = edit_policy(made.pk, by=second_admin, terms=make.terms(sla_hours=8), purpose="", seen_sha256=made.sha256)
    answer = signs_in(admin).post(f"/policies/{made.pk}/edit", form)
    assert answer.status_code == 409
    assert "Somebody else has edited this version since you opened it." in text_of(answer)
    assert 'name="approve_below" value="11"' in answer.content.decode()
    assert stored(made).sha256 == other.sha256


def test_findings_name_their_rows_and_an_error_refuses_the_test(admin: User, signs_in: SignsIn) -> None:
    made, client = draft(admin), signs_in(admin)
    typed = {"rules.columns": "key_customer amount", "rules.0.if.amount": "< -5"}
    form = {**posted(made, typed), "act": "test"}
    client.post(f"/policies/{made.pk}/test", form)
    text = text_of(client.get(f"/policies/{made.pk}"))
    assert "lies outside of" in text
    assert "Rules · R1 · Amount asked for" in text
    assert "The test is not passed" not in text
    assert (stored(made).status, stored(made).steps.last().name) == ("draft", "test")  # type: ignore[union-attr]


def test_an_admin_saves_and_tests_at_once(admin: User, signs_in: SignsIn) -> None:
    made, client = draft(admin), signs_in(admin)
    answer = client.post(f"/policies/{made.pk}/test", posted(made, {"sla_hours": "12"}), follow=True)
    assert "The test is passed." in answer.content.decode()
    assert (stored(made).status, stored(made).terms["sla_hours"]) == ("tested", 12)
    assert "passed: every example goes where it must" in text_of(answer)
    assert client.post(f"/policies/{made.pk}/test").status_code == 302
    wrong = client.post(f"/policies/{made.pk}/test", posted(stored(made), {"sla_hours": "x"}))
    assert (wrong.status_code, stored(made).status) == (422, "tested")


def test_an_example_that_goes_another_way_says_so(admin: User, signs_in: SignsIn) -> None:
    made = draft(admin)
    text = text_of(send(signs_in(admin), made, "x", {"example.0.way": "decline"}))
    assert "It goes to “machine approves” instead of “machine declines”." in text


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_table_goes_out_as_a_file_and_comes_in_again(
    form: str, language: str, admin: User, auditor: User, signs_in: SignsIn
) -> None:
    made = draft(admin)
    answer = signs_in(auditor, language).get(f"/policies/{made.pk}/rules.{form}")
    assert answer["Content-Disposition"] == f'attachment; filename="consumer-v1-rules.{form}"'
    client = signs_in(admin)
    file = SimpleUploadedFile(f"mine.{form.upper()}", answer.content)
    emptied = posted(made, {"rules.rows": "0", "sla_hours": "9"})
    page = client.post(f"/policies/{made.pk}/import/rules", {**emptied, "file.rules": file}).content.decode()
    assert 'name="rules.9.id" value="R10"' in page
    assert 'name="sla_hours" value="9"' in page
    assert stored(made).sha256 == made.sha256


def test_a_file_that_is_wrong_says_where_and_the_page_stays(admin: User, signs_in: SignsIn) -> None:
    made, client = draft(admin), signs_in(admin)
    terms = make.terms()
    data = export_table(terms.rules, terms.kinds.rules, "csv").replace(b"'= true", b"maybe")
    for name, content, words in (
        ("rules.csv", data, "Row 3, column Key customer: “maybe” is neither yes nor no."),
        ("rules.pdf", b"%PDF", "Choose a file that ends in .csv, .xlsx or .json."),
        ("rules.xlsx", b"PK", "This is no XLSX file that can be read."),
    ):
        file = SimpleUploadedFile(name, content)
        answer = client.post(f"/policies/{made.pk}/import/rules", {**posted(made), "file.rules": file})
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert 'name="rules.9.id" value="R10"' in answer.content.decode()
    assert client.post(f"/policies/{made.pk}/import/rules", posted(made)).status_code == 422
    assert client.post(f"/policies/{made.pk}/import/horses", posted(made)).status_code == 404
    assert stored(made).sha256 == made.sha256


@pytest.mark.parametrize("path", ["limits.csv", "horses.csv", "rules.pdf"])
def test_a_table_that_is_not_there_is_not_found(path: str, admin: User, signs_in: SignsIn) -> None:
    made = draft(admin, limits=None)
    assert signs_in(admin).get(f"/policies/{made.pk}/{path}").status_code == 404


@pytest.fixture
def book(champion: ModelVersion, in_force: Policy, settings: Any, tmp_path: Path) -> list[Case]:
    # Cases of an earlier run that were kept in files are other cases with the same keys.
    settings.VAR = tmp_path
    make.cases(12)
    make.case("K-1", key_customer=True)
    make.run_machine()
    return list(Case.objects.order_by("pk"))


def htmx(client: Client, policy: Policy, typed: Mapping[str, str]) -> str:
    answer = client.post(f"/policies/{policy.pk}/simulation", posted(policy, typed), headers={"HX-Request": "true"})
    return answer.content.decode()


def test_the_replay_follows_what_is_typed_beside_the_version_in_force(
    book: list[Case], admin: User, signs_in: SignsIn
) -> None:
    made, client = draft(admin, audit_share=0.0), signs_in(admin)
    same = htmx(client, made, {})
    assert "<html" not in same
    assert "13 cases from" in same
    assert "Nobody: every case goes where the version in force sends it too." in same
    moved = htmx(client, made, {"approve_below": "0.01"})
    assert re.search(r"machine approves → people look</span> <span class=\"num\">12 · \$96,000", moved)
    assert f'href="/review/{book[0].ref}"' in moved
    wrong = htmx(client, made, {"approve_below": "99"})
    assert 'href="#i-decline_above"' in wrong
    assert stored(made).sha256 == made.sha256


def test_without_scripts_the_replay_comes_with_the_whole_page(book: list[Case], admin: User, signs_in: SignsIn) -> None:
    made = draft(admin, audit_share=0.0)
    answer = signs_in(admin).post(f"/policies/{made.pk}/simulation", posted(made, {"approve_below": "0.01"}))
    assert 'name="approve_below" value="0.01"' in answer.content.decode()
    assert "machine approves → people look 12" in text_of(answer)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"period": "30"}, "13 cases"),
        ({"period": "no such"}, "13 cases"),
        ({"period": "dates", "since": "2020-01-01", "until": "2020-12-31"}, "No case was routed in this period"),
        ({"period": "dates", "since": "2020-13-01", "until": "2020-12-31"}, "A date such as 2026-01-31 is expected."),
        ({"period": "dates", "since": "", "until": "x"}, "A date such as 2026-01-31 is expected."),
        ({"period": "dates", "since": "2020-02-01", "until": "2020-01-01"}, "The last day lies before the first one."),
        ({"period": "dates", "since": "1999-02-01", "until": "2020-01-01"}, "At most ten years can be replayed."),
        ({"period": "dates", "since": "0001-01-01", "until": "0001-01-02"}, "At most ten years can be replayed."),
    ],
)
def test_any_past_period_can_be_replayed(
    typed: dict[str, str], words: str, book: list[Case], admin: User, signs_in: SignsIn
) -> None:
    assert words in htmx(signs_in(admin), draft(admin), typed)


def test_many_cases_are_read_by_a_worker_while_the_page_waits(
    book: list[Case], admin: User, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, settings: Any
) -> None:
    settings.VAR = tmp_path
    monkeypatch.setattr(past_reading, "AT_ONCE", 5)
    made, client = draft(admin, audit_share=0.0), signs_in(admin)
    waits = htmx(client, made, {})
    assert f'hx-post="/policies/{made.pk}/simulation"' in waits
    assert "Past cases are being read: 0 of …." in waits
    end = timezone.localdate()
    since = end - timedelta(days=89)
    assert ask_reading("consumer", since, end) == Reading()
    monkeypatch.setattr(past_reading, "HEARD_SECONDS", -1)
    assert "no worker has taken that up" in htmx(client, made, {})
    proposed = client.post(f"/policies/{made.pk}/propose", {"period": "90"}, follow=True)
    assert "The past cases are not read yet." in proposed.content.decode()
    assert stored(made).status == "draft"
    read_past("consumer", since, end)
    read_past("consumer", since, end)
    assert "13 cases from" in htmx(client, made, {})


def test_a_version_of_a_form_that_is_read_no_more_says_so(admin: User, signs_in: SignsIn) -> None:
    made = draft(admin)
    Policy.objects.filter(pk=made.pk).update(terms={"approve_below": 1})
    PolicyStep.objects.create(policy=made, name="edit", actor=admin)
    answer = signs_in(admin).get(f"/policies/{made.pk}")
    assert (answer.status_code, "read no more" in text_of(answer)) == (409, True)
    assert signs_in(admin).get("/policies").status_code == 200


def test_no_page_of_a_version_takes_many_queries(
    book: list[Case], in_force: Policy, admin: User, supervisor: User, signs_in: SignsIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    made, proposed = draft(admin), make.proposed(admin, sla_hours=3)
    for client in (signs_in(admin), signs_in(supervisor)):
        for path in (f"{made.pk}", f"{in_force.pk}", f"{proposed.pk}", f"{proposed.pk}/approval"):
            with django_assert_max_num_queries(12):
                assert client.get(f"/policies/{path}").status_code == 200


COUNTS = (
    "rules.rows",
    "rules.columns",
    "examples",
    "rules.0.id",
    "rules.hit",
    "limits.on",
    "seen",
    "capacity.fallback",
)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "9" * 5000, "²", "%(x)s", "[1, 2"])
def test_nothing_typed_into_the_form_breaks_the_page(text: str, admin: User, signs_in: SignsIn) -> None:
    made, client = draft(admin), signs_in(admin)
    form = posted(made)
    for names in (*((name,) for name in COUNTS), form, ("act", "rules.new"), ("rules.0.if.key_customer",)):
        typed = {**form, "act": f"add_column rules {text}", **dict.fromkeys(names, text)}
        answer = client.post(f"/policies/{made.pk}/edit", typed)
        assert answer.status_code == 200, names
        assert b"<script>alert(1)" not in answer.content, names
    everything = {**dict.fromkeys((*form, "starts_at", "budget", "reason", "note"), text), "act": "save"}
    for path in ("edit", "simulation", "test", "import/rules", "propose"):
        assert client.post(f"/policies/{made.pk}/{path}", everything).status_code in (200, 302, 409, 422), path
    assert stored(made).sha256 == made.sha256


def test_the_order_of_looks_is_told_and_too_few_audits_teach_nothing(
    admin: User, policy: Policy, signs_in: SignsIn
) -> None:
    made = make.tested(admin)
    client = signs_in(admin)
    page = text_of(client.get(f"/policies/{made.pk}"))
    assert "distance to the cut-off over the root of the amount" in page
    assert "0 cases; learning needs 3,000 with a known outcome" in page
    assert "Learn from the audited cases" not in page
    answer = client.post(f"/policies/{made.pk}/order", {"order": "learned", "seen": made.sha256}, follow=True)
    assert "Only 0 audited cases with a known outcome exist; learning needs 3,000." in answer.content.decode()
    assert (stored(made).status, stored(made).sha256) == ("tested", made.sha256)
    assert client.post(f"/policies/{made.pk}/order", {"order": "start", "seen": "another"}).status_code == 409
