"""What the words of a header, put together, say of the state of a loan: "Days Past Due", 逾期租金.

Every word must be known: one that is not, as in "Savings Balance", "DPD last 12 months" or 他行贷款余额, may speak of
somebody's account, history or other loans, of which a lender knows before the decision.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

Told = Literal["", "perhaps", "surely"]

# By what they say, of several that fit at one place the first.
_WORDS: Final = {
    # Only a loan that was granted has these.
    "state": (
        r"outstanding|(?<=principal)os|os(?=principal|prin|bal|amount|amt|loan)|capital(?=outstanding|overdue|inarrears)"
        r"|un(re)?paid|(re)?paid|(re)?payments?(made|received)|cum(ulative)?repayments?|undisbursed|remaining"
        r"|next(due|payment|repayment|instal?lment|emi)|last(?=paid)|lastpayments?|recover(y|ies|ed)|forgiv(eness|en)"
        r"|(charged?|chg|write|written)offs?(?!t)|loanlossprovisions?|ecl|ifrs9?(?=stage)|np[al]|(non)?performing"
        r"|par\d{1,3}|par(?=days|amount|amt|status|flag|bucket|balance)|portfolioatrisk|assetquality(class(ification)?)?"
        # Of a bureau "Number in Collections" and "Repossessions" are told, too.
        r"|((?<![a-z])|(?<=is)|(?<=loan)|(?<=currently))(in|sentto)collections?(?!t)|performance(?=status|flag|ind|label)"
        r"|repossess(ed|ion(?=date|dt))|foreclos(ed|ure(?=date|dt))"
        r"|default(ed)?|lossgiven(?=default)|outcome|(loan|account|mis)status"
        r"|累计(还款|归还|偿还|还|收(?=息))|收回|回收|(已|实际?)(还款|归还|偿还|还|收(?!回))|未(偿还|归还|到期|偿|还|收)"
        r"|尚[欠余]|剩余|[已未]付(?=租金)|下(一次|一期|一|次|期)(应?还款?|扣款)|(?<!未)结清|还清|代偿|核销|催收|拨备"
        r"|[贷租投]后|预期信用损失|违约|不良|坏账(?!准备)|呆[账滞]|(十二|[二三四五六七八九十])级(分类|形态)|(贷款)?形态"
        r"|风险分类|(贷款|资产)质量(分类|形态)?|(贷款|借款|还款|借据|合同|账户|履约|偿还|结清)状态"
    ),
    # Not paid in time: where a header only counts it, it may have been so before.
    "overdue": r"overdue|pastdue|arrears?|dpd\d{0,3}|\d{1,3}dpd|逾期|拖欠|欠(?=[息本租])",
    "late": r"late|missed|delinquen(t|cy)",
    "balance": r"balances?(?!t)|bal|upb|余额|结余",
    # What may be of another loan or account, or was known when this one was asked for.
    "open": (
        r"asset(class(ification)?)|loanclass(?!if)|classification|loanperformance|status|stage|bucket|age?ing"
        r"|(last|latest)(due|repayment|instal?lment|emi)|accrued|suspense|bounced?|repossession|foreclosures?"
        r"|accountclosed|close(?=date|dt|day)|cancelled|baddebts?|provisions?(?!t)|impair(ment|ed)|restructured"
        r"|rescheduled|watch(list|flag)|collections?(?!t)|collected|penalty|penalties|prepaid|prepayments?made"
        r"|状态|展期|重组|诉讼|减值准备|罚息|滞纳金|销户|资产分类|贷款分类|实际到期|(最近|上|末)(一次|一期|次)?还款|提前还款"
        r"|未结清(?=金额|本金)|回款|垫款|追偿|欠款|减免"
    ),
    "due": r"due",
    "closed": r"closed(?!ate)|closure|payoff",
    "day": r"date|day(?!s)|dt|on|at$|日期|时间|日(?!数)",
    "days": r"days|\d{1,3}天(以[上下内])?|天数|日数",
    "times": r"times|ever(?=default|delinq|overdue|pastdue|late|npa|writ|charg)|次数|笔数|月数|户数",
    "count": r"number|num|nr|no|count|cnt",
    # Beside it a balance may be that of all loans that somebody has.
    "whole": r"total|总额|总|合计|融资|授信|在贷|未结清",
    "plain": (
        r"as(of|at|on)(\d{1,2}[a-z]{3,9}\d{2,4}|\d{6,8})|loanaccount|loanac|loan(?!s(?!ta))|facility|contract|lease"
        r"|rentals?(?!t)|principal|prncp|prin|interest|int|fees?(?!t)|charges?(?!t)|amounts?(?!t)|amnt|amt|term|tenor|tenure"
        r"|months(?=inarrears|overdue|pastdue|late|remaining)|instal?lments?(?!t)|emis?(?!t)|payments?(?!t)|repayments?(?!t)"
        r"|indicator|ind(?!efault)|infull|fully|in|off|of|the|as|todate|and|is|currently|current|actual|closing|ending"
        r"|monthend|maximum|max|highest|worst|longest|gross|gr|net|cumulative|cum|zero|percent(age)?|pct|specific|general"
        r"|sub(?=(loan)?status)|risk(?=classification)|portfolio(?=status)|since$|flag|code|description|desc|type|reason"
        r"|level|yn"
        r"|贷款|借款|借据|合同|租赁|租金|本金|利息|本息|复利|金额|数额|款项|期数|期次|期限|累计|当前|目前|最大|最高|最长|最新|当期"
        r"|本期|本年|期末|月末|年末|截至|标志|标识|标记|标签|情况|结果|等级|原因|阶段|类型|账龄|是否|有无|应收|应还|应付|还款|用信"
        r"|敞口|风险|信贷(资产)?|(项目|业务|起租)(?=状态)|表[内外]|实际|提前|起始|开始|发生|首次|连续|到期|正常|已|曾|尚|额|本|款"
        r"|息|租(?!赁)"
    ),
}  # fmt: skip
_WORD: Final = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS.items()))


@lru_cache(maxsize=4_096)
def state_told(key: str) -> Told:
    """Whether a squeezed header tells a state of the loan of its row: surely, or perhaps that of another loan, or the
    same as it was before the application; "" where it tells none or holds a word that is not known."""
    kinds = _kinds_in(key)
    if "state" in kinds:
        return "perhaps" if "times" in kinds else "surely"
    if "overdue" in kinds or "late" in kinds:
        is_measured = "days" in kinds or ("overdue" in kinds and "count" not in kinds)
        return "surely" if is_measured and "times" not in kinds else "perhaps"
    if "balance" in kinds:
        return "perhaps" if kinds & {"whole", "open"} else "surely"
    if "closed" in kinds:
        return "surely" if "day" in kinds else "perhaps"
    # A due date is the last day of a term.
    is_open = "open" in kinds or ("due" in kinds and "day" not in kinds)
    return "perhaps" if is_open else ""


def _kinds_in(key: str) -> frozenset[str]:
    """The kinds of the words that a header is made of, none where it holds anything else."""
    kinds, at = set(), 0
    while at < len(key):
        found = _WORD.match(key, at)
        if not found:
            return frozenset()
        kinds.add(str(found.lastgroup))
        at = found.end()
    return frozenset(kinds)
