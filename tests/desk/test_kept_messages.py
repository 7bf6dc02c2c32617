"""The page of messages that were kept whole: what is told of them, having them tried again, and what came of it."""

from __future__ import annotations

from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cases.models import Case, User
from intake.kept_messages import try_asked
from intake.models import MessageStep
from tests.desk.conftest import SignsIn
from tests.intake.kept import keep, of_crm
from tests.intake.pulled import REASON

PERSON = {"id": "310101199001011234", "name": "李小妮", "segment": "retail", "key_customer": False}


def test_they_are_listed_masked_tried_again_with_a_reason_and_told_in_the_lineage(
    supervisor: User, auditor: User, signs_in: SignsIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    good, bad = keep({"applicant": PERSON} | of_crm("A-1", applicant=PERSON), of_crm("A-2", amount="0"))
    here, again = (reverse(f"desk:{name}", args=["crm"]) for name in ("kept_messages", "kept_again"))
    desk, reading = signs_in(supervisor), signs_in(auditor)
    assert f'<a href="{here}">2 messages kept whole</a>' in desk.get("/sources/crm").content.decode()
    shown = desk.get(here).content.decode()
    for words in (good.message, "Whoever read the message died, 5 times.", "李*妮", "310****1234", "not tried", "(2)"):
        assert words in shown, words
    assert "李小妮" not in shown
    assert str(PERSON["id"]) not in shown
    assert 'name="message"' not in reading.get(here).content.decode()
    assert reading.post(again, {"message": "all", "reason": REASON}).status_code == 403
    refused = desk.post(again, {"message": "all", "reason": "short"})
    assert (refused.status_code, MessageStep.objects.count()) == (422, 0)
    assert 'value="short"' in refused.content.decode()
    one, everything = ({"message": chosen, "reason": REASON} for chosen in (str(good.pk), "all"))
    for posted, told in (
        (one, "1 message is tried again."),
        (one, "Nothing is left to try"),
        (everything, "1 message is tried again."),
    ):
        assert told in desk.post(again, posted, follow=True).content.decode()
    assert try_asked() == 2
    case = Case.objects.get()
    with django_assert_max_num_queries(12):
        shown = desk.get(here).content.decode()
    for words in ("amount: “0” is not above zero.", "Download to mend", "Refused", "1 time", REASON):
        assert words in shown, words
    assert good.message not in shown
    refused_as = MessageStep.objects.get(row=bad, name="refused").batch_id
    rows = b"".join(desk.get(reverse("desk:rejected", args=[refused_as])).streaming_content).decode()  # type: ignore[attr-defined]
    assert "A-2" in rows
    assert case.ref in desk.get(f"{here}?show=all").content.decode()
    lineage = signs_in(supervisor, "zh-hans").get(reverse("desk:lineage", args=[case.ref])).content.decode()
    for words in (
        f"消息“{good.message}”于",
        "进程已 5 次异常终止",
        f"由 {supervisor.display_name} 发起",
        REASON,
        "已接收",
    ):
        assert words in lineage, words
