"""A policy from its draft to its way back, in the browser: lines by keyboard, figures that follow, two people."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from cases.models import User
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens
from tests.browser.person import Person
from tests.browser.test_looks import violations


def test_an_admin_tunes_and_proposes_a_supervisor_approves_and_rolls_back(
    opens: Opens, ground: Policy, admin: User, supervisor: User
) -> None:
    make.cases(12)
    make.run_machine()
    person = opens()
    page = person.page
    person.signs_in("admin")
    person.press("g", "p")
    page.wait_for_url("**/policies")
    page.get_by_role("button", name="New draft from it").click()
    page.wait_for_url(re.compile(r"/policies/\d+$"))
    made = Policy.objects.latest("pk")
    moves_dials(person)
    edits_cells(person)
    proposes(person)
    other = opens()
    approves(other, made)
    rolls_back(other, ground)


def moves_dials(person: Person) -> None:
    page = person.page
    first = page.locator(".compared tbody tr").first
    expect(first).to_contain_text("0.0%")

    page.locator("#i-audit_share").fill("0")
    expect(first.locator("td").first).to_contain_text("100.0%")
    page.locator("#i-approve_below").focus()
    page.locator("#i-approve_below").fill("0.2")
    person.press("ArrowDown")
    assert page.locator("#i-approve_below").input_value() == "0.1"
    assert page.locator("[data-slides='i-approve_below']").input_value() == "0.1"
    expect(first.locator("td").first).to_contain_text("0.0%")
    expect(page.locator(".swaps")).to_contain_text("Nobody")
    slider = page.locator("[data-slides='i-approve_below']")
    slider.focus()
    person.press("End")
    expect(page.locator("#i-approve_below")).to_have_value("50")
    expect(page.locator("#simulation")).to_contain_text("It can be replayed when this is put right")
    page.locator("#i-approve_below").fill("10")
    expect(first.locator("td").first).to_contain_text("100.0%")
    expect(page.locator(".swaps")).to_contain_text("people look → machine approves")


def edits_cells(person: Person) -> None:
    page = person.page
    cell = page.get_by_label("R1: Key customer")
    cell.fill("perhaps")
    person.press("ArrowDown")
    expect(page.get_by_label("R2: Key customer")).to_be_focused()
    person.press("ArrowLeft")
    expect(page.get_by_label("Id of row R2").first).to_be_focused()
    person.press("Enter", "ArrowUp", "ArrowUp")
    expect(page.get_by_label("Id of row R1").first).to_be_focused()
    person.press("Control+s")
    expect(cell).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[id='p-rules.0.if.key_customer']")).to_contain_text("neither yes nor no")
    assert violations(page) == []
    cell.fill("true")
    person.press("Control+s")
    expect(page.locator("#status")).to_contain_text("Saved.")


def proposes(person: Person) -> None:
    page = person.page
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.locator("#i-sla_hours").fill("12")
    page.get_by_role("button", name="Save and test").click()
    expect(page.locator("#status")).to_contain_text("The test is passed.")
    assert [url.rsplit("/", 1)[1] for url in posts].count("test") == 1
    page.get_by_role("button", name="Propose").click()
    expect(page.locator("#status")).to_contain_text("A second person has to approve it.")
    expect(page.locator("main")).to_contain_text("nobody approves what they drafted or proposed")


def approves(other: Person, made: Policy) -> None:
    other.signs_in("supervisor")
    other.page.goto(f"/policies/{made.pk}")
    other.page.get_by_role("link", name="Look and approve").click()
    boxes = other.page.locator("[name=ticked]")
    expect(boxes.first).to_be_visible()
    for box in boxes.all():
        box.check()
    other.page.get_by_role("button", name="Approve this version").click()
    expect(other.page.locator("#status")).to_contain_text("version 2 is in force.")
    assert Policy.objects.get(pk=made.pk).status == "active"


def rolls_back(other: Person, ground: Policy) -> None:
    other.page.goto(f"/policies/{ground.pk}")
    other.page.get_by_label("Reason for rolling back").fill("Too many approvals")
    other.page.get_by_role("button", name="Roll back to this version").click()
    expect(other.page.locator("#status")).to_contain_text("version 1 is in force again.")
    assert Policy.objects.get(pk=ground.pk).status == "active"


def test_without_scripts_a_row_is_added_and_the_replay_asked_for(opens: Opens, ground: Policy, admin: User) -> None:
    make.cases(3)
    make.run_machine()
    person = opens(java_script_enabled=False)
    person.page.goto("/login")
    person.page.locator("input[name=username]").fill("admin")
    person.page.locator("input[name=password]").fill(make.PASSWORD)
    person.page.locator("main form button").first.click()
    person.page.goto("/policies")
    person.page.get_by_role("button", name="New draft from it").click()
    person.page.get_by_role("button", name="Add a row").first.click()
    expect(person.page.get_by_label("Id of row R11").first).to_have_value("R11")
    person.page.get_by_role("button", name="Remove row R11").click()
    person.page.locator("#i-audit_share").fill("0")
    person.page.get_by_role("button", name="Replay").click()
    expect(person.page.locator(".compared tbody tr").first).to_contain_text("100.0%")
