"""The first look: what columns were taken for by themselves is nobody's word until a person has looked at it.

Recognition can be wrong without a word: an amount in another currency, a guarantor for the borrower. So what comes in
unattended, through the watched folder, the browser or from a database, by a reading that says anything new of its
source, waits until a supervisor or administrator has seen what each column was taken for. A mapping that somebody wrote
or signed needs no look, nor does a table in the words in which cases are sent here (`external_ref`, `amount`).

No list of names is ever whole: a column that tells what an engine or a committee made of the loan by a name of the
house's own would teach a model the answer. So whoever looks also answers for the columns without a known name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.arrivals import move_on
from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Case, User
from cases.move import Move, require_transaction
from cases.notices import notify
from cases.states import State
from intake.gate.gate import SOURCE, SOURCE_WORDS, source_findings
from intake.gate.held import NOT_LOOKED_AT
from intake.gate.quality import QualityFinding
from intake.header_words.feature_naming import usual_name
from intake.health.quarantine import RELEASES, in_chunks, told_of
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.models import NUMBERED, Batch, MappingVersion, ReadingLook, Source, SourceStep
from intake.recognition.mapping import read_mapping
from intake.record.choose import INFERRED
from intake.sources.sources import hold_state, lock_source
from intake.tabular.returned import added_columns

Use = tuple[object, ...]
NOT_ANSWERED: Final = _("Say of the columns without a known name that they were known when the loan was asked for.")


def ask_for_look(version: MappingVersion) -> None:
    """Have somebody look at a recognised version before what it reads is decided on, where it says anything new of its
    source; whoever answers for the source is told. Runs inside the caller's transaction, which has just made the
    version or found it.

    A version that read tables before any look was asked for, as by hand on the command line, needs none.
    """
    require_transaction()
    if version.name != INFERRED or version.batches.exists() or not new_uses(version):
        return
    _look, is_new = ReadingLook.objects.get_or_create(version=version)
    if is_new:
        params = {"source": version.source.slug}
        notify(told_of(version.source), "reading_to_look_at", None, params, caused_by=None)


def new_uses(version: MappingVersion) -> frozenset[Use]:
    """What the version makes of columns that no version of its source that needs no look makes of them; nothing where
    every column is called what it is read as."""
    uses = _uses(version.content)
    if all(_says_itself(use) for use in uses):
        return frozenset()
    known = version.source.mappings.exclude(pk=version.pk).exclude(look__isnull=False, look__looked_at=None)
    for content in known.values_list("content", flat=True):
        uses -= _uses(content)
    return uses


def unnamed_columns(version: MappingVersion) -> tuple[str, ...]:
    """The columns that became features under no usual name and that nobody has looked at before: only a person can say
    whether they were known when the loan was asked for."""
    new = new_uses(version)
    return tuple(
        given.column
        for name, given in read_mapping(version.content, kept=True).features.items()
        if given.how == "column" and use_of(f"features.{name}", given) in new and usual_name(given.column) is None
    )


def use_of(name: str, given: Given) -> Use:
    """What is made of which column, by which factor, whether a comma is its decimal mark, and in which zone its moments
    are. Words for what is missing, whether a number is whole and whether any has a point, which change with the rows,
    are no part of it."""
    kind = "number" if given.type == "integer" else given.type
    if kind == "date" and given.unread:
        # The same texts, the days among them in one form.
        kind = "text"
    return (
        name,
        given.how,
        given.name,
        given.columns,
        kind,
        given.scale,
        given.format,
        given.value,
        given.decimal == ",",
        given.utc_offset,
    )


def waiting_looks(source: Source) -> QuerySet[ReadingLook]:
    """The looks at versions of the source that nobody has taken yet, the newest first."""
    waiting = ReadingLook.objects.filter(version__source=source, looked_at=None)
    return waiting.select_related("version").order_by("-version__number")


def waits_for_look(batch: Batch) -> bool:
    """Whether nobody has looked yet at how a batch is read."""
    return ReadingLook.objects.filter(version=batch.mapping_id, looked_at=None).exists()


def look_findings(batch: Batch) -> list[QualityFinding]:
    """What every new case of a batch waits for: a look at how it is read.

    Somebody looks while a chunk comes in: the chunk holds the source (`hold_state`), and either sees the look, or the
    look waits and finds its cases.
    """
    # Of messages nothing is recognised, and they are many: nothing is asked for them.
    if batch.kind not in NUMBERED or batch.mapping is None or not waits_for_look(batch):
        return []
    return [QualityFinding(SOURCE, NOT_LOOKED_AT, {"version": str(batch.mapping.number)}, SOURCE_WORDS)]


def is_not_looked_at(findings: Sequence[Mapping[str, Any]]) -> bool:
    return any(finding["code"] == NOT_LOOKED_AT for finding in findings)


def confirm_reading(slug: str, number: int, *, by: User, note: str = "", known_before: bool = False) -> Source:
    """Say that a version reads the columns of its source rightly, and that those without a known name were
    `known_before` anything was decided; the cases that waited only for that go on. Other versions that say nothing else
    are looked at with it.

    Raises:
        NotAllowed: neither supervisor nor administrator. SourceNotFound: no such source.
        CaseMoved: no such version waits for a look, or somebody was faster. BadDecision: the note is too long, or
        nobody answers for columns without a known name.
    """
    if not by.is_active or by.role not in RELEASES:
        raise NotAllowed
    why = rules.checked_note(note)
    with transaction.atomic(durable=True):
        source = lock_source(slug)
        waiting = {look.version.number: look for look in waiting_looks(source)}
        if number not in waiting:
            raise CaseMoved
        seen = [waiting.pop(number)]
        unnamed = unnamed_columns(seen[0].version)
        if unnamed and not known_before:
            raise BadDecision("known_before", NOT_ANSWERED)
        _keep(seen, by)
        others = [look for look in waiting.values() if not new_uses(look.version)]
        _keep(others, by)
        numbers = sorted(look.version.number for look in [*seen, *others])
        facts = {"versions": numbers, **({"known_before": unnamed} if unnamed else {})}
        SourceStep.objects.create(source=source, name=SourceStep.Name.LOOKED, actor=by, reason=why, facts=facts)
    free_looked_at(source)
    return source


def free_looked_at(source: Source) -> int:
    """Let go on what waited for a look that was taken; another finding that holds a case still wants a person."""
    waiting = [str(look.version.number) for look in waiting_looks(source)]
    still = Q()
    for number in waiting:
        still |= Q(findings__contains=[{"code": NOT_LOOKED_AT, "params": {"version": number}}])
    held = Case.objects.filter(source=source.slug, state=State.NEEDS_DATA, findings__contains=[{"code": NOT_LOOKED_AT}])

    def move(cases: Sequence[Case]) -> list[int]:
        # Quarantined meanwhile, or now: what goes on from here would be missed by it.
        hold_state(source)
        facts = {"looked_at": source.slug}
        changes = {case.pk: {"findings": _without_look(case, source), "attempts": 0} for case in cases}
        return move_on("confirm_reading", [Move(case.pk, case.version, changes[case.pk], facts) for case in cases])

    return in_chunks(held.exclude(still) if waiting else held, move)


def settle_looks() -> None:
    """What a look left to do: a process that died in the middle, or more cases than one go moves."""
    for source in Source.objects.filter(mappings__look__looked_at__isnull=False).distinct():
        free_looked_at(source)


def _keep(looks: Sequence[ReadingLook], by: User) -> None:
    for look in looks:
        look.looked_by, look.looked_at = by, timezone.now()
        look.save(update_fields=["looked_by", "looked_at"])


def _without_look(case: Case, source: Source) -> list[dict[str, Any]]:
    rest = [finding for finding in case.findings if finding["code"] != NOT_LOOKED_AT]
    known = {finding["code"] for finding in rest}
    return rest + [each.as_dict() for each in source_findings(source) if each.code not in known]


def _uses(content: Mapping[str, Any]) -> frozenset[Use]:
    """What a stored version makes of its columns, and which it leaves out."""
    mapping: CaseMapping = read_mapping(content, kept=True)
    added = added_columns(mapping.columns)
    read = {use_of(name, given) for name, given in mapping.named.items()}
    return frozenset(read | {("", column) for column in mapping.drop if column not in added})


def _says_itself(use: Use) -> bool:
    """Whether a column is called what it is read as, and its cells count as they stand."""
    if len(use) == 2:
        return False
    name, how, _made, columns, _kind, scale, _format, _value, has_comma, zone = use
    if how != "column":
        return True
    said = str(name).removeprefix("features.").replace(".", "_")
    return columns == (said,) and scale is None and not has_comma and not zone
