"""Columns that may tell the day of an application or a loan in a table where none is read as that: 业务办理日期, "Loan
Login Date", and any other days that are not said to be of something else: "Date Opened", 报单日期. The time of the
import would stand there, and with it everything that other sources told since."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from intake.header_words.decision_headers import tells_verdict
from intake.header_words.header_units import names_in
from intake.header_words.headers import field_matches
from intake.mapped.case_mapping import CHINA, CaseMapping, MappingError
from intake.recognition.date_orders import is_date
from intake.values.cell_dates import read_moment
from intake.values.cells import CellError, cell_text, read_number
from intake.values.samples import SampleRow, known, share
from intake.values.traditional import simplified
from intake.values.unix_times import unix_form

_OF_ZH: Final = r"(?:贷款|借款|申请|进件|业务|交易|授信|融资|借据|合同|订单|案件|个贷|信贷)"
_WHAT_ZH: Final = r"(?:办理|发生|登记|录入|入库|生成|创建|新增|确认|处理|受理|经办|审查|调查|启动|开始|成交|接收|报送)"
_OF: Final = r"(?:loan|credit|application|appl|app|case|deal|contract|facility|financing|transaction|txn|trans)"
_WHAT: Final = (
    r"(?:login|logged|log|entry|entered|booking|register(?:ed)?|registration|captured?|intake|lodg(?:ed?|ement)"
    r"|process(?:ed|ing)?|sourc(?:ed|ing)|record(?:ed)?|system|made|taken|begin|initiat(?:ed|ion)|commence(?:d|ment)?)"
)
# Made of such words alone it is asked about whatever its cells say: seconds since 1970, days to come.
_DAY: Final = re.compile(
    rf"(?:客户|系统|记录)*{_OF_ZH}+(?:记录|流程|系统)*{_WHAT_ZH}*(?:日期时间|日期|时间|日)"
    rf"|{_OF}+{_WHAT}*(?:at|on|dates?|day|time|datetime|dt|timestamp|ts)|(?:date|day|time)(?:of)?(?:the)?{_OF}+{_WHAT}*"
    r"|(?:loan|mortgage)?closing(?:date|day)"
)
# Whose day it is, or of what: of people and firms, their papers, other loans and payments, and of the table itself.
_OF_OTHERS_ZH: Final = (
    "(?<!发)生日|出生|到期|终止|[截为]?止|结束|结清|首次|首期|首笔|下次|下期|末次|末期|最近|最后|上次|上期|最早|第一|还款|付款|扣款"
    "|缴|支付|统计|数据|报表|报告|快照|截至|有效|失效|证件|身份证|护照|执照|发证|入职|入司|工作|成立|注册|创立|开业|设立|更新"
    "|修改|变更|估值|评估|婚|毕业|入学|查询|征信|逾期|违约|核销|诉讼|催收|代偿|抵押|质押|保险|保单|车|房|购|出厂|生产|上牌"
    "|开户|开卡|激活|客户|会员|发薪|联系|回访|死亡|退休|年检|复核|导出|导入|打印|月份|年份|账期|期间|计划|预计|预约|退"
)
_OF_OTHERS: Final = (
    "birth|expir|expected|matur|payment|pymnt|pmt|instal?lment|report|as[_ ]?of[_ ]|asof|snapshot|extract|cut[_ ]?off"
    "|valid|document|passport|licen|employ|hire|joining|establish|incorporat|found|updat|modif|chang|valuat|apprais|marri"
    "|divorc|graduat|death|deceas|contact|review|charge[_ ]?off|default|delinq|arrear|settle|repay"
    "|writ(?:e|ten)[_ ]?off|bureau|(?:credit|hard|soft)[_ ]?[ie]nquir"
    "|query|collateral|insur|policy|purchase|manufactur|residen|earliest"
    "|oldest|latest|previous|forecast|customer|client|member|deposit|company|business|vehicle|propert|spouse|quarter"
    "|terminat|cancel|refund|statement|retire|tenancy|(?<!op)end[_ ]?(?=date|dt)|due[_ ]?(?=date|dt)|account.*bank"
    # What is a part of other words stands at the beginning of one.
    "|(?<![a-z])(?:dob|born|end|due|paid|pay|emi|data|stat|id(?![a-z])|join|edit|visit|seen|call|tax|move|first|last|prior"
    "|next|recent|final|plan|cust(?![a-z])|user|bank|card|firm|car(?![a-z])|house|build|built|month|year|period|export"
    "|import|print|load|etl|sync|clos|bill)"
)
# Asked for, granted and paid out is this loan, be it for a car, to a client, or in parts of which it is the first.
_OF_THE_LOAN: Final = re.compile(
    "申请|申贷|进件|审批|批复|签约|放款|放贷|发放|投放|出账|提款|支用|用款|用信|受托支付"
    "|appli(?:ed|cation)|approv|sanction|disburs|draw[_ ]?down|drawn|payout|paid[_ ]?out"
    "|(?<![a-z])(?:funded|funding|advance)"
)
_BESIDE_IT: Final = re.compile(
    "首[次期笔]|第一[次笔]|支付|车|房|购|客户|会员|first|customer|client|cust(?![a-z])|member|purchase|vehicle|propert|house"
    "|(?<![a-z])(?:car|card|bank)(?![a-z])|payout|paid[_ ]?out"
)
_IS_OF_OTHERS: Final = re.compile(f"{_OF_OTHERS_ZH}|{_OF_OTHERS}")
_FIGURES: Final = re.compile(r"\d\D*\d", re.ASCII)
_NEW_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ENOUGH: Final = 0.9
_MOSTLY: Final = 0.5
# 40000 is the number of a day in a spreadsheet, and much else; 202301 a month.
_NUMBER: Final = re.compile(r"(?!\d{8}$)\d+(\.\d*)?")
# Below a name of a day a number from here on counts time in a way that is not read: 1.7676E+12, microseconds.
_A_COUNT: Final = 10**9


def refuse_unread_day(mapping: CaseMapping, columns: Sequence[str], sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first column that may tell the day where the mapping has but the time of import."""
    applied = mapping.fields.get("applied_at")
    if applied is None or applied.how != "import_time":
        return
    features = {given.column for given in mapping.features.values() if given.how == "column"}
    unused = features | {column for column, reason in mapping.drop.items() if _may_be_dropped_day(column, reason)}
    for column in filter(unused.__contains__, columns):
        texts = known([cell_text(row.get(column)) for row in sample])
        is_day = share(texts, is_date) >= _ENOUGH or unix_form(texts)
        is_counted = share(texts, lambda text: read_number(text) >= _A_COUNT) >= _ENOUGH
        if (is_day and _may_be_named(column, texts)) or (
            is_counted and field_matches("applied_at", column) is not None
        ):
            raise MappingError("day_unread", name=column)
    if unread := _named_and_unread(columns, sample):
        raise MappingError("day_not_read", name=unread[0], value=unread[1])


def _may_be_dropped_day(column: str, reason: str) -> bool:
    """Moments in microseconds are all different, and look like numbers of the loans. "Disbursement" and 批准 say what
    only a granted loan has; above days each is its day, as the one that says so ("Disbursement Date") would be. On
    the day of a refusal ("Declined On") the application was there, too."""
    is_day = any(field_matches("applied_at", column + behind) is not None for behind in (" date", "日期"))
    is_later = is_day or any(map(tells_verdict, names_in(column)))
    return reason == "identifier" or (reason == "known_after_decision" and is_later)


def _named_and_unread(columns: Sequence[str], sample: Sequence[SampleRow]) -> tuple[str, str] | None:
    """The first column that is named as the day, with a cell of it, where its cells hold figures that are read as no
    day: 7/3/26, May-26."""
    for column in columns:
        texts = known([cell_text(row.get(column)) for row in sample])
        written = [text for text in texts if _FIGURES.search(text) and not is_date(text)]
        if field_matches("applied_at", column) is not None and len(written) * 2 > len(texts):
            return column, written[0]
    return None


def _may_be_named(column: str, texts: Sequence[str]) -> bool:
    if any(map(_DAY.fullmatch, names_in(column))):
        return True
    words = simplified(unicodedata.normalize("NFKC", _NEW_WORD.sub("_", column))).casefold()
    if _OF_THE_LOAN.search(words):
        words = _BESIDE_IT.sub(" ", words)
    return not _IS_OF_OTHERS.search(words) and (bool(unix_form(texts)) or share(texts, _is_past) >= _MOSTLY)


def _is_past(text: str) -> bool:
    """Whether a text is a day that was, also where its day and month cannot be told apart."""
    try:
        return not _NUMBER.fullmatch(text) and read_moment(text, CHINA) <= datetime.now(UTC)
    except CellError as problem:
        return problem.code == "ambiguous_date"
