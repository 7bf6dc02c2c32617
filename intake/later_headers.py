"""Recognises by its header what was only known after the decision: outcomes, later states of the loan, decisions."""

import re

from intake.header_units import names_in, squeeze

_AFTER_DECISION = re.compile(
    r"(is)?(default|defaulted|bad|good|target|label|outcome|class|y)(flag|ind|indicator|status|label)?\d*"
    r"|goodbad(flag)?|gbflag|default(next|payment|time|date|in|within|month).*|seriousdlqin2yrs|actualoutcome"
    r"|ever\d+(dpd|plus|m)?|(max|current)?dpd\d*"
    r"|(loan|account|mis|payment|repayment|current|final|credit)status|loancondition|loanresult"
    r"|(not|is)?(fullypaid|repaid|paidoff|paidback)"
    r"|paid(total|principal|interest|latefees?|off|back|amount|date).*"
    r"|(total|last|next)(paid|pymnt|payment|rec)(d|amnt|date|amount|inv|prncp|int|latefee)?|totalrec.*"
    r"|outprncp.*|(chgoff|chargeoff|chargedoff|writeoff|writtenoff).*|(total)?recover(y|ies|ed).*"
    r"|collectionrecoveryfee"
    r"|(current|outstanding|remaining)*(balance|principal)(gross|outstanding|remaining)?(?<!^principal)"
    r"|(settlement|hardship|debtsettlement).*|initiallist(ing)?status|disbursement(method|date|gross)?"
    r"|fundedamntinv|(overdue|late)(days|amount|flag)|days(overdue|pastdue|late)"
    r"|y(pred|prob|proba|predproba|hat|score)|prediction|predicted.*"
    r"|(deny|denied|approved?|reject(ed)?|accept(ed)?|decision|action|actiontaken|approvalstatus|loandecision)(flag|reasons?|code)?"
    r"|(rejection|decline|denial)(reasons?|code)"
    r"|lgd|ead|loss(amount)?"
)
_AFTER_DECISION_ZH = re.compile(
    r"(是否|有无)?(已|曾)?(逾期|违约|坏账|不良|核销|结清|拒绝|通过|批准|批核|拒贷|好坏|坏)(标志|标识|状态|标签|情况|结果|客户|用户|样本|率|原因)?"
    r"|标签|目标|目标变量|因变量|表现|结果|y标签|坏客户标签|好坏客户"
    r"|(贷款|还款|账户|借据|审批|审核|合同|履约|偿还)(状态|结果|结论|意见|情况|表现)|(审批|审核)记录"
    r"|(已还|实还|累计还款|已偿还|剩余|未还|未偿还|拖欠|回收|核销|逾期|累计还)(金额|本金|利息|总额|期数|余额|贷款)"
    r"|(贷款|当前|剩余|未结清|借据|未偿)?余额|(当前|最大|累计)?逾期(天数|期数|金额)|(当前|最大)逾期次数|五级分类|风险分类"
    r"|未来.*(逾期|违约)|(结清|核销|逾期|实际还款|还清|违约|(审批)?完成)(日期|时间|日)"
)
# What only a loan has that was granted; where nothing else says the amount or the day, these do.
_OF_THE_LOAN = re.compile(
    r"(实际)?(放款|发放|起息)(金额|日期|时间|日|状态|方式)|(net|total)?disbursed(loan)?(amount|amt)|(loan)?(amount|amt)disbursed"
)
# How often somebody was late: before the application where the header says no more, or with the loan itself.
_LATE_COUNT = re.compile(
    r"(是否)?(贷款|借款|还款|借据|账户|累计|总)*逾期(总)?(次数|笔数|月数)"
    r"|(total|num|number|no|count)?(of)?(late|overdue|pastdue|delinquent|missed)(payments?|instal?lments?)?"
    r"(count|counts|times|number|num|cnt)|(total|num|number|no|count)(of)?(late|overdue|missed)(payments?|instal?lments?)"
)
_OF_THIS_LOAN = re.compile(
    r"(放款|发放|贷款|用款|起息|审批|批准|决策)(之)?后|贷后|(本笔|该笔|本次|此笔|本贷款)"
    r"|(after|since|post)(the)?(loan|disbursement|disbursal|origination|funding|approval|decision|issue)"
)
_LATENESS = re.compile(r"逾期|违约|欠|不良|late|overdue|pastdue|dpd|delinq|default|arrears|missed")
_HISTORY = re.compile(r"历史|过往|过去|以往|近|征信|人行|past|history|previous|prior|last\d")
OUTCOME_WORDS = frozenset(
    {
        "good", "bad", "default", "defaulted", "non-default", "no default", "paid", "fully paid", "paid off",
        "charged off", "chgoff", "p i f", "pif", "current", "late", "in grace period", "late (16-30 days)",
        "late (31-120 days)", "repaid", "正常", "逾期", "违约", "结清", "已结清", "未违约", "未逾期", "坏账", "核销",
        "好", "坏", "好客户", "坏客户",
    }
)  # fmt: skip


def known_after_decision(header: str) -> bool:
    """Whether a header says that its column is an outcome, a later state of the loan or somebody's decision."""
    keys = names_in(header)
    is_late = any(_OF_THIS_LOAN.search(key) and _LATENESS.search(key) for key in keys)
    is_later = any(_AFTER_DECISION.fullmatch(key) or _AFTER_DECISION_ZH.fullmatch(key) for key in keys)
    return is_late or (is_later and not any(map(_HISTORY.search, keys)))


def may_be_after_decision(header: str) -> bool:
    """Whether a header counts how often somebody was late, and does not say whether before the application or with the
    loan itself."""
    key = squeeze(header)
    told = _HISTORY.search(key) or known_after_decision(header)
    return not told and any(map(_LATE_COUNT.fullmatch, names_in(header)))


def is_of_granted_loan(header: str) -> bool:
    """Whether a header names what only a loan has that was granted, such as the day on which it was paid out."""
    return any(map(_OF_THE_LOAN.fullmatch, names_in(header)))
