"""The page of a source that was released says for which products the answer was kept, and for which it could not be."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.utils import timezone

from cases.models import Case, User
from intake.admission.files import take_in_file
from intake.health.quarantine import quarantine_source
from intake.mapped.given import product_named
from intake.models import Source
from tests.desk.conftest import SignsIn
from tests.intake.silent import silent
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import lines

SIGN = {"feature": "annual_income", "what": "missing", "value": 0.8, "usual": 0.03, "rows": 90, "grade": "bad"}
REFUSED = {**SIGN, "product": "", "feature": "", "what": "refused"}
RELEASE = "/sources/branch/release"


@pytest.fixture
def branch(db: None, tmp_path: Path) -> Source:
    """A source that has sent sixty consumer loans, and nothing else, when it is quarantined."""
    path = tmp_path / "first.csv"
    path.write_text(lines(60, first=0))
    take_in(path)
    source: Source = Source.objects.get()
    signs = [REFUSED, *({**SIGN, "product": product} for product in ("consumer", "small_business"))]
    watched = {**SIGN, "product": "mortgage", "grade": "watch"}
    assert quarantine_source(source.pk, signs=[*signs, watched], since=timezone.now() - timedelta(hours=3))
    return source


ONE_SHARE = "Only one share of refused rows is usual at a time: if more will be refused from now on, say the new usual."
ALSO = {
    "en": (
        "Your answer is kept for: Consumer loan.",
        "Your answer could not be kept for: refused rows, Small business loan; this is judged as before.",
        "Fewer than 50 cases came to learn from.",
        ONE_SHARE,
    ),
    "zh-hans": (
        "您的回答已记入：消费贷。",
        "您的回答未能记入：被拒行、小微企业贷；仍按以往的标准判断。",
        "到达的业务不足 50 笔，无法据以学习。",
        "被拒行的通常占比只能有一个：如果今后被拒的行会更多，请选择“以现在到达的内容作为新的常态”。",
    ),
}
NEW = {
    "en": (
        "Your answer is kept for: refused rows, Consumer loan.",
        "Your answer could not be kept for: Small business loan; this is judged as before.",
        "Fewer than 50 cases came to learn from.",
    ),
    "zh-hans": (
        "您的回答已记入：被拒行、消费贷。",
        "您的回答未能记入：小微企业贷；仍按以往的标准判断。",
        "到达的业务不足 50 笔，无法据以学习。",
    ),
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("answer", "said", "sentences"), [("also", "also", ALSO), ("on", "new", NEW)])
def test_each_product_that_was_bad_is_named(
    branch: Source,
    supervisor: User,
    signs_in: SignsIn,
    language: str,
    answer: str,
    said: str,
    sentences: dict[str, tuple[str, ...]],
) -> None:
    form = {"reason": "a new product is sold", "new_usual": answer}
    page = unescape(signs_in(supervisor, language).post(RELEASE, form, follow=True).content.decode())
    assert [each for each in sentences[language] if each not in page] == []
    step = Source.objects.get().steps.get(name="released")
    assert (step.facts["usual"], step.facts["products"]) == (said, ["", "consumer", "small_business"])


@pytest.mark.parametrize(
    ("language", "few"),
    [
        ("en", "Fewer than 50 rows came to tell how many are usually refused."),
        ("zh-hans", "到达的行不足 50 行，无法得知通常有多少行被拒。"),
    ],
)
def test_of_few_rows_the_page_says_that_they_do_not_tell_how_many_are_refused(
    branch: Source, supervisor: User, signs_in: SignsIn, language: str, few: str
) -> None:
    branch.batches.update(started_at=timezone.now() - timedelta(days=1))
    form = {"reason": "a new product is sold", "new_usual": "on"}
    page = signs_in(supervisor, language).post(RELEASE, form, follow=True).content.decode()
    assert few in page
    assert Source.objects.get().usual_refusals == {}


def test_without_an_answer_nothing_is_said_and_nothing_learnt(
    branch: Source, supervisor: User, signs_in: SignsIn
) -> None:
    form = {"reason": "the export was mended", "new_usual": "other"}
    page = signs_in(supervisor).post(RELEASE, form, follow=True).content.decode()
    assert "Your answer" not in page
    source = Source.objects.get()
    assert (source.state, source.reference, source.steps.get(name="released").facts["usual"]) == ("healthy", {}, "")


@pytest.mark.parametrize(
    ("language", "lost"),
    [("en", "kept for: Business loan, 装修贷;"), ("zh-hans", "您的回答未能记入：经营贷、装修贷；")],
)
def test_products_are_called_as_their_source_calls_them(
    db: None, tmp_path: Path, supervisor: User, signs_in: SignsIn, language: str, lost: str
) -> None:
    path = tmp_path / "first.csv"
    head, *rows = lines(20, first=0).splitlines()
    told = [row.replace(",consumer,", ",经营贷," if at % 2 else ", 装修贷 ,") for at, row in enumerate(rows)]
    path.write_text("\n".join([head, *told]) + "\n")
    take_in_file(path, source="branch", mapping=None, by=None, bars=silent)
    products = sorted({*Case.objects.values_list("product", flat=True)})
    assert products == ["business", product_named("装修贷")]
    source = Source.objects.get()
    signs = [{**SIGN, "product": product} for product in products]
    assert quarantine_source(source.pk, signs=signs, since=timezone.now() - timedelta(hours=3))
    form = {"reason": "a new product is sold", "new_usual": "on"}
    page = signs_in(supervisor, language).post(RELEASE, form, follow=True).content.decode()
    assert lost in page
    assert product_named("装修贷") not in page
