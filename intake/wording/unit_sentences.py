"""What is said of a unit or currency that stands beside a table and would be passed over, in English and Simplified
Chinese, by code."""

# code -> (English, Chinese)
UNIT_SENTENCES: dict[str, tuple[str, str]] = {
    "unit_above_header": (
        "Above the header or beside the table stands “{said}”, and the column “{column}” would be read without it:"
        " write the unit or currency into its name, or sign a mapping for this source that says it.",
        "表头上方或表格旁写有“{said}”，而读取“{column}”列时不会用到它：请将单位或货币写入列名，或为该来源签署说明它的映射。",
    ),
    "unit_below_header": (
        "In the row below the header stands “{said}”, and the column “{column}” would be read without its unit: write"
        " it into its name, or sign a mapping for this source that says it.",
        "表头下一行写有“{said}”，而读取“{column}”列时不会用到其单位：请将单位写入列名，或为该来源签署说明它的映射。",
    ),
    "unit_below_rows": (
        "Below the rows stands “{said}”, and the column “{column}” would be read without it: write the unit or currency"
        " into its name, or sign a mapping for this source that says it.",
        "表格下方写有“{said}”，而读取“{column}”列时不会用到它：请将单位或货币写入列名，或为该来源签署说明它的映射。",
    ),
    "unit_in_sheet_name": (
        "The sheet is called “{said}”, and the column “{column}” would be read without its unit: write it into its"
        " name, or sign a mapping for this source that says it.",
        "工作表名为“{said}”，而读取“{column}”列时不会用到其单位：请将单位写入列名，或为该来源签署说明它的映射。",
    ),
    "unit_in_notes_sheet": (
        "Another sheet of the workbook says “{said}”, and the column “{column}” would be read without it: write the"
        " unit or currency into its name, or sign a mapping for this source that says it.",
        "工作簿的另一工作表写有“{said}”，而读取“{column}”列时不会用到它：请将单位或货币写入列名，"
        "或为该来源签署说明它的映射。",
    ),
    "unit_in_comment": (
        "A comment on the header says “{said}”, and the column “{column}” would be read without it: write the unit or"
        " currency into its name, or sign a mapping for this source that says it.",
        "表头的批注写有“{said}”，而读取“{column}”列时不会用到它：请将单位或货币写入列名，或为该来源签署说明它的映射。",
    ),
    "unit_in_column": (
        "A column of units holds “{said}”, and the column “{column}” would be read without it: bring all rows to one"
        " unit and write it into its name, or sign a mapping for this source.",
        "单位列中写有“{said}”，而读取“{column}”列时不会用到它：请将各行换算为同一单位并写入列名，或为该来源签署映射。",
    ),
}
