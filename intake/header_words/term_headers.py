"""What headers say of the term of a loan by names that are not the usual ones: "Lease Term", 保理期限, "EMI Tenure"."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from intake.header_words.header_units import names_in, span_of
from intake.values.traditional import simplified
from intake.values.two_languages import both_names

_OF: Final = (
    r"(?:original|orig|loan|credit|contract|facility|financing|finance|lease|mortgage|agreement|(?:re)?payment|emi"
    r"|instal?lment|amorti[sz]ation|amort)"
)
_OF_ZH: Final = r"(?:申请|贷款|借款|借据|合同|还款|授信|分期|融资|租赁|用款|用信|按揭|房贷|保理|业务)"
_SPAN: Final = r"(?:in|of)?(?:months?|mths?|mon|m|years?|yrs?|y|days?|d|weeks?|wks?|w|quarters?|qtrs?|q)"
_EACH: Final = r"(?:instal?lments?|emis?|periods)"
_COUNTED: Final = rf"(?:{_EACH}|payments|repayments|weeks|months|years|quarters)"
# An "instalment" and an EMI are what is paid each time: "total payments" may be the money.
_LENGTH: Final = re.compile(
    rf"{_OF}*(?:maturity|tenors?|tenures?|terms?|durations?|length|period)(?:{_SPAN}|frequency)?"
    rf"|{_OF}*(?:weeks|instal?lments|periods)|(?:loan|repay)(?:days|periods)"
    rf"|{_OF}+(?:months|quarters|years)|total{_EACH}|{_EACH}(?:count|total)"
    rf"|(?:total|planned|scheduled|agreed)?(?:n|num|nr|number|no|count)(?:of)?(?:the)?(?:total|monthly|weekly|loan)*{_COUNTED}"
    rf"|{_OF_ZH}*(?:总?期限|总?期数|期次|还款期)(?:周|双周|季度?|旬|日|半年)?|{_OF_ZH}+(?:季数|周数|月数|年数|天数|年限|时长|期)"
)
_IN_A_UNIT: Final = re.compile(r"amorti[sz]ation|amort")
# What the loan, lease or line of trade is for in all: no other term could be meant.
_PLAIN: Final = re.compile(
    r"(?:original|orig|total|full)?(?:loan|credit|contract|lease|leasing|finance|financing|agreement)+(?:terms?|trm)"
    r"|(?:original|orig|total|full)(?:terms?|trm)|(?:融资|租赁|保理|业务|贷款|借款|合同)+期限?"
)
# Nothing but words of time, and of what has such a time: above numbers that terms have it may be that of the loan. Of a
# day or month alone it may be one of the calendar, and behind a number (EMI No) it is that of one payment.
_BEFORE_TIME: Final = rf"(?:{_OF}|borrowing|total|agreed|planned|n|nr|no|num|number|count|of|in|for|the)"
_TIME: Final = (
    r"(?:years|yrs?|months|mths|days|weeks|wks|quarters|qtrs|emis|period|time|span|life"
    r"|terms?|tenors?|tenures?|length|duration|maturity)"
)
_TIME_ZH: Final = r"(?:周期|期间|年限|年数|年期|月数|天数|日数|周数|季数|时长|时间)"
_OF_TIME: Final = re.compile(
    rf"{_BEFORE_TIME}*{_TIME}(?:{_TIME}|(?:of|in|for|the)|{_OF})*|{_OF}+year|years?of(?:the)?{_OF}+|{_BEFORE_TIME}*(?:amorti[sz]ation|amort)"
    rf"|(?:{_OF_ZH}|[贷借](?!款)|合约|支用|提款|占用|约定|计划|总)*{_TIME_ZH}"
    rf"|(?:{_OF_ZH}|[贷借](?!款)|合约|约定|占用)+[年期]"
)
_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TERM_WORDS: Final = frozenset({"term", "terms", "trm", "tenor", "tenors"})
# Of the person, of another product or contract, of what is over or still to come, of several loans, or no length.
_OTHERS: Final = re.compile(
    r"job|employment|employed|employee|employer|work|working|residence|residency|address|home|relationship"
    r"|remaining|remain|rem|left|elapsed|residual|unexpired|used|paid|unpaid|completed|served|overdue|past|due|late"
    r"|delinquency|arrears|card|insurance|policy|warranty|guarantee|guarantor|deposit|deposits|savings|fd|td|grace"
    r"|moratorium|holiday|account|acct|history|bureau|min|minimum|max|maximum|avg|average|mean|median|sum|prev"
    r"|previous|prior|last|existing|old|other|short|long|medium|mid|near|fixed|intro|introductory|initial|promo"
    r"|promotional|teaser|variable|interest|rate|lock|notice|prepayment|penalty|school|academic|membership"
    r"|subscription|board|visa|passport|licence|license|id|code|type|unit|units|uom|name|flag|status|date|rating"
    r"|score|ratio|balance|debt|debts|assets|liabilities|customer|client|bank|conditions|agreed|accepted|extension"
    r"|extended"
)
_TERM_ZH: Final = re.compile(r"期限|期数")
_OTHERS_ZH: Final = re.compile(
    r"剩余|未还|未到|未付|已|逾期|宽限|展期|延期|保险|保单|投保|存款|存期|定期|理财|卡|任职|工作|就业|居住|经营|合作|担保|保证|抵押|质押|账户|帐户|历史|最[长短高低大小]"
    r"|当前|本期|第|单位|类型|类别|种类|周期|代码|标志|标识|方式|有效|证|营业|免息|优惠|固定|征信|他行|其他|平均|欠|违约|备注|说明|余"
)


def is_length(column: str) -> bool:
    """Whether a header may be that of the term of the loan, by its whole name or by its words."""
    names = names_in(column)
    is_named = any(map(_LENGTH.fullmatch, names)) or any(map(_PLAIN.fullmatch, names)) or _is_called_term(column)
    return is_named or (bool(span_of(column)) and any(map(_IN_A_UNIT.fullmatch, names)))


def is_of_time(column: str) -> bool:
    """Whether a header is made of words of time and of the loan alone, so that its numbers may be the term: 借期,
    Years, year_of_loan."""
    return any(map(_OF_TIME.fullmatch, names_in(column)))


def is_plain_length(column: str) -> bool:
    """Whether a header can be that of nothing but the term of the loan, as hardly anybody counts in other than
    months."""
    return not span_of(column) and any(map(_PLAIN.fullmatch, names_in(column)))


def _is_called_term(column: str) -> bool:
    for name in both_names(column) or (column,):
        plain = simplified(unicodedata.normalize("NFKC", name))
        words = {word.casefold() for word in _WORDS.findall(plain)}
        if (words & _TERM_WORDS and not any(map(_OTHERS.fullmatch, words))) or (
            _TERM_ZH.search(plain) and not _OTHERS_ZH.search(plain)
        ):
            return True
    return False
