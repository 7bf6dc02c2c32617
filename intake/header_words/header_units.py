"""What the header of a column says of the unit of its values: 万元, "USD thousands", years, basis points."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from intake.values.currencies import IN_TEXT
from intake.values.currency_words import NAMES_BEHIND, OF_SEVERAL, ZH_NAMES_BEHIND
from intake.values.traditional import simplified
from intake.values.two_languages import both_names, in_one_language

_UNIT = re.compile(r"[(\[【]([^)\]】]*)[)\]】][\s*]*$")
_BARE_UNIT = re.compile(
    r"(?i)(?<=[\u4e00-\u9fff])[_\s/:,-]*((?:百?[万萬]|[千仟亿億])[元圆圓]?|[元圆圓])$"
    r"|[_\s/:,-]*(‰)$|(?<=\w)[_\s-]+(?:in[_\s-]+)?(thousands?|millions?|000s)$",
)
# Every pattern of headers and of lines beside a table knows these.
CODES = "|".join(("rmb", *IN_TEXT)).lower()
_CURRENCY = (
    rf"(?:{CODES}|yuan|us\$|hk\$|nt\$|人民币|美元|美金|港[元币]|[欧日韩澳加]元|英镑|新?台币"
    r"|[¥$€£])"
)
# Before the name: (万元)申请金额.
_UNIT_FIRST = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]\s*(?=\S)")
# Behind the name: "Loan Amount USD", loan_amount_usd, 贷款金额美元.
_CURRENCY_BEHIND = re.compile(
    rf"(?:(?<=\w)[\s_,/:-]+(?:in[\s_]+)?(?P<words>{_CURRENCY}|{NAMES_BEHIND}|{OF_SEVERAL})"
    rf"|(?<=[\u4e00-\u9fff])(?P<name>{ZH_NAMES_BEHIND}))$",
    re.IGNORECASE,
)
_SUPERSCRIPT = re.compile("(?<=[0-9])[⁰¹²³⁴-⁹]+")
# Forms number their questions: 3.贷款金额.
_NUMBERED = re.compile(r"^\d{1,2}(?:[.、)]\s*(?=[\u4e00-\u9fff(])|[.)]\s+(?=[A-Za-z]))")
# 单位：万元 is 万元, 仟圆 is 千元, 万円 is 万日元.
_CALLED_UNIT = re.compile(r"^(?:计量|货币|金额|期限)?单位\s*[:为]?\s*")
_OTHER_SIGNS = str.maketrans({"仟": "千", "佰": "百", "圆": "元", "圓": "元", "円": "日元"})
_YUAN = re.compile(rf"元|{_CURRENCY}元?")
_MONEY_WORD = re.compile(rf"元|(?<![a-z]){_CURRENCY}(?![a-z])|[$€£¥]")
_MONEY_UNIT = re.compile(
    rf"(?:单位:?\s*)?(?:in\s+)?{_CURRENCY}?\s*[/,:、]?\s*['’]?"
    r"(百万|千万|十万|万|千|百(?=\s*元)|亿|ten thousand|thousand|tsd\.?|k(?!s)|w|wan|10k|10,?000|1,?000|000|million"
    rf"|mln)\s*(?:元|块|s)?\s*(?:of\s+|[/,:、]\s*)?{_CURRENCY}?"
)
_MONEY_SCALES = {
    "百": 100, "千": 1_000, "thousand": 1_000, "tsd": 1_000, "tsd.": 1_000, "k": 1_000, "1000": 1_000, "1,000": 1_000,
    "000": 1_000, "万": 10_000, "w": 10_000, "wan": 10_000, "ten thousand": 10_000, "10k": 10_000,
    "10000": 10_000, "10,000": 10_000, "十万": 100_000, "百万": 1_000_000, "million": 1_000_000, "mln": 1_000_000,
    "千万": 10_000_000, "亿": 100_000_000,
}  # fmt: skip
# Only of money: a model may be called score_10k. income_over_10k is a limit.
_TEN_THOUSANDS = re.compile(
    r"(?i)(?<=[a-z\u4e00-\u9fff])(?<!over)(?<!above)(?<!under)(?<!below)(?<!than)(?<![_\s-][gl][te])[_\s-]+10k$"
)
_MONEY = re.compile(
    r"收入|金额|额度|负债|资产|利润|资本|余额|本金|工资|月薪|年薪|月供|公积金|价值|产值|销售额|流水|存款|债务|营收|支出"
    r"|income|salary|amount|amt|limit|debt|assets|liabilit|revenue|turnover|profit|capital|balance|value"
    r"|instal?lment|principal|^(?:adj(?:usted)?)?ebitda?$"
)
_NO_MONEY = re.compile(
    r"率|比|次数|笔数|个数|天数|月数|ratio|rate|percent|count|number|num|times|days|months|(?<!cus)to(?!tal)"
)
# As one word: kUSD, TEUR, T€. MEUR and other letters may be anything.
_THOUSANDS = re.compile(rf"(?:in\s)?[kt]\s?(?:{CODES}|[€£])")
_LETTERS_OF_CODE = re.compile(
    rf"(?:in\s)?(?:[a-z]{{1,3}}(?:{CODES})|(?:{CODES})(?:t|b|bn|mil|mio|th|lacs?|lakhs?|crs?|crores?)|t\$)"
)
_CODE_OF_SCALED = re.compile(rf"(?:in\s)?[kt]?\s?({CODES}|[€£])(?:k|m|mm|mn)?")
_LAKHS = re.compile(rf"(?:in\s)?(?:{CODES}|₹)\s?(?:in\s)?(lakh|lac|crore)s?|(lakh|lac|crore)s?\s(?:of\s)?(?:{CODES}|₹)")
_MILLIONS = re.compile(rf"{_CURRENCY}\s*(?:m|mm|mn)")
# In a phrase: 万元/年, "税前,万元", 以万元计; not 50万元以下, which is a size.
_IN_PHRASE = re.compile(
    r"(?<![\d〇一二三四五六七八九十百千万亿.])(百万|千万|十万|万|千|亿)(?=(?:人民币|[美港欧日])?元(?!以[上下内])|/|计)"
)
# What says a scale or a currency: 以万计, 萬圓, mil, x1000. Not 50万元以下, which is a size, 含部分利息 or "requested".
_SCALE_SIGN = re.compile(
    r"(?<![\d〇一二三四五六七八九.])[十百千万亿兆]+(?=$|元(?!以[上下内])|[块美港欧日人计/,、;:\s为])|^\d*[十百千万亿兆]+元?$|(?:^|[:元币])角|(?:^|[:元角币])分$"
    r"|(?<![a-z])(?:k|w|m|mm|mn|mln|mil|mio|million|thousand|hundred|lakh|lac|crore|cr|wan|bn|billion|trillion|jiao|fen"
    r"|cent)s?(?![a-z])|(?<![a-z0-9.])\d(?:\.0)?e\+?\d"
    rf"|(?:^|[x×*:/$€£¥]|\b(?:in|of|{CODES}))\s*['’]?1?[0,.]*000(?!\d|\s*元?以[上下内])|10\s*(?:\^|\*\*)\s*\d"
)
_WORDS_OF_MONEY = re.compile(
    rf"(?<![a-z])(?:{_CURRENCY}|rs)(?![a-z])|[a-z]?\$|单位|金额"
    r"|[以计元块为角分]|(?<![a-z])(?:in|of|[a-z])(?![a-z])"
)
_SPANS = {
    "months": r"个?月数?|月份|(?<![\u4e00-\u9fff\d])期数?(?![\u4e00-\u9fff])|(?:months?|mths?|mons?|mos?|m)",
    "years": r"年[数限期]?|(?:years?|yrs?|y)",
    "days": r"天数?|(?<![\u4e00-\u9fff])日(?![\u4e00-\u9fff])|(?:days?|d)",
    "others": r"[双半]?周|季度?|(?:weeks?|wks?|w|quarters?|qtrs?|q)",
}
_SPAN = re.compile("|".join(f"(?P<{kind}>(?<![a-z])(?:{words})(?![a-z]))" for kind, words in _SPANS.items()))
_WORD_OF_SPAN = rf"(?:{'|'.join(_SPANS.values())})"
_SEVERAL = re.compile(rf"(?:(?:\d\s*|半){_WORD_OF_SPAN}|{_WORD_OF_SPAN}(?:\s*[/或、,]\s*{_WORD_OF_SPAN})+)")
# (2026年), (合同日起): a day or year, and no unit.
_DAY = re.compile(r"(?:19|20)\d\d\s*年|日起|到期日")
_SIGN_OF_TIME = re.compile(r"[年月日天周季旬半]")
_YEARS_BEHIND = re.compile(r"(?:年|年数|年限|年期|years?|yrs?|(?<=term)y)$")
_DAYS_BEHIND = re.compile(r"(?:天|天数|days?)$")
_MONTHS_BEHIND = re.compile(r"(?:月|月数|months?|mths?|mon)$")
_BASIS_POINTS = frozenset({"bp", "bps", "基点", "‱", "万分之"})
_PER_MILLE = frozenset({"‰", "千分之", "千分比", "千分率", "per mille", "per mil"})
_PERCENT = re.compile(r"%|percent|pct|百分", re.IGNORECASE)


def _plain(header: str) -> str:
    """The header in plain width and, of the known terms, in simplified signs; 10⁴ is 10^4, and not 104. Of one in two
    languages the Chinese name."""
    powers = header if header.isascii() else _SUPERSCRIPT.sub(r"^\g<0>", in_one_language(header))
    return _NUMBERED.sub("", simplified(unicodedata.normalize("NFKC", powers)).strip())


def squeeze(header: str) -> str:
    """The header without case, width, unit in brackets, blanks and punctuation: "Loan Amount (USD)" is "loanamount"."""
    return re.sub(r"[\W_]+", "", without_unit(_plain(header)).casefold())


def names_in(header: str) -> list[str]:
    """The squeezed names of a header: of one in two languages both."""
    return [squeeze(name) for name in both_names(header) or (header,)]


def without_unit(plain: str) -> str:
    """A header in plain width without the unit at its end."""
    if _in_ten_thousands(plain):
        return _TEN_THOUSANDS.sub("", plain)
    return _BARE_UNIT.sub("", _UNIT.sub("", plain))


def name_alone(header: str) -> str:
    """The squeezed header of an amount without any unit, currency or remark beside its name: 申请金额 of
    (万元)申请金额 and 申请金额(万)(含税), "loanamount" of "Loan Amount USD (thousands)"."""
    plain = _plain(header)
    first = _first_unit(plain)
    plain = plain[first.end() :] if first else plain
    while last := _UNIT.search(plain):
        plain = plain[: last.start()].rstrip()
    return re.sub(r"[\W_]+", "", _BARE_UNIT.sub("", _CURRENCY_BEHIND.sub("", plain)).casefold())


def without_any_unit(plain: str) -> str:
    """As `without_unit`, where the unit stands before the name or before a remark, too: 年收入(税前) of
    年收入(万)(税前)."""
    last = _UNIT.search(plain)
    if last and (before := _unit_before(plain, last)):
        return plain[: before.start()] + plain[last.start() :]
    first = None if last or _BARE_UNIT.search(plain) else _first_unit(plain)
    return plain[first.end() :] if first else without_unit(plain)


@lru_cache(maxsize=1_024)
def is_money(column: str) -> bool:
    """Whether the header of a column is that of an amount of money."""
    name = squeeze(column)
    return bool(_MONEY.search(name)) and not _NO_MONEY.search(name)


def _in_ten_thousands(plain: str) -> bool:
    found = _TEN_THOUSANDS.search(plain)
    return found is not None and is_money(plain[: found.start()])


def unit_of(header: str) -> str:
    """What a header says in brackets at its end, or as 万元 and the like, or of money in brackets before its name or
    before another remark; empty when it says nothing."""
    plain = _plain(header)
    if _in_ten_thousands(plain):
        return "10k"
    last = _UNIT.search(plain)
    found = (_unit_before(plain, last) or last) if last else _BARE_UNIT.search(plain) or _first_unit(plain)
    return _as_unit(next(filter(None, found.groups()), "")) if found else ""


def currency_behind(header: str) -> str:
    """The word of a currency bare behind the name of an amount: naira of "Loan Amount Naira"; "" for none."""
    found = _CURRENCY_BEHIND.search(_plain(header))
    return re.sub(r"[\s_-]", " ", (found["words"] or found["name"]).casefold()) if found else ""


def _as_unit(said: str) -> str:
    return _CALLED_UNIT.sub("", said.strip().casefold()).translate(_OTHER_SIGNS)


def _unit_before(plain: str, last: re.Match[str]) -> re.Match[str] | None:
    """The brackets before the last ones, where these say a scale and the last ones do not: 金额(万)(含税)."""
    before = _UNIT.search(plain[: last.start()])
    if before is None or _says_factor(last[1]) or not _says_factor(before[1]):
        return None
    return before


def _first_unit(plain: str) -> re.Match[str] | None:
    """The brackets before a name, where they say a unit of money."""
    first = _UNIT_FIRST.match(plain)
    return first if first and (_says_factor(first[1]) or _YUAN.fullmatch(_as_unit(first[1]))) else None


def _says_factor(said: str) -> bool:
    unit = _as_unit(said)
    return _scale_of(unit) is not None or is_scale(unit)


def money_scale(header: str) -> Decimal | None:
    """The factor that the unit of a header stands for: 万元 is 10,000, "USD thousands" is 1,000; None for none."""
    # 贷款金额万元(含利息): what stands in brackets need not be the unit.
    bare = _BARE_UNIT.search(_UNIT.sub("", _plain(header)))
    behind = next(filter(None, bare.groups()), "").casefold().translate(_OTHER_SIGNS) if bare else ""
    units = (unit_of(header), behind)
    return next((scale for unit in units if (scale := _scale_of(unit))), None)


def _scale_of(unit: str) -> Decimal | None:
    if found := _MONEY_UNIT.fullmatch(unit):
        return Decimal(_MONEY_SCALES[found.group(1)])
    if _LAKHS.fullmatch(unit):
        return Decimal(10_000_000 if "crore" in unit else 100_000)
    if _MILLIONS.fullmatch(unit):
        return Decimal(1_000_000)
    if _THOUSANDS.fullmatch(unit):
        return Decimal(1_000)
    said = set(_IN_PHRASE.findall(unit))
    return Decimal(_MONEY_SCALES[said.pop()]) if len(said) == 1 else None


def currency_of_scaled(unit: str) -> str:
    """The code or sign beside the letters of a unit such as kUSD, TEUR, T€ and USDm; "" for any other."""
    found = _CODE_OF_SCALED.fullmatch(unit)
    return found[1] if found and _scale_of(unit) else ""


def says_scale(text: str) -> bool:
    """Whether a text beside a number says a scale: k, 万元, lakh. Which one is not said."""
    return bool(_SCALE_SIGN.search(_plain(text).casefold().translate(_OTHER_SIGNS)))


def is_scale(unit: str) -> bool:
    """Whether a unit says a scale and nothing else: "RMB mil", x1000. 1000的整数倍 and "w/ fees" do not."""
    plain = _plain(unit).casefold().translate(_OTHER_SIGNS)
    if _LETTERS_OF_CODE.fullmatch(plain):
        return True
    rest = _SCALE_SIGN.sub(" ", plain)
    return rest != plain and not re.search(r"[^\W_]", _WORDS_OF_MONEY.sub(" ", rest))


def says_unit_of_money(header: str) -> bool:
    """Whether a header says in what its money is: 万元, 元, USD, cents; a remark such as 税前 does not."""
    unit = unit_of(header)
    return money_scale(header) is not None or is_scale(unit) or bool(_MONEY_WORD.search(unit))


def span_of(header: str) -> str:
    """In what a header of a duration says that it is: "months", "years", "days", "others" (weeks, quarters), "" where
    it says nothing, and "open" where what it says in brackets is not understood: 期限(年/月)."""
    unit = unit_of(header)
    kinds = {found.lastgroup or "" for found in _SPAN.finditer(unit)}
    if "months" in kinds and not _SEVERAL.fullmatch(unit):
        # 1-36月 and 月，自放款日起 are in months, whatever else they say.
        return "months"
    if _DAY.search(unit):
        return ""
    rest = _SPAN.sub(" ", unit)
    if _SIGN_OF_TIME.search(rest) or len(kinds) > 1 or re.search(r"\d\s*$", unit[: _start(unit)]):
        return "open"
    if kinds:
        return kinds.pop()
    name = squeeze(header)
    behind = {"years": _YEARS_BEHIND, "days": _DAYS_BEHIND, "months": _MONTHS_BEHIND}
    return next((span for span, words in behind.items() if words.search(name)), "")


def _start(unit: str) -> int:
    """Where a unit of time begins in a text, 0 where there is none."""
    found = _SPAN.search(unit)
    return found.start() if found else 0


def months_scale(header: str) -> Decimal | None:
    """12 where the header of a duration says that it is in years, None otherwise."""
    return Decimal(12) if span_of(header) == "years" else None


def says_no_months(header: str) -> bool:
    """Whether a header of a duration says that it is in days, weeks or quarters: 360 of them are no 360 months."""
    return span_of(header) in ("days", "others")


def says_days(header: str) -> bool:
    """Whether a header of a duration says that it is in days."""
    return span_of(header) == "days"


def percent_scale(header: str) -> Decimal | None:
    """What brings the unit of a header to percent: 0.1 for ‰, 0.01 for basis points; None for any other."""
    unit = unit_of(header)
    return Decimal("0.1") if unit in _PER_MILLE else Decimal("0.01") if unit in _BASIS_POINTS else None


def says_percent(header: str) -> bool:
    """Whether a header says that its numbers are in percent."""
    return bool(_PERCENT.search(_plain(header)))
