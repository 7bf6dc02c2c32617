"""Which rows are on record already, under the name and with the content by which earlier mappings took them in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, F, Max, Q

from cases.models import Case
from intake.gate.held import is_returned
from intake.header_words.header_units import squeeze
from intake.mapped.earlier_readings import EarlierMapping, earlier_mapping, other_readings
from intake.mapped.given import Given
from intake.mapped.left_out import is_same
from intake.mapped.submission import Submission
from intake.models import MappingVersion, Source
from intake.reading.rows import ReadRow
from intake.recognition.mapping import CaseMapping, MappingError, read_mapping
from intake.record.days_on_record import with_days_on_record
from intake.record.known_numbers import KnownCase, known_by_number
from intake.values.outliers import EQUAL_BUT_NUMBER, MAY_BE_ON_RECORD, Note

# Of so many versions, the newest, it is asked whether they read the same columns in another way.
VERSIONS_MOST: Final = 200
# Some rows of a table of rich content stand in it twice by mistake.
EQUAL_MOST: Final = 0.05
# So many cases tell what a source has sent.
CASES_MOST: Final = 1000
_OF_A_CASE: Final = ("external_ref", "content_hash", "findings", "origin__left_out")


def past_mappings(slug: str, *, but: Collection[int] = ()) -> list[CaseMapping]:
    """The mappings by which tables of a source were read, that of the last one first, without those of the keys
    `but`."""
    past = []
    versions = MappingVersion.objects.filter(source__slug=slug).exclude(pk__in=but).annotate(last=Max("batches"))
    in_order = versions.order_by(F("last").desc(nulls_last=True), "-number").values_list("content", flat=True)
    for content in in_order[:VERSIONS_MOST]:
        try:
            past.append(read_mapping(content, source=slug, kept=True))
        except MappingError:
            # Nothing is read in a way that is refused now.
            continue
    return past


def earlier_mappings(source: Source, mapping: CaseMapping, past: Sequence[CaseMapping]) -> list[EarlierMapping]:
    """Those of its `past_mappings` by which the same columns of this source were read in another way before: what is
    recognised changes with the values of a table and with an upgrade, and people sign other mappings."""
    others = other_readings(mapping, past)
    return [
        earlier_mapping(each, mapping, is_sure=not each.counts_equal_rows or _told_apart(source, each))
        for each in others
    ]


def _told_apart(source: Source, mapping: CaseMapping) -> bool:
    """Whether hardly any of the rows that this mapping made references of were equal. Where many were, as of an amount
    and a term and nothing else, a new loan may be equal to an old one, and is not to be lost."""
    made = Case.objects.filter(source=source.slug, external_ref__startswith=mapping.fields["external_ref"].prefix)
    made = made.filter(external_ref__regex=r"[0-9A-F]{16}(-[0-9]+)?$")
    counts = made.aggregate(all=Count("pk"), equal=Count("pk", filter=Q(external_ref__regex=r"[0-9A-F]{16}-[0-9]+$")))
    return bool(counts["equal"] <= EQUAL_MOST * counts["all"])


def as_on_record(source: Source, rows: list[ReadRow], *, anew: Collection[int] = ()) -> list[ReadRow]:
    """The rows, those among them that another mapping has taken in before as they were then: an old file that is sent
    again makes no second case under another reference. Where that is not sure a person is asked. The cases `anew` get
    another reference now.

    Only the same content under the same reference is the same row. A row that came back corrected is not known by an
    earlier reference alone: that may be a number which was left for good reason, because several loans share it. Where
    the row of then had the number that is the reference now, or the reference was made of the row, which others do not
    share, it is that case: with other content, as of M that came again as 男, it is refused.
    """
    rows = with_days_on_record(source.slug, rows)
    by_number = known_by_number(source.slug, rows, but=anew)
    names = set()
    for at, row in enumerate(rows):
        if row.submission is not None and (row.earlier or at in by_number):
            names |= _names(row)
    if not names:
        return rows
    on_record = Case.objects.filter(source=source.slug, external_ref__in=names)
    stored = {ref: told for ref, *told in on_record.values_list(*_OF_A_CASE)}
    secret = settings.SECRET_KEY
    known = [
        row if row.submission is None else _as_stored(row, row.submission, stored, by_number.get(at, ()), secret)
        for at, row in enumerate(rows)
    ]
    return _one_each(rows, known)


def _one_each(rows: Sequence[ReadRow], known: Sequence[ReadRow]) -> list[ReadRow]:
    """Of several rows that have references of their own now, and had one then, only the first was taken in: whether
    the others are news, as three trucks of one contract are, a person is asked. Which row a case came of is told by
    what its row left out; of cases from before that was kept only the rows that stand together tell."""
    first: dict[str, str] = {}
    told = []
    for row, as_known in zip(rows, known, strict=True):
        if row.submission is not None and as_known.submission is not None:
            own, then = row.submission.external_ref, as_known.submission.external_ref
            if own != then and first.setdefault(then, own) != own:
                told.append(replace(row, notes=(*row.notes, Note("applicant", MAY_BE_ON_RECORD, {"value": then}))))
                continue
        told.append(as_known)
    return told


def _as_stored(
    row: ReadRow, case: Submission, stored: dict[str, list[Any]], by_number: Sequence[KnownCase], secret: str
) -> ReadRow:
    if case.external_ref in stored:
        if stored[case.external_ref][0] in case.hashes:
            return row
        # Where case tells references apart, as of aB1 and AB1, one with a case of its own is not the other.
        by_number = [each for each in by_number if not each.by_form]
    if by_number:
        return _as_numbered(row, case, by_number)
    of_row = of_number = ""
    for reading in row.earlier:
        content_hash, findings, left_out = stored.get(reading.external_ref, ("", [], []))
        if not content_hash:
            continue
        is_row = is_same(secret, row.raw, reading.then.told_by, left_out or ())
        if content_hash not in reading.hashes():
            if reading.lost_zeros and reading.external_ref != case.external_ref:
                if is_returned(findings):
                    return replace(row, submission=replace(case, external_ref=reading.external_ref))
                of_number = of_number or reading.external_ref
            # By its number it may be this case, which came with other content or was mended since.
            is_of_row = is_row or (reading.then.mapping.counts_equal_rows and reading.then.is_sure)
            of_row = of_row or (reading.external_ref if is_of_row else "")
            continue
        # Which of equal rows is called -2 follows from their order: by its number it may be another of them.
        is_other = is_row is False and not reading.then.mapping.counts_equal_rows
        if is_other or not (is_row or reading.then.is_sure):
            code = EQUAL_BUT_NUMBER if is_other else MAY_BE_ON_RECORD
            return replace(row, notes=(*row.notes, Note("applicant", code, {"value": reading.external_ref})))
        # What was returned waits for what it is read as now, though its sender changed nothing. What tells more than
        # before is refused, as one that came with another content.
        known = case.content_hash if is_returned(findings) or reading.tells_more() else content_hash
        return replace(row, submission=replace(case, external_ref=reading.external_ref, content_hash=known))
    if of_number and not of_row:
        # 7702 with other content may be 07702 that came without its zero, or another loan.
        return replace(row, notes=(*row.notes, Note("applicant", MAY_BE_ON_RECORD, {"value": of_number})))
    return replace(row, submission=replace(case, external_ref=of_row)) if of_row else row


def _as_numbered(row: ReadRow, case: Submission, known: Sequence[KnownCase]) -> ReadRow:
    """A row whose number is that of cases on record: it is the one with its content, or the only one, changed since.
    With other content 7702 may be 07702 that lost its zero, as ln-7 may be LN-7, or another loan; so may be one of
    somebody else."""
    for each in known:
        is_now = each.content_hash == case.hash_under(each.external_ref)
        then = next((past for past in row.earlier if each.content_hash in past.hashes(each.external_ref)), None)
        if is_now or then:
            is_news = is_returned(each.findings) or (not is_now and then is not None and then.tells_more())
            content_hash = case.content_hash if is_news else each.content_hash
            return replace(row, submission=replace(case, external_ref=each.external_ref, content_hash=content_hash))
    first = known[0]
    is_of_other = "applicant.id" not in case.derived and case.applicant.external_id != first.applicant
    if len(known) == 1 and (is_returned(first.findings) or not (first.by_form or is_of_other)):
        return replace(row, submission=replace(case, external_ref=first.external_ref))
    return replace(row, notes=(*row.notes, Note("applicant", MAY_BE_ON_RECORD, {"value": first.external_ref})))


def not_on_record(slug: str, rows: Sequence[ReadRow], *, but: int | None = None) -> list[ReadRow]:
    """The rows of a source of which cases may come: under none of their references or numbers is one on record, unless
    it was returned to be sent again, or came in the batch `but`."""
    names = [_names(row) for row in rows]
    on_record = Case.objects.filter(source=slug, external_ref__in=set().union(*names))
    on_record = on_record.exclude(origin__batch=but) if but else on_record
    stored = {ref for ref, found in on_record.values_list("external_ref", "findings") if not is_returned(found)}
    by_number = known_by_number(slug, rows)
    for at, cases in by_number.items():
        stored_here = {each.external_ref for each in cases if each.batch != but and not is_returned(each.findings)}
        names[at] |= stored_here
        stored |= stored_here
    return [row for row, own in zip(rows, names, strict=True) if stored.isdisjoint(own)]


def _names(row: ReadRow) -> set[str]:
    return {row.submission.external_ref, *(each.external_ref for each in row.earlier)} if row.submission else set()


def known_cases(source: Source, cases: Sequence[Submission]) -> set[str]:
    """The references of those that are on record with this very content."""
    on_record = Case.objects.filter(source=source.slug, external_ref__in=[case.external_ref for case in cases])
    stored = dict(on_record.values_list("external_ref", "content_hash"))
    return {case.external_ref for case in cases if stored.get(case.external_ref) in case.hashes}


def read_before(past: Sequence[CaseMapping]) -> dict[str, Given]:
    """How each column was read last, by its name without unit."""
    read: dict[str, Given] = {}
    for then in past:
        for given in then.features.values():
            if given.how == "column":
                read.setdefault(squeeze(given.column), given)
    return read


def stored_values(slug: str, name: str) -> list[object]:
    """What the newest cases of a source hold in a feature, where it is not missing."""
    cases = Case.objects.filter(source=slug, features__has_key=name).order_by("-pk")
    held = cases.values_list(f"features__{name}", flat=True)[:CASES_MOST]
    return [value for value in held if value is not None]
