"""Recognises by its header what was only known after the decision: outcomes, later states of the loan, decisions."""

import re
from collections.abc import Iterable

from intake.header_words.decision_headers import tells_verdict
from intake.header_words.header_units import name_alone, names_in, says_days
from intake.header_words.loan_states import state_told
from intake.header_words.loan_tapes import tells_since_granted
from intake.values.traditional import simplified

_AFTER_DECISION = re.compile(
    r"(is)?(default|defaulted|bad|good|target|label|outcome|class|y)(flag|ind|indicator|status|label)?\d*"
    r"|goodbad(flag)?|gbflag|default(next|payment|time|date|in|within|month).*|seriousdlqin2yrs|actualoutcome"
    r"|ever\d+(dpd|plus|m)?|(max|current)?dpd\d*|(is)?[fst]pd\d*(flag|ind|days|标志|标识|标签)?|mob\d{1,2}ever\d{1,3}(dpd|plus|p)?(flag)?|nonaccrual(flag|status|date|ind)?|reo(date|dt|flag|status)?|(first|early)(payment|instal?lment|emi)(default|missed|late).*"
    r"|(loan|account|mis|payment|repayment|current|final|credit)status|loancondition|loanresult"
    r"|(not|is)?(fullypaid|repaid|paidoff|paidback)"
    r"|paid(total|principal|interest|latefees?|off|back|amount|date).*"
    r"|(total|last|next)(paid|pymnt|payment|rec)(d|amnt|date|amount|inv|prncp|int|latefee)?|totalrec.*"
    r"|outprncp.*|(total)?recover(y|ies|ed).*"
    r"|collectionrecoveryfee"
    r"|(current|outstanding|remaining)*(balance|principal)(gross|outstanding|remaining)?(?<!^principal)"
    r"|(settlement|hardship|debtsettlement).*|initiallist(ing)?status|disbursement(method|gross)?"
    r"|fundedamntinv|(overdue|late)(days|amount|flag)|days(overdue|pastdue|late)"
    r"|y(pred|prob|proba|predproba|hat|score)|prediction|predicted.*"
    r"|lgd|ead|exposureatdefault|loss(amount)?|(time|days|months)todefault|creditability|kredit|(loan)?paidback|repayfail(ed|ure)?"
    r"|flag(bad|good)|(is)?(bad|default|delinquent)\d{1,3}(m|mths?|months?|d|days?)?|\d{2,3}dpdever|seriousdlq.*"
    r"|perf(ormance)?(flag|class|label|ind)|risklabel|legalaction(flag|date|status|taken)?|stageifrs9"
)
_AFTER_DECISION_ZH = re.compile(
    r"(是否|有无)?(已|曾)?(逾期|违约|坏账|不良|核销|结清|好坏|坏)(标志|标识|状态|标签|情况|结果|客户|用户|样本|率|原因)?"
    r"|标签|目标|目标变量|因变量|表现|结果|y标签|坏客户标签|好坏客户"
    r"|(贷款|还款|账户|借据|合同|履约|偿还)(状态|结果|结论|意见|情况|表现)"
    r"|(已还|实还|累计还款|已偿还|剩余|未还|未偿还|拖欠|回收|核销|逾期|累计还)(金额|本金|利息|总额|期数|余额|贷款)"
    r"|(贷款|当前|剩余|未结清|借据|未偿)?余额|(当前|最大|累计)?逾期(天数|期数|金额)|(当前|最大)逾期次数|五级分类|风险分类"
    r"|(是否)?首(期|次)?逾(期)?(标识|标志|标签|客户|天数)?|(是否)?(首期|首次)(还款)?逾期.*|(首刷|首次(用卡|用款|还款)|激活)(日期|时间|日)"
    r"|(流程|单据|工单)(当前)?(状态|节点|环节|阶段|结果)|当前(流程|审批)?(节点|环节|步骤|处理人|审批人)|(流程)?(办结|归档)(时间|日期)"
    r"|(风险)?预警(等级|级别|信号|状态)|贷后.+|(是否)?(已)?激活(状态|标志|标识)?|(首次|累计|最近)?提现(金额|时间|日期|次数|笔数)"
    r"|(结清|还清|核销|处置|清收)(方式|类型|原因)|(认定|转|转为|形成|进入)?(不良|逾期|违约)(认定)?(日期|时间|日|金额|原因)|(资产)?减值(阶段|准备|计提|损失)(金额)?|欠缴.*"
    r"|当前(期数|期次|应还(金额|本金|利息)?)|表现期.+"
    r"|未来.*(逾期|违约)|(结清|核销|逾期|实际还款|还清|违约)(日期|时间|日)"
)
# What only a loan has that was granted; where nothing else says the amount or the day, these do.
_OF_THE_LOAN = re.compile(
    r"(实际)?(放款|发放|起息)(金额|日期|时间|日|状态|方式)|(net|total)?disbursed(loan)?(amount|amt)|(loan)?(amount|amt)disbursed"
    r"|(loan)?(disburs(ement|al|ed)|funded|raised)(date|on|time|dt)|满标(日期|时间)|(date|day)(of)?disburs(ement|al|ed)"
)
# How a loan performed by months on book (MOB6 30+) or by months overdue (M3+): no squeezed name keeps that sign.
_ROLL = re.compile(
    r"MOB[\s_-]*\d{1,2}[\s_-]*(ever|is|是否)?[\s_-]*(\d{1,3}\s*(\+|plus|dpd)|M\d{1,2}\s*\+?|bad|good|default|dpd|逾期|违约|坏).*"
    r"|(是否|当前|最大|曾|ever|is)?[\s_]*M\d{1,2}\s*(\+|plus)?[\s_]*(逾期|违约|bad|overdue|delinquent).*"
    r"|(是否|当前|最大|曾|ever|is)?[\s_]*M\d{1,2}\s*\+(标志|标识|标签|客户|flag)?"
    r"|逾期\s*(M\d{1,2}|\d{1,3})\s*\+?(天|期)?(以上)?(标志|标识)?|(是否|ever)?[\s_]*\d{1,3}\s*\+\s*(dpd|days?|天)(逾期|标志|标识|flag)?",
    re.IGNORECASE,
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
# 最近还款日 is of one payment; "past due" is the present.
_HISTORY = re.compile(
    r"历史|过往|过去|以往|近(?!一?[次期]?还款)|征信|人行|他行|外部|其他(银行|机构|平台|贷款|借款)|past(?!due|atus)|history|previous|prior"
    r"|last\d|existing|bureau|external|others?(bank|lender|loan|institution|credit|debt)"
)
_OUTCOMES = frozenset(
    {
        "good", "bad", "default", "defaulted", "non default", "no default", "paid", "fully paid", "paid off",
        "charged off", "chgoff", "p i f", "pif", "current", "late", "in grace period", "late (16 30 days)",
        "late (31 120 days)", "repaid", "正常", "逾期", "违约", "结清", "已结清", "未违约", "未逾期", "坏账", "核销",
        "好", "坏", "好客户", "坏客户",
    }
)  # fmt: skip
# The state of a loan that was granted: by days, by the classes of the supervisors, or as it ends.
_LOAN_STATE = re.compile(
    r"(in )?(default|arrears|collections?|repayment)|defaulted|(charged?|written?) ?offs?|charged off|written off"
    r"|np[al]|non performing|sub ?standard|doubtful|special mention|sma ?[0-3]|(past|over) ?due|overdue|delinquent"
    r"|late( \(.*\))?|(fully )?repaid|repaying|fully paid|paid (off|in full)|settled early|dpd ?\d+\+?"
    r"|(已|未|曾)?(逾期|违约|核销|代偿|结清|还清|催收)(中|状态)?|(逾期|不良|坏账|呆账|呆滞)(贷款|类)?|提前(结清|还清)"
    r"|还款中|正常还款|(关注|次级|可疑|损失)类?(贷款)?[\d一二三][+-]?|(关注|次级|可疑)类?(贷款)?"
)
# Beside such a state they are of the loan, too; alone they may be of anything.
_BESIDE_STATES = frozenset(
    {
        "standard", "std", "loss", "watch", "performing", "regular", "normal", "pass", "live", "running", "settled",
        "ongoing", "cleared", "损失", "损失类", "正常类", "正常贷款", "无", "none", "未催收", "履约", "在贷", "放款",
        "已放款", "restructured", "rescheduled", "展期", "已展期", "正常1", "正常2", "正常3",
    }
)  # fmt: skip
# How far an application has come, and what became of it.
_STATE_OF_APPLICATION = re.compile(
    r"(loan|credit)?(application|apply|appl|app|approval|approve|audit|review|underwriting|decision|sanction)(status|stage|result|outcome|decision)(code)?"
    r"|(status|stage|result|outcome)(of)?(the)?(loan|credit)?(application|approval|decision)"
    r"|(贷款|借款|授信|融资|业务|客户)*(申请单?|进件|审批|审核|信审|初审|复审|终审|决策|放款)+(当前)?(状态|阶段|结果|结论)(名称|代码|描述)?"
)
# Words of somebody's decision on a loan, or of what can only follow on it: 审批中, 已放款, "Approved with conditions".
_DECISION = re.compile(
    r"(?:(?:auto(?:matically)?|manually|conditionally|partially|fully|not|loan|application) ?)?(?:un|dis)?"
    r"(?:approved?|rejected?|declined?|refused|denied|sanctioned|disbursed|funded|booked|originated)"
    r"(?: with conditions)?|(?:(?:in|under|to) )?underwriting|closed (?:won|lost)"
    r"|(?:已|被|待|未|不|有条件|附条件|人工|系统|自动)*"
    r"(?:审批|审核|审查|初审|复审|终审|机审|信审|放款|授信|批准|通过|拒绝|拒贷|否决|批复|核准|发放)+"
    r"(?:已|未|不)?(?:中|通过|拒绝|否决|成功|失败|完成)?|被拒"
)
# Beside these they say how far an application has come; alone they may be of anything.
_ON_THE_WAY = frozenset(
    {
        "pending", "in process", "in progress", "processing", "in review", "under review", "review", "reviewing",
        "submitted", "received", "new", "draft", "open", "opened", "closed", "completed", "cancelled", "canceled",
        "withdrawn", "withdrawn by applicant", "expired", "incomplete", "accepted", "offer", "offered", "counteroffer",
        "on hold", "hold", "referred", "refer", "manual review", "returned", "verified", "active", "not accepted",
        "待处理", "处理中", "进行中", "已提交", "待提交", "草稿", "新建", "已受理", "受理中", "待受理", "已取消",
        "取消", "客户取消", "已撤回", "撤回", "已撤销", "撤销", "已作废", "作废", "已退回", "退回", "退件", "补件",
        "待补件", "补件中", "已完成", "完成", "已关闭", "关闭", "已失效", "失效", "已过期", "挂起", "同意", "不同意",
        "转人工", "人工", "人审", "人工审核", "人工复核", "待签约", "已签约", "签约中", "已终止",
    }
)  # fmt: skip
# Of a check that was made, of something else that was asked for or agreed to, such words are no decision on the loan.
_OF_SOMETHING_ELSE = re.compile(
    r"反欺诈|欺诈|人脸|活体|实名|联网|核查|核验|验证|校验|征信|黑名单|名单|电核|电话|保险|抵押|质押|担保|登记|授权|准入|认证|鉴权"
    r"|fraud|kyc|aml|verif|valid|ident|face|bureau|insur|document|docs?(?![a-z])|consent|marketing|collateral|employ|guarant"
    r"|coapplic|spouse|eligib|screen|check|other"
)


def known_after_decision(header: str) -> bool:
    """Whether a header says that its column is an outcome, a later state of the loan or somebody's decision."""
    is_decided = any(map(tells_verdict, names_in(header))) and not _is_of_before(header)
    return is_decided or tells_outcome(header)


def tells_outcome(header: str) -> bool:
    """Whether a header says that its column is an outcome or a later state, which only a granted loan has."""
    keys = names_in(header)
    if any(_OF_THIS_LOAN.search(key) and _LATENESS.search(key) for key in keys):
        return True
    is_named = any(map(tells_since_granted, keys)) or _ROLL.fullmatch(header.strip()) is not None
    is_named = is_named or any(_AFTER_DECISION.fullmatch(key) or _AFTER_DECISION_ZH.fullmatch(key) for key in keys)
    return (is_named or "surely" in _states_told(header)) and not _is_of_before(header)


def _states_told(header: str) -> set[str]:
    """What each name of a header tells of the state of the loan: without its unit, or with the days that it says."""
    days = "days" if says_days(header) else ""
    return {state_told(name + days) for name in (*names_in(header), name_alone(header))}


def _is_of_before(header: str) -> bool:
    """Whether a header says, in brackets, too, that its column is of earlier or other loans."""
    return bool(_HISTORY.search(re.sub(r"[\W_]+", "", simplified(header).casefold())))


def holds_outcomes(header: str, texts: Iterable[str]) -> bool:
    """Whether the known values of a column, two of them at least, are those that only an outcome or the state of a
    granted loan has, and its header does not say that they are of an earlier loan or of something else."""
    words = _words(texts)
    if len(words) < 2 or _is_of_before(header):
        return False
    others = {word for word in words if not _LOAN_STATE.fullmatch(word)}
    is_of_else = any(map(_OF_SOMETHING_ELSE.search, names_in(header)))
    is_state = others < words and others <= _OUTCOMES | _ON_THE_WAY | _BESIDE_STATES and not is_of_else
    return words <= _OUTCOMES or is_state


def tells_decision(header: str, texts: Iterable[str]) -> bool:
    """Whether a column tells how far an application has come or what was decided on it: by its header, or by its
    known values, two at least and all of them words of that; not what was decided on an earlier loan, or a check found.
    """
    keys = names_in(header)
    if _is_of_before(header):
        return False
    if any(map(_STATE_OF_APPLICATION.fullmatch, keys)):
        return True
    words = _words(texts)
    others = {word for word in words - _ON_THE_WAY - _OUTCOMES if not _LOAN_STATE.fullmatch(word)}
    is_decided = len(words) > 1 and bool(others) and all(map(_DECISION.fullmatch, others))
    return is_decided and not any(map(_OF_SOMETHING_ELSE.search, keys))


def _words(texts: Iterable[str]) -> set[str]:
    return {" ".join(re.split(r"[\s_-]+", simplified(text).casefold())) for text in texts}


def may_be_after_decision(header: str) -> bool:
    """Whether a header counts how often somebody was late, or names a state such as "Delinquent" or 展期次数, and does
    not say whether before the application or with the loan itself."""
    if _is_of_before(header) or known_after_decision(header):
        return False
    return any(map(_LATE_COUNT.fullmatch, names_in(header))) or "perhaps" in _states_told(header)


def is_of_granted_loan(header: str) -> bool:
    """Whether a header names what only a loan has that was granted, such as the day on which it was paid out."""
    return any(map(_OF_THE_LOAN.fullmatch, names_in(header)))
