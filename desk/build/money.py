"""What a route says in money: the grant of the limit matrix, and what each decision is expected to cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from desk.dossier import Dossier
from desk.pages import DecisionCosts, Grant, MoneyLine
from desk.words import MISSING, is_chinese, money, percent


def grant_of(dossier: Dossier) -> Grant | None:
    """What the limit matrix grants; None where the policy has none."""
    limit, case = dossier.route.limit if dossier.route else {}, dossier.case
    if not limit:
        return None
    amount = _in_currency(case.currency)
    granted = limit.get("granted")
    lines = [MoneyLine(_("Expected loss after the grant"), amount(limit.get("expected_loss")))]
    lines += [MoneyLine(_("Debt service after the grant"), amount(limit.get("debt_service")))]
    lines += [MoneyLine(_("Debt service as a share of income"), percent(limit.get("debt_service_share")))]
    lines += [MoneyLine(_("of which other debts"), percent(limit.get("other_debts_share")))]
    return Grant(
        asked=money(case.amount, case.currency),
        granted=amount(granted),
        limit=amount(limit.get("limit")),
        is_less=granted is not None and granted < float(case.amount),
        why=limit.get("words", {}).get("zh" if is_chinese() else "en", ""),
        row=limit.get("row", ""),
        lines=tuple(lines),
    )


def costs_of(dossier: Dossier) -> DecisionCosts | None:
    """What each decision is expected to cost; None where the route does not say."""
    found, case = dossier.route.economics if dossier.route else {}, dossier.case
    if not found:
        return None
    amount = _in_currency(case.currency)
    return DecisionCosts(
        costs=(
            MoneyLine(_("Approve"), amount(found.get("cost_of_approval"))),
            MoneyLine(_("Decline"), amount(found.get("cost_of_decline"))),
            MoneyLine(_("Saved by a person's look"), amount(found.get("saving_of_look"))),
        ),
        basis=(
            MoneyLine(_("Exposure"), amount(found.get("exposure"))),
            MoneyLine(_("Loss given default"), percent(found.get("loss_given_default"))),
            MoneyLine(_("Margin, share of the exposure"), percent(found.get("margin"))),
            MoneyLine(_("Cut-off of the PD"), percent(found.get("cut_off"))),
        ),
    )


def _in_currency(currency: str) -> Callable[[Any], str]:
    """Amounts that were worked out, to the cent."""
    return lambda value: MISSING if value is None else money(round(value, 2), currency)
