"""The file of a case on its pages: documents that are served safely, comments, related and similar cases, and print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from cases.comments import add_comment
from cases.documents import add_document
from cases.models import Case, Comment, Document, Notification, User
from cases.move import lock_case, move_case
from cases.taking_back import take_back
from intake.mending.mending import supply_data
from learning.actions import ObservedOutcome, record_outcomes
from routing.models import Policy
from tests import make
from tests.cases.files import PDF_FILE, PNG, TAKEN
from tests.cases.signing import pen as give_the_pen
from tests.cases.signing import sign
from tests.desk.conftest import SignsIn
from tests.desk.ground import held_case
from tests.desk.test_case_page import text_of

pytestmark = pytest.mark.usefixtures("attachments")


def upload(client: Client, case: Case, *names: str, **more: str) -> Any:
    files = [SimpleUploadedFile(name, TAKEN[name][0]) for name in names]
    return client.post(f"/review/{case.ref}/documents/add", {"files": files, **more})


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return text_of(answer.content.decode())


def test_documents_are_added_by_a_form_and_stand_on_the_page_with_all_that_is_known_of_them(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case, client = make.claimed_case(reviewer), signs_in(reviewer)
    answer = upload(client, case, "slip.pdf", "流水.csv", note="June")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/review/{case.ref}#documents")
    page = shown(client, f"/review/{case.ref}")
    first = Document.objects.order_by("id")[0]
    assert f"slip.pdf PDF reviewer · {first.added_at.astimezone():%Y}" in page
    assert f"{len(PDF_FILE)} B · {first.sha256[:12]}…" in page
    assert f"added a document · reviewer slip.pdf · {len(PDF_FILE)} B · SHA-256 {first.sha256[:12]}… “June”" in page
    assert page.index("流水.csv · ") < page.index("slip.pdf · ")


def test_what_can_be_taken_is_and_what_cannot_is_told(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    case, client = make.queued_case(), signs_in(reviewer, "zh-hans")
    files = [SimpleUploadedFile("slip.pdf", PDF_FILE), SimpleUploadedFile("tool.exe", b"MZ\x90")]
    answer = client.post(f"/review/{case.ref}/documents/add", {"files": files, "note": "六月"})
    page = text_of(answer.content.decode())
    assert answer.status_code == 422
    assert "不接收“tool.exe”这类文件" in page
    assert [document.name for document in Document.objects.all()] == ["slip.pdf"]
    nothing = client.post(f"/review/{case.ref}/documents/add", {})
    assert (nothing.status_code, "请先选择文件。" in nothing.content.decode()) == (422, True)


def test_a_document_is_served_so_that_it_can_do_nothing(
    ground: Policy, reviewer: User, auditor: User, signs_in: SignsIn, attachments: Path
) -> None:
    case, other = make.queued_case("F-1"), make.queued_case("F-2")
    upload(signs_in(reviewer), case, "scan.PNG", "流水.csv")
    png, table = Document.objects.order_by("id")
    client = signs_in(auditor)
    answer = client.get(f"/review/{case.ref}/documents/{png.pk}")
    assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
    assert answer.headers["Content-Disposition"] == 'inline; filename="scan.PNG"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'none'"} <= set(policy)
    saved = client.get(f"/review/{case.ref}/documents/{png.pk}?save=1")
    assert saved.headers["Content-Disposition"] == 'attachment; filename="scan.PNG"'
    answer = client.get(f"/review/{case.ref}/documents/{table.pk}")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%B5%81")
    assert client.get(f"/review/{other.ref}/documents/{png.pk}").status_code == 404
    page = shown(client, f"/review/{case.ref}/documents?check=1")
    assert page.count("✓ unchanged") == 2
    path = attachments / png.sha256[:2] / png.sha256
    path.chmod(0o600)
    path.write_bytes(b"something else")
    answer = client.get(f"/review/{case.ref}/documents/{png.pk}")
    assert (answer.status_code, b"has changed or is gone" in answer.content) == (409, True)
    assert "✕ altered or gone" in shown(client, f"/review/{case.ref}/documents?check=1")


def test_a_decision_that_waits_for_its_signature_warns_before_a_document_voids_it(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case, _review = make.awaiting_case(reviewer)
    client = signs_in(supervisor)
    assert "It does not know a new document: adding one voids it." in shown(client, f"/review/{case.ref}")
    assert upload(client, case, "slip.pdf").status_code == 422
    assert not Document.objects.exists()
    assert upload(client, case, "slip.pdf", voids_decision="yes").status_code == 302
    assert "supervisor added “slip.pdf” to a case" in shown(signs_in(reviewer), "/notifications")


def test_a_comment_is_told_and_read_in_the_inbox(
    ground: Policy, reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    case, client, boss = make.queued_case(), signs_in(reviewer), signs_in(supervisor)
    bad = "@supervisor <b>look</b>\nplease"
    answer = client.post(f"/review/{case.ref}/comments", {"text": bad}, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert "<html" not in part
    assert "&lt;b&gt;look&lt;/b&gt;" in part
    assert "Told: supervisor" in text_of(part)
    assert "commented · reviewer “@supervisor <b>look</b> please”" in shown(boss, f"/review/{case.ref}")
    assert "1 unread" in shown(boss, "/review")
    page = shown(boss, "/notifications")
    assert f"{case.ref} reviewer mentioned you: “@supervisor <b>look</b> please”" in page
    notice = Notification.objects.get()
    assert client.post("/notifications/read", {"notice": str(notice.pk)}).status_code == 302
    assert Notification.objects.get().read_at is None
    boss.post("/notifications/read", {"notice": str(notice.pk)})
    assert Notification.objects.get().read_at is not None
    assert "unread" not in shown(boss, "/notifications")
    assert 'name="text"' not in signs_in(auditor).get(f"/review/{case.ref}").content.decode()
    assert Comment.objects.count() == 1
    names = {each["name"] for each in client.get("/people").json()["people"]}
    assert names == {"admin", "auditor", "reviewer", "supervisor"}


def test_other_cases_of_the_applicant_are_told_with_their_sum_and_what_is_open(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    same: dict[str, Any] = {"applicant_ref": "P-1"}
    first = make.case("A-1", **same)
    case = make.queued_case("A-2", **same)
    twin = make.queued_case("A-3", amount=12_000, **same)
    make.case("B-1", source="another-los", **same)
    alone = make.queued_case("A-4")
    page = shown(signs_in(reviewer), f"/review/{case.ref}")
    assert "Other cases of this applicant" in page
    assert f"2 other cases of this applicant are open at the same time: {twin.ref}, {first.ref}, $20,000." in page
    assert "Nothing has been approved for this applicant in other cases." in page
    assert "Other cases of this applicant" not in shown(signs_in(reviewer), f"/review/{alone.ref}")


@pytest.mark.usefixtures("released_at_once")
def test_similar_cases_are_asked_for_and_tell_what_became_of_them(
    ground: Policy, admin: User, supervisor: User, reviewer: User, signs_in: SignsIn
) -> None:
    past, case = make.claimed_case(reviewer, "S-1", key_customer=False), make.queued_case("S-2")
    make.decide(past, reviewer)
    past = make.reread(past)
    assert past.outcome == "approve"
    record_outcomes([ObservedOutcome(past.pk, past.applied_at, bad=True, mature=True)], given_by="tests")
    client = signs_in(reviewer)
    url = f"/review/{case.ref}/similar"
    assert f'href="{url}" hx-get="{url}" hx-target="#similar"' in client.get(f"/review/{case.ref}").content.decode()
    part = client.get(url, headers={"HX-Request": "true"})
    assert "HX-Request" in part["Vary"]
    assert "<html" not in part.content.decode()
    page = text_of(part.content.decode())
    assert "Too few for a rate. Of 1 loans around this PD" in page
    assert f"{past.ref} ▲ late most alike PD" in page
    assert "The same in all that weighs with the model" in page
    assert "reviewer" not in page
    assert f"{past.ref} ▲ late most alike" in shown(client, url)


def test_what_the_model_says_stays_hidden_until_the_opinion_is_there(
    ground: Policy, reviewer: User, auditor: User, signs_in: SignsIn
) -> None:
    case = make.queued_case()
    pd = f"{case.pd:.1%}"
    assert pd in shown(signs_in(auditor), f"/review/{case.ref}/print")
    with transaction.atomic():
        move_case(lock_case(case.pk), "place", by=reviewer, facts={}, opinion_first=True)
    for path, said in (("similar", "First say what you think"), ("print", "Left out: the reviewer has not said yet")):
        page = shown(signs_in(reviewer), f"/review/{case.ref}/{path}")
        assert said in page
        assert pd not in page
    assert f"/review/{case.ref}/similar" not in signs_in(reviewer).get(f"/review/{case.ref}").content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_whole_file_is_printed_for_an_auditor(
    language: str, ground: Policy, reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    case, review = make.awaiting_case(reviewer)
    document = add_document(case.pk, by=supervisor, name="slip.pdf", content=PDF_FILE, note="June", voids_decision=True)
    add_comment(case.pk, by=supervisor, text="Is the employer known?")
    answer = signs_in(auditor, language).get(f"/review/{case.ref}/print")
    page = text_of(answer.content.decode())
    case = make.reread(case)
    model = case.assessments.get().model
    for part in (
        case.ref, case.content_hash, model.sha256, ground.sha256, document.sha256, "“June”", "Is the employer known?",
        "a note for the test", f"{case.pd:.1%}", "branch-los A-1", "张* (app**** A-1)",
    ):  # fmt: skip
        assert str(part) in page, part
    printed = {"en": "printed 20", "zh-hans": "auditor 打印于 20"}
    assert page.count(printed[language]) == 2
    assert re.search({"en": r"Version of the case \d+", "zh-hans": r"案件版本 \d+"}[language], page)
    assert "<nav" not in re.sub(r'<nav class="screen-only".*?</nav>', "", answer.content.decode(), flags=re.DOTALL)
    assert review.note in page


@pytest.mark.parametrize(
    ("language", "undone", "pen"),
    [
        ("en", "decision taken back, reviewer, 20", "Confirm · second_reviewer · on behalf of supervisor · 20"),
        ("zh-hans", "撤回决定, reviewer, 20", "确认 · second_reviewer · 代 supervisor 签批 · 20"),
    ],
)
def test_the_print_says_what_ended_a_decision_whose_pen_signed_and_which_reasons_were_put_right(
    language: str, undone: str, pen: str, ground: Policy, reviewer: User, second_reviewer: User, supervisor: User,
    auditor: User, signs_in: SignsIn,
) -> None:  # fmt: skip
    held = make.claimed_case(reviewer, key_customer=False, currency="EUR")
    make.decide(held, reviewer, outcome="decline")
    client, url = signs_in(auditor, language), f"/review/{held.ref}/print"
    assert "<s>" not in shown(client, url)
    take_back(held.pk, by=reviewer, seen_version=make.reread(held).version)
    page = client.get(url).content.decode()
    (struck,) = re.findall(r"<h3><s>([^<]+)</s> · ([^<]+)</h3>", page)
    assert (" · reviewer · 20" in struck[0], struck[1].startswith(undone)) == (True, True), struck
    case, _review = make.awaiting_case(reviewer, "A-2")
    give_the_pen(supervisor, second_reviewer)
    sign(case, second_reviewer, reason_codes=["good_record"])
    page = text_of(client.get(f"/review/{case.ref}/print").content.decode())
    codes = {"en": "reasons put right: Good repayment record", "zh-hans": "更正原因：还款记录良好"}[language]
    assert (pen in page, codes in page) == (True, True)


@pytest.mark.parametrize(
    ("language", "named", "scored"),
    [
        ("en", "Consumer loan, version 1", "Consumer loan, version 1: probability of default"),
        ("zh-hans", "消费贷，版本 1", "消费贷，版本 1：违约概率"),
    ],
)
def test_policies_and_figures_are_named_in_words_on_every_page(
    language: str, named: str, scored: str, ground: Policy, auditor: User, signs_in: SignsIn
) -> None:
    case, client = make.queued_case(), signs_in(auditor, language)
    for path in (f"/review/{case.ref}", f"/review/{case.ref}/print", "/overview"):
        page = shown(client, path)
        assert named in page, path
        assert str(ground) not in page, path
        assert path == "/overview" or scored in page, path


def test_a_fact_tells_its_file_or_who_entered_it_and_what_the_model_could_not_use(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    held = held_case(annual_income=0)
    supply_data(
        held.pk, by=reviewer, values={"annual_income": 50_000}, reason="from the pay slip", seen_version=held.version
    )
    make.run_machine()
    page = signs_in(reviewer).get(f"/review/{held.ref}").content.decode()
    link = f'<a href="/review/{held.ref}/lineage#fact-annual_income">'
    assert link in page
    lineage = text_of(signs_in(reviewer).get(f"/review/{held.ref}/lineage").content.decode())
    assert "reviewer" in lineage
    assert "from the pay slip" in lineage
    strange = make.queued_case("X-1", features={**make.CLEAR_FEATURES, "income_verified": "by a friend"})
    page = text_of(signs_in(reviewer).get(f"/review/{strange.ref}").content.decode())
    assert "by a friend cannot be used by the model" in page
