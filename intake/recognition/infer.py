"""Finds a mapping for a table without one: columns are recognised by header and confirmed by the values below it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from intake.header_words import header_units, headers, later_headers
from intake.header_words.term_words import in_days
from intake.mapped.case_mapping import CHINA, CaseMapping
from intake.mapped.fields import MAX_LENGTHS, MAX_TERM_MONTHS
from intake.mapped.given import BY_VALUES, Given, product_slug
from intake.mapped.header_currencies import currency_of_amount
from intake.recognition.clock_columns import is_clock_column, with_clock
from intake.recognition.currency_columns import currency_column
from intake.recognition.date_orders import form_of, is_date, order_of, settle_orders
from intake.recognition.decimal_marks import decimal_mark, settle_marks, settle_money
from intake.recognition.feature_columns import with_features
from intake.recognition.later_columns import granted_beside, tells_day_of_list
from intake.recognition.person_names import applicant_in
from intake.recognition.personal_columns import (
    holds_papers,
    nobodys_feature,
    of_residents,
    reads_identity,
    reads_phones,
)
from intake.recognition.reference_columns import (
    bank_accounts,
    is_counted_anew,
    number_column,
    other_references,
    reference_by_values,
    reference_column,
    repeated_number,
)
from intake.recognition.term_columns import term_of_two
from intake.recognition.term_dates import term_of_dates
from intake.recognition.told_incomes import with_income_of_months
from intake.recognition.unread_columns import amount_of, unread_amount, unread_term
from intake.recognition.unread_terms import term_by_other_name
from intake.shown.no_ones_numbers import are_cut, are_masked
from intake.standards.kept import is_of_standard
from intake.tabular.returned import added_columns
from intake.values.cell_dates import read_moment
from intake.values.cells import read_flag, read_to_judge
from intake.values.currency_signs import agreed_currency, money_text
from intake.values.durations import read_months
from intake.values.own_patterns import UNCUT
from intake.values.percent_cells import shown_text
from intake.values.samples import SampleRow, known, known_numbers, mostly_fit, share
from intake.values.unix_times import unix_form

DEFAULT_TERM_MONTHS = 12
DEFAULT_CURRENCY = "CNY"
# A serial number of a loan has so many digits; that of a row has fewer.
_SERIES_LEAST = 7


def infer_mapping(
    columns: Sequence[str], sample_rows: Sequence[SampleRow], source: str, *, by_values: bool = True
) -> CaseMapping:
    """A mapping for a table of which only the columns and some first rows are known.

    Every column becomes a field, a feature, or is dropped with a reason. What the table lacks gets a stated default
    that is recorded as derived; the amount is never made up, so rows of a table without one are refused. Without
    `by_values` a column is dropped as personal or as an identifier only where its header says so, too.
    """
    samples = of_residents({column: [shown_text(row.get(column)) for row in sample_rows] for column in columns})
    drop = {column: reason for column in columns if (reason := _reason_to_drop(column, samples[column]))}
    if any(_is_outcome(column, known(samples[column])) for column in drop):
        # Beside what became of the loan, how often it was late is of the loan, too. A decision says nothing of it.
        drop |= {each: "known_after_decision" for each in columns if later_headers.may_be_after_decision(each)}
    decided = [each for each in columns if later_headers.tells_decision(each, known(samples[each]))]
    drop |= dict.fromkeys(decided, "known_after_decision")
    drop |= dict.fromkeys(added_columns(columns), "not_used")
    fields: dict[str, Given] = {}
    for name, confirm in _CONFIRM.items():
        used = {given.column for given in fields.values()}
        free = [column for column in columns if column not in drop and column not in used]
        if name == "external_ref":
            free = [column for column in free if column not in bank_accounts(columns)]
        found = _best(name, free, samples, confirm)
        if name == "external_ref" and not found:
            found = _best(name, free, samples, repeated_number)
        if name == "applied_at" and not (found and headers.names_application(found.column)):
            # Unread dates that were named so are refused row by row; another day or the import's is not what was meant.
            # "Application received: yes" tells of no day.
            told = (each for each in headers.surest_first("applied_at", columns) if headers.names_application(each))
            days = (each for each in told if not _flag(each, known(samples[each])))
            found = next((Given("column", column=each) for each in days), found)
        if name == "amount" and not found:
            found = unread_amount(free, samples)
        if name == "term_months" and not found:
            # As of the amount: where it is named so, each row says that it cannot be read, and has no term made up.
            found = unread_term(free, samples)
        if name == "term_months" and found and in_days(found.column, known(samples[found.column])):
            # They count in months below, and the days stay a feature.
            continue
        if found:
            fields[name] = found
    taken = {given.column for given in fields.values()}
    rest = [column for column in columns if column not in drop and column not in taken]
    fields |= applicant_in(rest, samples, fields)
    fields |= currency_column(rest, samples, fields.get("amount"), by_values)
    drop |= dict.fromkeys(granted_beside(fields, rest), "known_after_decision")
    fields |= term_of_two(fields, [column for column in rest if column not in drop], samples)
    taken = {column for given in fields.values() for column in given.columns} | set(drop)
    rest = [column for column in rest if column not in taken]
    drop |= {column: reason for column in rest if (reason := nobodys_feature(column, samples[column], by_values))}
    fields |= reference_by_values(fields, drop, samples)
    taken = {given.column for given in fields.values()}
    drop = {column: reason for column, reason in drop.items() if column not in taken}
    drop |= other_references(fields, drop)
    fields, drop = with_clock(settle_orders(fields, samples), drop, samples)
    if is_counted_anew(fields, samples):
        drop[fields.pop("external_ref").column] = "row_counter"
    mapping = with_features(CaseMapping(source, _with_defaults(fields, source), drop=drop), columns, sample_rows)
    mapping = with_income_of_months(_with_term_of_days(mapping, samples), sample_rows)
    mapping = _with_currency(mapping, samples)
    return settle_money(settle_marks(mapping, columns, sample_rows), columns, sample_rows)


def _with_term_of_days(mapping: CaseMapping, samples: Mapping[str, Sequence[str]]) -> CaseMapping:
    """A term in days alone counts in months, and so does one from a first to a last day or by another name with its
    unit; the columns of these stay features."""
    features = [given.column for given in mapping.features.values() if given.how == "column"]
    told = [each for each in features if in_days(each, known(samples[each]))]
    days = [column for column in told if headers.field_matches("term_months", column) is not None]
    if mapping.fields["term_months"].how != "default" or len(days) > 1:
        return mapping
    of_days = Given("compute", name="months_of_days", sources=(days[0],)) if days else None
    months = of_days or term_by_other_name(features, samples) or term_of_dates([*samples], samples)
    if months is None:
        return mapping
    drop = {each: reason for each, reason in mapping.drop.items() if each not in months.columns}
    return replace(mapping, fields={**mapping.fields, "term_months": months}, drop=drop)


def _reason_to_drop(column: str, texts: Sequence[str]) -> str:
    said = known(texts)
    is_short = headers.is_series(column) and all(len(text) < _SERIES_LEAST for text in said)
    if (is_short or headers.is_counter(column)) and _counts_up(said):
        return "row_counter"
    if later_headers.known_after_decision(column) or _is_outcome(column, said) or tells_day_of_list(column, said):
        return "known_after_decision"
    return ""


def _is_outcome(column: str, said: Sequence[str]) -> bool:
    return later_headers.tells_outcome(column) or later_headers.holds_outcomes(column, said)


def _counts_up(texts: Sequence[str]) -> bool:
    numbers = [int(text) for text in texts if text.isdecimal()]
    pairs = list(pairwise(numbers))
    steps = sum(1 for before, after in pairs if 0 < after - before <= 2)
    return len(numbers) * 10 >= len(texts) * 9 and steps * 10 >= len(pairs) * 9 and bool(numbers)


def _best(
    name: str,
    columns: Sequence[str],
    samples: Mapping[str, Sequence[str]],
    confirm: Callable[[str, Sequence[str]], Given | None],
) -> Given | None:
    """The surest column for a field whose values confirm what its header says."""
    named = headers.surest_first(name, columns)
    # A column without a value says nothing where another one says something.
    for column in sorted(named, key=lambda each: not known(samples[each])):
        given = confirm(column, known(samples[column]))
        if given:
            return given
    return None


def _amount(column: str, texts: Sequence[str]) -> Given | None:
    texts = [money_text(text) for text in texts]
    mark = decimal_mark(column, texts, is_sum=True)
    readable = share(texts, lambda text: read_to_judge(text, mark) > 0)
    # A column that says "amount" is the amount even where most of its cells are dirt: each bad row then says so. Only
    # the last pattern, credit limits and the like, needs its values to speak for it.
    if texts and (readable == 0 or (readable < 0.5 and not headers.surely_names_amount(column))):
        return None
    return amount_of(column, mark)


def _term(column: str, texts: Sequence[str]) -> Given | None:
    if header_units.says_no_months(column):
        return None
    scale = header_units.months_scale(column)
    readable = share(texts, lambda text: 1 <= read_months(text, scale=scale) <= MAX_TERM_MONTHS)
    if readable == 0 or (readable < 0.5 and not headers.names_term(column)):
        return None
    return Given("column", column=column, scale=scale)


def _applied_at(column: str, texts: Sequence[str]) -> Given | None:
    if is_clock_column(column, texts):
        return None
    form = form_of(texts, order_of(texts)) or unix_form(texts)
    # Dates whose order is open are dates, too: which is meant the other columns tell, or a person on the mapping page.
    readable = share(texts, lambda text: read_moment(text, CHINA, form) if form else is_date(text))
    if readable < (0.1 if headers.names_application(column) else 0.5):
        return None
    return Given("column", column=column, format=form)


def _applicant_id(column: str, texts: Sequence[str]) -> Given | None:
    # One person is one applicant, whether written with x, in 15 digits or in full width; a slip in one digit is named.
    kind = "identity_number" if reads_identity(column, texts) else ""
    # By a masked number two people would be one: each row has its own applicant, or another column tells them apart.
    if not mostly_fit(texts, MAX_LENGTHS["applicant.id"]) or are_masked(texts):
        return None
    if headers.names_papers(column) and not holds_papers(texts):
        return None
    if are_cut(column, texts):
        return Given("column", column=column, type=kind, pattern=UNCUT)
    return Given("column", column=column, type=kind) if kind else number_column(column, texts)


def _identity_number(column: str, texts: Sequence[str]) -> Given | None:
    pattern = UNCUT if are_cut(column, texts) else None
    return Given("column", column=column, pattern=pattern) if reads_identity(column, texts) else None


def _phone(column: str, texts: Sequence[str]) -> Given | None:
    return Given("column", column=column) if reads_phones(texts) else None


def _flag(column: str, texts: Sequence[str]) -> Given | None:
    said = known_numbers(texts)
    return Given("column", column=column) if share(said, lambda text: (read_flag(text), True)) >= 0.9 else None


def _text_of(limit: int, kind: str = "") -> Callable[[str, Sequence[str]], Given | None]:
    def confirm(column: str, texts: Sequence[str]) -> Given | None:
        return Given("column", column=column, type=kind) if mostly_fit(texts, limit) else None

    return confirm


def _of_standard(kind: str) -> Callable[[str, Sequence[str]], Given | None]:
    def confirm(column: str, texts: Sequence[str]) -> Given | None:
        if not mostly_fit(texts, MAX_LENGTHS[kind]):
            return None
        read = is_of_standard(kind, column, known_numbers(texts))
        return Given("column", column=column, type=kind, unread="keep") if read else Given("column", column=column)

    return confirm


# In this order: a column goes to the first field that claims it.
_CONFIRM: dict[str, Callable[[str, Sequence[str]], Given | None]] = {
    "amount": _amount,
    "term_months": _term,
    "applied_at": _applied_at,
    "external_ref": reference_column,
    "applicant.id": _applicant_id,
    "applicant.identity_number": _identity_number,
    "applicant.phone": _phone,
    "applicant.name": _text_of(MAX_LENGTHS["applicant.name"], "name"),
    "product": _text_of(50),
    "industry": _of_standard("industry"),
    "region": _of_standard("region"),
    "channel": _text_of(MAX_LENGTHS["channel"]),
    "applicant.segment": _text_of(MAX_LENGTHS["applicant.segment"]),
    "applicant.key_customer": _flag,
}


def _with_defaults(found: Mapping[str, Given], source: str) -> dict[str, Given]:
    fields = {
        "external_ref": Given("row_hash", name=BY_VALUES, prefix="R-"),
        "product": Given("default", value=product_slug(source)),
        "currency": Given("default", value=DEFAULT_CURRENCY),
        "term_months": Given("default", value=DEFAULT_TERM_MONTHS),
        "applied_at": Given("import_time"),
        "applicant.id": Given("derive", name="applicant_reference"),
        **found,
    }
    named = currency_of_amount(found["amount"].column) if "amount" in found else ""
    if "currency" not in found and named:
        fields["currency"] = Given("constant", value=named)
    return fields


def _with_currency(mapping: CaseMapping, samples: Mapping[str, Sequence[str]]) -> CaseMapping:
    """The mapping with the currency that the cells of its numbers agree on, where nothing else names one."""
    if mapping.fields["currency"].how != "default":
        return mapping
    named = {
        agreed_currency(
            known_numbers(samples[given.column]), in_money=name == "amount" or header_units.is_money(given.column)
        )
        for name, given in mapping.numbers
    } - {""}
    if len(named) != 1 or DEFAULT_CURRENCY in named:
        # The rows whose cells name another currency than the default are refused one by one.
        return mapping
    return replace(mapping, fields={**mapping.fields, "currency": Given("constant", value=named.pop())})
