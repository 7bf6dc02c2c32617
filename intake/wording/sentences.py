"""Every sentence that intake says about a bad field, row, table or mapping, in English and Simplified Chinese."""

import re
from collections.abc import Callable, Mapping
from functools import partial

from intake.wording.connector_sentences import CONNECTOR_SENTENCES
from intake.wording.finding_sentences import FINDINGS
from intake.wording.limit_sentences import RANGES, pair_for
from intake.wording.mapping_sentences import MAPPING_SENTENCES
from intake.wording.table_sentences import TABLE_SENTENCES
from intake.wording.time_sentences import TIME_SENTENCES

SHOWN_LENGTH = 60
_HALF_PAIR = re.compile("[\ud800-\udfff]")

# code -> (English, Chinese). {field} and {value} are always known; other names come with the error.
SENTENCES: dict[str, tuple[str, str]] = {
    **CONNECTOR_SENTENCES,
    **FINDINGS,
    **MAPPING_SENTENCES,
    **RANGES,
    **TABLE_SENTENCES,
    **TIME_SENTENCES,
    # One field of one case.
    "named_twice": (
        "The field {field} is named more than once; nobody can tell which value is meant.",
        "字段 {field} 出现多次；无法判断以哪个值为准。",
    ),
    "not_json": ("This line is not JSON.", "此行不是 JSON。"),
    # One outcome of one loan.
    "unknown_case": ("No case “{value}” is on record.", "没有“{value}”这笔业务的记录。"),
    "several_cases": (
        "Several sources have a case “{value}”; name the source too.",
        "多个来源都有业务“{value}”；请同时注明来源。",
    ),
    "no_loan": (
        "This case was not approved, so there is no loan whose outcome could be known.",
        "该业务未获批准，没有可供观察结果的贷款。",
    ),
    "before_application": (
        "The outcome was observed before the case was applied for.",
        "结果的观察时间早于该业务的申请时间。",
    ),
    "other_outcome": (
        "Another outcome is on record for this moment; send a correction with a later observed_at.",
        "该时点已有不同的结果记录；更正请使用更晚的 observed_at。",
    ),
    "required": ("This field is required and is missing or empty.", "此字段必填，但缺失或为空。"),
    "not_an_object": ("An object with named fields is expected here.", "此处应为包含命名字段的对象。"),
    "unknown_field": (
        "No field of this name is known; remove it or correct its spelling.",
        "没有此名称的字段；请删除或更正拼写。",
    ),
    "not_text": ("“{value}” is not text.", "“{value}”不是文本。"),
    "too_long": (
        "The text has {length} characters; at most {limit} are allowed.",
        "文本有 {length} 个字符，最多允许 {limit} 个。",
    ),
    "forbidden_character": (
        "The text holds a character that cannot be stored (NUL or half a surrogate pair).",
        "文本含有无法存储的字符（NUL 或不成对的代理字符）。",
    ),
    "not_a_slug": (
        "“{value}” is not a short name: use 1 to 50 letters a-z, digits, hyphens or underscores, and begin with a "
        "letter or digit.",
        "“{value}”不是有效的短名称：请使用 1 至 50 个英文字母、数字、连字符或下划线，并以字母或数字开头。",
    ),
    "not_a_choice": ("“{value}” is not one of: {choices}.", "“{value}”不在可选值之内：{choices}。"),
    "not_a_number": ("“{value}” is not a number.", "“{value}”不是数字。"),
    "ambiguous_number": (
        "“{value}” has digits in groups or decimals; say in the mapping which is the decimal mark.",
        "“{value}”中的逗号或点可能是数字分组符，也可能是小数点；请在映射中注明小数点。",
    ),
    "not_finite": ("“{value}” is not a finite number.", "“{value}”不是有限数值。"),
    "number_too_large": ("“{value}” is too large to be kept exactly.", "“{value}”过大，无法精确保存。"),
    "not_an_integer": ("“{value}” is not a whole number.", "“{value}”不是整数。"),
    "not_positive": ("“{value}” is not above zero.", "“{value}”不大于零。"),
    "too_many_decimals": ("“{value}” has more than 2 decimals.", "“{value}”的小数位超过 2 位。"),
    "too_many_digits": ("“{value}” has more than 13 digits before the decimal point.", "“{value}”的整数位超过 13 位。"),
    "not_a_currency": (
        "“{value}” is not an ISO 4217 currency code such as CNY.",
        "“{value}”不是 ISO 4217 货币代码（例如 CNY）。",
    ),
    "other_currency": (
        "“{value}” names another currency than the row's, which is {currency}; mend the one or the other.",
        "“{value}”所写的货币与该行的货币 {currency} 不同；请更正其中之一。",
    ),
    "no_time_zone": (
        "“{value}” has no time zone; write for example +08:00.",
        "“{value}”没有时区；请写明，例如 +08:00。",
    ),
    "in_the_future": ("“{value}” lies more than one day in the future.", "“{value}”比当前时间晚一天以上。"),
    "too_early": ("“{value}” lies before 1950.", "“{value}”早于 1950 年。"),
    "not_a_duration": ("“{value}” is not a number of months or years.", "“{value}”不是月数或年数。"),
    "unit_not_understood": (
        "“{value}” shows a unit that is not understood; write the number in full, or say the factor in the mapping.",
        "“{value}”显示的单位无法识别；请写出完整数值，或在映射中注明换算系数。",
    ),
    "other_unit_than_column": (
        "“{value}” names another unit than its column, {column}; write the number in the unit of the column.",
        "“{value}”写明的单位与所在列“{column}”不一致；请按该列的单位填写。",
    ),
    "rate_of_one": (
        "“{value}” may be 1% or 100% in a column of percents and shares; write it with a percent sign.",
        "该列既可能是百分数也可能是小数，“{value}”可能是 1% 或 100%；请写明百分号。",
    ),
    "not_a_grade": ("“{value}” is not a grade from A1 to G5.", "“{value}”不是 A1 至 G5 的等级。"),
    "digits_lost": (
        "“{value}” is what a spreadsheet leaves of a long number; its last digits are lost. Send the column as text.",
        "“{value}”是电子表格对长数字的缩写，末尾数字已丢失。请将该列设为文本后重新发送。",
    ),
    # What a public standard defines.
    "not_an_identity_number": (
        "“{value}” is not an identity number: 18 signs (or a resident's old 15 digits) are expected.",
        "“{value}”不是有效的证件号码：应为 18 位（或 15 位旧身份证号）。",
    ),
    "wrong_check_digit": (
        "The check digit of “{value}” does not fit its other signs: one of them is wrong.",
        "“{value}”的校验码与其余各位不符：其中有一位有误。",
    ),
    "no_such_birthday": (
        "“{value}” holds a birthday that does not exist, lies in the future or before 1900.",
        "“{value}”中的出生日期不存在、在未来或早于 1900 年。",
    ),
    "dates_reversed": (
        "“{value}”: the first date does not lie before the second, so that no time lies between them.",
        "“{value}”：第一个日期不早于第二个日期，无法计算其间的时间。",
    ),
    "not_a_phone": ("“{value}” is not a telephone number.", "“{value}”不是有效的电话号码。"),
    "not_an_industry": (
        "“{value}” is not an industry of GB/T 4754, such as F52 or 零售业.",
        "“{value}”不是 GB/T 4754 中的行业（例如 F52 或零售业）。",
    ),
    "industry_differs": ("“{value}” is {first} and {second}.", "“{value}”同时指 {first} 和 {second}。"),
    "industry_open": (
        "“{value}” may be a group, or a class without its leading 0: add the letter of its section (A0311, C311).",
        "“{value}”可能是中类，也可能是丢了开头的 0 的小类：请加上门类字母（A0311、C311）。",
    ),
    "not_a_region": (
        "“{value}” is not a region of GB/T 2260, such as 310000 or 上海市.",
        "“{value}”不是 GB/T 2260 中的行政区划（例如 310000 或上海市）。",
    ),
    "several_regions": (
        "“{value}” may be several regions: {names}. Name the province too.",
        "“{value}”可能是多个地区：{names}。请同时写明省份。",
    ),
    "not_a_flag": ("“{value}” is neither yes nor no.", "“{value}”既不是“是”也不是“否”。"),
    "bad_feature_name": (
        "“{value}” is not a feature name: lower-case letters, digits and underscores, starting with a letter, at most "
        "63 characters.",
        "“{value}”不是有效的特征名：只能使用小写字母、数字和下划线，以字母开头，最多 63 个字符。",
    ),
    "not_a_feature_value": (
        "A feature is a number, a text, true, false or null.",
        "特征值只能是数字、文本、true、false 或 null。",
    ),
    "too_many_features": (
        "{count} features were given; at most {limit} are allowed.",
        "提供了 {count} 个特征，最多允许 {limit} 个。",
    ),
    # One cell or row of a table.
    "pattern_not_found": (
        "“{value}” does not have the expected form {pattern}.",
        "“{value}”不符合预期格式 {pattern}。",
    ),
    "pattern_refused": (
        "The mapping's pattern {pattern} is not taken any more; a new version of the mapping must be signed.",
        "映射中的正则表达式 {pattern} 现已不被接受；须签署新版本的映射。",
    ),
    "value_not_listed": (
        "“{value}” is not among the values that the mapping knows.",
        "“{value}”不在映射文件列出的取值之内。",
    ),
    "no_amount_column": (
        "The table has no column that is recognised as the amount; name it, or a constant, in the mapping, or choose "
        "there that its rows are only kept for other sources to join.",
        "表中没有可识别为金额的列；请在映射中指明该列或给出常量，或在映射中选择这些数据行只供其他来源关联。",
    ),
    "too_few_cells": (
        "The row has {found} cells, the header has {expected}.",
        "该行有 {found} 个单元格，而表头有 {expected} 个。",
    ),
    "too_many_cells": (
        "The row has {found} cells, the header has {expected}.",
        "该行有 {found} 个单元格，而表头有 {expected} 个。",
    ),
    "cell_without_name": (
        "Column {position} has no name in the header, and this row holds something in it.",
        "第 {position} 列在表头中没有名称，而该行在此列中有内容。",
    ),
    "cell_too_long": (
        "A cell of this row has more than {limit} characters.",
        "该行有单元格超过 {limit} 个字符。",
    ),
    "broken_quotes": (
        "A quotation mark opens in this row and does not close where a cell ends.",
        "该行有引号未在单元格结尾处闭合。",
    ),
    "bytes_no_text": (
        "The bytes {value} are no text in UTF-8; convert the column where it is kept, and send the row again.",
        "字节 {value} 不是 UTF-8 文本；请在数据源中转换该列后重新发送此行。",
    ),
    "formula_failed": (
        "The formula of this cell failed ({value}); mend it in the workbook and send the row again.",
        "该单元格的公式出错（{value}）；请在工作簿中修正后重新发送此行。",
    ),
    "cell_merged": (
        "“{value}” stands in a merged cell over several rows, and may be their sum; write each row's own number.",
        "“{value}”位于合并多行的单元格中，可能是多行的合计；请在每一行填写各自的数值。",
    ),
    "formula_uncomputed": (
        "The formula of this cell was never computed: open the workbook in a spreadsheet program, save it and send the"
        " row again.",
        "该单元格的公式从未计算：请用电子表格程序打开并保存工作簿后重新发送此行。",
    ),
    "cell_beyond_reading": (
        "“{value}” lies beyond what can be read of this type of column.",
        "“{value}”超出该列类型可读取的范围。",
    ),
    "undecodable": ("The row holds bytes that are not valid {encoding}.", "该行含有无效的 {encoding} 字节。"),
    "other_encoding": (
        "The row is in UTF-8, and the file in {encoding}; save all of it in one encoding and send the row again.",
        "该行采用 UTF-8 编码，而文件采用 {encoding} 编码；请统一编码后重新发送此行。",
    ),
    "reference_reused": (
        "The reference “{value}” is already known with other content: {fields}.",
        "编号“{value}”已存在，但内容不同：{fields}。",
    ),
    "source_keeps_rows": (
        "The rows of “{value}” are only kept, for other sources to join, as its signed mapping says: no case comes of "
        "them. Send rows to /api/v1/sources/{value}/rows.",
        "根据已签署的映射，来源“{value}”的数据行只供其他来源关联，不会成为案件。请将数据行发送至 "
        "/api/v1/sources/{value}/rows。",
    ),
}


def storable(text: str) -> str:
    """The text with what PostgreSQL cannot keep made visible: NUL becomes ␀, a byte that is no text \\xd6, half of a
    surrogate pair �."""
    if text.isascii():
        return text.replace("\x00", "␀") if "\x00" in text else text
    return _HALF_PAIR.sub(_visible, text.replace("\x00", "␀"))


def _visible(half: re.Match[str]) -> str:
    byte = ord(half.group()) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else "\ufffd"


def shorten(text: str, limit: int) -> str:
    """The text itself, or its first characters and an ellipsis, together at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def say(code: str, language: str, params: Mapping[str, str]) -> str:
    """The sentence of a code in `en` or `zh-hans`, its parameters filled in (long ones cut)."""
    template = pair_for(code, params, SENTENCES[code])[0 if language == "en" else 1]
    return template.format_map({key: shorten(storable(text), SHOWN_LENGTH * 5) for key, text in params.items()})


class IntakeError(Exception):
    """A refusal of a whole file, with a sentence in both languages."""

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(say(code, "en", params))

    def __reduce__(self) -> tuple[Callable[..., Exception], tuple[str], dict[str, object]]:
        # By its code, not by its sentence, where it goes to another process.
        return partial(type(self), **self.params), (self.code,), vars(self)

    def sentence(self, language: str) -> str:
        """The reason in `en` or `zh-hans`."""
        return say(self.code, language, self.params)

    def as_dict(self) -> dict[str, str]:
        """Code and sentence in both languages."""
        return {"code": self.code, "en": self.sentence("en"), "zh": self.sentence("zh-hans")}
