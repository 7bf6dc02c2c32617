"""The page of messages that were kept whole: what is told of them, having them tried again, and what came of it."""

from __future__ import annotations

from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from cases.models import Case, User
from intake.models import MessageStep
from intake.ways_in.kept_messages import try_asked
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


def test_one_is_set_aside_with_a_reason_and_taken_up_again(supervisor: User, auditor: User, signs_in: SignsIn) -> None:
    first, second = keep(of_crm("A-1"), of_crm("A-2"))
    here, aside, again = (
        reverse(f"desk:{name}", args=["crm"]) for name in ("kept_messages", "kept_aside", "kept_again")
    )
    desk, reading = signs_in(supervisor), signs_in(auditor)
    posted = {"message": str(first.pk), "reason": REASON}
    assert reading.post(aside, posted).status_code == 403
    refused = desk.post(aside, {**posted, "reason": "short"})
    assert (refused.status_code, MessageStep.objects.count()) == (422, 0)
    assert desk.post(aside, {**posted, "message": "x"}).status_code in (302, 404, 422)
    assert "The message is set aside" in desk.post(aside, posted, follow=True).content.decode()
    assert "Nothing was set aside" in desk.post(aside, posted, follow=True).content.decode()
    waiting, set_aside = desk.get(here).content.decode(), desk.get(f"{here}?show=aside").content.decode()
    assert first.message not in waiting
    assert "Try all again (1)" in waiting
    assert second.message not in set_aside
    for words in (first.message, REASON, supervisor.display_name, "Take up again"):
        assert words in set_aside, words
    assert "Try all again" not in set_aside
    assert f'<a href="{here}">1 message kept whole</a>' in desk.get("/sources/crm").content.decode()
    desk.post(again, {"message": "all", "reason": REASON})
    # What waits for its try is counted no more, and no longer set aside.
    assert "Try all again" not in desk.get(here).content.decode()
    assert "Nothing was set aside" in desk.post(aside, {**posted, "message": second.pk}, follow=True).content.decode()
    assert "1 message is tried again." in desk.post(again, posted, follow=True).content.decode()
    assert try_asked() == 2
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["A-1", "A-2"]
    steps = MessageStep.objects.filter(row=first).order_by("id").values_list("attempt", "name")
    assert list(steps) == [(1, "set_aside"), (2, "asked"), (2, "begun"), (2, "taken_in")]
