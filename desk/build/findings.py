"""Hard rules and data quality, as findings beside the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.arrivals import holds
from cases.models import Case, User
from cases.why import sentences
from desk.build.personal import MASKED, Sight, sight_of
from desk.build.policy_list import version_name
from desk.dossier import Dossier
from desk.pages import Finding
from desk.words import is_chinese
from intake.gate.quality import load_rules
from intake.values.outliers import MAY_BE_ON_RECORD
from intake.wording.stored_sentences import told

HARD_RULES = frozenset(
    {
        "amount_above_limit", "blacklisted", "explanation_unreliable", "industry_red", "industry_watch", "key_customer",
        "monitoring", "must_be_known", "opted_out", "other_currency", "over_limit", "rule",
    }
)  # fmt: skip


def finding_words(finding: Mapping[str, Any], sight: Sight = MASKED) -> str:
    """The sentence of a finding; a value in it that names a person is masked where the reader may not see it."""
    words, value = told(finding, "zh" if is_chinese() else "en"), str(finding.get("params", {}).get("value", ""))
    name = str(finding["feature"])
    return words.replace(value, sight.shown(name, value)) if value and sight.hides(name) else words


def _passed(dossier: Dossier) -> Finding:
    case = dossier.case
    if dossier.file.is_ruled or load_rules(case.product).features:
        return Finding("ok", _("The data passed the quality rules"), case.source)
    return Finding("warn", _("No quality rules are set for this product"), case.source)


def _other(case: Case, finding: Mapping[str, Any], user: User | None) -> tuple[str, str]:
    """The case that this one may be once more, and its address."""
    if finding["code"] != MAY_BE_ON_RECORD or user is None:
        return "", ""
    named = Case.objects.visible_to(user).filter(source=case.source, external_ref=finding["params"]["value"]).first()
    return (named.ref, reverse("desk:case", args=[named.ref])) if named else ("", "")


def findings_of(dossier: Dossier, user: User | None = None) -> tuple[Finding, ...]:
    """What the quality gate found and the policy's hard rules that hit, as `user` may see it; or that all is well."""
    case, sight = dossier.case, sight_of(dossier, user)
    found = [
        Finding("bad" if holds(each) else "warn", finding_words(each, sight), case.source, *_other(case, each, user))
        for each in case.findings
    ]
    if not case.findings:
        found.append(_passed(dossier))
    reasons = dossier.route.reasons if dossier.route else []
    policy = version_name(dossier.route.policy) if dossier.route and dossier.route.policy else ""
    hits = [reason for reason in reasons if reason["code"] in HARD_RULES]
    found += [Finding("warn", words, policy) for words in sentences(hits)]
    if policy and not hits and not dossier.is_bare:
        found.append(Finding("ok", _("No hard rule of the policy hit"), policy))
    return tuple(found)
