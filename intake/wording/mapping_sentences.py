"""What is said of a mapping or rules file that cannot be used, in English and Simplified Chinese, by code."""

from intake.wording.unit_sentences import UNIT_SENTENCES

# code -> (English, Chinese)
MAPPING_SENTENCES: dict[str, tuple[str, str]] = {
    **UNIT_SENTENCES,
    "mapping_missing": ("The file {value} does not exist or cannot be read.", "文件 {value} 不存在或无法读取。"),
    "mapping_not_yaml": (
        "This is not YAML that can be read; look at its indents, colons, brackets and quotation marks.",
        "内容不是可读取的 YAML；请检查缩进、冒号、括号与引号。",
    ),
    "mapping_not_yaml_at": (
        "This is not YAML that can be read: look at line {line}, sign {position}.",
        "内容不是可读取的 YAML：请检查第 {line} 行第 {position} 个字符处。",
    ),
    "mapping_key_twice": (
        "The key {key} stands twice (line {line}); of two nobody knows which is meant.",
        "键 {key} 出现两次（第 {line} 行）；无法判断以哪一个为准。",
    ),
    "column_other_currency": (
        "The column “{name}” is in {named}, and the cases are taken to be in {currency}: sign a mapping for this source"
        " that says in which currency they are and by which factor the column is read, or that leaves it out.",
        "“{name}”列的货币是 {named}，而业务按 {currency} 处理："
        "请为该来源签署映射，说明业务的货币及该列的换算系数，或不使用该列。",
    ),
    "currencies_differ": (
        "The column “{name}” says {value} where the column “{other}” says {said}: leave in the one in which the loans"
        " are, or sign a mapping for this source that says it.",
        "“{name}”列写有 {value}，而同一行的“{other}”列写有 {said}："
        "请只保留贷款所用币种的列，或为该来源签署说明它的映射。",
    ),
    "amount_asked_open": (
        "The amount would be read from “{name}”, which was granted, and “{other}” may be what was asked for: name the"
        " latter 申请金额 or “requested amount”, or sign a mapping for this source that says which is the amount.",
        "金额将读自获批的“{name}”列，而“{other}”列可能是申请的金额：请将后者命名为“申请金额”，"
        "或为该来源签署映射，说明哪一列是金额。",
    ),
    "amount_drawn": (
        "The column “{name}” is of a contract or line ({whole}), and “{other}” says that {drawn} of it was paid out:"
        " send the amount of each loan as 贷款金额 or “loan amount”, add the number of the loan note (借据号), or sign"
        " a mapping for this source that says which is the loan's.",
        "“{name}”列是合同或额度的金额（{whole}），而“{other}”列写明其中发放了 {drawn}："
        "请以“贷款金额”列提供每笔贷款的金额，或补充借据号，或为该来源签署映射，说明哪一列是贷款金额。",
    ),
    "amount_foreign": (
        "The currency stands in the column “{column}”, and the column “{other}” is of foreign money, so “{name}” need"
        " not be in that currency: sign a mapping for this source that says which amount is the loan's.",
        "币种在“{column}”列，而“{other}”列是外币，因此“{name}”列未必是该币种："
        "请为该来源签署映射，说明哪一列是贷款金额。",
    ),
    "amount_other_currency": (
        "The header of the amount “{name}” says {named}, and the column “{other}” says {said}: send the amounts in the"
        " currency of that column under a header without another one, or sign a mapping for this source that says in"
        " which currency they are.",
        "金额列“{name}”的列名写明 {named}，而“{other}”列写有 {said}："
        "请提供按该列币种计的金额，列名不要写其他货币，或为该来源签署说明其货币的映射。",
    ),
    "currency_of_years": (
        "The dates in the column “{name}” are of the years of the Republic ({value}), and nothing says in which"
        " currency “{amount}” is: add a column of currencies, or name it in the header, as 新台币 or 人民币.",
        "“{name}”列使用民国纪年（{value}），而“{amount}”列未说明币种："
        "请增加币种列，或在列名中注明币种，如“新台币”或“人民币”。",
    ),
    "currency_open": (
        "The column “{name}” says {value}, and no column says that the loans are in another currency than {currency}:"
        " add the currency of the loans, or sign a mapping for this source that says it.",
        "“{name}”列写有 {value}，而没有列说明贷款的币种（默认为 {currency}）："
        "请补充贷款币种列，或为该来源签署说明它的映射。",
    ),
    "currency_lost": (
        "Loans of this source were in {said} by its column “{name}”, and this table does not say in which currency it"
        " is: send it with that column, or sign a mapping for this source.",
        "该来源此前的业务按“{name}”列有 {said} 等币种，而该表未说明币种：请保留该列后重新发送，或为该来源签署映射。",
    ),
    "columns_lacking": (
        "The table has no numbers of its own, and lacks {names}, by which its rows were told before: what came before"
        " would come in again. Send it with these columns, or sign a mapping for this source.",
        "该表没有自身的业务编号，又缺少此前用于区分各行的列：{names}，此前已到达的业务会再次成为案件。"
        "请保留这些列后重新发送，或为该来源签署映射。",
    ),
    "percent_lost": (
        "The column “{name}” was in percent before; now its numbers are bare and as small as shares: write them with %,"
        " or sign a mapping for this source that says what they are.",
        "“{name}”列此前为百分比，而现在的数值未注明百分号，且小得像小数形式的比例："
        "请加上 % 后重新发送，或为该来源签署说明其含义的映射。",
    ),
    "percent_new": (
        "The column “{name}” held bare numbers of at most 1 before; now it is in percent: write it as before, or sign a"
        " mapping for this source that says what its numbers are.",
        "“{name}”列此前为不超过 1 且未注明百分号的数值，而现在为百分比："
        "请按此前的写法重新发送，或为该来源签署说明其含义的映射。",
    ),
    "share_open": (
        "The column “{name}” holds both “{low}” and “{high}”, which may be shares or percents: write all cells with %,"
        " or sign a mapping for this source that says what its numbers are.",
        "“{name}”列中既有“{low}”，又有“{high}”，无法判断是小数还是百分数："
        "请统一加上 % 后重新发送，或为该来源签署说明其含义的映射。",
    ),
    "unit_mixed": (
        "The column “{name}” holds “{own}” and also a bare “{bare}”, which may be meant in the same unit: write all"
        " cells in one unit, or sign a mapping for this source.",
        "“{name}”列中既有“{own}”，又有不带单位的“{bare}”，无法判断后者是否也以同一单位计："
        "请统一单位后重新发送，或为该来源签署映射。",
    ),
    "rate_mixed": (
        "The column “{name}” holds “{own}” and also a bare “{bare}”, which may be a percent or a share: write all cells"
        " with %, or sign a mapping for this source.",
        "“{name}”列中既有“{own}”，又有不带百分号的“{bare}”，无法判断后者是百分数还是小数："
        "请统一加上 % 后重新发送，或为该来源签署映射。",
    ),
    "rate_period_mixed": (
        "The column “{name}” holds “{own}” and “{other}”: rates in ‰ are by the month and others by the year. Write all"
        " by one period and say it in the header, as 年利率(%) or 月利率(‰), or sign a mapping for this source.",
        "“{name}”列中既有“{own}”，又有“{other}”：以 ‰ 表示的通常为月利率，其余为年利率。"
        "请统一口径并在列名中注明，如“年利率（%）”或“月利率（‰）”，或为该来源签署映射。",
    ),
    "period_in_column": (
        "The column “{name}” holds “{said}”, and the column “{column}” would be read without it: bring all rows to one"
        " period and unit and write it into its name, or sign a mapping for this source.",
        "“{name}”列中写有“{said}”，而读取“{column}”列时不会用到它："
        "请将各行换算为同一周期和单位并写入列名，或为该来源签署映射。",
    ),
    "rate_open": (
        "The column “{name}” holds rates such as a bare “{value}”, which may be {value} % or {percent} %: write them"
        " with %, or sign a mapping for this source that says what they are.",
        "“{name}”列的利率如“{value}”未注明百分号，可能是 {value}%，也可能是 {percent}%："
        "请加上 % 后重新发送，或为该来源签署说明其含义的映射。",
    ),
    "rate_unread": (
        "The column “{name}” holds rates of interest such as “{value}”, which are no plain numbers: write them as 10.5"
        " or 10.5% and their period into its name, as 月利率 or “Interest Rate (% per annum)”, or sign a mapping for"
        " this source.",
        "“{name}”列的利率如“{value}”不是单纯的数字：请写为 10.5 或 10.5%，并在列名中注明周期"
        "（如“月利率”或“年利率”），或为该来源签署映射。",
    ),
    "money_unread": (
        "The column “{name}” holds amounts such as “{value}”, which are no plain numbers: write each as one number,"
        " such as 12000, or sign a mapping for this source.",
        "“{name}”列的金额如“{value}”不是单纯的数字：请将每项写为一个数字，如 12000，或为该来源签署映射。",
    ),
    "term_open": (
        "The terms in the column “{name}” are only {values}, which may be months or years: write the unit into its"
        " name, as 期限(月) or “term (years)”, or sign a mapping for this source.",
        "“{name}”列的期限只有 {values}，可能是月，也可能是年：请在列名中注明单位，如“期限（月）”或“期限（年）”，"
        "或为该来源签署映射。",
    ),
    "term_open_days": (
        "The terms in the column “{name}” are {values}, which may be months or days: write the unit into its name, as"
        " 期限(月) or “term (days)”, or sign a mapping for this source.",
        "“{name}”列的期限为 {values}，可能是月，也可能是天：请在列名中注明单位，如“期限（月）”或“期限（天）”，"
        "或为该来源签署映射。",
    ),
    "term_frequency": (
        "The column “{name}” says that loans are paid “{said}”, and the column “{column}” would be read in months:"
        " write the terms in months and say it in the header, as 期限(月) or “term (months)”, or sign a mapping for"
        " this source.",
        "“{name}”列说明还款频率为“{said}”，而“{column}”列会按月数读取：请将期限换算为月并在列名中注明，如“期限（月）”，"
        "或为该来源签署映射。",
    ),
    "term_other_days": (
        "The terms in the column “{name}” would be read in months, and “{start}” and “{end}” say otherwise, as in"
        " “{values}”: write the unit into its name, as 期限(年) or “term (days)”, or sign a mapping for this source.",
        "“{name}”列的期限将按月读取，但与“{start}”和“{end}”不符，例如“{values}”："
        "请在列名中注明单位，如“期限（年）”或“期限（天）”，或为该来源签署映射。",
    ),
    "term_parts": (
        "The columns “{first}” and “{second}” both tell the term, and hold “{values}” in one row, which neither say the"
        " same nor add up: leave one of them out, or sign a mapping for this source.",
        "“{first}”列和“{second}”列都说明期限，而某一行中为“{values}”，两者既不一致也无法相加："
        "请只保留其中一列，或为该来源签署映射。",
    ),
    "term_unread": (
        "The column “{name}” may tell the term of the loans, and none is read as the term: name it 期限(月) or “term"
        " (months)” where it is, or sign a mapping for this source that says where the term stands or that there is"
        " none.",
        "“{name}”列可能说明贷款期限，而目前没有任何列作为期限读取：若是期限，请改名为“期限（月）”；"
        "或为该来源签署映射，说明期限在哪一列或没有期限。",
    ),
    "day_not_read": (
        "The column “{name}” is named as a day and holds “{value}”, which is not read as one, so that the time of the"
        " import would stand there: write days as 2026-01-31, or sign a mapping for this source that says their form.",
        "“{name}”列的列名表示日期，但“{value}”无法识别为日期，将以导入时间代替：请将日期写为 2026-01-31 的形式，"
        "或为该来源签署映射，说明日期格式。",
    ),
    "day_unread": (
        "The column “{name}” may tell the day of the application, and none is read as that, so that the time of the"
        " import would stand there: name it 申请日期 or “application date” where it is, or sign a mapping for this"
        " source that says where the day stands or that there is none.",
        "“{name}”列可能是申请日期，而目前没有任何列作为申请日期读取，将以导入时间代替：若是申请日期，请改名为“申请日期”；"
        "或为该来源签署映射，说明申请日期在哪一列或没有申请日期。",
    ),
    "unit_unknown": (
        "The header “{name}” says a unit that is not understood: write it as 万元, “USD thousands”, 月 or years, or"
        " sign a mapping for this source that says it.",
        "列名“{name}”中的单位无法识别：请写为“万元”“USD thousands”“月”或“年”等，或为该来源签署说明它的映射。",
    ),
    "amount_open": (
        "The amounts below “{name}” are so small, such as {value}, that they may be in ten thousands: write the unit"
        " into the header (元, 万元), or sign a mapping for this source that says it.",
        "“{name}”列的金额很小（如 {value}），可能以万元为单位：请在列名中写明单位（元、万元），"
        "或为该来源签署说明它的映射。",
    ),
    "days_swapped": (
        "The column “{name}” holds texts such as “{text}” beside dates all of whose days are 12 or less, such as"
        " {value}: a spreadsheet program makes such dates when it takes the day for the month. Send the column as text,"
        " or with its dates right.",
        "“{name}”列中既有“{text}”这样的文本，又有日期单元格（如 {value}），且后者的日都不超过 12："
        "电子表格程序把日与月弄反时就会如此。请将该列全部以文本发送，或更正日期后重新发送。",
    ),
    "pattern_wrong": (
        "{key}: “{value}” is not a regular expression.",
        "{key}：“{value}”不是有效的正则表达式。",
    ),
    "mapping_unknown_key": ("{key} is not known here. Known: {allowed}.", "此处不识别 {key}。可用：{allowed}。"),
    "mapping_wrong_value": ("{key} is “{value}”. Allowed: {allowed}.", "{key} 的值为“{value}”。允许：{allowed}。"),
    "mapping_no_key": (
        "Rows that are kept for other sources are found by a key: choose the column that holds it ({key}).",
        "留存供其他来源关联的行须按键查找：请选择用于查找的列（{key}）。",
    ),
    "pattern_too_long": (
        "{key}: keep a pattern to {most} signs or fewer.",
        "{key}：正则表达式请不超过 {most} 个字符。",
    ),
    "pattern_groups": (
        "{key}: “{value}” has several groups; write one, (?:…) for the others.",
        "{key}：“{value}”含有多个分组；请只保留一个，其余改为非捕获分组。",
    ),
    "pattern_nested": (
        "{key}: “{value}” repeats what repeats or has alternatives itself, as (a+)+ does; on some cells that never"
        " ends. Write it without a repeat within a repeat.",
        "{key}：“{value}”中被重复的部分自身含有重复或多选（如对 a+ 再加 +），可能无休止地匹配；请避免嵌套重复。",
    ),
    "pattern_looks_around": (
        "{key}: “{value}” looks around or refers to a group; no cell needs that here.",
        "{key}：“{value}”使用了环视或反向引用；此处不支持。",
    ),
    "pattern_competing": (
        "{key}: “{value}” has too many repeats that may take the same signs, as .*.*.* does; say what stands between"
        " them.",
        "{key}：“{value}”中有过多可匹配相同字符的重复（如 .*.*.*）；请写明其间的分隔内容。",
    ),
    "pattern_ways": (
        "{key}: “{value}” has too many alternatives and optional parts; use `values` for what is listed.",
        "{key}：“{value}”中的多选与可选部分过多；固定的取值请改用 values 列出。",
    ),
    "mapping_refused_now": (
        "The rows were not read: version {version} of the mapping was signed before {key} was refused (“{value}”)."
        " Sign a new version, and send the rows again.",
        "未读取数据：第 {version} 版映射签署时尚允许 {key} 中的“{value}”，现已不被接受。请签署新版本后重新发送。",
    ),
    "mapping_no_kind": (
        "{key} must say with exactly one of these where its value comes from: {allowed}.",
        "{key} 必须且只能用以下一种方式说明取值来源：{allowed}。",
    ),
    "mapping_columns": (
        "The mapping names columns that the table does not have: {names}. The table has: {columns}.",
        "映射文件引用了表中不存在的列：{names}。表中的列：{columns}。",
    ),
    "codes_too_many": (
        "The table has {found} lines; at most {limit} are kept.",
        "对照表有 {found} 行；最多保留 {limit} 行。",
    ),
    "codes_not_two": (
        "Line {row} does not hold two cells, a value and its meaning: “{value}”.",
        "第 {row} 行不是两个单元格（取值及其含义）：“{value}”。",
    ),
    "codes_other_kind": (
        "Line {row}: “{value}” cannot be read as {kind}.",
        "第 {row} 行：“{value}”无法按 {kind} 读取。",
    ),
    "codes_twice": (
        "Line {row}: “{value}” stands there twice with different meanings.",
        "第 {row} 行：“{value}”出现两次且含义不同。",
    ),
    "mapping_unit_unknown": (
        "Nothing tells in which unit “{name}” counts beside “{partner}”: state its factor to the base unit as {key} "
        "(10000 for 万元, 1 where it counts as it stands).",
        "无法得知“{name}”与“{partner}”相比以何种单位计："
        "请以 {key} 注明其换算为基本单位的倍数（万元为 10000，按原样计为 1）。",
    ),
    "mapping_scale_of_read": (
        "{key} is a factor of a column that {name} reads already: state the factor there.",
        "{key} 所指的列已由 {name} 读取：请在该处注明倍数。",
    ),
    "mapping_join_needs": (
        "{key} needs {name} from a column of the table itself.",
        "{key} 需要由表自身的列提供 {name}。",
    ),
    "mapping_join_column": (
        "The table has a column “{name}”, written like a column of a joined source; name the join otherwise.",
        "表中已有列“{name}”，与关联来源列的写法相同；请为关联另取名称。",
    ),
    "mapping_source": (
        "No source is named: give one to the command or in the mapping.",
        "未指明来源：请在命令或映射文件中给出。",
    ),
}
