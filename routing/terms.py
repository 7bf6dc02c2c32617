"""What one version of a policy says: dials, tables, lists, promise, capacity, random arms, examples."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Final, Self

from cases.canonical import canonical_sha256
from routing.arms import Exploration, SettingError
from routing.capacity import Capacity
from routing.default_tables import RULES, SIGNATURES
from routing.fields import Kinds, field_from_dict, field_to_dict
from routing.table.fields import Field
from routing.table.tables import Table, TableErrors, read_table
from routing.terms_parts import Bands, Example, Guard, Promise, TermsError

__all__ = ["Bands", "Example", "Guard", "Promise", "Terms", "TermsError"]

LONGEST_SLA_HOURS: Final = 8760
MOST_CAUTION: Final = 2.0
SEGMENTS: Final = ("", "region", "industry", "channel", "applicant_segment")
LISTS: Final = ("blacklist", "industry_watch", "industry_red")


@dataclass(frozen=True)
class Terms:
    """One version. PDs and shares are fractions of one, `amount_limit` and `review_cost` are in `currency`.

    The machine approves below `approve_below` and declines from `decline_above` on, in a segment with `segment_bands`
    by those; but never approves what its own economics speak against, or declines what they speak for. `cut_off` is
    the PD at which the advice turns from approve to decline: None takes each loan's own, from its margin and LGD.
    Cases are held to lines and cut-offs that are `caution` log-odds lower, while the model is known to be too hopeful.
    """

    approve_below: float
    cut_off: float | None
    decline_above: float
    doubt_limit: float
    amount_limit: float
    currency: str
    audit_share: float
    sla_hours: float
    rules: Table = RULES
    signatures: Table = SIGNATURES
    limits: Table | None = None
    features: tuple[Field, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    segment_by: str = ""
    segment_bands: Mapping[str, Bands] = field(default_factory=dict)
    promise: Promise | None = None
    capacity: Capacity | None = None
    exploration: Exploration | None = None
    review_cost: float = 0.0
    reviewer_accuracy: float = 0.7
    caution: float = 0.0
    learned_value: Mapping[str, Any] | None = None
    guard: Guard | None = None
    examples: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        bands = Bands(self.approve_below, self.decline_above)
        for segment in self.segment_bands.values():
            Bands(segment.approve_below, segment.decline_above)
        if self.cut_off is not None and not bands.approve_below <= self.cut_off:
            raise TermsError("approve_below", "must not be above the cut-off", "不得高于临界值")
        if self.cut_off is not None and not self.cut_off <= bands.decline_above:
            raise TermsError("decline_above", "must not be below the cut-off", "不得低于临界值")
        for name in ("doubt_limit", "audit_share", "reviewer_accuracy"):
            if not 0 <= getattr(self, name) <= 1:
                raise TermsError(name, "must lie between 0 and 1", "应在 0 与 1 之间")
        if not 0 < self.amount_limit < math.inf:
            raise TermsError("amount_limit", "must be above 0 and finite", "应为大于 0 的有限金额")
        if not 0 <= self.review_cost < math.inf:
            raise TermsError("review_cost", "must not be below 0", "不得小于 0")
        if not 0 <= self.caution <= MOST_CAUTION:
            raise TermsError("caution", f"must lie between 0 and {MOST_CAUTION:g}", f"应在 0 与 {MOST_CAUTION:g} 之间")
        if not 0 < self.sla_hours <= LONGEST_SLA_HOURS:
            raise TermsError("sla_hours", f"must be above 0 and at most {LONGEST_SLA_HOURS}", "应大于 0 且不超过 8760")
        if len(self.currency) != 3:
            raise TermsError("currency", "must be a code of three letters", "应为三个字母的币种代码")
        if self.segment_by not in SEGMENTS or (self.segment_bands and not self.segment_by):
            raise TermsError("segment_by", f"is one of {', '.join(filter(None, SEGMENTS))}", "不是可用的分组字段")
        if set(self.lists) - set(LISTS):
            raise TermsError("lists", f"are {', '.join(LISTS)}", "存在未知的名单")

    @cached_property
    def kinds(self) -> Kinds:
        """What the tables of this version may ask and say."""
        return Kinds(self.features)

    @property
    def bands(self) -> Bands:
        """The lines of everybody who is in no segment with its own."""
        return Bands(self.approve_below, self.decline_above)

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Terms from plain JSON, as `to_dict` gave it or as an admin wrote it; what is left out has its usual value.

        Raises TermsError (TableErrors for a table) naming what cannot be.
        """
        known = {one.name for one in fields(cls)}
        strange = sorted(set(given) - known)
        if strange:
            raise TermsError(strange[0], "is not known", "不认识")
        content: dict[str, Any] = dict(given)
        _refuse_other_than_json(content)
        for name in (
            "approve_below",
            "cut_off",
            "decline_above",
            "doubt_limit",
            "amount_limit",
            "currency",
            "audit_share",
            "sla_hours",
        ):
            if name not in content:
                raise TermsError(name, "is missing", "缺失")
        try:
            _refuse_other_than_numbers(content)
            return cls(**_read_parts(content))
        except (TermsError, TableErrors):
            raise
        except (TypeError, ValueError, OverflowError, AttributeError, KeyError) as problem:
            raise TermsError("terms", f"cannot be read: {problem}", f"无法读取：{problem}") from problem

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, every field by its name."""
        plain = {
            name: getattr(self, name)
            for name in (
                "approve_below", "cut_off", "decline_above", "doubt_limit", "amount_limit", "currency", "audit_share",
                "sla_hours", "segment_by", "review_cost", "reviewer_accuracy",
            )
        }  # fmt: skip
        # Versions from before it have none, and keep their hash.
        plain |= {"caution": self.caution} if self.caution else {}
        return plain | {
            "rules": self.rules.to_dict(),
            "signatures": self.signatures.to_dict(),
            "limits": self.limits.to_dict() if self.limits else None,
            "features": [field_to_dict(one) for one in self.features],
            "lists": {name: list(words) for name, words in self.lists.items()},
            "segment_bands": {name: _plain(bands) for name, bands in self.segment_bands.items()},
            "promise": _plain(self.promise),
            "capacity": _plain(self.capacity),
            "exploration": _plain(self.exploration),
            "learned_value": dict(self.learned_value) if self.learned_value else None,
            "guard": _plain(self.guard),
            "examples": [_plain(example) for example in self.examples],
        }

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the terms in canonical JSON."""
        return canonical_sha256(self.to_dict())


NUMBERS: Final = (
    "approve_below", "cut_off", "decline_above", "doubt_limit", "amount_limit", "audit_share", "sla_hours",
    "review_cost", "reviewer_accuracy", "caution",
)  # fmt: skip


def _refuse_other_than_json(content: Mapping[str, Any]) -> None:
    """YAML knows days and sets, and figures that are none; what is stored and hashed does not."""
    for name, value in content.items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as problem:
            raise TermsError(name, f"cannot be kept: {problem}", f"无法保存：{problem}") from problem


def _refuse_other_than_numbers(content: Mapping[str, Any]) -> None:
    for name in NUMBERS:
        value = content.get(name)
        if (
            name in content
            and not (value is None and name == "cut_off")
            and (isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value))
        ):
            raise TermsError(name, "must be a number", "应为数值")


def _read_parts(content: dict[str, Any]) -> dict[str, Any]:
    """The parts of plain JSON as what `Terms` holds."""
    for name in NUMBERS:
        if content.get(name) is not None:
            content[name] = float(content[name])
    features = tuple(field_from_dict(one) for one in content.get("features") or ())
    kinds = Kinds(features)
    content["features"] = features
    for name, kind in (("rules", kinds.rules), ("signatures", kinds.signatures), ("limits", kinds.limits)):
        if content.get(name) is not None:
            content[name] = read_table(content[name], kind)
        elif name != "limits":
            content.pop(name, None)
    for name, shape in (
        ("promise", Promise), ("capacity", Capacity), ("exploration", Exploration), ("guard", Guard),
    ):  # fmt: skip
        if content.get(name) is not None:
            content[name] = _part(name, shape, content[name])
    if not isinstance(content.get("learned_value"), Mapping | None):
        raise TermsError("learned_value", "must be what was learned", "应为学习得到的内容")
    content["lists"] = {name: _words(name, words) for name, words in (content.get("lists") or {}).items()}
    content["segment_bands"] = {name: Bands(**bands) for name, bands in (content.get("segment_bands") or {}).items()}
    content["examples"] = tuple(Example(**one) for one in content.get("examples") or ())
    return content


def _part(name: str, shape: type[Any], given: Any) -> Any:
    """A part by its settings; a fault names the part and, where it is known, the setting."""
    try:
        return shape(**given)
    except TermsError:
        raise
    except SettingError as problem:
        raise TermsError(f"{name}.{problem.field}", problem.en, problem.zh) from problem
    except (TypeError, ValueError) as problem:
        raise TermsError(name, f"cannot be read: {problem}", f"无法读取：{problem}") from problem


def _words(name: str, given: Any) -> tuple[str, ...]:
    """The words of a list; one string would be read as its letters."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TermsError(f"lists.{name}", "must be a list of words", "应为词语列表")
    return tuple(map(str, given))


def _plain(part: Any) -> dict[str, Any] | None:
    if part is None:
        return None
    plain = {one.name: getattr(part, one.name) for one in fields(part)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in plain.items()}
