"""Readable names for Chinese headers that are no usual feature: the field's terms in the order of the header."""

import re
import unicodedata

from intake.values.traditional import simplified

# English word of a feature name -> Chinese terms that mean it in a header.
TERMS: dict[str, tuple[str, ...]] = {
    "loan": ("贷款", "借款", "信贷", "借据"),
    "credit": ("授信", "信用"),
    "credit_card": ("信用卡", "贷记卡"),
    "credit_report": ("征信", "人行征信"),
    "mortgage": ("房贷", "按揭"),
    "car_loan": ("车贷",),
    "account": ("账户", "帐户"),
    "amount": ("金额", "数额", "总额"),
    "limit": ("额度", "限额"),
    "principal": ("本金",),
    "balance": ("余额",),
    "interest": ("利息",),
    "interest_rate": ("利率",),
    "rate": ("比率", "率"),
    "ratio": ("比例", "占比", "之比", "比"),
    "term": ("期限",),
    "term_unit": ("期限单位",),
    "months": ("个月", "月数"),
    "month": ("月度", "每月", "月"),
    "days": ("天数", "天"),
    "years": ("年限", "年数"),
    "year": ("年度", "年"),
    "date": ("日期", "时间"),
    "count": ("次数", "笔数", "数量", "个数", "家数", "人数", "户数"),
    "times": ("次",),
    "recent": ("近", "最近"),
    "past": ("历史", "过往", "以往"),
    "total": ("累计", "合计", "总"),
    "maximum": ("最大", "最高", "最长"),
    "minimum": ("最小", "最低"),
    "average": ("平均", "均值", "月均"),
    "current": ("当前", "目前"),
    "late": ("逾期",),
    "late_payments": ("逾期次数",),
    "default": ("违约",),
    "inquiries": ("查询次数", "查询"),
    "approval": ("审批",),
    "application": ("申请",),
    "repayment": ("还款",),
    "settled": ("结清",),
    "open": ("未结清",),
    "guarantee": ("担保",),
    "collateral": ("抵押", "抵押物"),
    "method": ("方式",),
    "use": ("使用",),
    "purpose": ("用途",),
    "income": ("收入",),
    "salary": ("工资", "薪资"),
    "household": ("家庭",),
    "personal": ("个人",),
    "annual": ("全年",),
    "expense": ("支出",),
    "debt": ("负债", "债务"),
    "assets": ("资产",),
    "deposit": ("存款",),
    "cash_flow": ("现金流", "流水"),
    "tax": ("纳税", "税"),
    "revenue": ("营业收入", "营收", "销售收入"),
    "profit": ("利润",),
    "employees": ("员工",),
    "firm": ("企业", "公司"),
    "firm_type": ("企业类型", "公司类型"),
    "legal_representative": ("法人", "法定代表人"),
    "industry": ("行业",),
    "region": ("地区", "区域", "省份"),
    "city": ("城市",),
    "channel": ("渠道",),
    "product": ("产品",),
    "age": ("年龄",),
    "education": ("学历", "教育程度"),
    "marital_status": ("婚姻", "婚姻状况", "婚姻状态"),
    "children": ("子女",),
    "occupation": ("职业",),
    "job": ("职务", "岗位"),
    "employer": ("单位",),
    "work": ("工作",),
    "housing": ("住房", "房产"),
    "car": ("车辆", "汽车"),
    "social_security": ("社保",),
    "housing_fund": ("公积金",),
    "score": ("评分", "分数", "分"),
    "grade": ("等级", "级别"),
    "type": ("类型", "类别", "种类"),
    "status": ("状况", "状态", "情况"),
    "code": ("代码", "编码"),
    "has": ("是否有", "有无"),
    "is": ("是否",),
    "device": ("设备",),
    "mobile_network": ("在网",),
}
_WORDS = {term: word for word, terms in TERMS.items() for term in terms}
_NUMERALS = {"一": "1", "两": "2", "二": "2", "三": "3", "六": "6", "十二": "12", "半": "half"}
# The longest term first, so that 信用卡 is no 信用.
_PART = re.compile("|".join([*sorted({**_WORDS, **_NUMERALS}, key=len, reverse=True), r"[a-z]+", r"\d+"]))
_BETWEEN = re.compile(r"[\W_的与及和]+")


def readable_name(header: str) -> str:
    """A feature name such as recent_6_months_late_payments for a header of known terms; empty where a part is unknown.

    All of the header or nothing: a name that leaves out a term could be that of another column.
    """
    rest, words = simplified(unicodedata.normalize("NFKC", header)).casefold(), []
    while rest := _BETWEEN.sub("", rest, count=1) if _BETWEEN.match(rest) else rest:
        found = _PART.match(rest)
        if found is None:
            return ""
        words.append(_WORDS.get(found[0]) or _NUMERALS.get(found[0]) or found[0])
        rest = rest[found.end() :]
    name = "_".join(words)
    return name if name[:1].isalpha() else f"f_{name}" if name else ""
