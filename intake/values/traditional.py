"""Writes the traditional signs of the known terms in their simplified form: 貸款金額 as 贷款金额."""

from typing import Final

# Only the signs that known headers, units, currencies and answers are written with; every other sign stays.
_TRADITIONAL: Final = (
    "貸額請數個時間幣種貨別會員戶編統納稅識單業務訂進項機電話動聯係繫稱產類門屬國標誌區劃營經獲銷來點層約結絕過"
    "實還計償餘總當級險歷曆徵違壞無審態現變樣資債學職崗車輛積評設備網齡狀況擔與萬億簽價長創報錄據帳賬繳詢執規"
    "筆負發歐鎊韓臺盧銀號證碼郵緊後準淨潤記複復該決見論際風兩冊佔沒錯對詳擬義綜頻週雙賃終"
)
_SIMPLIFIED: Final = (
    "贷额请数个时间币种货别会员户编统纳税识单业务订进项机电话动联系系称产类门属国标志区划营经获销来点层约结绝过"
    "实还计偿余总当级险历历征违坏无审态现变样资债学职岗车辆积评设备网龄状况担与万亿签价长创报录据账账缴询执规"
    "笔负发欧镑韩台卢银号证码邮紧后准净润记复复该决见论际风两册占没错对详拟义综频周双赁终"
)
_TABLE: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    """The text with these signs in their simplified form; every other sign stays."""
    return text if text.isascii() else text.translate(_TABLE)
