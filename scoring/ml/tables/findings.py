"""What was found about a column of a table, each as one sentence in both languages."""

from dataclasses import dataclass

from scoring.ml.errors import Language

# code -> (English, Chinese). {column} is the header; other slots come with the finding.
SENTENCES: dict[str, tuple[str, str]] = {
    "no_outcome": (
        "{count} rows without an outcome in “{column}” were left out.",
        "有 {count} 行在“{column}”中没有结果，已略去。",
    ),
    "broken_rows": ("{count} rows could not be read and were left out.", "有 {count} 行无法读取，已略去。"),
    "empty": ("“{column}” is empty and was left out.", "“{column}”为空，已略去。"),
    "constant": (
        "“{column}” is “{value}” in every row and was left out.",
        "“{column}”在每一行都是“{value}”，已略去。",
    ),
    "counter": ("“{column}” only numbers the rows and was left out.", "“{column}”只是行号，已略去。"),
    "identifier": (
        "“{column}” looks like a reference ({distinct} different values in {rows} rows) and was left out.",
        "“{column}”像是编号（{rows} 行中有 {distinct} 个不同的值），已略去。",
    ),
    "personal": ("“{column}” looks like personal data and was left out.", "“{column}”像是个人信息，已略去。"),
    "free_text": (
        "“{column}” is free text ({distinct} different values in {rows} rows) and was left out.",
        "“{column}”是自由文本（{rows} 行中有 {distinct} 个不同的值），已略去。",
    ),
    "many_values": (
        "“{column}” has {distinct} different values, and the {kept} most common cover only {share} of the rows; it was "
        "left out.",
        "“{column}”有 {distinct} 个不同的值，最常见的 {kept} 个只覆盖 {share} 的行，已略去。",
    ),
    "pooled": (
        "“{column}” keeps its {kept} most common values; {pooled} rarer ones are read as “(other)”.",
        "“{column}”保留最常见的 {kept} 个值，其余 {pooled} 个少见的值合并为“(other)”。",
    ),
    "special_values": (
        "“{column}” holds {values} far outside its amounts: taken as special values. Say what they mean.",
        "“{column}”中的 {values} 远离其余数值，按特殊值处理。请注明其含义。",
    ),
    "unreadable": (
        "{count} values of “{column}” could not be read and are taken as missing, such as “{example}”.",
        "“{column}”中有 {count} 个值无法读取，按缺失处理，例如“{example}”。",
    ),
    "code_as_number": (
        "“{column}” looks like a code with {distinct} values; it is read as a number, although its order may mean "
        "nothing.",
        "“{column}”像是代码（{distinct} 个值），现按数字读取，但其大小顺序可能没有意义。",
    ),
    "age_of_date": (
        "The date “{column}” is read as the completed months before {reference}.",
        "日期“{column}”按其距 {reference} 的整月数读取。",
    ),
    "unlawful": (
        "“{column}” may be unlawful to use, and is never named to an applicant until a person decides.",
        "使用“{column}”可能不合法；在有人作出决定之前，不会向申请人提及。",
    ),
    "repeated_rows": (
        "{share} of the rows repeat another row in every column but the outcome: the same applicants again? A random "
        "split then knows its test rows.",
        "{share} 的行除结果外与另一行完全相同，可能是同一申请人重复出现；随机划分会使测试数据提前泄露。",
    ),
    "chosen_by_outcome": (
        "“{column}” has as many bad rows as good ones: they seem to be chosen by their outcome. PDs learned from them "
        "are too high for the book they came from.",
        "“{column}”的坏样本与好样本一样多，样本似乎按结果抽取；由此学得的违约概率会高于原贷款组合的实际水平。",
    ),
    "restates_outcome": (
        "“{column}” restates the outcome (its values tell it in {share} of the rows) and was left out.",
        "“{column}”是结果的另一种写法（{share} 的行可由其值直接得知结果），已略去。",
    ),
    "after_decision": (
        "The date “{column}” lies after the application in {share} of the rows that have it, so it was not known then; "
        "it was left out.",
        "日期“{column}”在 {share} 的有值行中晚于申请日，申请时尚不可知，已略去。",
    ),
    "named_after_decision": (
        "“{column}” says by its name that it is known only after the decision (AUC of its own {auc}).",
        "“{column}”从名称看在审批之后才能得知（单独 AUC 为 {auc}）。",
    ),
    "single_column": (
        "“{column}” tells the outcome almost by itself (AUC {auc}, all other columns together {rest}): probably "
        "written down after the outcome was known.",
        "“{column}”几乎单独就能得知结果（AUC {auc}，其余各列合计 {rest}），很可能是结果已知之后才记录的。",
    ),
    "missing_tells": (
        "Whether “{column}” is filled in tells the outcome almost by itself (AUC {auc}): it was probably filled in "
        "after the outcome was known.",
        "“{column}”是否填写几乎就能得知结果（AUC {auc}），很可能是结果已知之后才填写的。",
    ),
    "lifts_model": (
        "“{column}” alone lifts a model from AUC {rest} to {auc}: hardly possible for a fact known at the decision; "
        "was it changed by what became of the loan?",
        "仅“{column}”一列就把模型的 AUC 从 {rest} 提高到 {auc}，审批时已知的信息很难做到；它是否随贷款结果而变动？",
    ),
    "pure_values": (
        "In {rows} rows with certain values of “{column}” {observed} outcomes are {side}, but all other columns "
        "together expect {expected}: those values were probably written after the outcome was known.",
        "“{column}”取某些值的 {rows} 行中，{side_zh}结果只有 {observed} 个，而其余各列合计预期为 {expected} 个；"
        "这些值很可能是结果已知之后才填写的。",
    ),
}
LEAKS = frozenset(
    {
        "restates_outcome",
        "after_decision",
        "named_after_decision",
        "single_column",
        "missing_tells",
        "lifts_model",
        "pure_values",
    }
)


@dataclass(frozen=True)
class Finding:
    """One finding about the column of that header. `strength` of a leak is the AUC that it reaches by itself or adds to
    a model's; 0 where nothing was measured. `dropped` columns are not in the table."""

    column: str
    code: str
    en: str
    zh: str
    strength: float = 0.0
    dropped: bool = False

    @property
    def is_leak(self) -> bool:
        """Whether the column seems to know the outcome."""
        return self.code in LEAKS

    def sentence(self, language: Language) -> str:
        """The sentence in the asked language."""
        return self.zh if language == "zh-hans" else self.en


def finding(code: str, column: str, *, strength: float = 0.0, dropped: bool = False, **slots: object) -> Finding:
    """The finding of that code with its sentences filled in."""
    en, zh = (text.format(column=column, **slots) for text in SENTENCES[code])
    return Finding(column, code, en, zh, strength, dropped)


def percent(share: float) -> str:
    """A share (0 to 1) as a whole percent, never rounded up to all or down to none."""
    return "100%" if share == 1 else "0%" if share == 0 else f"{min(max(round(share * 100), 1), 99)}%"
