"""Tables that nobody mapped and that are unlike those of before, so that their rows would be read wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from intake.header_words.header_units import squeeze
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.recognition.currency_before import lost_currency
from intake.record.shares_before import lost_percents, new_percents, open_shares


def refuse_unlike_before(
    slug: str, mapping: CaseMapping, past: Sequence[CaseMapping], sample: Sequence[Mapping[str, object]]
) -> None:
    """What a person has mapped is not asked about; `past` are the mappings of the source, the newest first, `sample`
    first rows of the table.

    Raises:
        MappingError: names the columns that lack, or that no longer say what their numbers are.
    """
    _refuse_lost_columns(mapping, past)
    if lost := lost_currency(slug, mapping, past):
        raise MappingError("currency_lost", name=lost[0], said=lost[1])
    # As a bare number it would be a hundredth of what it was.
    for name in lost_percents(slug, mapping, past, sample):
        raise MappingError("percent_lost", name=mapping.features[name].column)
    # 20% would stand beside 0.2 in one feature.
    for name in new_percents(slug, mapping, past, sample):
        raise MappingError("percent_new", name=mapping.features[name].column)
    # All of a column is in one unit, and nothing says in which.
    for name, low, high in open_shares(slug, mapping, past, sample):
        raise MappingError("share_open", name=mapping.features[name].column, low=low, high=high)


def _refuse_lost_columns(mapping: CaseMapping, past: Sequence[CaseMapping]) -> None:
    """A table without numbers is told by its columns: where some are missing by which its rows were told before, all
    that came before would be new. One that has half of them or fewer is another table, unless most of what was read of
    the columns stands under other names; and one that came without them before lacks nothing."""
    if not mapping.counts_equal_rows:
        return
    present = set(map(squeeze, mapping.columns))
    lacking: list[str] = []
    for then in past:
        told_by = [column for column in then.columns if column not in then.not_telling]
        lost = [column for column in told_by if squeeze(column) not in present]
        if then.counts_equal_rows and not lost:
            return
        if len(lost) * 2 < len(told_by) or _reads_as(then, mapping):
            lacking = lacking or (lost if then.counts_equal_rows else _lost_number(then, present))
    if lacking:
        raise MappingError("columns_lacking", names=", ".join(lacking))


def _reads_as(then: CaseMapping, mapping: CaseMapping) -> bool:
    """Whether most of what was read from columns then is read from some now, whatever they are called."""
    was, now = ({name for name, given in each.named.items() if given.how == "column"} for each in (then, mapping))
    return len(was & now) * 2 > len(was)


def _lost_number(then: CaseMapping, present: Collection[str]) -> list[str]:
    """The column of a table's own numbers, where it is gone: every row would be new under a reference of its values."""
    number = then.fields.get("external_ref")
    return [column for column in (number.columns if number else ()) if squeeze(column) not in present]
