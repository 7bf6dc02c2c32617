"""The quality gate: what the rules say of arriving rows, beside other cases of their applicants and their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from cases.models import Applicant, Case
from cases.office import OFFICE
from intake.gate.quality import FIELD_PREFIX, About, QualityFinding, QualityRules, Severity, judge
from intake.gate.rule_sets import rules_in_force
from intake.mapped.submission import Submission
from intake.models import SamePerson, Source
from intake.values.outliers import HOLDING, Note

SOURCE: Final = "source"
QUARANTINED: Final = "source_quarantined"
# What a finding may be about that is no value a person could supply.
_NOT_SUPPLIED: Final = (SOURCE, "applicant", "applied_at", "term_months")
SOURCE_WORDS: Final = {"en": "Source", "zh": "来源"}
Earlier = dict[tuple[str, str], list[tuple[str, datetime, Decimal]]]


def findings_of(source: Source, submissions: Sequence[Submission]) -> list[list[QualityFinding]]:
    """What the rules in force and the source's own state find about each submission, in the order given.

    At most five queries, whatever their number: the rules, the applicants and whom they are one with, their other
    cases, cases that are referred to.
    """
    rules = rules_in_force(sorted({each.product for each in submissions}), source.slug)
    earlier = _earlier(source, submissions, rules)
    references = _references(source, submissions, rules)
    now = timezone.now()
    own = source_findings(source)
    found = []
    for each in submissions:
        known = earlier[each.product, each.applicant.external_id]
        about = About(
            term_months=each.term_months,
            applied_at=each.applied_at,
            now=now,
            earlier=[(at, amount) for reference, at, amount in known if reference != each.external_ref],
            references=references,
            fields=_fields(each, each.applicant.external_id, each.applicant.name),
        )
        judged = judge(each.features, each.amount, rules[each.product], about=about)
        judged += _later_than_promised(source, each, now)
        found.append([*(_as_trusted(finding, source) for finding in judged), *own])
    return found


def finding_of(note: Note) -> QualityFinding:
    """That the mapping changed a value stands beside the facts of the case; it goes on. A person supplies what was on
    record of a joined source and could not be read, and says whether a case is one that came before."""
    severity = Severity.HOLD if note.code in HOLDING else Severity.MARK
    return QualityFinding(note.field, note.code, note.params, {"en": note.field, "zh": note.field}, severity)


def can_be_supplied(finding: Mapping[str, Any]) -> bool:
    """Whether a finding is about a feature or the amount, which a person may mend; fields are the sender's to mend."""
    return finding["feature"] not in _NOT_SUPPLIED and not finding["feature"].startswith(FIELD_PREFIX)


def fields_of(case: Case) -> dict[str, str]:
    """The texts of a case on record that rules of fields judge."""
    return _fields(case, case.applicant.external_id, case.applicant.name)


def _fields(of: Submission | Case, applicant: str, name: str) -> dict[str, str]:
    return {
        "industry": of.industry,
        "region": of.region,
        "channel": of.channel,
        "applicant.id": applicant,
        "applicant.name": name,
    }


def source_findings(source: Source) -> list[QualityFinding]:
    """What every new case of a source waits for a person for: its quarantine, or that nobody trusts it."""
    # Both, since the end of a quarantine makes nobody trust it.
    codes = [QUARANTINED] if source.state == Source.State.QUARANTINED else []
    codes += ["source_not_trusted"] if source.trust == Source.Trust.NONE else []
    return [QualityFinding(SOURCE, code, {}, SOURCE_WORDS) for code in codes]


def _later_than_promised(source: Source, submission: Submission, now: datetime) -> list[QualityFinding]:
    """A mark on a case that arrived longer after its application than its source promises."""
    hours = source.promise_hours
    if hours is None or now - submission.applied_at <= timedelta(hours=hours):
        return []
    applied = submission.applied_at.astimezone(OFFICE).strftime("%Y-%m-%d %H:%M")
    params = {"value": applied, "hours": str(hours)}
    return [QualityFinding(SOURCE, "later_than_promised", params, SOURCE_WORDS, Severity.MARK)]


def _as_trusted(finding: QualityFinding, source: Source) -> QualityFinding:
    """Of a source of limited trust a mark is reason enough to wait."""
    limited = source.trust == Source.Trust.LIMITED and finding.severity is Severity.MARK
    return replace(finding, severity=Severity.HOLD) if limited else finding


def _earlier(source: Source, submissions: Sequence[Submission], rules: dict[str, QualityRules]) -> Earlier:
    """Other cases of the same applicants, where a rule asks for them: on record, or arriving with it."""
    found: Earlier = defaultdict(list)
    asked = [each for each in submissions if rules[each.product].twice]
    if not asked:
        return found
    for each in asked:
        key = each.product, each.applicant.external_id
        found[key].append((each.external_ref, each.applied_at, each.amount))
    names = _names_of(source, {each.applicant.external_id for each in asked})
    known = Case.objects.filter(applicant__in=names, product__in={each.product for each in asked})
    told = known.values_list("product", "applicant", "source", "external_ref", "applied_at", "amount")
    for product, applicant, sender, reference, at, amount in told:
        # Another source may use the same reference for another case.
        own = reference if sender == source.slug else ""
        for name in names[applicant]:
            found[product, name].append((own, at, amount))
    return found


def _names_of(source: Source, references: Collection[str]) -> dict[int, list[str]]:
    """The applicants of the source by key, and all that are the same people under other references or in other
    sources; with the references that the source has for them."""
    own = dict(
        Applicant.objects.filter(source=source.slug, external_id__in=references).values_list("pk", "external_id")
    )
    names = {key: [name] for key, name in own.items()}
    people = SamePerson.objects.filter(applicant__in=own).values("person")
    by_person: dict[int, list[int]] = defaultdict(list)
    for applicant, person in SamePerson.objects.filter(person__in=people).values_list("applicant", "person"):
        by_person[person].append(applicant)
    for same in by_person.values():
        shared = [own[key] for key in same if key in own]
        names |= dict.fromkeys(same, shared)
    return names


def _references(source: Source, submissions: Sequence[Submission], rules: dict[str, QualityRules]) -> set[str]:
    """Those references that the submissions name and that are cases of the source, or arrive with them."""
    named = {
        str(each.features[name])
        for each in submissions
        for name in rules[each.product].refer_to_cases
        if each.features.get(name) is not None
    }
    if not named:
        return set()
    known = Case.objects.filter(source=source.slug, external_ref__in=named).values_list("external_ref", flat=True)
    return set(known) | (named & {each.external_ref for each in submissions})
