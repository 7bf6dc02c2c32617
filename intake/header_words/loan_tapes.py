"""Recognises by its header what the lists of loans of platforms and agencies tell of a loan since it was granted.

Such lists (Lending Club, Prosper, Bondora, Kiva, 拍拍贷; Fannie Mae, Freddie Mac) stand for all loans that anybody may
buy: beside what was known of the borrower they tell who funded the loan, how it was paid and what was got back.
"""

from __future__ import annotations

import re
from typing import Final

# One alternative for each kind of thing; the headers are squeezed.
_SINCE_GRANTED: Final = re.compile(
    # What somebody looked up of the borrower later on.
    r"last(credit)?pulld?|lastcreditpull(d|dt|date)?|last(fico|credit)?(score)?(range)?(high|low)|last(fico|vantage)(score)?"
    r"|curr(ent)?(credit|fico)?score[bc]|issue(credit)?score[bc]"
    # How the loan was funded.
    r"|(percent|pct)funded|funded(pct|percent)|(num|number|count|no)?(of)?(lenders|investors|bidders|bids)"
    r"(total|count)?|lendercount|numlenderstotal|bids(portfoliomanager|api|manual)"
    r"|investmentfromfriends(count|amount)|投标(人数|笔数|次数)|我的投资金额"
    # Of American reports on mortgages: who bought it, and what only those that were granted have.
    r"|(typeof)?purchasertype(name)?|ratespread"
    # How old it is, and how much of it is left.
    r"|loanage|(months?|mths)onbooks?|loan(months|mths)sinceorigination|(adj)?rem(aining)?(months|mths)(tolegalmaturity)?"
    r"|currrate|(current|curr|last)(actual|deferred)?upb|(non)?interestbearingupb|maturitydatelast"
    r"|当前(到期|还款)期数"
    # How it is paid.
    r"|lp(customer|interest|service|collection|gross|net|nonprincipal).+|(gross|net)principalloss(es)?"
    r"|(curr|tot|unschd|sched)(schd|unschd)?prncpl(curr)?|dlqstatus|currentloandelinquencystatus|ddlpi"
    r"|planned(principal|interest)(tilldate|postdefault)|activeschedulefirstpaymentreached|principaloverdue(byschedule)?"
    r"|currentdebtdays(primary|secondary)|debtocc?urr?edon(forsecondary)?|(active|worse|worst)late(lastpayment)?category"
    r"|stageactivesince|(principal|interestandpenalty)debtservicingcost|graceperiod(start|end)"
    r"|(loan)?firstdefaultedcycle(number)?|标当前(状态|逾期天数)|(上次|下次计划)还款(日期|本金|利息)|待还(本金|利息)"
    # Other terms than those that were agreed.
    r"|pymntplan|paymentplanstart(date)?|deferralterm|origprojectedadditionalaccruedinterest|(step)?mod(ification)?flag"
    r"|(current|cumulative)?(period|month)?modification(loss|cost)(amount)?|deferredpaymentplan|forbearance(ind|indicator|flag)|micancelflag"
    r"|borrowerassistance(plan|statuscode)|delinquencyduetodisaster"
    # How it ended, and what was got back.
    r"|zb(code|dte|date|d)|zerobalance.*|r(e)?p(u)?rch(ase)?(dte|date|flag|d)|repurchasesmakewholeproceeds"
    r"|(foreclosure|assetrecovery)costs|(netsales?|creditenhancement|otherforeclosure)proceeds|(non)?mirecover(y|ies)"
    r"|legalcosts|maintenanceandpreservationcosts|taxesandinsurance|miscellaneousexpenses"
    r"|(original|current)list(start)?(date|price)|actualloss(calculation)?|defectsettlementdate|eltv"
    r"|ead\d"
)


def tells_since_granted(key: str) -> bool:
    """Whether a squeezed header is that of a column which only a loan has that was granted."""
    return _SINCE_GRANTED.fullmatch(key) is not None
