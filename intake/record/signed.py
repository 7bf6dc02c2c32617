"""The mapping of a file as it arrives: the one it was given, the one that is signed for its source, or another."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from intake.mapped.case_mapping import MappingError
from intake.reading.rows import bind_mapping
from intake.recognition.mapping import CaseMapping, read_mapping
from intake.record.choose import mapping_for
from intake.record.mapping_steps import in_force
from intake.tabular.tables import Table

SIGNED: Final = "signed"


def mapping_in_force(table: Table, source: str, given: str | None) -> tuple[str, CaseMapping]:
    """The mapping of a table and its name: a file of the sender's own comes first, then what is signed, then
    `mapping_for`.

    Raises:
        MappingError: the mapping cannot be read, or does not fit the table.
    """
    signed = None if given else signed_mapping(table, source)
    return signed or mapping_for(table, source, given)


def signed_mapping(table: Table, source: str) -> tuple[str, CaseMapping] | None:
    """The mapping that is signed for a source, and its name. Raises MappingError where it does not fit the table."""
    signed = in_force(source)
    if signed is None:
        return None
    try:
        read = read_mapping(signed.content, source=source)
    except MappingError as refusal:
        # What is taken in a mapping has become less since then.
        told = {
            "key": refusal.params.get("key", ""),
            "value": refusal.params.get("value", refusal.params.get("name", "")),
        }
        raise MappingError("mapping_refused_now", version=str(signed.number), **told) from refusal
    # Its number stands in what is stored with the file, so that the file names who signed what read it.
    mapping = replace(read, version=signed.number)
    return f"{SIGNED} {signed.number}", bind_mapping(mapping, table)
