"""The factors that a mapping states of columns which it computes with and nothing else reads, and whether it has to."""

from __future__ import annotations

from collections.abc import Collection

from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.computed import fits, scales_of
from intake.mapped.derive import OF_NUMBERS
from intake.mapped.mapping_values import a_table, number_of, wrong


def read_scales(content: object, key: str, columns: Collection[str]) -> dict[str, str]:
    """`scales` as a mapping holds them, by the column. Raises MappingError where one is no factor, or of a column that
    is not computed with."""
    found = {}
    for column, value in a_table(content, key, columns).items():
        scale = number_of(value, f"{key}.{column}")
        if scale is None or scale <= 0:
            raise wrong(f"{key}.{column}", value, "> 0")
        found[column] = str(scale)
    return found


def check_scales(mapping: CaseMapping) -> None:
    """Raises MappingError where nobody tells in which unit a column counts beside the other one, or the mapping tells
    it of a column that it reads as a number in a unit of its own."""
    for name, inputs in mapping.inputs.items():
        computed = mapping.named[name]
        if computed.name not in OF_NUMBERS:
            continue
        for column, reading, unit in zip(computed.sources, inputs, mapping.units[name], strict=True):
            key = f"{name}.with.scales.{column}"
            if reading and fits(computed, reading) and column in scales_of(computed):
                raise MappingError("mapping_scale_of_read", key=key, name=reading.name)
            if unit and not unit.is_known:
                partner = next(each for each in computed.sources if each != column)
                raise MappingError("mapping_unit_unknown", key=key, name=column, partner=partner)
