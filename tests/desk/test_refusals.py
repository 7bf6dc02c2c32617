"""A refusal says what kind it is: a title of its own over its sentence, on a page and in a toast, in both languages."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import translation

from cases.errors import CaseError
from cases.models import User
from learning import promises, train
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn

# Modules whose refusals are known once they are loaded.
LOADED = (promises, train)
FASTER = "Somebody was faster"


def heading(page: str) -> tuple[str, str]:
    """What stands in the tab and over the sentence."""
    title, words = re.search(r"<title>(.*?) ·", page), re.search(r"<h1>(.*?)</h1>", page)
    assert title
    assert words
    return unescape(title[1]), unescape(words[1])


def test_every_kind_of_refusal_has_a_title_of_its_own() -> None:
    kinds = CaseError.__subclasses__()
    with translation.override("en"):
        english = {kind.__name__: str(kind.title) for kind in kinds}
    with translation.override("zh-hans"):
        chinese = {kind.__name__: str(kind.title) for kind in kinds}
    assert [kind.__name__ for kind in kinds if "title" not in vars(kind)] == []
    assert [name for name, words in english.items() if words == FASTER] == ["CaseMoved"]
    assert len(set(english.values())) == len(set(chinese.values())) == len(kinds) > 20
    assert [name for name in english if english[name] == chinese[name]] == []


@pytest.mark.parametrize(
    ("language", "first", "shown", "other"),
    [
        ("en", "Your own opinion comes first", "The model is shown already", "You do not hold this case"),
        ("zh-hans", "请先作出独立判断", "模型意见已显示", "您未持有此件"),
    ],
)
def test_a_refused_press_is_told_under_the_title_of_its_kind(
    language: str,
    first: str,
    shown: str,
    other: str,
    ground: Policy,
    admin: User,
    reviewer: User,
    second_reviewer: User,
    signs_in: SignsIn,
) -> None:
    make.desk_rules(admin, opinion_share=1.0)
    blind = make.claimed_case(reviewer, key_customer=False)
    make.desk_rules(admin, opinion_share=0.0)
    plain = make.claimed_case(reviewer, "A-2", key_customer=False)
    of_another = make.claimed_case(second_reviewer, "A-3")
    assert (blind.opinion_first, plain.opinion_first) == (True, False)
    client = signs_in(reviewer, language)
    early = client.get(f"/review/{blind.ref}/what-if")
    said = {"lean": "approve", "band": "1", "version": str(plain.version)}
    late = client.post(f"/review/{plain.ref}/opinion", said)
    lost = client.post(f"/review/{of_another.ref}/release")
    assert [answer.status_code for answer in (early, late, lost)] == [409, 409, 409]
    titles = [heading(answer.content.decode()) for answer in (early, late, lost)]
    assert titles == [(first, first), (shown, shown), (other, other)]
    toast = client.get(f"/review/{blind.ref}/what-if", headers={"HX-Request": "true"}).content.decode()
    assert f"<strong>{first}</strong>" in toast
