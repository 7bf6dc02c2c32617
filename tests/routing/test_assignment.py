"""Who looks at which case: never who may not, the urgent cases first, the best sum of values, and a share by lot."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import assignment
from routing.capacity import Assignment, Person, WaitingCase, assign

SECRET = "a secret"


def case(key: str, value: float = 1.0, *, tier: int = 3, product: str = "car", excluded: str = "") -> WaitingCase:
    return WaitingCase(key, tier, value, product, frozenset(excluded.split()))


def by_case(answers: Sequence[Assignment]) -> dict[str, str | None]:
    return {one.case: one.person for one in answers}


def at_best(cases: Sequence[WaitingCase], people: Sequence[Person]) -> dict[str, str | None]:
    return by_case(assign(cases, people, SECRET, random_share=0.0))


def test_valuable_cases_go_to_those_who_are_right_more_often() -> None:
    people = [Person("ann", 1, accuracy={"car": 0.9}), Person("bob", 1, accuracy={"car": 0.6})]
    assert at_best([case("small", 10), case("large", 1_000)], people) == {"large": "ann", "small": "bob"}
    assert at_best([case("a", 5), case("b", 9)], people[::-1]) == {"b": "ann", "a": "bob"}


def test_the_best_sum_is_found_where_the_greedy_one_is_not() -> None:
    # Greedily the most valuable case would take ann, the only one who knows houses.
    people = [
        Person("ann", 1, accuracy={"car": 0.9, "house": 0.9}),
        Person("bob", 1, skills=frozenset({"car"}), accuracy={"car": 0.8}),
    ]
    found = at_best([case("first", 1_000), case("second", 900, product="house")], people)
    assert found == {"first": "bob", "second": "ann"}


def test_who_was_never_measured_counts_as_much_as_the_mean_of_the_others() -> None:
    people = [Person("best", 1, accuracy={"car": 0.9}), Person("new", 1), Person("least", 1, accuracy={"car": 0.5})]
    found = at_best([case("1", 10), case("2", 100), case("3", 1_000)], people)
    assert found == {"3": "best", "2": "new", "1": "least"}


def test_a_case_goes_to_whoever_is_right_on_its_kind_where_that_is_known() -> None:
    ann = Person("ann", 1, accuracy={"car": 0.9, "car/near": 0.6, "car/below": 0.95})
    bob = Person("bob", 1, accuracy={"car": 0.8, "car/near": 0.8, "car/below": 0.8})
    near, below = WaitingCase("near", 3, 10.0, "car", kind="near"), WaitingCase("below", 3, 10.0, "car", kind="below")
    assert at_best([near, below], [ann, bob]) == {"near": "bob", "below": "ann"}
    # Of a kind that nobody was measured on, the product counts.
    other = WaitingCase("other", 3, 10.0, "car", kind="above")
    assert at_best([other, WaitingCase("least", 3, 1.0, "car")], [ann, bob]) == {"other": "ann", "least": "bob"}
    assert math.isnan(Person("new", 1).accuracy_on("car", "near"))


def test_a_mandatory_case_comes_before_any_value() -> None:
    found = assign([case("rich", 1e9), case("must", 0.0, tier=1)], [Person("ann", 1)], SECRET)
    assert by_case(found) == {"must": "ann", "rich": None}
    assert [one.reason for one in found] == ["", "no_places"]


def test_within_a_tier_the_valuable_cases_are_seen_and_unknown_values_before_them() -> None:
    cases = [case("low", 1), case("high", 9), case("unknown", math.nan), case("loss", -5)]
    assert at_best(cases, [Person("ann", 2)]) == {"unknown": "ann", "high": "ann", "low": None, "loss": None}
    assert at_best(cases, [Person("ann", 9)]) == dict.fromkeys(["unknown", "high", "low", "loss"], "ann")


@pytest.mark.parametrize(
    ("people", "reason"),
    [
        ([], "nobody_on_duty"),
        ([Person("ann", 5, on_duty=False)], "nobody_on_duty"),
        ([Person("ann", 5, skills=frozenset({"house"}))], "no_skill"),
        ([Person("ann", 5, skills=frozenset())], "no_skill"),
        ([Person("eve", 5), Person("bob", 5, skills=frozenset({"house"}))], "four_eyes"),
        ([Person("eve", 5), Person("ann", 0)], "no_places"),
        ([Person("ann", -1)], "no_places"),
    ],
)
def test_a_case_that_nobody_can_see_is_kept_and_told_why(people: list[Person], reason: str) -> None:
    (only,) = assign([case("1", excluded="eve")], people, SECRET)
    assert only == Assignment("1", None, random=False, probability=1.0, reason=reason)  # type: ignore[arg-type]


def test_nothing_that_waits_needs_nobody() -> None:
    assert assign([], [Person("ann", 3)], SECRET) == []
    assert assign([], [], SECRET) == []


def test_doubled_keys_and_shares_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="given twice"):
        assign([case("1"), case("1")], [], SECRET)
    with pytest.raises(ValueError, match="given twice"):
        assign([], [Person("ann", 1), Person("ann", 2)], SECRET)
    for share in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            assign([], [], SECRET, random_share=share)


any_case = st.builds(
    lambda tier, value, product, excluded: (tier, value, product, excluded),
    st.integers(0, 4),
    st.floats(-10, 1e6) | st.just(math.nan),
    st.sampled_from("ab"),
    st.frozensets(st.sampled_from(["p0", "p1", "p2"])),
)
any_person = st.tuples(
    st.integers(-1, 3), st.none() | st.frozensets(st.sampled_from("ab")), st.booleans(), st.floats(0.3, 1)
)


def drawn(
    cases: list[tuple[int, float, str, frozenset[str]]], people: list[tuple[int, frozenset[str] | None, bool, float]]
) -> tuple[list[WaitingCase], list[Person]]:
    waiting = [WaitingCase(f"c{number}", *one) for number, one in enumerate(cases)]
    staff = [
        Person(f"p{number}", places, skills, on_duty, {"a": accuracy})
        for number, (places, skills, on_duty, accuracy) in enumerate(people)
    ]
    return waiting, staff


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(any_case, max_size=12), st.lists(any_person, max_size=3), st.sampled_from([0.0, 0.05, 0.5, 1.0]))
def test_nobody_is_given_a_case_they_may_not_see_or_more_than_they_have_places_for(
    cases: list[tuple[int, float, str, frozenset[str]]],
    people: list[tuple[int, frozenset[str] | None, bool, float]],
    share: float,
) -> None:
    waiting, staff = drawn(cases, people)
    answers = assign(waiting, staff, SECRET, share)
    known, who = {one.key: one for one in waiting}, {one.key: one for one in staff}
    assert sorted(known) == sorted(one.case for one in answers)
    given_to: Counter[str] = Counter()
    for one in answers:
        assert (one.person is None) == (one.reason != "")
        assert one.random or one.probability == 1.0
        assert 0 < one.probability <= 1
        if one.person is not None:
            given_to[one.person] += 1
            assert who[one.person].on_duty
            assert who[one.person].knows(known[one.case].product)
            assert one.person not in known[one.case].excluded
    assert all(count <= who[key].places for key, count in given_to.items())
    # Whoever has a place left could not have taken any case that waits.
    for one in answers:
        if one.person is None:
            able = [each for each in staff if each.on_duty and each.knows(known[one.case].product)]
            assert all(given_to[each.key] >= each.places for each in able if each.key not in known[one.case].excluded)
    # The lot costs no mandatory case its place.
    must = {key for key, each in known.items() if each.tier <= 2}
    plain = {one.case for one in assign(waiting, staff, SECRET, 0.0) if one.person} & must
    assert len({one.case for one in answers if one.person} & must) == len(plain)
    mixed = assign(random.Random(1).sample(waiting, len(waiting)), staff[::-1], SECRET, share)
    assert mixed == answers


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.lists(any_case, max_size=5),
    st.lists(st.tuples(st.integers(0, 2), st.none() | st.frozensets(st.sampled_from("ab")), st.just(True),
                       st.floats(0.3, 1)), min_size=1, max_size=3),
)  # fmt: skip
def test_no_other_assignment_sees_more_urgent_cases(
    cases: list[tuple[int, float, str, frozenset[str]]], people: list[tuple[int, frozenset[str] | None, bool, float]]
) -> None:
    waiting, staff = drawn(cases, people)
    places = [one.key for one in staff for _place in range(one.places)]
    known, who = {one.key: one for one in waiting}, {one.key: one for one in staff}

    def urgency(pairs: Sequence[tuple[str, str]]) -> list[int]:
        return [sum(known[key].tier == tier for key, _person in pairs) for tier in range(5)]

    def may(key: str, person: str) -> bool:
        return who[person].knows(known[key].product) and person not in known[key].excluded

    found = [(one.case, one.person) for one in assign(waiting, staff, SECRET, 0.0) if one.person is not None]
    slots = [*places, *[""] * len(waiting)]
    every = {tuple(order) for order in itertools.permutations(slots, len(waiting))} if len(slots) <= 9 else set()
    best = max(
        (urgency([(f"c{row}", person) for row, person in enumerate(order) if person]) for order in every
         if all(not person or may(f"c{row}", person) for row, person in enumerate(order))),
        default=urgency(found),
    )  # fmt: skip
    assert urgency(found) == best


@pytest.mark.parametrize("seed", range(40))
def test_no_other_assignment_of_the_same_cases_is_worth_more(seed: int) -> None:
    dice = random.Random(seed)
    waiting = [case(f"c{row}", dice.lognormvariate(0, 1), excluded=dice.choice(["p0", "p1", "p2"])) for row in range(4)]
    accuracy = {f"p{number}": dice.uniform(0.5, 1) for number in range(3)}
    staff = [Person(key, 2, accuracy={"car": right}) for key, right in accuracy.items()]

    def worth(order: Sequence[str]) -> float:
        return sum(one.value * accuracy[person] for one, person in zip(waiting, order, strict=True))

    best = max(
        worth(order)
        for order in itertools.permutations([*accuracy, *accuracy], 4)
        if all(person not in one.excluded for one, person in zip(waiting, order, strict=True))
    )
    found = at_best(waiting, staff)
    assert worth([found[one.key] or "" for one in waiting]) == pytest.approx(best)


def test_more_people_and_cases_than_the_solver_takes_are_served_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "MOST_CASES", 7)
    monkeypatch.setattr(assignment, "MOST_PEOPLE", 2)
    monkeypatch.setattr(assignment, "LEAST_STEP", 3)
    cases = [case(str(number), number, tier=1 + number % 3) for number in range(40)]
    answers = assign(cases, [Person(f"p{number}", 6) for number in range(5)], SECRET, 0.0)
    assert [one.person is not None for one in answers] == [True] * 30 + [False] * 10
    assert Counter(one.person for one in answers if one.person) == {f"p{number}": 6 for number in range(5)}
    assert {one.reason for one in answers[30:]} == {"no_places"}


def test_a_queue_of_two_thousand_and_thirty_people_is_served() -> None:
    cases = [
        case(str(number), number % 97, tier=1 + number % 4, product="ab"[number // 4 % 2]) for number in range(2_000)
    ]
    people = [Person(f"p{number}", 10, frozenset("ab"[number % 2])) for number in range(30)]
    answers = assign(cases, people, SECRET)
    assert Counter(one.reason for one in answers) == {"": 300, "no_places": 1_700}
    assert all(int(one.case) % 4 == 0 for one in answers if one.person)


def test_everybody_is_given_at_least_the_share_by_lot() -> None:
    cases = [case(str(number), number) for number in range(400)]
    people = [Person(f"p{number}", places) for number, places in enumerate((10, 40, 100, 250))]
    answers = assign(cases, people, SECRET)
    lots = Counter(one.person for one in answers if one.random)
    assert lots == {"p0": 1, "p1": 2, "p2": 5, "p3": 13}
    assert Counter(one.person for one in answers) == {"p0": 10, "p1": 40, "p2": 100, "p3": 250}
    drawn_alone = 21 / 400
    assert {one.probability for one in answers if one.random} <= {drawn_alone / count for count in (1, 2, 3, 4)}


def test_what_was_given_by_lot_earlier_in_the_day_counts() -> None:
    cases = [case(str(number)) for number in range(20)]
    known = Person("ann", 20, given=80, given_by_lot=5)
    assert sum(one.random for one in assign(cases, [known], SECRET)) == 0
    behind = Person("ann", 20, given=80, given_by_lot=2)
    assert sum(one.random for one in assign(cases, [behind], SECRET)) == 3


def test_the_lot_falls_on_persons_alike_and_not_by_skill_or_value() -> None:
    people = [Person("ann", 50, accuracy={"car": 0.95}), Person("bob", 50, accuracy={"car": 0.5})]
    lots: Counter[str | None] = Counter()
    values: list[float] = []
    for day in range(60):
        cases = [case(f"{day}/{number}", number) for number in range(100)]
        for one in assign(cases, people, SECRET, 0.1):
            if one.random:
                lots[one.person] += 1
                values.append(float(one.case.split("/")[1]))
                assert one.probability in {0.1, 0.05}
    assert lots == {"ann": 300, "bob": 300}
    assert abs(sum(values) / 600 - 49.5) < 4 * 28.9 / math.sqrt(600)


def test_the_lot_can_be_repeated_and_depends_on_the_secret() -> None:
    cases, people = [case(str(number), number) for number in range(200)], [Person("ann", 99), Person("bob", 99)]
    assert assign(cases, people, SECRET) == assign(cases, people, SECRET)
    first, other = ({one.case for one in assign(cases, people, secret) if one.random} for secret in (SECRET, "other"))
    assert first != other


def test_the_lot_leaves_the_only_place_of_a_skill_to_the_case_that_must_be_seen() -> None:
    people = [Person("ann", 1), Person("bob", 1, skills=frozenset({"car"}))]
    for day in range(20):
        cases = [case(f"{day}/must", tier=1, product="house"), case(f"{day}/may", 9.0)]
        assert by_case(assign(cases, people, SECRET, 1.0)) == {f"{day}/must": "ann", f"{day}/may": "bob"}
