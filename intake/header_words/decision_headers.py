"""What the words of a header, put together, say of somebody's decision on the loan of its row: "Reason for Rejection",
是否放款, "Underwriter Comment".

A header is read from its first to its last word: of what (the loan, the application), what was decided or followed on
it, and what the column tells of that: a flag, a code, why, when, by whom. One word more, as in "Number of Declined
Applications", 历史拒绝次数 or "Pre-approved", may speak of earlier loans, or of what was known before.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_OF: Final = (
    r"(?:loan|credit|application|appl?|facility|lease|mortgage|card|deal|case|request|customer|client|applicant|borrower"
    r"|lend(?:er|ing)|bank|finance|proposal|opportunity|quote|risk|engine|strategy|system|auto(?:mat(?:ed|ic(?:ally)?))?|manual(?:ly)?|final(?:ly)?|first|second|primary|main"
    r"|secondary|committee|officer|underwrit(?:er|ing)|uw|the|is|was|if|not|code|name)*"
)
_FLAG: Final = r"flag|ind|indicator|yn|yesno|label|status|result|outcome|code|cd"
_REMARK: Final = r"comments?|remarks?|notes?|narrative"
_WHY: Final = rf"reasons?(?:names?)?|explanation|{_REMARK}|desc(?:ription)?|text|\d"
_KIND: Final = r"type|category"
_DAY: Final = r"date|dt|day|timestamp|time|on|at"
_BY: Final = r"by(?:the)?(?:customer|client|applicant|borrower|lend(?:er|ing)|bank|system|user|name|id)?"
# Days, amounts and terms of a consent may be all that a table says of the loan: other patterns know these.
_CONSENTED: Final = r"(?:un)?(?:approved|funded|booked|disbursed)|originated|takenup|paidout"
_ENDED: Final = (
    r"rejected|declined|denied|refused|turneddown|disapproved|withdrawn|cancell?ed|nottakenup|ntu(?=reason|flag)"
)
# "Decline" and "reject" alone may be of a trend or a command; a refusal is of this loan.
_REFUSAL: Final = r"rejection|denial|refusal|turndown|disapproval|adverseaction"
_REFUSE: Final = rf"{_REFUSAL}|reject|decline|deny|refuse|cancell?ation|cancel"
_OVERRIDE: Final = r"(?:policy|score(?:card)?|rate|pricing|grade|rule|highside|lowside)*(?:overrid(?:e|den)|overruled?)"
_OFFER: Final = (
    r"offer(?:accept(?:ed|ance)|declined|rejected|refused|expired|withdrawn|signed|taken(?:up)?)"
    r"|(?:accepted|declined|rejected)(?:the)?offer|offer(?=status|result|outcome)"
)
_DECIDER: Final = (
    r"(?:underwrit(?:er|ing)|uw|approv(?:er|al)|committee|decision(?:maker)?|adjudicat(?:or|ion)"
    r"|sanctioning(?:authority)?)"
)
_EN: Final = "|".join(
    (
        rf"(?:{_CONSENTED})(?:{_FLAG}|{_WHY}|{_BY})*",
        rf"(?:{_ENDED}|{_REFUSAL}|{_OVERRIDE}|{_OFFER})(?:{_FLAG}|{_WHY}|{_KIND}|{_DAY}|{_BY})*",
        rf"(?:{_REFUSE})(?:{_FLAG}|{_WHY}|{_KIND}|{_DAY}|{_BY}|notice|letter|sent|taken)+",
        # Of withdrawals from an account nobody gives a reason.
        rf"withdrawal(?:reasons?|{_REMARK})(?:{_WHY}|code)*",
        rf"(?:funding|booking|takeup|disburs(?:ement|al))(?:flag|ind|indicator|yn|status|result|outcome|{_REMARK})+",
        rf"approval(?:flag|ind|indicator|yn|status|result|outcome|code|{_WHY})*",
        # Of a loan the principal is an amount.
        rf"(?:(?:principal)?reasons?(?:codes?)?(?:for|of|why)?|why)(?:the)?(?:loan|credit|application)?(?:not)?"
        rf"(?:{_ENDED}|{_REFUSE}|{_OVERRIDE}|approv(?:al|ed)|funded|booked|withdrawal|decision)(?:{_WHY}|code)*",
        # What else was offered, at which rate, for how long.
        r"counter(?:offer(?:ed)?|proposal).*",
        rf"decision(?:{_FLAG}|{_WHY}|{_KIND}|{_BY})*|disposition(?:{_FLAG}|{_WHY}|{_DAY})*",
        rf"actiontaken(?:{_KIND}|name|{_DAY})*",
        rf"(?:human|credit|loan)*review(?:er)?s?(?:result|outcome|decision|conclusion|{_REMARK})+",
        rf"{_DECIDER}s?(?:{_REMARK}|opinion|recommendation|conditions?|verdict|memo)+",
        r"(?<=final)(?:result|outcome|verdict)|(?<=committee)votes?|(?<=risk)outcome|(?<=uw)status|(?<=underwriting)status",
        r"(?:took|take)up(?:flag|ind|indicator|yn)?|passed|(?<=is)pass|pass(?:flag|ind|indicator|yn|result|status)",
        r"(?<=risk)(?:result|status)",
        # As those who sell loans call it.
        r"(?:proposal|deal|opportunity|quote)(?:status|result|outcome|stage)+",
        rf"won(?:{_FLAG})*|(?:deal|opportunity|closed)(?:won|lost)(?:{_FLAG}|{_WHY})*|(?:loss|lost)reason(?:{_WHY}|code)*",
        # How sure a deal is follows from its stage: all and none once it is closed.
        r"(?:is|deal|opportunity)closed|(?:win|closing)?probability|forecastcategory(?:name)?|expectedrevenue",
        # What an engine of rules says, and which limit somebody would give.
        r"(?:engine|strategy)(?:result|outcome|recommendation)",
        r"(?:recommended|suggested|proposedby(?:system|model))(?:max(?:imum)?)?(?:credit|loan)?(?:limit|amount|amt|action|term|tenor|rate)",
    )
)
# In India a loan is sanctioned; a flag of that name may be of the lists of sanctions.
_SANCTIONED: Final = (
    r"(?:is|was)?(?:loan|credit|facility|application)+sanctioned(?:flag|yn|status|by)?|sanctioned(?:by)?"
)

_OF_ZH: Final = (
    "(?:本次|此次|本笔|该笔|贷款|借款|授信|融资|信贷|业务|申请单?|进件|订单|合同|客户|资方|银行|系统|机器|(?:决策)?引擎|策略|模型|规则|有权(?:审批)?人|评委|人工|自动|风控|最终"
    "|总行|分行|支行)*"
)
_CHECK_ZH: Final = (
    "(?:审批|审核|审查|审定|审议|评审|会签|会审|审贷会?|贷审会?|复议|初审|复审|终审|信审|机审|批复|复核|核准|批准|批核|核批|签批|获批|批贷"
    "|决策)"
)
_PAID_ZH: Final = "(?:放款|放贷|下款|发放|提款|提现|支用|出账|投放|签[约署订](?:合同)?|用信|成交)"
_REFUSED_ZH: Final = "(?:拒绝|拒贷|拒件|拒单|拒批|被拒|否决|驳回|退件|退单|撤件|撤单)"
# Alone these may be of anything.
_ENDED_ZH: Final = (
    f"(?:{_REFUSED_ZH}|退回|撤回|撤销|取消|作废|[不未]予?(?:通过|批准|批|放款|签约)|(?:{_CHECK_ZH}|{_PAID_ZH})失败"
    "|拒(?=[因码]))"
)
_FLAG_ZH: Final = "标志|标识|标记|标签|状态|情况|结果|结论|与否"
_SAID_ZH: Final = "意见|备注|评语|批语|批注"
_WHY_ZH: Final = rf"原因|理由|因|说明|描述|代码|编码|码|{_SAID_ZH}|\d"
_IS_ZH: Final = "(?:是否|有无|已|未|被)"
_ZH: Final = "|".join(
    (
        rf"{_CHECK_ZH}+(?:是否)?(?:通过)?(?:{_FLAG_ZH}|{_WHY_ZH}|建议|条件|内容)+",
        rf"{_CHECK_ZH}*(?:{_REFUSED_ZH}|{_ENDED_ZH}(?:{_FLAG_ZH}|{_WHY_ZH}|类型|类别|分类|日期|时间|日)+"
        rf"|{_IS_ZH}+{_OF_ZH}{_ENDED_ZH})",
        rf"{_CHECK_ZH}+(?:是否)?通过",
        # Why a loan is drawn is its purpose.
        rf"{_PAID_ZH}+(?:是否)?(?:成功)?(?:{_FLAG_ZH}|{_SAID_ZH})+|{_PAID_ZH}+是否成功",
        # What was drawn (已支用) may be an amount.
        rf"(?:是否|有无)已?{_OF_ZH}(?:成功)?{_PAID_ZH}+(?:成功)?|[已未](?:放款|签约)",
        rf"{_CHECK_ZH}*是否已?{_OF_ZH}{_CHECK_ZH}*(?:通过|过件|批准|核准|获批|批复|批贷){_CHECK_ZH}*",
        f"(?<=最终)(?:{_FLAG_ZH}|意见|决定)|(?<=授信)(?:结果|结论)",
        # Of a model or a rule the result is what the engine made of the application; 系统状态 is of the system.
        "(?<=[统器擎略型则工动控])(?:结果|结论|意见|决定|决策|建议)|(?<=[终款信务])决策",
        "(?<=[信款])(?:通过|批准)|批复条件|建议(?:授信|贷款|批复|放款|审批)?(?:额度|金额|期限|利率|定价)",
    )
)
_DECIDED: Final = re.compile(
    rf"{_OF}(?:{_EN})|{_SANCTIONED}|{_OF_ZH}(?:{_ZH})"
    r"|(?:deny|denied|approved?|reject(?:ed)?|accept(?:ed)?|action|actiontaken|approvalstatus)(?:flag|reasons?|code)?"
    r"|(?:approved|rejected|declined|sanctioned|decided)by"
    "|(?:是否|有无)?(?:已|曾)?(?:拒绝|通过|批准|批核|拒贷)(?:标志|标识|状态|标签|情况|结果|客户|用户|样本|率|原因)?"
    "|(?:审批|审核)(?:表现|记录)|(?:审批)?完成(?:日期|时间|日)"
)


@lru_cache(maxsize=4_096)
def tells_verdict(key: str) -> bool:
    """Whether a squeezed header says nothing but what somebody decided on the loan of its row, or did upon it."""
    return _DECIDED.fullmatch(key) is not None
