"""Recognises what a column is from its header, in English and Chinese: field, outcome, identifier or feature."""

import re
from collections.abc import Collection, Sequence

from intake.header_words.asked_and_granted import (
    ASKED_AMOUNT,
    ASKED_AMOUNT_ZH,
    ASKED_TERM,
    ASKED_TERM_ZH,
    DAY_OF_CONSENT,
    DAY_OF_PAYMENT,
    GRANTED_AMOUNT,
    GRANTED_TERM,
    PUT_FORWARD,
    is_asked,
    is_entry_day,
    is_granted,
    is_granted_day,
    larger_beside_loan,
)
from intake.header_words.feature_names import OTHER_RATES
from intake.header_words.header_units import name_alone, squeeze
from intake.header_words.number_signs import key_of
from intake.header_words.stated_zones import without_zone
from intake.values.currency_words import CONVERTED, CURRENCY_HEADERS, OF_FOREIGN_MONEY

# Whose number it is: the applicant's; that of a spouse or guarantor is nobody's field.
_BORROWER_ZH = r"客户|借款人|主借款人|主借人|主贷人|申请人|主申请人|承租人|承租方|债务人|农户|户主|购车人|用款人|融资人"
WHOSE_ZH = rf"({_BORROWER_ZH}|本人|会员|被查询人|被查询者)?(有效)?"
WHOSE = r"((main|primary)?(customer|client|cust|applicant|borrower|lessee|member))?"
_FIRM = r"(客户|借款人|申请人|承租人|承租方|债务人|企业|公司|单位|借款企业|承租企业)?"
_PERSON = (
    r"(main|primary|principal)?(customer|client|cust|applicant|borrower|lessee|member|person|party|user|firm|company"
    r"|obligor|debtor|accountholder|counterparty|e?cif)(cif)?"
)
_PAPERS = (
    rf"{WHOSE}(cert|certificate|paper)(id|no|nr|num|number)|{WHOSE}(zjhm|sfzh|sfzhm|sfz)|{WHOSE}(citizen|resident)id(no)?"
    rf"|{WHOSE_ZH}(证件(编号|代码)|证照(编号|号|号码)|身份证编号)"
)
_PERSON_ZH = r"(核心|行内|信贷|e?cif)*(客户|借款人|申请人|承租人|债务人|会员|用户|企业)"
# A word for number behind what it is of.
_NUMBER = r"(id|no|nr|num|number|key|identifier|(ref|reference)(id|no|num|number)?)"
_NUMBER_ZH = r"(编号|编码|号|号码|单号|流水号|id)"
_ACCOUNT = r"(account|acct|acc|ac)"
# So many of the patterns of "applied_at" say an application; the others tell of a day that may be another one.
_NAMES_OF_APPLICATION = 3
# So many of those of "external_ref" name one loan; under a contract may be several.
_NAMES_OF_ONE_LOAN = 3
# Those before these number contracts, too.
_NAMES_OF_THE_LOAN = 4
# Of external_ref the pattern of loan notes (借据).
_RANK_OF_NOTES = 1
# Of applicant.identity_number the pattern of papers.
_RANK_OF_PAPERS = 1
# field -> patterns of squeezed headers, the surest first
FIELD_PATTERNS: dict[str, tuple[str, ...]] = {
    "amount": (
        r"(total|requested|original|funded|applied)?(loan|credit|borrowing|facility|financing|financed|contract)"
        r"(original)?(amount|amt|amnt|sum|size|value)(requested|applied|funded|financed|borrowed)?",
        rf"(贷款|借款|申请|授信|合同|批复|融资|信贷|借据|订单|分期|按揭)+(金额|额度|本金|总额|数额)|{ASKED_AMOUNT_ZH}",
        rf"(amount|amt|amnt)(of)?(loan|credit|requested|applied|funded|financed|borrowed)|{ASKED_AMOUNT}",
        r"(requested|funded|applied)(amount|amt|amnt)",
        rf"amount|amt|(original)?principal(amount)?|金额|本金|额度|贷款额|借款额|融资额|{GRANTED_AMOUNT}|{PUT_FORWARD}"
        r"|gross(loan|credit)(amount|amt|amnt)|(mortgage|finance|commitment)(loan)?(amount|amt|amnt|sum)|businesssum"
        r"|(orig|original)(amount|amt|upb|unpaidprincipalbalance|balance|principalbalance|note(amount|amt))|(融资)?租赁(物)?本金|初始本金"
        r"|loanprincipal|(amount|amt)financed|netamountfinanced|gross(approval|approved)|贷款发生金?额",
        # What was paid out after fees is less than what is lent.
        r"net(loan|credit)(amount|amt|amnt)",
        r"limitbal|creditlimit|limit|信用额度|grappv|disbursementgross",
    ),
    "term_months": (
        r"(original)?(loan|credit|contract|repayment|loanamount)?(term|terms|tenor|tenure|duration|length|period)"
        rf"(in|of)?(months?|mths?|mon|m|years?|yrs?|y|days?)?|{ASKED_TERM}",
        r"(贷款|借款|申请|合同|还款|分期|授信|放款|融资|租赁|产品|用款|总)*(期限|期数|月数)(月|个月|月数|年|年数|天|天数)?"
        rf"|(贷款|借款|合同|还款|授信)(年限|年期|年数)|(贷款|借款)(时长|周期)|分期数|租期|{ASKED_TERM_ZH}|{GRANTED_TERM}",
        # 期次 mostly counts the instalments of a plan.
        r"(n|num|nr|number|no)(of)?(months|installments|instalments)|months|time|(贷款|借款|还款|分期|总)*期次",
    ),
    "applied_at": (
        r"(loan|credit)?(applied|application|apply|appl|app|submitted|submission|submit|request|requested)"
        r"(started|submitted|received|created)?(at|on|(on)?date|time|datetime|dt|timestamp|ts)|applied|submitted",
        r"(date|day|time)(of)?(the)?(loan|credit)?(application|submission|request|applying|apply)"
        r"|(date|day|time)(applied|submitted|requested)(for)?"
        r"|(贷款|借款|授信|融资|业务|客户)?(申请(提交|受理|录入|创建)?|申贷|申借|进件|提交|受理|录入|报件|提单|发起)(日期时间|日期|时间戳?|年月日|日)",
        # When the lender received it: the day of the application where no column names that.
        r"(application|appl|app|request|case|file)?received(at|on|date|time|datetime|dt|timestamp|ts)|received"
        r"|(application|appl|app|request)(received|submitted)|(date|day|time)(of)?(application|request|case|file)?received"
        r"|(申请|资料|材料|客户|业务|贷款|案件)*(收件|来件|收单|接件|递件|递交|送件|提报|申报)(日期时间|日期|时间|日)",
        r"(listing|loan|record|order|case)?"
        r"(approval|approved|issue|issued|origination|start|create|created|creation|open|entry|loan|contract)"
        r"(at|on|date|time|datetime|d|dt|timestamp|ts)|(date|time)(of)?(created|creation|issued|issue|origination)"
        r"|gmtcreated?",
        r"(订单|记录|案件|借据)?(创建|放款|贷款|借款|发放|合同|签约|起始|授信|下单|建档|制单|填单|填表)(日期|时间戳?|日)",
        r"date|timestamp|datetime|日期|时间戳?|event(time|date|at|ts|timestamp|datetime)",
        DAY_OF_CONSENT,
        DAY_OF_PAYMENT,
    ),
    "currency": CURRENCY_HEADERS,
    "applicant.id": (
        rf"{_PERSON}(id|no|nr|num|number|code|key|identifier)|(customer|client|cust|applicant|borrower)?e?cif",
        rf"{_PERSON_ZH}(统一)?(编号|编码|号|代码|内码|id)|{_PERSON}(id|code|ref|reference)(id|no|num|number)?",
        rf"{WHOSE_ZH}((公民|居民)?身份证|证件)(号|号码)?|{WHOSE_ZH}(公民|居民)?身份号码|{_FIRM}统一社会信用代码|{_FIRM}纳税人识别号|idcard|id(no|num|number)"
        rf"|nationalid|ssn|firm|{_PAPERS}",
    ),
    # Of several numbers of one loan that of the application tells cases apart, then that of the loan note (借据).
    "external_ref": (
        rf"(loan|credit)?(application|appl|apply|app|submission){_NUMBER}|(loan)?(application)*applicationname"
        rf"|(贷款|借款|授信|业务|融资)*(申请|申请单|申请书|申请件|进件|受理|报单){_NUMBER_ZH}|报单号",
        r"(loan|credit)?(iou|duebill|promissorynote|loannote)(id|no|nr|num|number)|(贷款|借款|电子|信贷|核心)*借据(编号|编码|号|号码|流水号|id)",
        rf"(loan|external){_NUMBER}|loan(sequence|seq)(no|num|number)|uli|skidcurr|(loan|mortgage|lease){_ACCOUNT}{_NUMBER}|(mortgage|putout|underlyingexposure){_NUMBER}|loannrchkdgt|loan(account|acct|code)|lan(no)?"
        rf"|(贷款|借款|出账|放款|提款|支用){_NUMBER_ZH}|贷款[账帐]?户?号",
        rf"((loan|credit|lease|facility|mortgage)?(contract|contr|agreement)|note|lease|arrangement|quote|los|deal|opportunity|case|listing|reference|ref){_NUMBER}"
        rf"|(贷款|借款|信贷|合同|业务|订单|授信|案件|项目|商机|工单|融资|租赁|协议)+{_NUMBER_ZH}|电子(合同|协议){_NUMBER_ZH}",
        r"id|ref|reference|编号|单号|流水号|uuid|key|recordid|accountid|orderid|requestid|ticketid|responseid",
        # May number what has several loans, or rows: where nearly all differ.
        rf"(loan|credit)?facility{_NUMBER}|{_ACCOUNT}{_NUMBER}|serial(no|num|number)|(流程|审批单?|单据){_NUMBER_ZH}",
    ),
    "applicant.identity_number": (
        rf"{WHOSE_ZH}((公民|居民)?身份证|证件)(号|号码)?|{WHOSE_ZH}(公民|居民)?身份号码|{_FIRM}统一社会信用代码"
        rf"|{WHOSE}(idcard|(id|idcard|identity)(no|num|number)|nationalid(no|number)?)",
        _PAPERS,
    ),
    "applicant.phone": (
        rf"{WHOSE}(mobile|cell)(phone)?(no|number)?|{WHOSE_ZH}(手机|移动电话)(号|号码)?",
        rf"{WHOSE}(contact)?(phone|telephone|tel)(no|number)?|{WHOSE}contact(no|number)"
        rf"|{WHOSE_ZH}(联系电话|电话|电话号码|联系方式)",
    ),
    "applicant.name": (
        r"(customer|client|cust|applicant|borrower|lessee|full|real)?name|(cust|customer|client|borrower)nm|khxm",
        rf"({_BORROWER_ZH}|户主|企业|承租企业)?(姓名|名称|名字|全称)"
        r"|(客户|借款人|申请人|承租人)名|借款人|申请人|借款企业",
        r"member(full)?(name|nm)|(会员|用户)(姓名|名称|名字)",
        # Of a firm that borrows; beside the name of a person they are of an employer.
        r"(company|firm|business)name|(公司|单位)(姓名|名称|名字|全称)",
    ),
    "product": (
        r"(loan|credit)?(product|producttype|productname|productcode)|loantype",
        r"(贷款|业务)?(产品|产品名称|产品类型|产品种类|品种|种类)",
    ),
    "industry": (
        r"industry|sector|industrycode|industryname|industrytype|naics2|naics|naicscode|sic|siccode|industryinferred",
        r"(所属|所在|国标|企业)?行业(类别|分类|代码|类型|名称|门类)?",
        r"国民经济行业(类别|分类|代码|编码|名称)?",
        # Into which industry the loan goes, which is that of the borrower for most.
        r"(贷款|信贷|资金)?(行业)?投向(行业)?(类别|分类|代码|编码|名称|门类)?",
    ),
    "region": (
        r"region|state|addrstate|province|(borrower|customer|home)state|regionname|regioncode",
        r"(所在|所属|申请|客户|企业|居住|经营)?(地区|省份|省|省市|区域|地域|区划)",
        r"city|(所在|申请|客户|居住)?城市",
        r"(客户|企业|经营)?所在地|(现|常)?(注册|居住|经营|常住)地",
        r"行政区划(代码|编码|名称)?",
        # Where somebody is registered tells least of where they live.
        r"户籍(地|所在地|城市|地区|省份|省|省市)",
    ),
    "channel": (r"(sales|application|source|acquisition)?channel", r"(申请|进件|获客|销售|业务|来源)?渠道(名称|类型)?"),
    "applicant.segment": (r"segment|(customer|client)(segment|type)", r"客群|客户(类型|类别|分层|分类)"),
    "applicant.key_customer": (r"(is)?(keycustomer|keyaccount|vip)", r"(是否)?(重点客户|vip客户|vip|大客户|重要客户)"),
}  # fmt: skip
_FIELDS = {name: [re.compile(pattern) for pattern in patterns] for name, patterns in FIELD_PATTERNS.items()}

_COUNTER = re.compile(
    r"(rownames?|rowindex|rowid|rownum|rownumber|index|unnamed\d*|序号|行号|no|seq|x|v1|nr|(s|sl|sr)no|sn)"
)
# Fields whose headers may name a unit or a zone beside what they are.
_BESIDE = {"amount": name_alone, "applied_at": without_zone}
_SERIES = re.compile(r"serial(no|num|number)")


def field_matches(field: str, header: str) -> int | None:
    """How surely a header names a field: 0 is surest, None is not at all."""
    rank = _rank(field, key_of(header))
    return _rank(field, squeeze(_BESIDE[field](header))) if rank is None and field in _BESIDE else rank


def _rank(field: str, key: str) -> int | None:
    return next((rank for rank, pattern in enumerate(_FIELDS[field]) if pattern.fullmatch(key)), None)


def surest_first(field: str, columns: Collection[str]) -> list[str]:
    """The columns whose headers name a field, the surest first. What was asked for comes before any other amount or
    term, what was granted before a credit limit alone, amount_usd behind any other amount, the amount of a contract
    behind that of its loan or of its loan notes, and what was converted (折人民币, 本币) behind what stands in the
    currency of the loan (原币)."""
    ranked = [(rank, column) for column in columns if (rank := field_matches(field, column)) is not None]
    if field == "applied_at" and any(is_granted_day(column) for _rank, column in ranked):
        # Beside the day of a decision or a payment that of the entry is the earlier one, whatever it is called.
        entries = [column for column in columns if is_entry_day(column)]
        others = [each for each in ranked if each[1] not in entries]
        ranked = [*others, *((_NAMES_OF_APPLICATION - 1, column) for column in entries)]
    has_notes = any(map(names_loan_note, columns))
    larger = larger_beside_loan([column for _rank, column in ranked], has_notes) if field == "amount" else ()
    has_original = field == "amount" and any(OF_FOREIGN_MONEY.search(column) for _rank, column in ranked)

    def place(named: tuple[int, str]) -> tuple[bool, bool, bool, bool, bool, bool, int]:
        rank, column = named
        is_converted = has_original and bool(CONVERTED.search(column))
        is_last, is_beside = rank == len(_FIELDS[field]) - 1, field == "amount" and _rank(field, key_of(column)) is None
        return (
            is_converted,
            not is_asked(field, column),
            is_last,
            column in larger,
            is_granted(field, column),
            is_beside,
            rank,
        )

    return [column for _rank, column in sorted(ranked, key=place)]


def names_loan_note(header: str) -> bool:
    """Whether a header is that of the numbers of loan notes (借据)."""
    return _rank("external_ref", key_of(header)) == _RANK_OF_NOTES


def names_amount(header: str) -> bool:
    """Whether a header may be that of the amount of the loan."""
    return field_matches("amount", header) is not None


def surely_names_amount(header: str) -> bool:
    """Whether a header says that its column is the amount of the loan, and no limit or the like."""
    rank = field_matches("amount", header)
    return rank is not None and rank < len(FIELD_PATTERNS["amount"]) - 1


def names_application(header: str) -> bool:
    """Whether a header says that its column holds the time of the application, and no other day."""
    rank = field_matches("applied_at", header)
    return rank is not None and rank < _NAMES_OF_APPLICATION


def names_one_loan(header: str) -> bool:
    """Whether a header says that its column numbers applications or loan notes; under a contract may be several."""
    rank = field_matches("external_ref", header)
    return rank is not None and rank < _NAMES_OF_ONE_LOAN


def names_the_loan(header: str) -> bool:
    """Whether a header says that its column numbers applications, loan notes, loans or contracts, and no others."""
    rank = field_matches("external_ref", header)
    return rank is not None and rank < _NAMES_OF_THE_LOAN


def may_number_others(header: str) -> bool:
    """Whether a header numbers what may have several loans, as an account or a facility, or mere rows."""
    return field_matches("external_ref", header) == len(FIELD_PATTERNS["external_ref"]) - 1


def names_papers(header: str) -> bool:
    """Whether a header numbers papers, which are those of a person where the values look so."""
    return field_matches("applicant.identity_number", header) == _RANK_OF_PAPERS


def names_term(header: str) -> bool:
    """Whether a header surely says that its column holds the term of the loan."""
    rank = field_matches("term_months", header)
    return rank is not None and rank < len(FIELD_PATTERNS["term_months"]) - 1


def is_counter(header: str) -> bool:
    """Whether a header may be a mere row number."""
    return bool(_COUNTER.fullmatch(key_of(header)))


def is_series(header: str) -> bool:
    """Whether a header may be that of a number of the loan or of a row number."""
    return bool(_SERIES.fullmatch(key_of(header)))


def surest_rate(rates: Sequence[str]) -> str:
    """Of several rates of interest the first that is paid by: beside 年利率 a 名义利率 is a second one, wherever it
    stands; "" for none."""
    return next((each for each in rates if squeeze(each) not in OTHER_RATES), rates[0] if rates else "")
