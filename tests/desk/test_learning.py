"""The pages of learning: a label followed from its outcome to the sets, a set built by a button, weights by version."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, User
from learning.models import Label, LabelWeights, SetBuild, TrainingSet
from learning.set_building import build_training_set
from learning.set_requests import run_builds
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.desk.conftest import SignsIn
from tests.learning.test_sets import AGO, told


@pytest.fixture
def loans(champion: ModelVersion, policy: Policy) -> list[Case]:
    make.cases(3, applied_at=timezone.now() - AGO)
    make.run_machine()
    granted = list(Case.objects.order_by("pk"))
    told(granted)
    return granted


def test_a_label_is_followed_from_its_case_to_the_sets_that_hold_it(
    loans: list[Case], supervisor: User, signs_in: SignsIn
) -> None:
    one = build_training_set("consumer")
    told(loans[:1], days=420, bad=True)
    two = build_training_set("consumer")
    client = signs_in(supervisor)
    case_page = client.get(reverse("desk:case", args=[loans[0].ref])).content.decode()
    address = f"{reverse('desk:learning_labels')}?case={loans[0].ref}"
    assert f'href="{address}"' in case_page
    shown = client.get(address).context["page"]
    assert shown.title == loans[0].ref
    assert [(row.says, row.excluded, [each.words for each in row.sets]) for row in shown.rows] == [
        ("bad", "", [f"set {two.pk}"]), ("good", "", [f"set {one.pk}"]),
    ]  # fmt: skip
    told_of = {pair.words: pair.value for pair in shown.rows[0].pairs}
    assert told_of["Propensity"] == "1.0000: the machine approves such cases"
    assert (told_of["Given by"], told_of["Weight table"]) == ("tests", "as shipped")
    unknown = client.get(f"{reverse('desk:learning_labels')}?case=CR-0").context["page"]
    assert [problem.field for problem in unknown.problems] == ["case"]


def test_a_set_is_built_by_a_button_with_a_bar_that_reads_itself_anew(
    loans: list[Case], supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    client, sets = signs_in(supervisor), reverse("desk:learning_sets")
    for _press in range(2):
        assert client.post(reverse("desk:learning_build"), {"product": "consumer"}).status_code == 302
    assert SetBuild.objects.count() == 1
    part = client.get(sets, headers={"HX-Request": "true", "HX-Target": "set-builds"}).content.decode()
    assert '<a href="/learning/sets" hx-get="/learning/sets" hx-trigger="load delay:1s, click"' in part
    run_builds()
    done = client.get(sets, headers={"HX-Request": "true", "HX-Target": "set-builds"}).content.decode()
    dataset = TrainingSet.objects.get()
    assert "hx-get" not in done
    assert reverse("desk:learning_set", args=[dataset.pk]) in done
    page = client.get(sets).context["page"]
    assert [(row.rows, row.by) for row in page.rows] == [("3", "supervisor")]
    assert [(each.product, each.outcomes) for each in page.products] == [("consumer", "3")]
    assert signs_in(auditor).get(sets).context["page"].build_url == ""
    files = [file.url for file in client.get(reverse("desk:learning_set", args=[dataset.pk])).context["page"].files]
    answers = [client.get(url) for url in files]
    assert [answer.status_code for answer in answers] == [200] * 4
    rows = b"".join(answers[1]).decode("utf-8-sig").splitlines()
    assert b"".join(answers[0])[:4] == b"PAR1"
    answers[0].close()
    assert len(rows) == 4
    assert rows[1].startswith(loans[0].ref)


def test_weights_are_set_on_their_page_and_what_was_refused_stays_in_the_form(admin: User, signs_in: SignsIn) -> None:
    client, url = signs_in(admin), reverse("desk:learning_weights_set")
    typed = {"outcome": "1", "exploration": "2", "inferred": "0", "cap": "10", "reason": "too short"[:5]}
    refused = client.post(url, typed)
    assert (refused.status_code, LabelWeights.objects.count()) == (422, 0)
    assert [field.value for field in refused.context["page"].fields] == ["1", "2", "0", "10"]
    wrong = client.post(url, {**typed, "cap": "much", "reason": "the committee wants it so"})
    assert [problem.field for problem in wrong.context["page"].problems] == ["cap"]
    assert client.post(url, {**typed, "reason": "the committee wants it so"}).status_code == 302
    (version,) = client.get(reverse("desk:learning_weights")).context["page"].versions
    assert version.changes == (
        "base weight of an explored one: 1 → 2", "most that 1 / propensity may come to: 20 → 10",
    )  # fmt: skip


def test_the_overview_counts_labels_and_what_they_are_worth(
    loans: list[Case], supervisor: User, signs_in: SignsIn
) -> None:
    told(loans[:1], days=420, bad=True)
    assert Label.objects.count() == 4
    page = signs_in(supervisor).get(reverse("desk:learning")).context["page"]
    assert [(figure.words, figure.value) for figure in page.figures] == [
        ("Labels", "4"), ("Matured outcomes", "4"), ("Effective sample size", "4"), ("With a known propensity", "4"),
        ("Of explorations", "0"),
    ]  # fmt: skip
    assert [(row.words, row.value) for row in page.excluded.rows] == [("Restated by a later outcome", "1")]
    assert [(words, cells[0].value) for words, cells in page.bases.rows] == [("the machine approves such cases", "4")]
