"""Comments: said once, never changed, and told to whom they name and to nobody else."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import translation

from cases.comments import add_comment, mentioned_in
from cases.errors import BadDecision, CaseError, CaseNotFound, NotAllowed
from cases.models import Case, Comment, Notification, User
from cases.notices import NOTICES, mark_read, notice_words, notify
from cases.states import Role
from tests import make
from tests.cases.history import everything
from tests.cases.refusals import refusal_of

KEPT = ("cases_case", "cases_caseevent", "cases_comment", "cases_notification")


def person(username: str, last: str = "", first: str = "") -> User:
    return User(pk=hash(username), username=username, last_name=last, first_name=first)


ANN, ANNA, LI = person("ann"), person("anna.k", "Kowalska", "Anna"), person("li", "李", "主管")


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@ann look", [ANN]),
        ("(@ANN) and @anna.k", [ANN, ANNA]),
        ("@Anna Kowalska: is it right? @anna kowalska", [ANNA]),
        ("@李主管抵押物估值?", [LI]),
        ("估值@李主管，@ann", [LI, ANN]),
        ("@annabel", []),
        ("mail ann@ann.example", []),
        ("5 @ 3, @", []),
    ],
)
def test_whom_a_text_names(text: str, people: list[User]) -> None:
    assert mentioned_in(text, [ANN, ANNA, LI]) == people


def test_two_people_of_one_name_are_both_meant() -> None:
    other = person("anna.2", "Kowalska", "Anna")
    assert mentioned_in("@Anna Kowalska", [ANNA, other]) == [ANNA, other]


def test_a_comment_is_kept_and_told_to_whom_it_names(db: None, reviewer: User, supervisor: User, auditor: User) -> None:
    case = make.case()
    gone = make.user("gone", Role.REVIEWER)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    text = "@supervisor @auditor @gone @reviewer what about the collateral?"
    comment, told = add_comment(case.pk, by=reviewer, text=f"  {text}\n")
    assert (comment.text, comment.author, comment.mentioned) == (
        text,
        reviewer,
        [supervisor.pk, auditor.pk, reviewer.pk],
    )
    assert told == [supervisor, auditor]
    assert make.reread(case).version == case.version
    notice = Notification.objects.get(person=supervisor)
    assert (notice.code, notice.case, notice.caused_by, notice.read_at) == ("mentioned", case, reviewer, None)
    with translation.override("en"):
        assert notice_words(notice) == f"reviewer mentioned you: “{text}”"
    with translation.override("zh-hans"):
        assert notice_words(notice) == f"reviewer 提到了您：“{text}”"


@pytest.mark.parametrize(
    ("text", "refusal", "sentence"),
    [("  \n", BadDecision, "Write something first"), ("x" * 2001, BadDecision, "2,000 characters")],
)
def test_what_is_no_comment_is_refused(
    db: None, reviewer: User, text: str, refusal: type[CaseError], sentence: str
) -> None:
    case = make.case()
    before = everything(*KEPT)
    with pytest.raises(refusal, match=sentence):
        add_comment(case.pk, by=reviewer, text=text)
    assert everything(*KEPT) == before


def test_an_auditor_says_nothing_and_nobody_speaks_of_what_is_not_there(
    db: None, reviewer: User, auditor: User
) -> None:
    case = make.case()
    with pytest.raises(NotAllowed):
        add_comment(case.pk, by=auditor, text="hello")
    with pytest.raises(CaseNotFound):
        add_comment(case.pk + 1, by=reviewer, text="hello")
    assert not Comment.objects.exists()


def test_a_comment_is_never_changed(db: None, reviewer: User) -> None:
    add_comment(make.case().pk, by=reviewer, text="It is so.")
    assert refusal_of("UPDATE cases_comment SET text = 'It is not so.'")[0] is None
    assert refusal_of("DELETE FROM cases_comment")[0] is None


def notices(case: Case, people: list[User], by: User | None = None) -> list[Notification]:
    with transaction.atomic():
        return notify(people, "assigned", case, {}, caused_by=by)


def test_a_person_is_told_once_and_marks_their_own_as_read(
    db: None, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case = make.case()
    assert len(notices(case, [reviewer, reviewer, second_reviewer, supervisor], by=supervisor)) == 2
    first = Notification.objects.get(person=reviewer)
    assert mark_read(by=second_reviewer, notice_id=first.pk) == 0
    notices(case, [reviewer])
    assert mark_read(by=reviewer, notice_id=first.pk) == 1
    assert mark_read(by=reviewer, notice_id=first.pk) == 0
    assert mark_read(by=reviewer) == 1
    assert list(Notification.objects.filter(read_at=None).values_list("person", flat=True)) == [second_reviewer.pk]


def test_a_notice_needs_a_sentence(db: None, reviewer: User) -> None:
    case = make.case()
    with pytest.raises(LookupError, match="'gossip'"):
        notify([reviewer], "gossip", case, {}, caused_by=None)
    assert not Notification.objects.exists()


PARAMS = {
    "text": "a", "name": "b", "reason": "c", "verdict": "d", "source": "e", "webhook": "f", "feed": "j", "message": "g",
    "segment": "h", "model": "i", "count": 1, "day": "2026-11-26", "value": "312", "low": "540", "high": "690",
    "since": "2026-11-02", "batches": "12", "feature": "annual income", "usual": "5.0%", "rows": "1,200",
    "mapping": 2,
}  # fmt: skip


@pytest.mark.parametrize("code", NOTICES)
@pytest.mark.parametrize(("language", "system"), [("en", "The system"), ("zh-hans", "系统")])
def test_every_notice_is_a_sentence_in_both_languages(code: str, language: str, system: str) -> None:
    notice = Notification(code=code, params=PARAMS)
    with translation.override(language):
        words = notice_words(notice)
    assert "%(" not in words
    assert words != code.replace("_", " ")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in words) == (language == "zh-hans")
    assert (system in words) == ("%(person)s" in str(NOTICES[code]))


def test_a_notice_of_another_time_reads_as_its_code() -> None:
    assert notice_words(Notification(code="from_another_time", params={})) == "from another time"
    assert notice_words(Notification(code="mentioned", params={})) == "mentioned"
