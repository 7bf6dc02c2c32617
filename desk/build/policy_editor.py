"""The page of one version: its fields as inputs or as words, what is said against them, and what may be done next."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import FourEyes
from cases.models import User
from cases.states import Role
from desk.build.consequence_words import NAMES
from desk.build.policy_approval import refusal_of
from desk.build.policy_exploration import exploration_card
from desk.build.policy_grids import examples_inputs, grids_of, label, row_words
from desk.build.policy_groups import groups_of
from desk.build.policy_list import state_of, version_name
from desk.build.policy_order import order_card
from desk.build.policy_replay import period_inputs
from desk.build.policy_steps import steps_of, tested_words
from desk.build.simulation import simulation_of
from desk.pages import Pair, Problem
from desk.pages.policies import FindingLine, Input, PolicyPage, SimulationPage
from desk.policy_form import Form, form_of
from desk.policy_reading import terms_from
from desk.words import is_chinese, when
from routing.examples import failing_examples
from routing.findings import Finding, findings_by_table
from routing.in_force import require_way_back
from routing.life import APPROVERS
from routing.models import Policy, PolicyStep
from routing.seen_words import unseen_words
from routing.terms import Terms

Status = Policy.Status
OPEN = (Status.DRAFT, Status.TESTED)


def is_editable(policy: Policy, reader: User) -> bool:
    return reader.role == Role.ADMIN and policy.status in OPEN


def policy_page(
    policy: Policy,
    reader: User,
    *,
    form: Form | None = None,
    simulation: SimulationPage | None = None,
    problems: Sequence[Problem] = (),
) -> PolicyPage:
    """The page of a version as stored, or (`form`) as it was typed and is not saved."""
    stored = Terms.from_dict(policy.terms)
    shown = form if form is not None else form_of(stored, policy.purpose)
    terms, wrong = (stored, []) if form is None else terms_from(form, stored)
    told = [*problems, *(one for one in wrong if one not in problems)]
    editable = is_editable(policy, reader)
    findings = findings_by_table(terms) if terms else {}
    # Of what nobody can change any more, nobody asks how it is spelt.
    unseen = unseen_words(terms, policy.product) if terms and editable else {}
    findings = {name: [*found, *unseen.get(name, ())] for name, found in findings.items()}
    failures = failing_examples(terms) if terms else []
    unsaved = form is not None and not (
        terms and terms.sha256 == policy.sha256 and form.get("purpose", policy.purpose) == policy.purpose
    )
    grids = grids_of(shown, stored.kinds, policy.pk, findings, editable=editable)
    return PolicyPage(
        title=version_name(policy),
        state=state_of(policy),
        about=_about(policy),
        editable=editable,
        seen=shown.get("seen") or policy.sha256,
        edit_url=reverse("desk:policy_edit", args=[policy.pk]),
        simulation_url=reverse("desk:policy_simulation", args=[policy.pk]),
        purpose=Input("purpose", _("What this version is for"), shown.get("purpose", "")),
        period=period_inputs(shown),
        groups=groups_of(shown),
        grids=grids,
        examples=examples_inputs(shown, failures),
        findings=tuple(_finding(one, table, terms) for table, found in findings.items() for one in found)
        if terms
        else (),
        events=steps_of(policy),
        simulation=simulation or _frozen(policy, stored.currency),
        list_url=reverse("desk:policies"),
        exploration=exploration_card(policy, stored, reader),
        order=order_card(policy, stored, editable=editable and not unsaved),
        problems=tuple(told),
        wrong=tuple((one.field, one.words) for one in told),
        tested=_tested(policy),
        unsaved=unsaved,
        **_moves(policy, reader, unsaved=unsaved),
    )


def _moves(policy: Policy, reader: User, *, unsaved: bool) -> dict[str, str]:
    """The addresses of what this reader may do with the version now, and why they may not approve it."""
    editable, approver = is_editable(policy, reader), reader.role in APPROVERS and not unsaved
    proposed = policy.status == Status.PROPOSED
    return {
        "test_url": _url("test", policy, editable),
        "propose_url": _url("propose", policy, editable and policy.status == Status.TESTED and not unsaved),
        "return_url": _url("return", policy, approver and policy.status in (Status.PROPOSED, Status.SCHEDULED)),
        "roll_back_url": _url("roll_back", policy, approver and _may_go_back(policy, reader)),
        "approval_url": _url("approval", policy, proposed),
        "refusal": refusal_of(policy, reader) if proposed else "",
    }


def _may_go_back(policy: Policy, reader: User) -> bool:
    if policy.status != Status.RETIRED:
        return False
    present = Policy.objects.filter(product=policy.product, status=Status.ACTIVE).first()
    try:
        require_way_back(policy, present, reader)
    except FourEyes:
        return False
    return True


def _url(name: str, policy: Policy, shown: bool) -> str:
    return reverse(f"desk:policy_{name}", args=[policy.pk]) if shown else ""


def _about(policy: Policy) -> tuple[Pair, ...]:
    pairs = [Pair(_("Drafted"), f"{policy.drafted_by.display_name}, {when(policy.drafted_at)}")]
    if policy.based_on:
        pairs.append(Pair(_("Based on"), version_name(policy.based_on)))
    if policy.proposed_by:
        pairs.append(Pair(_("Proposed"), f"{policy.proposed_by.display_name}, {when(policy.proposed_at)}"))
    if policy.published_by:
        pairs.append(Pair(_("Approved"), f"{policy.published_by.display_name}, {when(policy.published_at)}"))
        pairs.append(Pair(_("Starts"), when(policy.starts_at)))
    return (*pairs, Pair("SHA-256", policy.sha256))


def _frozen(policy: Policy, currency: str) -> SimulationPage | None:
    """What was frozen with the proposal; where nothing could be replayed then, the present cases are."""
    kept = policy.simulation
    return simulation_of(kept, currency) if kept and kept.get("cases") else None


def _tested(policy: Policy) -> tuple[str, ...]:
    """How the last test went, while the terms are still those."""
    step = policy.steps.filter(name=PolicyStep.Name.TEST).last()
    if step is None or policy.status not in OPEN or step.facts["terms_sha256"] != policy.sha256:
        return ()
    return tuple(tested_words(step.facts))


def _finding(finding: Finding, table: str, terms: Terms) -> FindingLine:
    fields = {**terms.kinds.all_fields, **getattr(terms.kinds, table).outputs}
    where = [str(NAMES[table]), row_words(finding.rows)]
    if finding.field in fields:
        where.append(label(fields[finding.field]))
    words = finding.zh if is_chinese() else finding.en
    return FindingLine("bad" if finding.severity == "error" else "warn", words, " · ".join(filter(None, where)))
