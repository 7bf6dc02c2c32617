"""What the header of an amount, a term, a rate or a day says of it: that it was asked for, or that it was granted.

What was granted is known only after the decision, so a case has what was asked for wherever a table says both.
"""

import re
from collections.abc import Collection
from typing import Final

from intake.header_words.header_units import squeeze

_LOAN: Final = r"(loan|credit|financing|facility)?"
_ASKED: Final = r"(applied|apply|appl|requested|request|reqd|req|sought|desired|wanted|asked|needed)(for)?"
_GRANTED: Final = (
    r"(approved?|approval|lent|lend|apprvd|aprvd|apprd|appr|sanctioned|sanction|sanc|granted|disbursed|disbursal"
    r"|authori[sz]ed)"
)
# Signed or paid out: the granted loan where another column says "asked for", else all that is told.
_CONTRACTED: Final = r"(funded|contract|contracted|booked|originated)"
_AMOUNT: Final = r"(amount|amt|amnt|sum)"
_TERM: Final = r"(term|terms|tenor|tenure|duration|length|period)"
_UNIT: Final = r"(in|of)?(months?|mths?|mon|m|years?|yrs?|y|days?)?"
_RATE: Final = r"(annual|yearly|nominal)?(interest)?(rate|apr)"
_LOAN_ZH: Final = r"(本次|此次|客户|企业|贷款|借款|授信|融资|信贷|资金)*"
_ASKED_ZH: Final = rf"{_LOAN_ZH}(拟|申请|申贷|申借|申报|需求|意向|期望)+(贷款|借款|授信|融资|信贷|用款|贷|借)*"
_GRANTED_ZH: Final = (
    rf"(最终|实际)?{_LOAN_ZH}(审批|批复|核准|批准|获批|批核|核定|审定|终审|最终|放款|发放)+"
    r"(通过)?(贷款|借款|授信|融资|信贷)*"
)
_CONTRACTED_ZH: Final = rf"{_LOAN_ZH}(合同|借据|签约)(贷款|借款)*"
_AMOUNT_ZH: Final = r"(金额|额度|总额|数额|本金|额)"
_TERM_ZH: Final = r"(期限|期数|月数|期次|年限|年期)(月|个月|月数|年|年数|天|天数)?"
_RATE_ZH: Final = r"(年化|年|月)?利率"

ASKED_AMOUNT: Final = (
    rf"{_LOAN}{_AMOUNT}(of)?{_ASKED}|{_ASKED}{_LOAN}({_AMOUNT}|limit|line)|{_LOAN}application{_AMOUNT}|{_LOAN}request{_AMOUNT}"
    rf"|{_AMOUNT}(of)?(the)?{_LOAN}(application|request)"
)
ASKED_AMOUNT_ZH: Final = rf"{_ASKED_ZH}{_AMOUNT_ZH}"
ASKED_TERM: Final = rf"{_ASKED}(repayment)?{_LOAN}{_TERM}{_UNIT}|{_LOAN}(repayment)?{_TERM}{_ASKED}{_UNIT}"
ASKED_TERM_ZH: Final = rf"{_ASKED_ZH}{_TERM_ZH}"
# Put forward to whoever grants it: what was asked for where no other column but the granted one is the amount. A
# "Requested Loan" beside an amount may be a product.
PUT_FORWARD: Final = (
    rf"requestedloan|loan(requested|appliedfor)|proposed{_LOAN}{_AMOUNT}|{_LOAN}{_AMOUNT}proposed"
    rf"|{_LOAN_ZH}(报审|送审|报批|呈报|上报)(贷款|借款|授信|融资)*{_AMOUNT_ZH}"
)
# What was paid out of a contract or a line, by a loan note each.
_DRAWN_AMOUNT: Final = (
    rf"(net|total)?{_LOAN}(drawn|drawdown|disbursed|disbursal|disbursement|disb|payout|paidout){_LOAN}({_AMOUNT}|principal)|{_LOAN}{_AMOUNT}(drawn|disbursed)"
    rf"|{_LOAN}principal{_AMOUNT}?(drawn|disbursed|disb)"
    rf"|(实际)?{_LOAN_ZH}(放款|发放|支用|提款|提用|用款|用信|出账|投放)+{_AMOUNT_ZH}"
)
GRANTED_AMOUNT: Final = (
    rf"(net|total|initial|final)?{_LOAN}{_GRANTED}{_LOAN}({_AMOUNT}|limit|line)|{_LOAN}{_AMOUNT}(of)?{_GRANTED}"
    rf"|final{_LOAN}({_AMOUNT}|limit)|{_LOAN}offer(ed)?{_LOAN}{_AMOUNT}|{_LOAN}{_AMOUNT}offered|{_GRANTED_ZH}{_AMOUNT_ZH}|{_DRAWN_AMOUNT}"
)
GRANTED_TERM: Final = (
    rf"(final)?{_LOAN}{_GRANTED}{_LOAN}{_TERM}{_UNIT}|{_LOAN}{_TERM}{_GRANTED}{_UNIT}|{_GRANTED_ZH}{_TERM_ZH}"
)
_CONTRACTED_AMOUNT: Final = (
    rf"(net|total)?{_LOAN}{_CONTRACTED}{_LOAN}{_AMOUNT}|{_LOAN}{_AMOUNT}{_CONTRACTED}|{_CONTRACTED_ZH}{_AMOUNT_ZH}"
)
_CONTRACTED_TERM: Final = rf"{_LOAN}{_CONTRACTED}{_LOAN}{_TERM}{_UNIT}|(合同|借据|授信|签约){_TERM_ZH}"
_LOAN_AMOUNT: Final = rf"{_LOAN}{_AMOUNT}|{_AMOUNT}(of)?(the)?(loan|credit)|(贷款|借款){_AMOUNT_ZH}|金额"
_LOAN_TERM: Final = rf"(loan|credit){_TERM}{_UNIT}|(term|tenor|tenure){_UNIT}|(贷款|借款){_TERM_ZH}|期限"

_ASKED_BY_FIELD: Final = {
    "amount": re.compile(f"{ASKED_AMOUNT}|{ASKED_AMOUNT_ZH}"),
    "term_months": re.compile(f"{ASKED_TERM}|{ASKED_TERM_ZH}"),
}
_GRANTED_BY_FIELD: Final = {"amount": re.compile(GRANTED_AMOUNT), "term_months": re.compile(GRANTED_TERM)}
_CONTRACTED_BY_FIELD: Final = {"amount": re.compile(_CONTRACTED_AMOUNT), "term_months": re.compile(_CONTRACTED_TERM)}
_LOAN_BY_FIELD: Final = {"amount": re.compile(_LOAN_AMOUNT), "term_months": re.compile(_LOAN_TERM)}
# What is borrowed, and what may be more: the limit of it, or the price of what is bought with it.
_BORROWED: Final = re.compile(
    r"(original|total|net)?(loan|financed|financing)(amount|amt|amnt|sum)|(total|net)?(amount|amt|amnt)(of)?(the)?(financed|loan)"
    r"|(本次|此次|实际)?(贷款|借款|融资|分期|借据)(金额|本金|总额|数额)"
)
_DRAWN: Final = re.compile(_DRAWN_AMOUNT)
# What was paid out of the loan up to a day, by however many notes.
_PAID_OUT: Final = re.compile(
    rf"(实际?|已实?)+{_LOAN_ZH}(放款|发放|放|提款|出账|投放)(贷款|借款)?{_AMOUNT_ZH}|{_LOAN}(disbursed|drawndown)(todate|sofar)"
)
# It may also be of what the applicant had before, or a day: it says more only beside the amount of a contract or line.
_USED: Final = re.compile(
    rf"(已?累计已?){_LOAN_ZH}(放款|发放|放|提款|支用|用信|出账|投放)(贷款|借款)?{_AMOUNT_ZH}|已(使用|支用|提用|用信|用款|用){_AMOUNT_ZH}"
    rf"|{_LOAN}disbursed|(drawn|utili[sz]ed)({_AMOUNT}|limit|line)?|({_AMOUNT}|limit)(drawn|utili[sz]ed)"
)
# The same in India: what was asked for, or what is due of it.
_DEMAND: Final = re.compile(rf"{_LOAN}demand(ed)?{_AMOUNT}|{_LOAN}{_AMOUNT}demanded")
_LIMIT_OR_PRICE: Final = re.compile(
    r"(total|original|loan)?(contract|facility)(amount|amt|amnt|sum|size|value)|(sanctioned|approved|credit)(limit|line)"
    r"|(综合|最高|总|贷款|借款|融资)?(授信|合同|订单|授信合同|订单合同)(总)?(金额|额度|总额|数额)"
)
# A "credit limit" may be that of a card which the applicant has.
_LINE: Final = re.compile(
    r"(本次|综合|最高|总)?授信(总)?(金额|额度|总额)|(total|maximum|max)?facility(amount|limit|size)"
)
_ASKED_RATE: Final = re.compile(rf"{_ASKED}{_LOAN}{_RATE}|{_LOAN}{_RATE}{_ASKED}|{_ASKED_ZH}{_RATE_ZH}")
_GRANTED_RATE: Final = re.compile(
    rf"(final)?{_LOAN}{_GRANTED}{_LOAN}{_RATE}|{_LOAN}{_RATE}{_GRANTED}|{_GRANTED_ZH}{_RATE_ZH}"
)
_WHEN: Final = r"(on|at|d|dt|ts|date|day|time|datetime|timestamp|month)"
_OF_EN: Final = r"(loan|credit|financing|facility|lease)?"
_OF_ZH: Final = r"(贷款|借款|授信|业务|借据|合同|融资)*"
_WHEN_ZH: Final = r"(通过|完成)?(日期时间|日期|时间|年月日|日)"


def _days_of(events: str, events_zh: str) -> str:
    return (
        rf"{_OF_EN}{events}{_WHEN}|(date|day|time)(of)?(the)?{_OF_EN}{events}|{_OF_ZH}(实际)?({events_zh})+{_WHEN_ZH}"
    )


# The days of a loan in the order in which they follow on an application: approved and signed, then paid out.
DAY_OF_CONSENT: Final = (
    _days_of(
        r"(approval|approved?|audit(?:ed)?|underwritten|sanction|sanctioned|sanc|granted|decision|decided|contract|agreement|signing|signed|note)",
        "审批|审核|信审|批复|核准|批准|获批|终审|决策|合同|借据|签约|签订|签署|授信",
    )
    + r"|(contract|loan|agreement)?sign(ed|ing|ature)date"
)
DAY_OF_PAYMENT: Final = (
    _days_of(
        r"(issue|issued|issuance|origination|originated|orig|disbursement|disbursal|disbursed?|lend|lent|putout|funding|funded|booking"
        r"|booked|book|drawdown|drawn|payout|paidout|advance|commencement|inception|disb|release|released|grant)",
        "放款|放贷|下款|到账|发放|起息|起贷|起始|生效|提款|支用|用款|用信|打款|起租|投放|出账",
    )
    + rf"|{_OF_EN}value(date|dt|day)|(loan|contract|lease)start(date|time)?|date(released|ofloan)"
    + r"|(贷款|借款|放款|融资)成功(日期|时间|日)"
    + r"|(贷款|借款|合同|业务)(起期|开始(日期|时间|日))|业务日期|(融资)?租赁(期)?(起始|起租|开始)(日期|日)"
)
# On which somebody entered the row: before anybody decided on it. Alone it may be another day.
_ENTRY_DAY: Final = re.compile(
    r"(loan|record|case|order|file|row|lead|gmt|application)*(created?|creation|entry|entered|intake|login|logged|enquiry|inquiry)"
    rf"{_WHEN}?|(订单|记录|案件|客户|业务|项目)*(创建|登记|建档|录入|制单|填单|填表|报单|立项)(日期时间|日期|时间戳?|日)"
)
_GRANTED_DAY: Final = re.compile(f"{DAY_OF_CONSENT}|{DAY_OF_PAYMENT}|(贷款|借款)(日期|日)")


def is_entry_day(header: str) -> bool:
    """Whether a header names the day on which somebody entered the application or its row."""
    return bool(_ENTRY_DAY.fullmatch(squeeze(header)))


def is_asked(field: str, header: str) -> bool:
    """Whether a header says that its amount or term is the one that was asked for."""
    return field in _ASKED_BY_FIELD and bool(_ASKED_BY_FIELD[field].fullmatch(squeeze(header)))


def is_granted(field: str, header: str) -> bool:
    """Whether a header says that its amount or term is the one that was approved or paid out."""
    return field in _GRANTED_BY_FIELD and bool(_GRANTED_BY_FIELD[field].fullmatch(squeeze(header)))


def is_contracted(field: str, header: str) -> bool:
    """Whether a header says that its amount or term is the one of the contract: often all that is told."""
    return field in _CONTRACTED_BY_FIELD and bool(_CONTRACTED_BY_FIELD[field].fullmatch(squeeze(header)))


def is_line(header: str) -> bool:
    """Whether a header names a line of credit: beside what was asked for the one that was granted."""
    return bool(_LINE.fullmatch(squeeze(header)))


def larger_beside_loan(headers: Collection[str], has_notes: bool = False) -> frozenset[str]:
    """Of several headers those of a limit, contract or order beside one that says what is lent or financed of it: alone
    they are all that is told. In a table that has a row for each loan note (借据) what was paid out is lent, too."""
    keys = {header: squeeze(header) for header in headers}
    if not any(_BORROWED.fullmatch(key) or (has_notes and _DRAWN.fullmatch(key)) for key in keys.values()):
        return frozenset()
    return frozenset(header for header in headers if is_limit_or_price(header))


def is_limit_or_price(header: str) -> bool:
    """Whether a header names the amount of a contract, a line or an order, of which a loan may be a part."""
    return bool(_LIMIT_OR_PRICE.fullmatch(squeeze(header)))


def is_drawn(header: str) -> bool:
    """Whether a header names what was paid out, or may where the amount is that of a contract or a line."""
    key = squeeze(header)
    return any(pattern.fullmatch(key) for pattern in (_DRAWN, _PAID_OUT, _USED))


def is_paid_out(header: str) -> bool:
    """Whether a header names what was paid out of the loan up to a day."""
    return bool(_PAID_OUT.fullmatch(squeeze(header)))


def may_be_asked(header: str) -> bool:
    """Whether a header names what was asked for, or what of a loan is due: "Demand Amount"."""
    return bool(_DEMAND.fullmatch(squeeze(header)))


def is_of_loan(field: str, header: str) -> bool:
    """Whether a header says no more than that its amount or term is the loan's."""
    return field in _LOAN_BY_FIELD and bool(_LOAN_BY_FIELD[field].fullmatch(squeeze(header)))


def is_asked_rate(header: str) -> bool:
    """Whether a header says that its rate is the one that was asked for."""
    return bool(_ASKED_RATE.fullmatch(squeeze(header)))


def is_granted_rate(header: str) -> bool:
    """Whether a header says that its rate is the one that was approved."""
    return bool(_GRANTED_RATE.fullmatch(squeeze(header)))


def is_granted_day(header: str) -> bool:
    """Whether a header names the day on which a loan was approved, signed or paid out."""
    return bool(_GRANTED_DAY.fullmatch(squeeze(header)))
