"""Keys: one press is one act, they can be switched off, and an input method does not break them (WCAG 2.1.4)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, expect

from cases.models import Review, User
from cases.states import State
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens

CHOSEN = "[name=decision]:checked"


def test_five_fast_presses_decide_one_case(opens: Opens, ground: Policy) -> None:
    made = make.cases(4)
    make.run_machine()
    person = opens()
    person.signs_in("reviewer")
    first = person.starts()
    sent: list[str] = []

    def count(request: Request) -> None:
        if request.url.endswith("/decide"):
            sent.append(request.url)

    person.page.on("request", count)
    person.press("a", "Enter", "Enter", "Enter", "Enter", "Enter")
    person.sees_next_after(first)
    assert len(sent) == 1
    assert Review.objects.count() == 1
    assert sorted(make.reread(case).state for case in made) == ["approved", "in_review", "queued", "queued"]


def test_a_press_right_after_a_new_case_appeared_is_not_meant_for_it(opens: Opens, ground: Policy) -> None:
    make.cases(3)
    make.run_machine()
    person = opens()
    person.signs_in("reviewer")
    first = person.starts()
    # The page itself presses A the moment the next case stands there, faster than any hand.
    person.page.evaluate(
        """ref => new MutationObserver((changes, observer) => {
          if (document.getElementById("case").dataset.ref === ref) return;
          observer.disconnect();
          document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "a", code: "KeyA", bubbles: true}));
        }).observe(document.getElementById("main"), {childList: true})""",
        first,
    )
    person.press("a", "Enter")
    person.sees_next_after(first)
    expect(person.page.locator(CHOSEN)).to_have_count(0)
    person.press("a")
    expect(person.page.locator(CHOSEN)).to_have_value("approve")


@pytest.mark.parametrize(
    ("mode", "plain", "with_alt"), [("off", "", ""), ("alt", "", "approve"), ("on", "approve", "approve")]
)
def test_keys_are_off_or_need_alt_as_chosen(
    mode: str, plain: str, with_alt: str, opens: Opens, ground: Policy, reviewer: User
) -> None:
    case = make.claimed_case(reviewer)
    person = opens()
    person.signs_in("reviewer")
    person.page.locator("[data-person-menu] summary").click()
    person.page.locator(f"button[name=keys][value={mode}]").click()
    person.page.wait_for_load_state()
    person.page.goto(f"/review/{case.ref}")
    person.reads()
    chosen = "document.querySelector('[name=decision]:checked')?.value ?? ''"
    person.press("a")
    assert person.page.evaluate(chosen) == plain
    person.press("Alt+a")
    assert person.page.evaluate(chosen) == with_alt
    expect(person.page.locator("body")).to_have_attribute("data-keys", mode)


def test_keys_work_under_a_chinese_input_method(opens: Opens, ground: Policy, reviewer: User) -> None:
    """Chromium then reports key "Process" and keyCode 229; only the code still names the key."""
    case = make.claimed_case(reviewer)
    person = opens(language="zh-hans")
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    person.reads()
    press = """code => document.body.dispatchEvent(
      new KeyboardEvent("keydown", {key: "Process", code, keyCode: 229, bubbles: true, cancelable: true}))"""
    person.page.evaluate(press, "KeyX")
    expect(person.page.locator(CHOSEN)).to_have_value("decline")
    person.page.evaluate(press, "Digit2")
    expect(person.page.locator("[name=reason_codes]:checked")).to_have_value("many_inquiries")
    composing = """() => document.body.dispatchEvent(
      new KeyboardEvent("keydown", {key: "Process", code: "KeyA", isComposing: true, bubbles: true}))"""
    person.page.evaluate(composing)
    expect(person.page.locator(CHOSEN)).to_have_value("decline")


def test_who_must_sign_is_said_of_the_chosen_decision_and_nothing_moves(
    opens: Opens, ground: Policy, reviewer: User
) -> None:
    case = make.claimed_case(reviewer, signing=make.signing(approve=2, decline=1))
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    person.reads()
    bar = person.page.locator("form[data-decision]")
    approve, decline = (person.page.locator(f"[data-sign-off={outcome}]") for outcome in ("approve", "decline"))
    choices = bar.locator(".choices")
    hand, opened = choices.bounding_box(), None
    for key, seen in (("", (True, True)), ("a", (True, False)), ("x", (False, True)), ("i", (False, False))):
        if key:
            person.press(key)
            opened = opened or bar.bounding_box()
            assert bar.bounding_box() == opened
        assert (approve.is_visible(), decline.is_visible()) == seen, key
        assert choices.bounding_box() == hand
    person.press("Escape")
    assert (approve.is_visible(), decline.is_visible()) == (True, True)


def test_letters_typed_into_a_field_decide_nothing(opens: Opens, ground: Policy, reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    person.reads()
    person.press("m")
    person.write("axi 1 r?")
    expect(person.page.locator("#note")).to_have_value("axi 1 r?")
    expect(person.page.locator(CHOSEN)).to_have_count(0)
    person.press("Escape", "a", "Escape")
    expect(person.page.locator(CHOSEN)).to_have_count(0)
    assert make.reread(case).state == State.IN_REVIEW


def test_a_chord_goes_places_and_the_list_of_keys_opens_and_closes(opens: Opens, ground: Policy) -> None:
    person = opens()
    person.signs_in("supervisor")
    person.press("g", "q")
    person.page.wait_for_url("**/review")
    person.reads()
    person.press("Shift+?")
    expect(person.page.get_by_role("dialog", name="Keys")).to_be_visible()
    person.press("r")
    person.press("Escape")
    expect(person.page.get_by_role("dialog", name="Keys")).to_be_hidden()
    person.press("g", "d")
    person.page.wait_for_url("**/overview")
    person.reads()
    person.press("g", "s")
    person.page.wait_for_url("**/signoff")


def test_j_and_k_read_through_the_queue_without_claiming(opens: Opens, ground: Policy, reviewer: User) -> None:
    made = make.cases(3)
    make.run_machine()
    person = opens()
    person.signs_in("reviewer")
    person.press("j", "j", "k", "Enter")
    person.page.wait_for_url("**/review/CR-*")
    person.reads()
    first = person.ref
    person.press("j")
    expect(person.page.locator("#case")).not_to_have_attribute("data-ref", first)
    person.reads()
    person.press("k")
    expect(person.page.locator("#case")).to_have_attribute("data-ref", first)
    assert {make.reread(case).state for case in made} == {State.QUEUED}


def test_own_keys_move_what_they_do_and_what_is_printed(opens: Opens, ground: Policy, reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    reviewer.key_map = {"KeyA": "KeyX", "KeyX": "KeyQ"}
    reviewer.save(update_fields=["key_map"])
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    person.reads()
    person.press("a")
    expect(person.page.locator(CHOSEN)).to_have_count(0)
    person.press("x")
    expect(person.page.locator(CHOSEN)).to_have_value("approve")
    person.press("q")
    expect(person.page.locator(CHOSEN)).to_have_value("decline")
    expect(person.page.locator("label:has([value=approve]) kbd")).to_have_text("X")
    expect(person.page.locator("[value=decline]")).to_have_attribute("aria-keyshortcuts", "Q")
    # The letter of a place stays, though Q does something else now.
    person.press("Escape", "g", "q")
    person.page.wait_for_url("**/review")


def test_the_list_of_commands_finds_acts_places_and_cases(opens: Opens, ground: Policy, reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    other = make.queued_case("A-2")
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    person.reads()
    person.press("Control+k")
    field = person.page.get_by_role("combobox")
    expect(field).to_be_focused()
    field.type("declin")
    expect(person.page.get_by_role("option").first).to_have_text("DeclineX")
    person.press("Enter")
    expect(person.page.locator(CHOSEN)).to_have_value("decline")
    person.press("Control+k")
    field.type(str(other.pk))
    person.press("Enter")
    person.page.wait_for_url(f"**/review/{other.ref}")
    person.press("Control+k")
    field.type("held data")
    person.press("Enter")
    person.page.wait_for_url("**/held")
    # What has no key has a name: colours, language, the way out.
    person.press("Control+k")
    field.type("colours")
    person.press("Enter")
    expect(person.page.locator("html")).to_have_attribute("data-theme", "dark")
    person.press("Control+k")
    field.type("中文")
    person.press("Enter")
    expect(person.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert person.page.url.endswith("/held")
    person.press("Control+k")
    field.type("退出")
    person.press("Enter")
    person.page.wait_for_url("**/login")
