"""Parts of a version's terms beside its tables: lines, promise, guard, examples; and how a fault in them is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class TermsError(ValueError):
    """Terms that contradict themselves; `field` names the one at fault."""

    def __init__(self, name: str, en: str, zh: str = "") -> None:
        self.field, self.en, self.zh = name, en, zh or en
        super().__init__(f"{name}: {en}")


@dataclass(frozen=True)
class Bands:
    """PDs between which people look: the machine approves below the first and declines from the second on."""

    approve_below: float
    decline_above: float

    def __post_init__(self) -> None:
        if not 0 < self.approve_below <= 1:
            raise TermsError("approve_below", "must be above 0 and at most 1", "应大于 0 且不超过 1")
        if not self.approve_below <= self.decline_above <= 1:
            raise TermsError(
                "decline_above", "must not be below the approval line and at most 1", "不得低于通过线，且不超过 1"
            )


@dataclass(frozen=True)
class Promise:
    """Of the loans that turn bad the machine approves at most `miss_rate`, of the good ones it declines at most
    `good_decline_rate` (None: not promised), each with `confidence`. `evidence` is what the cut-offs were drawn from.
    """

    miss_rate: float
    good_decline_rate: float | None = None
    confidence: float = 0.95
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("miss_rate", "good_decline_rate", "confidence"):
            share = getattr(self, name)
            if share is not None and not 0 < share < 1:
                raise TermsError(f"promise.{name}", "must lie between 0 and 1", "应在 0 与 1 之间")


@dataclass(frozen=True)
class Guard:
    """When reality leaves the simulation: by more than `tolerance` (share points beyond chance) over at least
    `least_cases` cases an alert is raised, and with `fall_back` the version before is put in force again."""

    tolerance: float = 0.05
    least_cases: int = 200
    fall_back: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance < 1:
            raise TermsError("guard.tolerance", "must lie between 0 and 1", "应在 0 与 1 之间")
        if self.least_cases < 30:
            raise TermsError("guard.least_cases", "must be 30 or more", "至少为 30")


@dataclass(frozen=True)
class Example:
    """A case that every version must decide as told: `inputs` by field key, `way` approve, decline or review."""

    name_en: str
    name_zh: str
    inputs: Mapping[str, float | str | bool | None]
    way: str

    def __post_init__(self) -> None:
        plain = isinstance(self.inputs, Mapping) and all(isinstance(key, str) for key in self.inputs)
        if not plain or not all(map(_is_input, self.inputs.values())):
            raise TermsError("examples", "each needs inputs by the names of fields", "每个样例都需要按字段名给出的输入")
        if not all(isinstance(text, str) for text in (self.name_en, self.name_zh, self.way)):
            raise TermsError("examples", "names and ways are words", "名称与去向应为文字")


def _is_input(value: object) -> bool:
    # Beyond this a whole number is no figure that a column could hold.
    too_large = isinstance(value, int) and abs(value) > 2**53
    return value is None or (isinstance(value, float | int | str) and not too_large)
