"""Which column is the reference of a loan: whether the values below a number that a header names tell loans apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Final

from intake.header_words.headers import field_matches, may_number_others, names_one_loan, names_the_loan
from intake.header_words.number_signs import key_of, says_number
from intake.mapped.case_mapping import CHINA
from intake.mapped.given import Given
from intake.recognition.personal_columns import holds_personal
from intake.values.cell_dates import read_moment
from intake.values.cells import CellError, lookup_key
from intake.values.own_patterns import WHOLE
from intake.values.samples import known

# Beside these an account is the customer's with a bank.
_OF_BANK: Final = re.compile(
    r".*(?:ifsc|iban|swift|routing|sortcode|micr)(?:code|no|number)?|.*bank(?:name|code|branch|account)?(?:name|no|number)?"
    r"|.*(?:开户(?:行|银行)|银行名称).*"
)
# What has a number of its own, also where each loan of a table has another one.
_OF_ANOTHER: Final = re.compile(
    "invoice|receipt|voucher|bill|policy|insur|vehicle|car(?:no|num|id)|engine|chassis|vin|plate|regist|title|deed"
    "|propert|collateral|asset|tax|gst|licen[cs]e|cert|passport|paper|device|imei|transaction|txn|utr|payment|batch"
    "|branch|phone|mobile|tel|contact|card|bank|account|acct|ac(?:no|num)|iban|customer|client|member|borrower|person"
    "|user|wallet|employ|staff|officer|agent|dealer|merchant|vendor|guar|spouse|prev|prior|old|parent|linked|related"
    "|group|household|postal|zip|token|session"
    "|发票|票[据号]|凭证|保[单险]|车|发动机|房|产权|权证|抵押|质押|担保|保证|资产|税|许可|证件|手机|电话|[账帐][号户]|卡|银行|客户|会员"
    "|用户|员工|工号|经理|商户|供应商|门店|网点|机构|交易|支付|批次|原|旧|上[期笔]|关联|集团|户号"
)
_PEOPLE_AGAIN: Final = 0.1
_ROWS_AGAIN: Final = 2


def reference_column(column: str, texts: Sequence[str]) -> Given | None:
    """A column whose header names a number of the loan, where its values differ; those of an account, a facility or a
    series differ nearly all, and are no numbers of people."""
    distinct = len({lookup_key(text) for text in texts})
    if not texts or distinct * 2 < len(texts):
        return None
    if may_number_others(column) and (distinct * 10 < len(texts) * 9 or holds_personal(texts)):
        return None
    return number_column(column, texts)


def repeated_number(column: str, texts: Sequence[str]) -> Given | None:
    """The number of the application or the loan note though most rows share theirs with others: the first row of each
    is its case, and the others are known or say in what they differ. As rows without a number each would be a case."""
    return number_column(column, texts) if texts and names_one_loan(column) else None


def number_column(column: str, texts: Sequence[str]) -> Given:
    """A number that names something; 1001.0 is 1001 where all of them are whole, as programs write whole numbers of a
    column that has gaps. Somebody may have typed one more."""
    is_whole = any(text.endswith(".0") for text in texts) and all(map(WHOLE.fullmatch, texts))
    return Given("column", column=column, pattern=WHOLE if is_whole else None)


def bank_accounts(columns: Collection[str]) -> list[str]:
    """The columns that may number an account of the loan, in a table that tells of a bank account."""
    if not any(_OF_BANK.fullmatch(key_of(column)) for column in columns):
        return []
    return [column for column in columns if may_number_others(column)]


def other_references(fields: Mapping[str, Given], drop: Mapping[str, str]) -> dict[str, str]:
    """The identifiers that might have been the reference, had not a surer one been there."""
    if "external_ref" not in fields:
        return {}
    identifiers = (column for column, reason in drop.items() if reason == "identifier")
    return {each: "other_reference" for each in identifiers if field_matches("external_ref", each) is not None}


def numbers_another(header: str) -> bool:
    """Whether a header numbers something else than a loan: an invoice, a bank account, a vehicle, a person."""
    return bool(_OF_ANOTHER.search(key_of(header)))


def reference_by_values(
    fields: Mapping[str, Given], drop: Mapping[str, str], samples: Mapping[str, Sequence[str]]
) -> dict[str, Given]:
    """The only identifier of a table whose header says number and of nothing else than a loan, where no header names
    the reference. Each row must have its own, and loans of the same person another one: else it may be theirs."""
    applicant = fields.get("applicant.id")
    if "external_ref" in fields or applicant is None:
        return {}
    people = known(samples[applicant.column])
    again = len(people) - len({lookup_key(text) for text in people})
    if again < max(_ROWS_AGAIN, _PEOPLE_AGAIN * len(people)):
        return {}
    found = [column for column, reason in drop.items() if reason == "identifier" and _may_be_the_loan(column)]
    if len(found) != 1 or len({lookup_key(text) for text in known(samples[found[0]])}) < len(samples[found[0]]):
        return {}
    return {"external_ref": number_column(found[0], samples[found[0]])}


def _may_be_the_loan(column: str) -> bool:
    is_known = any(field_matches(name, column) is not None for name in ("external_ref", "applicant.id"))
    return not is_known and says_number(column) and not numbers_another(column)


def is_counted_anew(fields: Mapping[str, Given], samples: Mapping[str, Sequence[str]]) -> bool:
    """Whether a mere ID counts 1, 2, 3 from the newest application down: the list of the next day counts anew, and its
    1 is another loan. A number that each loan keeps grows with the days."""
    reference, day = fields.get("external_ref"), fields.get("applied_at")
    if reference is None or day is None or not reference.column or not day.column or names_the_loan(reference.column):
        return False
    counted = [text.removesuffix(".0") for text in samples[reference.column]]
    first = 0 if counted[:1] == ["0"] else 1
    if counted != [str(first + at) for at in range(len(counted))]:
        return False
    try:
        days = [read_moment(text, CHINA, day.format) for text in samples[day.column]]
    except CellError:
        return False
    return len(set(days)) > 1 and all(before >= after for before, after in pairwise(days))
