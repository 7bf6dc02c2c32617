"""What no table of a version can allow the machine: to decide about, or to approve, what people must see.

Everything here is a floor under the rules table, as `cases/rules.py` is one under the signatures: a row that was
written, moved or joined in a careless way costs people's time and never grants a loan that nobody may grant alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from routing.table.columns import BoolArray, Coded, Column
from routing.table.tables import Cell

# Who said so is not decided by a machine at all, neither way.
OPTED_OUT: Final = "opted_out"
# Fields that say yes of a case that the machine must not approve, in the order in which they are told.
RESERVED: Final = (OPTED_OUT, "key_customer", "amount_above_limit", "over_limit")
UNKNOWN: Final = "must_be_known"
# The floor's own names, as `policy.BLOCKS` has them.
FLOOR: Final = (*RESERVED, UNKNOWN)


@dataclass(frozen=True)
class Authority:
    """Of n cases which reserved fact `holds` (n,), and which of them is `unknown` (n,), by field key."""

    holds: Mapping[str, BoolArray]
    unknown: Mapping[str, BoolArray]

    @property
    def may_decide(self) -> BoolArray:
        """Whom the machine may decide about at all (n,)."""
        return ~(self.holds[OPTED_OUT] | self.unknown[OPTED_OUT])

    @property
    def may_approve(self) -> BoolArray:
        """Whom the machine may approve (n,): none of the facts holds, and all of them are known."""
        barred: BoolArray = np.logical_or.reduce([*self.holds.values(), *self.unknown.values()])
        return ~barred

    def stops(self, approves: BoolArray, decides: BoolArray) -> dict[str, BoolArray]:
        """By the names of FLOOR whom the machine is kept from (n,), of those whom it would approve, or decide."""
        reach = {key: decides if key == OPTED_OUT else approves for key in RESERVED}
        found = {key: self.holds[key] & reach[key] for key in RESERVED}
        open_ = np.logical_or.reduce([self.unknown[key] & reach[key] for key in RESERVED])
        return {**found, UNKNOWN: open_ & ~np.logical_or.reduce(list(found.values()))}


def authority_of(columns: Mapping[str, Column], n: int) -> Authority:
    """The reserved facts of n cases; a fact without a column is unknown of all of them."""
    holds, unknown = {}, {}
    for key in RESERVED:
        column = columns.get(key)
        figures = np.full(n, np.nan) if column is None or isinstance(column, Coded) else column
        holds[key], unknown[key] = figures == 1, ~((figures == 0) | (figures == 1))
    return Authority(holds, unknown)


def reserved_regions(amount_limit: float, *, has_limits: bool) -> tuple[dict[str, Cell], ...]:
    """The cases that every approving row must leave to people, as cells of the rules table."""
    yes = Cell("=", (True,))
    regions = [{key: yes} for key in RESERVED if key != "over_limit" or has_limits]
    # A row may bound the amount itself, or ask whether it is above the limit: either keeps it out.
    return tuple(
        {**region, "amount": Cell(">", (amount_limit,))} if "amount_above_limit" in region else region
        for region in regions
    )
