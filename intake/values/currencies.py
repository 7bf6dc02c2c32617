"""Currency codes of ISO 4217, and the ways in which tables write them."""

ACTIVE = frozenset({
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD", "BIF", "BMD", "BND",
    "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLF", "CLP", "CNY", "COP", "CRC", "CUP",
    "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
    "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD",
    "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
    "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL",
    "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES",
    "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
})  # fmt: skip
# Withdrawn codes that a book of old loans may still be written in.
WITHDRAWN = frozenset({
    "ANG", "ATS", "BEF", "BGN", "CYP", "DEM", "EEK", "ESP", "FIM", "FRF", "GRD", "HRK", "IEP", "ITL", "LTL", "LUF",
    "LVL", "MTL", "NLG", "PTE", "SIT", "SKK", "SLL", "ZWL",
})  # fmt: skip
KNOWN = ACTIVE | WITHDRAWN
# English words, too: of these three letters alone nobody can tell that they are a currency.
WORDS = frozenset({"ALL", "TOP", "TRY", "PEN", "COP", "CUP", "MAD", "BAM", "GEL", "SOS", "SIT", "RON", "LAK"})
# In brackets and alone; (all) and (top) are no currencies.
ALONE = KNOWN - {"ALL", "TOP"}
# Known beside other words, in the headers of amounts and in lines beside a table.
IN_TEXT = tuple(sorted(ACTIVE - WORDS))

SPELLINGS = {
    "rmb": "CNY", "人民币": "CNY", "元": "CNY", "人民币元": "CNY", "¥": "CNY", "cnh": "CNY", "yuan": "CNY",
    "$": "USD", "us$": "USD", "美元": "USD", "美金": "USD", "dollar": "USD",
    "€": "EUR", "欧元": "EUR", "euro": "EUR", "£": "GBP", "英镑": "GBP",
    "港币": "HKD", "港元": "HKD", "hk$": "HKD",
    "日元": "JPY", "日币": "JPY", "韩元": "KRW", "新台币": "TWD", "台币": "TWD", "nt$": "TWD",
    "澳元": "AUD", "加元": "CAD",
    "新加坡元": "SGD", "新币": "SGD", "瑞士法郎": "CHF", "澳门元": "MOP", "卢布": "RUB",
}  # fmt: skip
