"""What may be wrong with the way to a database, stream or topic, in English and Simplified Chinese."""

from typing import Final

# code -> (English, Chinese). {said} is what the other side said, without any password.
CONNECTOR_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "address_form": (
        "The address cannot be read; it looks like {example}.",
        "无法识别该地址；正确形式如 {example}。",
    ),
    "address_option": (
        "The address has an option or a name that is not allowed: {name}.",
        "地址中含有不允许的选项或名称：{name}。",
    ),
    "address_unknown": ("No machine has the name {host}.", "找不到名为 {host} 的主机。"),
    "address_inside": (
        "{host} lies in a network that the operator has not named (RISKREVIEW_SOURCE_NETWORKS).",
        "{host} 所在的网络未经运维人员登记（RISKREVIEW_SOURCE_NETWORKS）。",
    ),
    "address_scheme": (
        "{host} lies outside of the lender's own networks and is reached only with its certificate checked.",
        "{host} 不在本机构网络内，只能通过校验证书的加密连接访问。",
    ),
    "address_sealed": (
        "The address cannot be opened: no key at hand has sealed it.",
        "无法解密该地址：现有密钥均非其加密密钥。",
    ),
    "no_driver": (
        "No driver for {name} is installed on the server; the operator installs the Python package {package}.",
        "服务器上未安装 {name} 的驱动程序；请运维人员安装 Python 软件包 {package}。",
    ),
    "no_dialect": (
        "SQLAlchemy knows no kind of database {name}; the operator installs a package that adds it.",
        "SQLAlchemy 不识别数据库类型 {name}；请运维人员安装提供该类型的软件包。",
    ),
    "no_file": (
        "There is no such database file in the folder that the server reads them from.",
        "服务器的数据库文件夹中没有该文件。",
    ),
    "no_connection": ("It cannot be reached. What was answered: {said}", "无法连接。对方返回的原文：{said}"),
    "no_answer": ("The question was refused. What was answered: {said}", "查询被拒绝。对方返回的原文：{said}"),
    "too_slow": (
        "It took longer than {seconds} seconds and was broken off.",
        "耗时超过 {seconds} 秒，已中止。",
    ),
    "no_column": (
        "The rows have no column {name}; they have: {columns}.",
        "结果中没有 {name} 列；现有列：{columns}。",
    ),
    "position_kind": (
        "The column {name} holds a {kind}, by which rows cannot be put in order.",
        "{name} 列的类型为 {kind}，无法据此排序。",
    ),
    "position_rounded": (
        "The database compares {name} by more than it gives out of it (a number in single precision, say), so that rows"
        " would be read twice or passed over. Select it in an exact form, such as CAST({name} AS DECIMAL(20, 6)).",
        "数据库比较 {name} 时所用的值比其输出的值更精细（例如单精度浮点数），会造成重复读取或漏读。"
        "请在查询中将其转换为精确类型（例如 DECIMAL）后选取。",
    ),
    "position_listed": (
        "{name} is an ENUM or SET: the database puts it in order by number and compares it as text, so that rows would"
        " be passed over. Select it as text, such as CAST({name} AS CHAR), or choose another column.",
        "{name} 列是 ENUM 或 SET 类型：数据库按编号排序，却按文本比较，会造成漏读。"
        "请在查询中用 CAST 将其转换为文本（CHAR）后选取，或改用其他列。",
    ),
    "position_missing": (
        "Rows that have no {name}, by which rows are put in order: {count}. They are not read. Fill it in, or leave"
        " them out in the query (WHERE {name} IS NOT NULL); all other rows are read.",
        "有 {count} 行的 {name} 列为空，无法据此排序，因此未读取。请补全该列，或在查询中排除这些行"
        "（WHERE {name} IS NOT NULL）；其他行均照常读取。",
    ),
    "position_uncounted": (
        "Whether rows have no {name}, and so are not read, took longer than {seconds} seconds to find out; all other"
        " rows are read. An index on {name} makes it quick.",
        "检查是否有 {name} 列为空（因而未读取）的行耗时超过 {seconds} 秒；其他行均照常读取。"
        "为 {name} 建立索引可加快检查。",
    ),
    "position_unsorted": (
        "{name} holds “{value}”: texts of this form do not lie in the order that they mean (2026/1/10 before 2026/1/9,"
        " 10 before 9), so that rows would be passed over. Select it as a date or a number, or in one fixed form such"
        " as 2026-01-09 08:30:00.",
        "{name} 列含有“{value}”：这种形式的文本排序与其含义不符（2026/1/10 排在 2026/1/9 之前，10 排在 9 之前），"
        "会造成漏读。请在查询中将其转换为日期或数字，或统一为固定形式（例如 2026-01-09）后选取。",
    ),
    "position_moved": (
        "Its settings were changed meanwhile; the next turn goes by the new ones.",
        "读取期间设置已变更；下一次将按新设置进行。",
    ),
    "not_written": (
        "{count} messages were not acknowledged; they are written again.",
        "{count} 条消息未获确认，将再次写入。",
    ),
    # One message.
    "other_source": (
        "The message names the source “{value}”, and comes from that of {source}.",
        "消息注明的来源为“{value}”，但它来自 {source}。",
    ),
    "no_body": ("The message has no field {name}.", "消息没有 {name} 字段。"),
    "message_cut_off": (
        "Of {size} bytes the first {limit} are kept here; the whole message is in its stream as long as that keeps it.",
        "消息共 {size} 字节，此处保留前 {limit} 字节；完整消息仍在其流中，保留期限由该流决定。",
    ),
    "message_too_large": (
        "The message has {size} bytes; at most {limit} are read.",
        "消息有 {size} 字节，最多读取 {limit} 字节。",
    ),
    "message_kills": (
        "Whoever read the message died, {count} times. It is kept here and not read again.",
        "读取该消息的进程已 {count} 次异常终止。消息已保留于此，不再重读。",
    ),
    "message_failed": (
        "The message could not be taken in, by a fault that the program calls {problem}. It is kept here and not read"
        " again.",
        "无法接收该消息（程序错误名称：{problem}）。消息已保留于此，不再重读。",
    ),
}
