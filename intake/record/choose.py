"""Which mapping a table is read by: the one that was given, the shipped one of its source, or what its columns tell."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from intake.mapped.header_currencies import refuse_other_currencies
from intake.mapped.open_rates import refuse_open_rates
from intake.reading.rows import bind_mapping, sample_rows
from intake.reading.table_notes import lines_beside, notes_below, units_of, units_of_columns
from intake.recognition.currency_columns import refuse_open_currency
from intake.recognition.drawn_amounts import refuse_open_amount
from intake.recognition.mapping import CaseMapping, infer_mapping, load_mapping
from intake.recognition.open_money import refuse_open_money
from intake.recognition.open_terms import refuse_open_terms
from intake.recognition.open_units import refuse_open_units
from intake.recognition.swapped_days import refuse_swapped_days
from intake.recognition.told_incomes import refuse_other_incomes
from intake.recognition.told_periods import refuse_other_periods
from intake.recognition.unread_days import refuse_unread_day
from intake.recognition.unread_terms import refuse_unread_term
from intake.tabular.returned import added_columns
from intake.tabular.stated_units import refuse_passed_over
from intake.tabular.tables import Table

MAPPINGS: Final = Path(__file__).resolve().parents[1] / "mappings"
INFERRED: Final = "inferred"


def mapping_for(table: Table, source: str, given: str | None) -> tuple[str, CaseMapping]:
    """The mapping of a table and its name.

    Raises:
        MappingError: the mapping cannot be read, or does not fit the table; nobody gave one, and a column is in
            another currency than the cases, its days were swapped with their months, its cells or header leave their
            unit open, its amounts of money are no plain numbers, or a unit or period stands beside the header, below
            the rows, in the name of the sheet or in another one that it passes over.
    """
    shipped = MAPPINGS / f"{source.replace('-', '_')}.yaml"
    if given:
        return Path(given).name, bind_mapping(load_mapping(given, source=source), table)
    if shipped.is_file():
        return shipped.name, bind_mapping(load_mapping(shipped, source=source), table)
    sample = sample_rows(table)
    inferred = infer_mapping(table.columns, sample, source)
    refuse_open_amount(inferred, table.columns, sample)
    refuse_open_currency(inferred, sample)
    refuse_other_currencies(inferred)
    refuse_swapped_days(inferred, sample)
    below = notes_below(table)
    for stated in (units_of(table, sample, below), *units_of_columns(table, inferred)):
        refuse_passed_over(inferred, stated)
    refuse_open_units(inferred, sample)
    refuse_open_money(inferred, sample)
    lines = lines_beside(table, below)
    refuse_other_periods(inferred, table.columns, sample, lines)
    refuse_other_incomes(inferred, table.columns, sample)
    refuse_open_terms(inferred, table.columns, sample, lines)
    refuse_unread_term(inferred, table.columns, sample)
    refuse_unread_day(inferred, table.columns, sample)
    if not added_columns(table.columns):
        # A few mended rows tell less than the file that they stood in, by which they are read where it is known.
        refuse_open_rates(inferred, sample)
    return INFERRED, bind_mapping(inferred, table)
