"""What a policy may ask about a case, what its tables may say, and the three kinds of tables that it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from routing.table.fields import Choice, Field, Registry, registry_of
from routing.table.tables import APPROVE, REVIEW, Output, TableKind

DECLINE: Final = "decline"
FEATURE_PREFIX: Final = "feature_"
FEATURE_TYPES: Final = ("number", "date", "text")

BANDS: Final = (
    Choice("approve", "approve", "通过区间"),
    Choice("grey", "grey", "灰色区间"),
    Choice("decline", "decline", "拒绝区间"),
)
WAYS: Final = (
    Choice(APPROVE, "machine approves", "系统通过"),
    Choice(DECLINE, "machine declines", "系统拒绝"),
    Choice(REVIEW, "people look", "人工复核"),
)
# What a person decides, whose signatures the table of signatures asks for.
OUTCOMES: Final = (Choice(APPROVE, "Approve", "通过"), Choice(DECLINE, "Decline", "拒绝"))
INDUSTRY_LISTS: Final = (
    Choice("none", "on no list", "不在名单"),
    Choice("watch", "watch list", "关注名单"),
    Choice("red", "red list", "限制名单"),
)
OVERRIDES: Final = (
    Choice("none", "as advised", "与建议一致"),
    Choice("to_approve", "approves against the advice", "推翻建议而通过"),
    Choice("to_decline", "declines against the advice", "推翻建议而拒绝"),
)
# Of score points, the lowest of each band; everything below the last is E.
RISK_BANDS: Final = (("A", 620.0), ("B", 600.0), ("C", 580.0), ("D", 560.0))
RISK_BAND_CHOICES: Final = tuple(Choice(band, band, band) for band in ("A", "B", "C", "D", "E"))

CASE_FIELDS: Final = (
    Field("amount", "money", "Amount asked for", "申请金额", "policy currency", 0, source="case"),
    Field("currency", "text", "Currency", "币种", source="case"),
    Field("term_months", "integer", "Term", "期限", "months", 1, 1200, source="case"),
    Field("channel", "text", "Channel", "渠道", source="case"),
    Field("industry", "text", "Industry (投向)", "行业投向", source="case"),
    Field("region", "text", "Region", "地区", source="case"),
    Field("applicant_segment", "text", "Customer segment", "客群", source="case"),
    Field("key_customer", "boolean", "Key customer", "重点客户", source="case"),
    Field("opted_out", "boolean", "Wants no automated decision", "拒绝自动化决策", source="case"),
)
MODEL_FIELDS: Final = (
    Field("pd", "percent", "Probability of default", "违约概率", low=0, high=1, source="model"),
    Field("points", "number", "Score", "评分", "points", source="model"),
    Field("doubt", "percent", "Doubt", "存疑程度", low=0, high=1, source="model"),
)
# Worked out from the dials and lists of the same version.
DERIVED_FIELDS: Final = (
    Field("band", "choice", "Band of the PD", "违约概率区间", choices=BANDS, source="policy"),
    Field("doubtful", "boolean", "Doubt above the limit", "存疑超限", source="policy"),
    Field("amount_above_limit", "boolean", "Amount above the limit", "金额超限", source="policy"),
    Field("blacklisted", "boolean", "Applicant on the blacklist", "申请人在黑名单", source="policy"),
    Field("industry_list", "choice", "Industry list", "行业名单", choices=INDUSTRY_LISTS, source="policy"),
    Field("over_limit", "boolean", "Asks for more than the credit limit", "超出授信额度", source="policy"),
)
BOOK_FIELDS: Final = (
    Field("industry_share", "percent", "Share of its industry in the book", "行业集中度", low=0, high=1, source="book"),
    Field("region_share", "percent", "Share of its region in the book", "地区集中度", low=0, high=1, source="book"),
)
DECISION_FIELDS: Final = (
    Field("outcome", "choice", "Decision", "决定", choices=OUTCOMES, source="person"),
    Field("override", "choice", "Against the advice", "是否推翻建议", choices=OVERRIDES, source="person"),
)
RISK_BAND: Final = Field("risk_band", "choice", "Risk band", "风险等级", choices=RISK_BAND_CHOICES, source="policy")
# Fields of a policy that follow from the score without being it.
FROM_THE_SCORE: Final = frozenset({"band", "doubtful", "over_limit", RISK_BAND.key})
INCOME: Final = Field("yearly_income", "money", "Yearly income", "年收入", "policy currency", 0, source="case")

RULE_OUTPUTS: Final = (
    Output("way", "choice", "Way", "去向", choices=WAYS, required=True, combine="careful"),
    Output("tier", "integer", "Place in the queue (1 must, 3 if there is time)", "队列层级（1 必看，3 有余力再看）",
           low=1, high=3, combine="min"),
    Output("sla_hours", "number", "Hours to decide", "办理时限（小时）", low=0.25, high=8760, combine="min"),
    Output("reason", "text", "Reason code", "原因代码"),
)  # fmt: skip
SIGNATURE_OUTPUTS: Final = (
    Output("signatures", "integer", "Second signatures", "复核签字数", low=0, high=2, required=True, combine="max"),
)
LIMIT_OUTPUTS: Final = (
    Output("base", "money", "Base", "基础额度", low=0, combine="min"),
    Output("per_income", "number", "Times yearly income", "年收入倍数", low=0, high=20, combine="min"),
    Output("coefficient", "number", "Coefficient", "调整系数", low=0, high=10, combine="min"),
    Output("floor", "money", "Floor", "下限", low=0, combine="min"),
    Output("cap", "money", "Cap", "上限", low=0, combine="min"),
)
CAREFUL: Final[Mapping[str, int]] = MappingProxyType({APPROVE: 0, DECLINE: 1, REVIEW: 2})


@dataclass(frozen=True)
class Kinds:
    """The kinds of tables of one product: `features` are its own fields beside those that every product has."""

    features: tuple[Field, ...] = ()

    @cached_property
    def rules(self) -> TableKind:
        fields = (*CASE_FIELDS, *MODEL_FIELDS, *DERIVED_FIELDS, *BOOK_FIELDS, *self.features)
        return TableKind("rules", registry_of(fields), _by_key(RULE_OUTPUTS), CAREFUL)

    @cached_property
    def signatures(self) -> TableKind:
        fields = (*CASE_FIELDS, *MODEL_FIELDS, *DERIVED_FIELDS, *DECISION_FIELDS)
        return TableKind("signatures", registry_of(fields), _by_key(SIGNATURE_OUTPUTS))

    @cached_property
    def limits(self) -> TableKind:
        fields = (*CASE_FIELDS, *MODEL_FIELDS, RISK_BAND, INCOME, *self.features)
        return TableKind("limits", registry_of(fields), _by_key(LIMIT_OUTPUTS))

    @property
    def all_fields(self) -> Registry:
        """Every field that any table may ask about."""
        return {**self.limits.registry, **self.signatures.registry, **self.rules.registry}


def feature_field(name: str, kind: str, en: str, zh: str, unit: str = "", **ends: float | None) -> Field:
    """The field of one feature of a product: numbers as numbers, categories and texts as words."""
    type_ = "number" if kind == "number" else "date" if kind == "date" else "text"
    return Field(f"{FEATURE_PREFIX}{name}", type_, en, zh, unit, ends.get("low"), ends.get("high"), source="feature")  # type: ignore[arg-type]


def field_to_dict(field: Field) -> dict[str, Any]:
    """A feature's field in plain JSON, as a policy version keeps it."""
    kept = {"key": field.key, "type": field.type, "en": field.en, "zh": field.zh}
    return kept | {
        name: getattr(field, name) for name in ("unit", "low", "high") if getattr(field, name) not in ("", None)
    }


def field_from_dict(content: Mapping[str, Any]) -> Field:
    """The field that `field_to_dict` described. Raises ValueError or TypeError where it is none."""
    found = Field(**content, source="feature")
    words = (found.key, found.en, found.zh, found.unit)
    ends = (found.low, found.high)
    if (
        found.type not in FEATURE_TYPES
        or not all(isinstance(word, str) for word in words)
        or not all(end is None or (isinstance(end, int | float) and not isinstance(end, bool)) for end in ends)
        or found.choices
        or found.personal
    ):
        raise ValueError(f"{found.key} is no field of a feature")
    return found


def _by_key(outputs: Iterable[Output]) -> Mapping[str, Output]:
    return MappingProxyType({output.key: output for output in outputs})


def asks_the_model(keys: Iterable[str], registry: Registry) -> bool:
    """Whether one of these fields of a table is of the model or follows from it: that a row of theirs holds tells
    something of the score."""
    return any(registry[key].source == "model" or key in FROM_THE_SCORE for key in keys)
