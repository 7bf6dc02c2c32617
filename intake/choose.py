"""Which mapping a table is read by: the one that was given, the signed or shipped one of its source, or what its
columns tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from intake.mapping import Mapping, infer_mapping, load_mapping, read_mapping
from intake.mapping_life import in_force
from intake.rows import bind_mapping, sample_rows
from intake.tables import Table

MAPPINGS: Final = Path(__file__).resolve().parent / "mappings"
INFERRED: Final = "inferred"
SIGNED: Final = "signed"


def mapping_for(table: Table, source: str, given: str | None) -> tuple[str, Mapping]:
    """The mapping of a table and its name.

    Raises:
        MappingError: the mapping cannot be read, or does not fit the table.
    """
    if given:
        return Path(given).name, bind_mapping(load_mapping(given, source=source), table)
    signed = in_force(source)
    if signed is not None:
        # Its number stands in what is stored with the file, so that the file names who signed what read it.
        mapping = replace(read_mapping(signed.content, source=source), version=signed.number)
        return f"{SIGNED} {signed.number}", bind_mapping(mapping, table)
    shipped = MAPPINGS / f"{source.replace('-', '_')}.yaml"
    if shipped.is_file():
        return shipped.name, bind_mapping(load_mapping(shipped, source=source), table)
    return INFERRED, bind_mapping(infer_mapping(table.columns, sample_rows(table), source), table)
