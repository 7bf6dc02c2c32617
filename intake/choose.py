"""Which mapping a table is read by: the one that was given, the shipped one of its source, or what its columns tell."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from intake.mapping import CaseMapping, infer_mapping, load_mapping
from intake.rows import bind_mapping, sample_rows
from intake.tables import Table

MAPPINGS: Final = Path(__file__).resolve().parent / "mappings"
INFERRED: Final = "inferred"


def mapping_for(table: Table, source: str, given: str | None) -> tuple[str, CaseMapping]:
    """The mapping of a table and its name.

    Raises:
        MappingError: the mapping cannot be read, or does not fit the table.
    """
    shipped = MAPPINGS / f"{source.replace('-', '_')}.yaml"
    if given:
        return Path(given).name, bind_mapping(load_mapping(given, source=source), table)
    if shipped.is_file():
        return shipped.name, bind_mapping(load_mapping(shipped, source=source), table)
    return INFERRED, bind_mapping(infer_mapping(table.columns, sample_rows(table), source), table)
