"""What is said of a day or time that cannot be read, in English and Simplified Chinese, by code."""

# code -> (English, Chinese)
TIME_SENTENCES: dict[str, tuple[str, str]] = {
    "not_a_date": ("“{value}” is not a date that exists.", "“{value}”不是真实存在的日期。"),
    "ambiguous_date": (
        "“{value}” may be day/month or month/day; name the format in the mapping.",
        "“{value}”无法判断是日/月还是月/日；请在映射文件中指明格式。",
    ),
    "zone_not_certain": (
        "“{value}” is a time in a zone that the header does not name for sure; state its utc_offset in the mapping, or"
        " call it by its offset: UTC-5.",
        "“{value}”的时区无法由列名确定；请在映射中注明该列的 utc_offset，或在列名中写明与 UTC 的差，例如 UTC-5。",
    ),
    "not_a_clock": (
        "“{value}” does not tell a day and one time of that day.",
        "“{value}”不能读成一个日期加当天的一个时刻。",
    ),
    "ambiguous_month": (
        "“{value}” may be January, or October that lost its last digit as a number; write the month with two digits, as"
        " text.",
        "“{value}”可能是 1 月，也可能是作为数字丢失了末位的 10 月；请以文本填写，月份写成两位数。",
    ),
    "day_of_1904": (
        "“{value}” is a bare number in a workbook that counts its days from 1904; give the column the format of a date,"
        " or write its dates as text.",
        "“{value}”是纯数字，而此工作簿采用 1904 日期系统；请将该列设为日期格式，或以文本填写日期。",
    ),
}
