"""The words for currencies: what a column of them is called, and what its cells name: USD, "US Dollars", 泰国铢, 840,
人民币(CNY), 14-美元."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from intake.values.currencies import KNOWN, SPELLINGS, WORDS
from intake.values.currency_signs import currencies_named
from intake.values.traditional import simplified

# Squeezed headers: of the loan, of what may have another currency than the loan, and abbreviations of "current", too.
# None is that of an amount, a rate of exchange or a unit.
_LOAN_EN: Final = (
    r"(?:loan|facility|contract|credit|deal|application|appl|app|requested|request|financing|funding|disbursement"
    r"|transaction|txn|product|limit|amount|amt|principal|order|case|drawdown|borrowing)*"
)
_BEHIND_EN: Final = r"(?:iso)?(?:code|cd|name|type|id|key|symbol|desc|description)?"
_EN: Final = (
    rf"(?:{_LOAN_EN}(?:currency|ccy){_BEHIND_EN}|currencyof(?:the)?(?:loan|contract)|isocurrency(?:code)?|waers)"
)
_ZH: Final = r"(?:币种|币别|货币)(?:名称|代码|编码|类型|种类|类别|简称|符号)?"
_LOAN_ZH: Final = (
    r"(?:贷款|借款|合同|借据|申请|授信|放款|发放|业务|交易|融资|信贷|额度|金额|产品|分期|订单|项目|批复|计价)*" + _ZH
)
CURRENCY_HEADERS: Final = (
    rf"{_EN}|{_LOAN_ZH}|{_LOAN_ZH}{_EN}|{_EN}{_LOAN_ZH}",
    rf"(?:account|acct|acc|original|orig|base|settlement|repayment|payment)(?:currency|ccy){_BEHIND_EN}"
    rf"|(?:原始|原|账户|账号|结算|记账|入账|还款|基准|外币)币?{_ZH}",
    rf"{_LOAN_EN}(?:curr|cur|crncy){_BEHIND_EN}",
)
# Code, number of ISO 4217, names. What several countries call theirs (rupee, peso, pound, krone) is no name without one
# of them; English names stand in the singular.
_TABLE: Final = """
CNY 156 chinese yuan, china yuan, yuan renminbi, chinese yuan renminbi, renminbi, rmb yuan, cn¥
USD 840 us dollar, usa dollar, united state dollar, american dollar, 美国元
EUR 978 euro
GBP 826 pound sterling, sterling, british pound, british pound sterling, uk pound, ukp, stg
JPY 392 japanese yen, japan yen, yen, 日本元
HKD 344 hong kong dollar, hongkong dollar, hk dollar, 香港元
MOP 446 macau pataca, macao pataca, macanese pataca, pataca, 澳门币
TWD 901 taiwan dollar, new taiwan dollar, nt dollar, ntd, 新台币元, 台湾元
KRW 410 korean won, south korean won, south korea won, won, ₩, 韩币, 韩国元, 韩国币
SGD 702 singapore dollar, s$, sg$, 新加坡币, 坡币
AUD 036 australian dollar, australia dollar, a$, au$, 澳大利亚元, 澳洲元
CAD 124 canadian dollar, canada dollar, ca$, 加拿大元, 加币
NZD 554 new zealand dollar, nz$, 新西兰元, 纽元
CHF 756 swiss franc, 瑞郎
THB 764 thai baht, thailand baht, baht, ฿, 泰铢, 泰国铢
VND 704 vietnamese dong, vietnam dong, viet nam dong, dong, ₫, 越南盾
IDR 360 indonesian rupiah, indonesia rupiah, rupiah, 印尼盾, 印度尼西亚盾, 印尼卢比, 印度尼西亚卢比, rp
MYR 458 malaysian ringgit, malaysia ringgit, ringgit, 林吉特, 马来西亚林吉特, 令吉, 马来西亚令吉, 马币, rm
PHP 608 philippine peso, philippine piso, filipino peso, ₱, 菲律宾比索
INR 356 indian rupee, india rupee, ₹, 印度卢比
PKR 586 pakistani rupee, pakistan rupee, 巴基斯坦卢比
LKR 144 sri lankan rupee, sri lanka rupee, 斯里兰卡卢比
NPR 524 nepalese rupee, nepali rupee, nepal rupee, 尼泊尔卢比
BDT 050 bangladeshi taka, bangladesh taka, taka, ৳, 孟加拉塔卡, 塔卡, tk
MMK 104 myanmar kyat, burmese kyat, kyat, 缅元, 缅甸元, 缅币
KHR 116 cambodian riel, cambodia riel, riel, ៛, 柬埔寨瑞尔, 瑞尔
LAK 418 lao kip, laotian kip, kip, 老挝基普, 基普
MNT 496 mongolian tugrik, mongolian togrog, tugrik, togrog, 蒙古图格里克, 图格里克
KZT 398 kazakhstani tenge, kazakhstan tenge, tenge, 坚戈, 哈萨克斯坦坚戈
UZS 860 uzbekistani som, uzbekistan som, 乌兹别克斯坦苏姆
RUB 643 russian ruble, russian rouble, russia ruble, ₽, 俄罗斯卢布
UAH 980 ukrainian hryvnia, hryvnia, ₴, 乌克兰格里夫纳
TRY 949 turkish lira, turkey lira, ₺, 土耳其里拉
PLN 985 polish zloty, zloty, złoty, zł, 波兰兹罗提, 兹罗提
CZK 203 czech koruna, czech crown, kč, 捷克克朗
HUF 348 hungarian forint, forint, 匈牙利福林, 福林
RON 946 romanian leu, romanian lei, 罗马尼亚列伊
SEK 752 swedish krona, swedish krone, swedish kronor, 瑞典克朗
NOK 578 norwegian krone, 挪威克朗
DKK 208 danish krone, 丹麦克朗
AED 784 uae dirham, united arab emirate dirham, emirati dirham, 阿联酋迪拉姆
SAR 682 saudi riyal, saudi arabian riyal, saudi arabia riyal, 沙特里亚尔, 沙特阿拉伯里亚尔
QAR 634 qatari riyal, qatari rial, 卡塔尔里亚尔
KWD 414 kuwaiti dinar, kuwait dinar, 科威特第纳尔
ILS 376 israeli shekel, israeli new shekel, new israeli shekel, ₪, 以色列谢克尔, 以色列新谢克尔
EGP 818 egyptian pound, egypt pound, 埃及镑
ZAR 710 south african rand, south africa rand, rand, 南非兰特, 兰特
NGN 566 nigerian naira, nigeria naira, naira, ₦, 尼日利亚奈拉, 奈拉
KES 404 kenyan shilling, kenya shilling, ksh, 肯尼亚先令
UGX 800 ugandan shilling, uganda shilling, ush, 乌干达先令
TZS 834 tanzanian shilling, tanzania shilling, tsh, 坦桑尼亚先令
GHS 936 ghanaian cedi, ghana cedi, cedi, ₵, gh₵, 加纳塞地, 塞地
MXN 484 mexican peso, mexico peso, 墨西哥比索
BRL 986 brazilian real, brazil real, brazilian reai, reai, r$, 巴西雷亚尔
ARS 032 argentine peso, argentina peso, 阿根廷比索
CLP 152 chilean peso, chile peso, 智利比索
COP 170 colombian peso, colombia peso, 哥伦比亚比索
PEN 604 peruvian sol, peruvian sole, peru sol, sole, nuevo sol, s/, s/., 秘鲁索尔
BWP 072 botswana pula, pula, 博茨瓦纳普拉, 普拉
RWF 646 rwandan franc, rwanda franc, frw, 卢旺达法郎
XOF 952 west african cfa, west african cfa franc, 西非法郎
XAF 950 central african cfa, central african cfa franc, 中非法郎
ZMW 967 zambian kwacha, zambia kwacha, 赞比亚克瓦查
MWK 454 malawian kwacha, malawi kwacha, 马拉维克瓦查
AOA 973 angolan kwanza, angola kwanza, kwanza, 安哥拉宽扎, 宽扎
MZN 943 mozambican metical, mozambican meticai, metical, meticai, 莫桑比克梅蒂卡尔, 梅蒂卡尔
ETB 230 ethiopian birr, ethiopia birr, birr, 埃塞俄比亚比尔
MAD 504 moroccan dirham, morocco dirham, 摩洛哥迪拉姆
OMR 512 omani rial, oman rial, 阿曼里亚尔
GEL 981 georgian lari, georgia lari, lari, 格鲁吉亚拉里
AZN 944 azerbaijani manat, azerbaijan manat, 阿塞拜疆马纳特
ALL 008 albanian lek, albania lek, lek, 阿尔巴尼亚列克
SLE 925 sierra leonean leone, 塞拉利昂利昂
"""
_LINES: Final = [line.split(" ", 2) for line in _TABLE.strip().splitlines()]
_NUMBERS: Final = {number: code for code, number, _names in _LINES}
_NAMES: Final = {**SPELLINGS, **{name: code for code, _number, names in _LINES for name in names.split(", ")}}
# The names of the table in English as they may stand behind that of an amount: "Loan Amount Naira", amount_naira.
NAMES_BEHIND: Final = "|".join(
    name.replace(" ", r"[\s_-]") + "s?"
    for name in sorted(_NAMES, key=len, reverse=True)
    if re.fullmatch("[a-z ]{4,}|yen|ksh|tsh|ush|frw", name)
)
ZH_NAMES_BEHIND: Final = (
    "|".join(sorted((name for name in _NAMES if re.fullmatch("[\u4e00-\u9fff]{2,}", name)), key=len, reverse=True))
    + "|卢比|比索|法郎|先令|里亚尔|第纳尔|克朗|里拉|迪拉姆|克瓦查"
)
# Of several countries, or letters that beside money are hardly anything but a currency.
OF_SEVERAL: Final = (
    "(?:dollar|pound|franc|peso|rupee|rouble|ruble|shilling|dinar|dirham|riyal|rial|lira|kron[aeo]r?|koruna|kwacha"
    "|manat|rs|rm|rp|tk|dh|dhs|sh|shs|f?cfa)s?"
)
_CALLED: Final = re.compile(
    rf"[$€£¥฿៛৲৳₠-⃀]|(?<![a-z])(?:{OF_SEVERAL}|euros?|yen|won|baht|kshs?)(?![a-z])|日元|铢|卢布|卢比|林吉特|令吉"
    r"|法郎|比索|兰特|先令|里亚尔|第纳尔|克朗|里拉|迪拉姆|克瓦查|马纳特|索姆|列伊"
    r"|(?:[\u4e00-\u9fff](?<![币万千百十亿为以位税息费计按含])元|[\u4e00-\u9fff](?<![民本原外货港台])币|盾)$"
)
# In a column that is not called one of currencies.
_MUCH_ELSE: Final = frozenset({"RM", "RP", "TK"})
_PLURAL: Final = re.compile(r"(?<=[a-z]{2})(?<!s)s\b")
# 人民币CNY and "USD 美元" are two names as those with a bar between them are.
_BETWEEN: Final = re.compile(
    r"\s*[-–—_/|:;,、()\[\]【】]\s*|(?<=[\u4e00-\u9fff])\s*(?=[a-z0-9])|(?<=[a-z0-9])\s*(?=[\u4e00-\u9fff])"
)
_WITH_SIGN: Final = re.compile(
    r"(?P<first>[$¥€£])\s*(?P<behind>[^\W\d_]{2,})|(?P<before>[^\W\d_]{2,})\s*(?P<last>[$¥€£])"
)
FOREIGN: Final = re.compile(r"外币|foreign", re.IGNORECASE)
# Of headers of amounts: which of two is in the currency that a column beside it names, and which was converted.
OF_FOREIGN_MONEY: Final = re.compile(
    r"外币|原币|(?:foreign|original)[\s_-]*(?:currency|ccy)|(?<![a-z])fcy(?![a-z])", re.IGNORECASE
)
CONVERTED: Final = re.compile(
    r"折|等值|本币|本位币|equivalent|equiv(?![a-z])|(?:local|base|home|functional)[\s_-]*(?:currency|ccy)"
    r"|(?<![a-z])lcy(?![a-z])",
    re.IGNORECASE,
)
_OWN_NUMBER: Final = re.compile(r"\d{1,3}", re.ASCII)


@lru_cache(maxsize=1_024)
def currency_named(text: str) -> str:
    """The code of the currency that a cell of such a column names, "" where it names none that is known for sure.

    The three digits of ISO 4217 are a currency, any other number somebody's own. Of a code, number and name together
    each must name the same, an own number beside them nothing.
    """
    plain = simplified(unicodedata.normalize("NFKC", text).casefold()).replace("圆", "元").replace("圓", "元").strip()
    if code := _one(plain) or _one_with_sign(plain) or _NUMBERS.get(plain.removesuffix(".0"), ""):
        return code
    parts = [part for part in _BETWEEN.split(plain) if part]
    if len(parts) < 2:
        return ""
    own = [part for part in parts if _OWN_NUMBER.fullmatch(part) and part not in _NUMBERS]
    named = {_one(part) or _NUMBERS.get(part, "") for part in parts if part not in own}
    return named.pop() if len(named) == 1 else ""


def _one_with_sign(plain: str) -> str:
    """What a code or name and a sign beside it stand for where they agree: RMB¥, "GBP £"."""
    found = _WITH_SIGN.fullmatch(plain)
    code = _one(found["before"] or found["behind"]) if found else ""
    sign = found["first"] or found["last"] if found else ""
    return code if code and code in (currencies_named(f"{sign}1") or ()) else ""


def says_currency(text: str) -> bool:
    """Whether a unit has the sign or the name of a currency, also of one that several countries call so."""
    return bool(_CALLED.search(text))


def are_currencies(texts: list[str]) -> bool:
    """Whether the cells of a column, whatever it is called, can hardly be anything but currencies: nine of ten are a
    code or name, at least three of them. A bare sign, 元 or a number may be much else."""
    named = [text for text in texts if len(text) > 1 and not text[0].isdigit() and currency_named(text)]
    is_much = len(texts) >= 3 and len(named) * 10 >= len(texts) * 9
    return is_much and not {each.upper() for each in named} <= WORDS | _MUCH_ELSE


def _one(plain: str) -> str:
    """What a single code or name stands for."""
    if (code := plain.upper()) in KNOWN:
        return code
    return _NAMES.get(plain) or _NAMES.get(_PLURAL.sub("", plain.replace(".", "")), "")
