"""What was typed in a mapping and not saved: proposed as it is shown, given back after a conflict, never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from cases.models import Notification, User
from desk.mapping_form import content_from_form
from intake.models import MappingStep, Source, SourceMapping
from intake.signing.mapping_life import draft_mapping
from tests.desk.conftest import SignsIn
from tests.desk.test_mapping_life import _parsed
from tests.desk.test_mappings import YAML, drafted, form_of, imported, sample, shown, take_in
from tests.mapped import REASON

UNIT = "贷款金额(元)"
TABLE = f"合同号,{UNIT},期限,申请日期,身份证号\nHT-1,124000,24期,2026-01-05,11010519491231002X\n"


@pytest.fixture
def typed(branch: Source, admin: User, signs_in: SignsIn) -> tuple[Client, SourceMapping, dict[str, str]]:
    """An administrator, a draft of theirs, and its form with another unit of the amount than is saved."""
    client = signs_in(admin)
    made = drafted(client, TABLE)
    sent = form_of(shown(client, made))
    at = next(key.partition("-")[2] for key, value in sent.items() if value == UNIT)
    return client, made, {**sent, f"scale-{at}": "10000", "reason": REASON}


def test_what_is_proposed_is_what_the_page_shows(typed: tuple[Client, SourceMapping, dict[str, str]]) -> None:
    client, made, sent = typed
    assert "scale" not in made.content["fields"]["amount"]
    assert client.post("/sources/branch/mapping/1/propose", sent).status_code == 302
    proposed = SourceMapping.objects.get()
    assert (proposed.status, proposed.content["fields"]["amount"]) == ("proposed", {"column": UNIT, "scale": "10000"})
    assert proposed.comparison is not None
    assert proposed.comparison["of"] == proposed.sha256 != made.sha256
    steps = list(MappingStep.objects.values_list("name", "reason", "facts"))
    frozen = {"sha256": proposed.sha256, "comparison_sha256": proposed.comparison_sha256}
    edited = {"before": made.sha256, "after": proposed.sha256}
    assert steps == [("draft", "", {}), ("edit", "", edited), ("propose", REASON, frozen)]
    assert "1240000000" in shown(client, proposed)


def test_a_refused_proposal_saves_nothing_and_shows_what_was_typed(
    typed: tuple[Client, SourceMapping, dict[str, str]],
) -> None:
    client, made, sent = typed
    for wrong, words in (
        ({"reason": "short"}, 'id="reason-problem"'),
        ({"how-product": "constant", "value-product": ""}, "Say which value."),
    ):
        answer = client.post("/sources/branch/mapping/1/propose", {**sent, **wrong})
        page = answer.content.decode()
        assert (answer.status_code, words in page) == (422, True), wrong
        assert '<option value="10000" selected>' in page
        assert "saved is: as it stands" in page
        assert "1240000000" in page
    now = SourceMapping.objects.get()
    assert (now.status, now.content, now.sha256) == ("draft", made.content, made.sha256)
    assert MappingStep.objects.count() == 1


@pytest.mark.parametrize(
    ("target", "read"),
    [
        ("reference.key", {"column": "身份证号", "type": "identity_number"}),
        # These know of themselves what they are.
        ("reference.as_of", {"column": "身份证号"}),
        ("applicant.identity_number", {"column": "身份证号"}),
    ],
)
def test_a_key_keeps_the_standard_that_the_form_shows(
    typed: tuple[Client, SourceMapping, dict[str, str]], target: str, read: dict[str, str]
) -> None:
    _client, made, sent = typed
    at = next(key.partition("-")[2] for key, value in sent.items() if value == "身份证号")
    assert (sent[f"target-{at}"], sent[f"type-{at}"]) == ("applicant.id", "identity_number")
    content, _problems = content_from_form(made.content, {**sent, f"target-{at}": target, "makes": "both"})
    section, name = target.split(".") if target.startswith("reference.") else ("fields", target)
    assert content[section][name] == read


def test_what_is_compared_is_what_the_page_shows(typed: tuple[Client, SourceMapping, dict[str, str]]) -> None:
    client, _made, sent = typed
    answer = client.post("/sources/branch/mapping/1/save", {**sent, "act": "compare"})
    assert answer["Location"].startswith("/sources/branch/mapping/1?compare=1&reason=as+the+branch")
    assert answer["Location"].endswith("#comparison-title")
    assert SourceMapping.objects.get().content["fields"]["amount"]["scale"] == "10000"
    page = client.get(answer["Location"]).content.decode()
    assert "In rows that came before" in page
    # The reason goes along to the next step.
    assert f'value="{REASON}"' in page


def test_another_file_to_try_it_on_saves_what_was_typed(typed: tuple[Client, SourceMapping, dict[str, str]]) -> None:
    client, _made, sent = typed
    answer = client.post("/sources/branch/mapping/1/sample", {**sent, "file": sample(TABLE, "other.csv")})
    assert answer.status_code == 302
    now = SourceMapping.objects.get()
    assert (now.sample["name"], now.content["fields"]["amount"]["scale"]) == ("other.csv", "10000")


def test_a_draft_that_nobody_edited_is_proposed_as_it_was_written_even_what_its_table_cannot_show(
    branch: Source, admin: User, signs_in: SignsIn
) -> None:
    text = (YAML % 1).replace("income: {column: income", "income: {column: income, missing: ['n,a']")
    made = draft_mapping("branch", _parsed(text), by=admin)
    client = signs_in(admin)
    sent = {**form_of(shown(client, made)), "reason": REASON}
    assert client.post("/sources/branch/mapping/1/propose", sent).status_code == 302
    now = SourceMapping.objects.get()
    assert (now.status, now.sha256) == ("proposed", made.sha256)
    assert now.content["features"]["income"]["missing"] == ["n,a"]


@pytest.mark.parametrize("act", ["save", "propose", "sample"])
def test_a_draft_that_a_colleague_saved_meanwhile_comes_back_with_what_was_typed(
    typed: tuple[Client, SourceMapping, dict[str, str]], second_admin: User, signs_in: SignsIn, act: str
) -> None:
    client, made, sent = typed
    colleague = signs_in(second_admin)
    theirs = {**form_of(shown(colleague, made)), "how-channel": "constant", "value-channel": "branch"}
    assert colleague.post("/sources/branch/mapping/1/save", theirs).status_code == 302
    saved = SourceMapping.objects.get()
    answer = client.post(f"/sources/branch/mapping/1/{act}", {**sent, "file": sample(TABLE)})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert SourceMapping.objects.get().sha256 == saved.sha256
    assert f"{second_admin.display_name} saved this draft at" in page
    assert "The case has changed" not in page
    assert '<option value="10000" selected>' in page
    assert "saved is: as it stands" in page
    assert "saved is: the same for every row · branch" in page
    assert f'value="{REASON}"' in page
    # Sent again, it takes the place of theirs.
    again = {**form_of(page), "reason": REASON}
    assert again["seen"] == saved.sha256
    assert client.post("/sources/branch/mapping/1/save", again).status_code == 302
    fields = SourceMapping.objects.get().content["fields"]
    assert (fields["amount"]["scale"], "channel" in fields) == ("10000", False)


def test_a_code_table_typed_meanwhile_is_given_back(
    typed: tuple[Client, SourceMapping, dict[str, str]],
) -> None:
    client, made, sent = typed
    assert client.post("/sources/branch/mapping/1/save", sent).status_code == 302
    pasted = {"of": "fields.external_ref", "seen": made.sha256, "text": "HT-1,ONE", "other": "keep"}
    answer = client.post("/sources/branch/mapping/1/codes/set", pasted)
    page = answer.content.decode()
    assert (answer.status_code, "HT-1,ONE" in page) == (409, True)
    assert "Somebody else has saved this draft meanwhile. What you typed is below and not saved" in page
    now = SourceMapping.objects.get()
    assert f'name="seen" value="{now.sha256}"' in page
    assert "values" not in now.content["fields"]["external_ref"]


def test_those_who_may_sign_are_told_and_find_it_where_they_look(
    branch: Source, admin: User, second_admin: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    makes = signs_in(admin)
    made = imported(makes, 5)
    assert makes.post("/sources/branch/mapping/1/propose", {"seen": made.sha256, "reason": REASON}).status_code == 302
    told = Notification.objects.values_list("person__username", "code", "params")
    params = {"source": "branch", "mapping": 1}
    assert sorted(told, key=str) == [
        ("second_admin", "mapping_proposed", params), ("supervisor", "mapping_proposed", params),
    ]  # fmt: skip
    signs = signs_in(supervisor)
    page = signs.get("/notifications").content.decode()
    words = "proposes version 1 of the mapping of source branch: a second person must sign it"
    assert f'<a class="row-link" href="/sources/branch/mapping/1">branch</a> {admin.display_name} {words}' in page
    link = 'href="/sources/branch/mapping/1">'
    page = signs.get("/signoff").content.decode()
    assert f'<a class="row-link" {link}Branch 1</a>' in page
    assert ("Mappings to sign" in page, REASON in page, "made by you" in page) == (True, True, False)
    for place in ("/sources", "/sources/branch"):
        assert f"{link}mapping version 1 waits for a signature</a>" in signs.get(place).content.decode()
    assert "待签署的映射" in signs_in(auditor, "zh-hans").get("/signoff").content.decode()
    made.refresh_from_db()
    sent = {"comparison_sha256": made.comparison_sha256, "reason": REASON}
    assert signs.post("/sources/branch/mapping/1/sign", sent).status_code == 302
    assert list(Notification.objects.filter(person=admin).values_list("code", "params")) == [("mapping_signed", params)]
    assert "Mappings to sign" not in signs.get("/signoff").content.decode()
    assert "waits for a signature" not in signs.get("/sources").content.decode()


def test_whoever_proposed_is_told_that_it_came_back_and_an_editor_is_not_asked_to_sign(
    branch: Source, admin: User, second_admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    made = drafted(signs_in(admin), TABLE)
    edits = signs_in(second_admin)
    sent = {**form_of(shown(edits, made)), "how-channel": "constant", "value-channel": "branch"}
    assert edits.post("/sources/branch/mapping/1/save", sent).status_code == 302
    now = SourceMapping.objects.get()
    makes = signs_in(admin)
    assert makes.post("/sources/branch/mapping/1/propose", {"seen": now.sha256, "reason": REASON}).status_code == 302
    assert list(Notification.objects.values_list("person__username", flat=True)) == ["supervisor"]
    signs = signs_in(supervisor)
    assert signs.post("/sources/branch/mapping/1/return", {"reason": REASON}).status_code == 302
    back = Notification.objects.get(person=admin)
    assert (back.code, back.params) == ("mapping_returned", {"source": "branch", "mapping": 1, "reason": REASON})


def test_the_page_speaks_of_mappings_in_the_reader_s_words(
    branch: Source, admin: User, supervisor: User, tmp_path: Path, signs_in: SignsIn
) -> None:
    reads = signs_in(admin, "zh-hans")
    take_in(tmp_path)
    listed = reads.get("/sources/branch/mapping").content.decode()
    assert "尚无已签署的映射：上一个文件的列由系统自动识别。" in listed
    assert "inferred" not in listed
    made = drafted(reads, "合同号,期限,申请日期\nHT-1,24,2026-01-05\n")
    page = shown(reads, made)
    assert ("amount: " in page, "<strong>amount" in page, "<strong>金额</strong>" in page) == (False, False, True)
    sent = {**form_of(page), "makes": "kept"}
    tried = reads.post("/sources/branch/mapping/1/preview", sent, headers={"HX-Request": "true"}).content.decode()
    assert "留存供其他来源关联的行须按键查找：请选择用于查找的列（reference.key）。" in tried
    assert "None" not in tried
    makes = signs_in(admin)
    second = imported(makes, 5)
    sent = {"seen": second.sha256, "reason": REASON}
    assert makes.post("/sources/branch/mapping/2/propose", sent).status_code == 302
    page = signs_in(supervisor, "zh-hans").get("/sources/branch/mapping/2").content.decode()
    assert ("签署映射" in page, ">签署</button>" in page) == (True, True)
    assert '<button type="submit" class="button button-primary">签批' not in page
