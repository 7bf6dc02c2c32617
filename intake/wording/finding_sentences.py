"""What the quality gate says about the data of a case, in English and Simplified Chinese, by code."""

# code -> (English, Chinese). {name} is the feature in the reader's language.
FINDINGS: dict[str, tuple[str, str]] = {
    "feature_missing": ("{name} is required for this product and is missing.", "该产品要求提供{name}，但缺失。"),
    "feature_not_number": ("{name} must be a number and is “{value}”.", "{name}应为数字，实际为“{value}”。"),
    "feature_out_of_range": (
        "{name} is {value}; possible is {minimum} to {maximum}.",
        "{name}为 {value}；可能的范围是 {minimum} 至 {maximum}。",
    ),
    "feature_not_text": ("{name} must be text and is “{value}”.", "{name}应为文本，实际为“{value}”。"),
    "feature_not_flag": ("{name} must be yes or no and is “{value}”.", "{name}应为是或否，实际为“{value}”。"),
    "feature_not_date": ("{name} must be a date and is “{value}”.", "{name}应为日期，实际为“{value}”。"),
    "feature_too_old": (
        "{name} is of {value}, more than {days} days before the application.",
        "{name}的日期为 {value}，早于申请 {days} 天以上。",
    ),
    "feature_after_application": (
        "{name} is of {value}, after the application of {applied}.",
        "{name}的日期为 {value}，晚于申请日 {applied}。",
    ),
    "feature_unusual": (
        "{name} is {value}; usual is {minimum} to {maximum}.",
        "{name}为 {value}；通常在 {minimum} 至 {maximum} 之间。",
    ),
    "value_capped": (
        "{name} is {value}; believed is {minimum} to {maximum}, so {limit} was taken.",
        "{name}为 {value}；可信范围是 {minimum} 至 {maximum}，已按 {limit} 计。",
    ),
    "value_left_out": (
        "{name} is {value}; believed is {minimum} to {maximum}, so it counts as not known.",
        "{name}为 {value}；可信范围是 {minimum} 至 {maximum}，已视为未知。",
    ),
    "another_document": (
        "The applicant is told by another document ({document}): its number is not checked, and no identity number is"
        " known.",
        "申请人使用其他证件（{document}）：其号码未经校验，身份证号码未知。",
    ),
    "zeros_put_back": (
        "{name} came back without the zeros before it in a mended row: it stands as it was given out.",
        "{name}在修正后的行中丢失了前导零：已按下载时的原值恢复。",
    ),
    "not_computed_again": (
        "{name} is also computed from {column}, which this case does not hold: since a value was mended, it is not"
        " known.",
        "{name}还须由{column}计算，而本业务未保存该列：数值修正后，该项视为未知。",
    ),
    "joined_unreadable": (
        "{name} would be taken from {column}, which holds “{value}” and cannot be read.",
        "{name}应取自 {column}，其值“{value}”无法识别。",
    ),
    "feature_refers_to_nothing": (
        "{name} is “{value}”, and the source has no case of that reference.",
        "{name}为“{value}”，但该来源没有此编号的业务。",
    ),
    "fields_disagree": ("{name}: {value} against {limit}.", "{name}：{value}，对照值为 {limit}。"),
    "applied_twice": (
        "{name} was made before on {value}: the same applicant within {days} days.",
        "{name}重复：同一申请人在 {days} 天内已于 {value} 申请。",
    ),
    "may_be_on_record": (
        "A case with the same content came before without this number and is on record as {value}: if it is the same,"
        " have this one withdrawn.",
        "此前有一笔内容相同、没有该编号的业务，记录编号为 {value}：如为同一笔，请撤回本业务。",
    ),
    "alike_on_record": (
        "A case of the same applicant, product, day, amount and term is on record as {value}, and no number that both"
        " have tells them apart: if it is the same, have this one withdrawn.",
        "同一申请人、产品、日期、金额和期限的业务已有记录，编号为 {value}，且没有双方共有的编号可资区分："
        "如为同一笔，请撤回本业务。",
    ),
    "named_otherwise": (
        "This number of an applicant stands under the name of somebody else, on record or further up: if two people got"
        " one number, have the case sent back; if it is the same person, let it go on.",
        "该申请人编号已有记录或前面的行，但姓名属于另一个人：如两人共用了同一编号，请退回该业务；如确为同一人，请放行。",
    ),
    "number_on_record": (
        "A case with the same number in the column “{column}” is on record as {value}: if it is the same loan, have"
        " this one withdrawn.",
        "“{column}”列中编号相同的业务已有记录，编号为 {value}：如为同一笔，请撤回本业务。",
    ),
    "equal_but_number": (
        "A case that is equal but for its number came before and is on record as {value}: if it is the same, have this"
        " one withdrawn.",
        "此前有一笔除编号外内容相同的业务，记录编号为 {value}：如为同一笔，请撤回本业务。",
    ),
    "application_too_old": (
        "{name} of {value} arrived more than {days} days later.",
        "{name}日期为 {value}，到达时已超过 {days} 天。",
    ),
    "later_than_promised": (
        "{name} promises a case at most {hours} hours after its application; this one is of {value}.",
        "{name}承诺在申请后 {hours} 小时内送达；该业务的申请时间为 {value}。",
    ),
    "source_quarantined": (
        "It arrived while its source was quarantined, or waited when that began: a person looks first.",
        "该业务在来源隔离期间到达，或在隔离开始时仍在等待：须先由人工查看。",
    ),
    "returned_to_source": (
        "It was returned to its source: what is sent again under its reference takes its place.",
        "已退回来源：以同一编号重新发送的内容将取而代之。",
    ),
    "reading_not_looked_at": (
        "Its columns were read by what they seem to say, and nobody has looked at that yet: a supervisor or"
        " administrator does so on the page of its source.",
        "其各列由系统自行识别，尚无人查看识别结果：须由主管或管理员在来源页面查看。",
    ),
    "source_not_trusted": (
        "Its source is not trusted: every case waits for a person.",
        "其来源不受信任：每笔业务均需等待人工处理。",
    ),
    "feature_not_listed": ("{name} is “{value}”; known are {choices}.", "{name}为“{value}”；已知取值为 {choices}。"),
    "feature_not_identity_number": (
        "{name} must be an identity number whose check digit fits and is “{value}”.",
        "{name}应为校验码正确的证件号码，实际为“{value}”。",
    ),
    "feature_not_phone": (
        "{name} must be a telephone number and is “{value}”.",
        "{name}应为电话号码，实际为“{value}”。",
    ),
    "feature_not_industry": (
        "{name} must be an industry of GB/T 4754 and is “{value}”.",
        "{name}应为 GB/T 4754 行业，实际为“{value}”。",
    ),
    "feature_not_region": (
        "{name} must be a region of GB/T 2260 and is “{value}”.",
        "{name}应为 GB/T 2260 行政区划，实际为“{value}”。",
    ),
}
