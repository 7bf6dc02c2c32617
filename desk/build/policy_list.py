"""The list of policies: for each product what is in force, what the guard saw, and every version."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import User
from cases.products import numbered
from cases.states import Role
from desk.build.policy_steps import alert_words
from desk.build.promise import other_model
from desk.pages import Pair, StateMark
from desk.pages.policies import PoliciesPage, ProductPolicies, VersionRow
from desk.words import PRODUCTS, money, number, percent, when, word
from routing.guarding import alerts
from routing.life import readable_terms
from routing.models import Policy
from scoring.models import ModelVersion

MOST_ALERTS: Final = 3


def version_name(policy: Policy) -> str:
    """`Consumer loan, version 3`."""
    return numbered(policy.product, policy.number)


def state_of(policy: Policy) -> StateMark:
    return StateMark(policy.status, str(Policy.Status(policy.status).label))


def policies_page(reader: User) -> PoliciesPage:
    """All versions of all products; products with a model and no policy too."""
    versions: dict[str, list[Policy]] = defaultdict(list)
    for policy in Policy.objects.defer("simulation").select_related("drafted_by", "published_by").order_by("-number"):
        versions[policy.product].append(policy)
    products = sorted({*versions, *ModelVersion.objects.values_list("product", flat=True).distinct()})
    return PoliciesPage(
        products=tuple(_product(product, versions[product]) for product in products),
        new_url=reverse("desk:policy_new") if reader.role == Role.ADMIN else "",
    )


def _product(product: str, versions: list[Policy]) -> ProductPolicies:
    active = next((policy for policy in versions if policy.status == Policy.Status.ACTIVE), None)
    return ProductPolicies(
        product=word(PRODUCTS, product),
        code=product,
        in_force_name=version_name(active) if active else "",
        in_force_url=reverse("desk:policy", args=[active.pk]) if active else "",
        in_force=dials_of(active) if active else (),
        alerts=tuple(alert_words(step) for step in alerts(product)[:MOST_ALERTS]) if versions else (),
        other_model=other_model(active) if active else "",
        rows=tuple(_row(policy) for policy in versions),
    )


def dials_of(policy: Policy) -> tuple[Pair, ...]:
    """A version told by its dials."""
    terms = readable_terms(policy)
    if terms is None:
        return (Pair(_("This version cannot be read"), "--"),)
    cut_off = _("each loan's own") if terms.cut_off is None else percent(terms.cut_off)
    pairs = [
        Pair(_("Machine approves below"), percent(terms.approve_below)),
        Pair(_("Machine declines from"), percent(terms.decline_above)),
        Pair(_("Advice turns at"), cut_off),
        Pair(_("Doubt limit"), percent(terms.doubt_limit)),
        Pair(_("Amount limit"), money(terms.amount_limit, terms.currency)),
        Pair(_("Random audit"), percent(terms.audit_share)),
        Pair(_("Hours to decide"), number(terms.sla_hours, 0 if terms.sla_hours % 1 == 0 else 2)),
        Pair(_("Rules"), number(len(terms.rules.rows))),
    ]
    if terms.promise is not None:
        told = _("%(rate)s, confidence %(level)s") % {
            "rate": percent(terms.promise.miss_rate), "level": percent(terms.promise.confidence, 0),
        }  # fmt: skip
        pairs.append(Pair(_("Promised miss rate at most"), told))
    return tuple(pairs)


def _row(policy: Policy) -> VersionRow:
    return VersionRow(
        name=version_name(policy),
        url=reverse("desk:policy", args=[policy.pk]),
        state=state_of(policy),
        purpose=policy.purpose,
        drafted=f"{policy.drafted_by.display_name}, {when(policy.drafted_at)}",
        approved=f"{policy.published_by.display_name}, {when(policy.published_at)}" if policy.published_by else "",
        since=when(policy.starts_at) if policy.starts_at else "",
    )
