"""What is said of a whole table that cannot be read, or of a cell unlike the rest of its column, in English and
Simplified Chinese, by code."""

# code -> (English, Chinese)
TABLE_SENTENCES: dict[str, tuple[str, str]] = {
    "row_of_totals": (
        "“{value}” names this row as one of totals, and not a loan.",
        "“{value}”表明此行是合计行，不是一笔业务。",
    ),
    "row_of_example": (
        "“{value}” names this row as the example of a form, and not a loan.",
        "“{value}”表明此行是填写示例，不是一笔业务。",
    ),
    "table_missing": ("The file {value} does not exist or cannot be read.", "文件 {value} 不存在或无法读取。"),
    "table_changed": (
        "The file {value} was changed while it was read; send it again once it is whole. What was taken in stays.",
        "文件 {value} 在读取过程中被改动；请在文件完整后重新发送。已接收的内容会保留。",
    ),
    "reader_lost": (
        "The process that read the file was ended, perhaps for want of memory; send the file again. What was taken in "
        "stays.",
        "读取文件的进程被终止，可能是内存不足；请重新发送该文件。已接收的内容会保留。",
    ),
    "reading_failed": (
        "Reading it failed here ({value}); whoever runs RiskReview finds more in the log. What was taken in before "
        "stays.",
        "读取时系统内部出错（{value}），运维人员可在日志中查看详情。此前已接收的内容会保留。",
    ),
    "file_written_on": (
        "The file {value} was written to after it had been taken in; it is read again as {name}. What came in stays.",
        "文件 {value} 在接收完成后又被写入；将以 {name} 重新读取。已接收的内容会保留。",
    ),
    "table_empty": ("The file holds no header row.", "文件中没有表头。"),
    "table_damaged": (
        "The file is damaged, was cut off, or is not of the kind that its name says; open it where it was made, save it"
        " again and send it whole.",
        "文件已损坏、不完整，或与其扩展名不符；请在生成该文件的程序中打开并重新保存，然后完整发送。",
    ),
    "table_not_text": (
        "The file is neither text, nor a spreadsheet, nor Parquet.",
        "文件既不是文本，也不是电子表格或 Parquet。",
    ),
    "header_undecodable": (
        "The header holds bytes that are not valid {encoding}: {names}. Save the file as UTF-8 and send it again.",
        "表头含有无效的 {encoding} 字节：{names}。请将文件另存为 UTF-8 后重新发送。",
    ),
    "table_other_kind": (
        "The file is {kind}, which is no table; send CSV, a spreadsheet or Parquet (JSON goes to the API).",
        "文件是 {kind}，不是表格；请发送 CSV、电子表格或 Parquet（JSON 请发送至接口）。",
    ),
    "table_for_excel": (
        "The file is {kind} and no workbook, although Excel may show it as a table: open it in Excel, save it as .xlsx"
        " and send that.",
        "文件是 {kind}，不是工作簿，尽管 Excel 可能将其显示为表格：请用 Excel 打开，另存为 .xlsx 后重新发送。",
    ),
    "table_locked": (
        "The workbook is protected by a password; save it without one and send it again.",
        "工作簿受密码保护；请取消密码后保存并重新发送。",
    ),
    "table_bomb": (
        "The file unpacks to far more than a table of its size can hold; nothing of it was read.",
        "文件解压后的大小远超同等大小表格的可能内容；未读取任何内容。",
    ),
    "table_too_wide": (
        "The sheet reaches to a cell so far out that it cannot be held; delete what stands outside of the table, or "
        "send CSV.",
        "工作表延伸到极远的单元格，无法载入；请删除表格之外的内容，或改发 CSV。",
    ),
    "table_entities": (
        "The workbook declares XML entities, which no spreadsheet program writes; it was not read.",
        "工作簿声明了 XML 实体，任何电子表格程序都不会这样写；未予读取。",
    ),
    "zip_empty": ("The archive holds no table.", "压缩包中没有表格。"),
    "zip_several": (
        "The archive holds more than one table ({names}), and one is wanted here; send each by itself.",
        "压缩包中有多个表格（{names}），而此处只需一个；请逐个发送。",
    ),
    "zip_too_many": (
        "The archive holds {found} files; at most {limit} are taken in. Nothing of it was read.",
        "压缩包中有 {found} 个文件；最多接收 {limit} 个。未读取任何内容。",
    ),
    "zip_in_zip": (
        "This is an archive inside the archive; send it by itself.",
        "这是压缩包内的压缩包；请单独发送。",
    ),
    "zip_locked": (
        "This part of the archive is protected by a password; pack it without one.",
        "压缩包中的此文件受密码保护；请去掉密码后重新打包。",
    ),
    "zip_packing": (
        "This part of the archive is packed in a way that is not read here; pack it anew as an ordinary ZIP.",
        "压缩包中的此文件采用了此处不支持的压缩方式；请重新打包为普通 ZIP。",
    ),
    "zip_changed": (
        "The archive was changed while it was read; send it again once it is whole.",
        "压缩包在读取过程中被改动；请在文件完整后重新发送。",
    ),
    "zip_other_kind": (
        "By its name this part of the archive is no table ({kinds}); rename or unpack it, and send it again.",
        "从文件名看，压缩包中的此文件不是表格（{kinds}）；请改名或解压后重新发送。",
    ),
    "too_many_columns": (
        "The header has {found} columns; at most {limit} are read.",
        "表头有 {found} 列；最多读取 {limit} 列。",
    ),
    "line_too_long": (
        "The line has more than {limit} characters: it is no row of a table.",
        "该行超过 {limit} 个字符：不是表格的行。",
    ),
    "formulas_uncomputed": (
        "The formulas of this workbook were never computed: open it in a spreadsheet program, save it and send it"
        " again.",
        "此工作簿的公式从未计算：请用电子表格程序打开并保存后重新发送。",
    ),
    "sheets_alike": (
        "Several sheets hold rows that may be loans ({names}), and only the first is read: save each as a file of its"
        " own, or hide those that are not meant.",
        "多个工作表都有可能是业务数据的行（{names}），而只读取第一个：请分别另存为文件，或隐藏不需要的工作表。",
    ),
    "separator_unknown": (
        "The cells of the file seem to be parted by {signs}, but its lines are not cut alike by that: the separator is"
        " not known. Save the file with a comma, a semicolon, a tab or | between its cells and send it again.",
        "文件的单元格似乎以 {signs} 分隔，但各行按此拆分后不一致，无法确定分隔符：请改用逗号、分号、制表符或 | 分隔，"
        "保存后重新发送。",
    ),
    "empty_header": ("The header has no name for column {position}.", "表头第 {position} 列没有名称。"),
    "duplicate_header": ("The header names these columns more than once: {names}.", "表头中以下列名重复：{names}。"),
    "other_header": (
        "Row {row} is a header unlike the first one, so it and the rows below it are not read under the first: send"
        " them as a file of their own, or write them as the first header says and delete that row.",
        "第 {row} 行是与首个表头不同的表头，该行及其下各行不按首个表头读取：请另存为单独的文件发送，"
        "或按首个表头改写这些行并删除第 {row} 行。",
    ),
    # A cell of a column that was recognised by what the others hold.
    "not_years": (
        "“{value}” is not a number of whole years, as 3, “3 years” or 3年.",
        "“{value}”不是整年数；请填写如 3 或 3年。",
    ),
    "year_of_two_digits": (
        "“{value}” has no year of four digits; write the year with four digits, as in 2025-01-05.",
        "“{value}”的年份不足四位；请用四位数字写明年份，如 2025-01-05。",
    ),
    "not_a_share": (
        "“{value}” is too large to be a share, as the rest of its column is (0.35 for 35%); write it as one.",
        "“{value}”过大，与该列其余各行所用的小数写法（0.35 即 35%）不符；请以小数填写。",
    ),
    "share_or_percent": (
        "“{value}” may be a share or a percent in a column of percents; write it with a percent sign.",
        "该列为百分数，“{value}”可能是小数，也可能是百分数；请写明百分号。",
    ),
    "percent_among_numbers": (
        "“{value}” is a percent, and the numbers of its column are none; write it as these, without a percent sign.",
        "“{value}”是百分数，而该列其余数值并非百分数；请按该列的写法填写，不带百分号。",
    ),
    "not_a_whole_number": (
        "“{value}” is not a whole number, as 1001 or 1001.0 in the rest of the column.",
        "“{value}”不是整数编号；该列其余各行如 1001 或 1001.0。",
    ),
    "number_masked": (
        "“{value}” is masked, so that two people may have the same: send the whole number, or a number of the customer"
        " in its place.",
        "“{value}”经过脱敏，不同的人可能相同：请发送完整号码，或改用客户编号。",
    ),
    # One row of a table that has no numbers.
    "equal_row_before": (
        "An equal row came before in {file}, and nothing in this one tells whether it is the same loan. If it is "
        "another one, add a column with its number, such as loan_id, and send the row again.",
        "{file} 中此前已有与此行完全相同的一行，此行中没有信息能说明是否为同一笔贷款。如为另一笔，"
        "请增加一列填写其编号（例如“贷款编号”）后重新上传此行。",
    ),
}
