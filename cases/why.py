"""Why a case is where it is, as sentences: stored as codes with figures, worded when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.money import money

SENTENCES: Final[Mapping[str, Promise | str]] = {
    "sent_back": _("Sent back by the supervisor"),
    "sent_back_because": _("Sent back by %(person)s: %(reason)s"),
    "sent_back_unread": _("Sent back by %(person)s; the reason is shown after your own opinion"),
    "signoff_expired": _("Nobody signed it in time"),
    "reopened": _("Opened again: %(reason)s"),
    "reopened_unread": _("Opened again; the reason is shown after your own opinion"),
    "information_arrived": _("The information asked for has arrived"),
    "opinion_first": _("The reviewer's own view is asked first"),
    "key_customer": _("Key customer: always reviewed by a person"),
    "amount_above_limit": _("Amount above the limit of %(limit)s"),
    "other_currency": _("In %(currency)s, while the policy is set in %(policy_currency)s"),
    "opted_out": _("The applicant wants no automated decision"),
    "blacklisted": _("The applicant is on the blacklist"),
    "industry_red": _("The industry %(industry)s is on the red list"),
    "industry_watch": _("The industry %(industry)s is on the watch list"),
    "over_limit": _("Asks for more than the credit limit of %(limit)s"),
    "rule": _("%(words)s (rule %(row)s)"),
    "missing_data": _("Not known: %(fields)s; with it a rule might have decided otherwise (%(row)s)"),
    "must_be_known": _("Not known: %(fields)s; without it the machine may not decide"),
    "beyond_capacity": _("More cases than people had places for that day"),
    "exploration": _("Approved to learn how such loans turn out (%(share)s of marginal declines)"),
    "monitoring": _("A booked loan raised a warning"),
    "explanation_unreliable": _("The explanation does not add up: do not rely on it"),
    "grey_band": _("PD of %(pd)s lies in the grey band from %(low)s to %(high)s"),
    "doubtful": _("The model doubts itself: %(doubt)s, limit %(limit)s"),
    "audit": _("Random audit of a case the machine would have decided (%(share)s of them)"),
    "pd_below": _("PD of %(pd)s is below the approval limit of %(limit)s"),
    "pd_above": _("PD of %(pd)s is above the decline limit of %(limit)s"),
    "not_scored": _("The model gave no score"),
    "no_model": _("No model is in force for this product"),
    "no_policy": _("No policy is in force for this product"),
    "model_refused": _("The model could not be loaded: %(problem)s"),
    "scoring_failed": _("Scoring failed %(attempts)s times"),
    "breaker_open": _("The circuit breaker of %(segment)s is open: the machine decides nothing there for now"),
    "routing_failed": _("The policy could not be applied: %(problem)s"),
    "above_authority": _("Amount above the reviewer's authority"),
    "approves_against_advice": _("Approval against the model's advice"),
    "asked_by_reviewer": _("The reviewer asks for a second signature"),
    "escalated": _("Escalated by %(person)s: %(note)s"),
    "transferred": _("Transferred by %(person)s: %(note)s"),
    "escalated_unread": _("Escalated by %(person)s; the note is shown after your own opinion"),
    "transferred_unread": _("Transferred by %(person)s; the note is shown after your own opinion"),
    "revised": _("Decided otherwise by a second person: a third must sign"),
    "history": _("Decided by the lender before this system"),
}
MONEY_LIMITS: Final = frozenset({"amount_above_limit", "over_limit"})
FRACTIONS: Final = frozenset({"pd", "low", "high", "doubt", "share"})
MOST_DIGITS: Final = 4


def sentence(code: str, params: dict[str, Any]) -> str:
    """The sentence of one reason in the present language; an unknown code reads as itself."""
    template = SENTENCES.get(code, code.replace("_", " "))
    if (translation.get_language() or "").startswith("zh"):
        # A refusal brings its sentence in both languages, the Chinese one beside the other.
        params = params | {key.removesuffix("_zh"): value for key, value in params.items() if key.endswith("_zh")}
    shares = {key for key, value in params.items() if _is_share(code, key) and isinstance(value, int | float)}
    digits = _digits([float(params[key]) for key in shares])
    shown = {key: f"{params[key]:.{digits}%}" if key in shares else _shown(code, key, params) for key in params}
    return str(template) % shown


def sentences(reasons: Iterable[Mapping[str, Any]], language: str | None = None) -> list[str]:
    """The sentences of stored reasons, in `language` or the present one."""
    with translation.override(language or translation.get_language()):
        return [sentence(reason["code"], reason.get("params", {})) for reason in reasons]


def _is_share(code: str, key: str) -> bool:
    return key in FRACTIONS or (key == "limit" and code not in MONEY_LIMITS)


def _digits(shares: Sequence[float]) -> int:
    """One decimal as in every cell of the desk; more for the whole sentence where two shares that differ would read
    alike, so that 11.96 % is not told to be below 12 % as 12.0 %."""
    different = len(set(shares))
    fits = (digits for digits in range(1, MOST_DIGITS) if len({f"{share:.{digits}%}" for share in shares}) == different)
    return next(fits, MOST_DIGITS)


def _shown(code: str, key: str, params: Mapping[str, Any]) -> str:
    value = params[key]
    if not isinstance(value, int | float):
        return str(value)
    if key == "limit" and code in MONEY_LIMITS:
        return money(value, params.get("currency", ""))
    return f"{value:,.0f}"
