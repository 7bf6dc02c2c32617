"""Which quality rules are in force for a product and a source, and setting new ones."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import connection, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, NotAllowed, StaleCase
from cases.locks import hold
from cases.models import User
from cases.states import Role
from intake.gate.quality import QualityRules, QualityRulesError, load_rules, rules_of_text
from intake.gate.quality_file import shipped_products, shipped_text
from intake.gate.quality_kinds import LENDERS
from intake.mapped.fields import can_name_feature, is_slug
from intake.models import RuleSet
from intake.sources.source_names import spelling_of
from intake.sources.sources import LACKING

__all__ = ["rules_in_force", "rules_of", "set_rules", "shipped_products", "text_in_force"]

TEXT_MOST: Final = 100_000


def rules_in_force(products: Collection[str], source: str) -> dict[str, QualityRules]:
    """The rules of each product for a source, by one query: its own, else those of the product, else the shipped.

    What was set under a name in capitals, when they made another product, holds for the product.
    """
    with connection.cursor() as cursor:
        # Written out, because every post asks it, and to compose it takes several times as long as to answer it. ""
        # sorts before every name, so that a source's own rules come last and win.
        cursor.execute(
            """
            SELECT DISTINCT ON (lower(product), source) lower(product), text FROM intake_ruleset
            WHERE lower(product) = ANY(%s) AND source IN ('', %s) ORDER BY lower(product), source, number DESC, id DESC
            """,
            [[each.lower() for each in products], source],
        )
        texts = {product: text for product, text in cursor.fetchall() if text}
    named = {each: each.lower() for each in products}
    return {each: rules_of_text(texts[name]) if name in texts else load_rules(name) for each, name in named.items()}


def rules_of(product: str, source: str) -> QualityRules:
    return rules_in_force([product], source)[product]


def set_rules(product: str, source: str, text: str, *, by: User, reason: str, seen: int | None = None) -> RuleSet:
    """A new version of the rules of a product, for one source where it is named. What is held already stays held.

    `seen` is the number of the version that `by` wrote over, 0 for none; None asks nothing. Two administrators at once:
    the number is counted by one at a time, and the later of two who saw the same version is refused.

    Raises:
        NotAllowed: not an administrator. BadDecision: no reason, no product, or a text that is not understood.
        StaleCase: somebody else has set a version meanwhile.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    if not is_slug(product):
        raise BadDecision("product", _("Name the product: letters, digits, hyphens."))
    product = product.lower()
    source = spelling_of(source) if source else ""
    if source and not is_slug(source):
        raise BadDecision("source", _("Name the source, or leave it empty for all."))
    if len(text) > TEXT_MOST or "\x00" in text:
        raise BadDecision("text", _("Keep the rules to 100,000 characters or fewer."))
    try:
        _refuse_unheard(rules_of_text(text)) if text.strip() else None
    except QualityRulesError as refusal:
        raise BadDecision("text", refusal.sentence("en" if get_language() == "en" else "zh-hans")) from refusal
    with transaction.atomic(durable=True):
        hold(f"quality rules of {product} {source}")
        last = RuleSet.objects.filter(product__iexact=product, source=source).order_by("-number").first()
        number = last.number + 1 if last else 1
        if seen is not None and seen != number - 1:
            raise StaleCase(_("Somebody else has set other rules meanwhile. What you wrote is kept here."))
        return RuleSet.objects.create(
            product=product, source=source, number=number, text=text.strip(), reason=why, set_by=by
        )


def _refuse_unheard(wanted: QualityRules) -> None:
    """Refuse a rule of a name that no feature of any case can have: it would never be broken. Only where rules are set:
    those in force go on."""
    sides = ((f"checks.{at}", name) for at, rule in enumerate(wanted.checks, 1) for name in (rule.left, rule.right))
    for key, name in [*(("features", name) for name in wanted.features), *sides]:
        if not can_name_feature(name):
            allowed = f"{', '.join(LENDERS) if key != 'features' else ''}, a-z 0-9 _".lstrip(", ")
            raise QualityRulesError("mapping_wrong_value", key=key, value=name, allowed=allowed)


def text_in_force(product: str, source: str) -> str:
    """The rules as YAML: those set for exactly this product and source, else those that hold there."""
    for each in dict.fromkeys([source, ""]):
        row = RuleSet.objects.filter(product__iexact=product, source=each).order_by("-number", "-id").first()
        if row is not None and row.text:
            return row.text
    return shipped_text(product.lower())
