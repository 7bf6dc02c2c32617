"""Amounts of money that are no plain numbers, in a table that nobody mapped: 约3万, 10万元/年, 1.2M. As texts no rule
on an income or a debt would be asked, and in silence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from intake.header_words.feature_names import NUMBERS
from intake.header_words.header_units import is_money, squeeze
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.values.cells import CellError, read_to_judge
from intake.values.currency_signs import money_text
from intake.values.percent_cells import shown_text
from intake.values.samples import SampleRow, known_numbers
from intake.values.traditional import simplified

# One number, and beside it words of which one at least keeps it from being read. Bands have two numbers, or a bound.
_ABOUT: Final = r"(?:大约|约|近|逾|共|合计|about|approx\.?|approximately|around|circa|ca?\.|[~≈])"
_SIGN: Final = r"(?:[a-z]{0,3}[$€£¥₹]|rs\.?|rmb|cny|usd|人民币)"
_SCALE: Final = (
    r"(?:[十百千万亿]+|(?:k|w|m|mm|mn|mln|mio|mil|bn|wan|thousand|million|billion|lakh|lac|crore|cr|hundred)s?)"
)
_CURRENCY: Final = r"(?:人民币|[美港日欧]?元|圆|块钱?|rmb|cny|usd|yuan|dollars?|[$€£¥])"
_PERIOD: Final = r"(?:(?:/|每|per)\s*(?:年|个?月|日|天|周|季度?|a|annum|year|yr|month|mth|mo|week|wk|day)|p\.?[am]\.?)"
_ROUGHLY: Final = r"(?:左右|上下|多|余|整|\(?(?:税[前后]|gross|net|approx\.?|est\.?)\)?)"
_AMOUNT: Final = re.compile(
    rf"{_ABOUT}?\s*{_SIGN}?\s*\d[\d.,]*\s*{_SCALE}?\s*{_ROUGHLY}?\s*{_CURRENCY}?\s*{_PERIOD}?\s*{_ROUGHLY}?"
)
_FIGURE: Final = re.compile(r"\d", re.ASCII)
# 12m of 额度期限 and "Limit tenor" are months.
_OF_TIME: Final = re.compile(r"期|时间|tenor|tenure|term|period|duration")
# No amount is longer.
_LONGEST: Final = 40
# From so many plain amounts on, bands beside them are amounts that somebody did not know.
_PLAIN_LEAST: Final = 0.1
_AGAIN: Final = re.compile(r"_\d+$")


def refuse_open_money(mapping: CaseMapping, sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first column of money that is read as text and whose cells mostly are amounts, also
    bands beside plain amounts where it is an income, a debt or another of the usual numbers. One of bands alone is a
    column of categories."""
    for name, given in mapping.features.items():
        if given.how != "column" or given.type != "text" or not is_money(given.column):
            continue
        texts = known_numbers([shown_text(row.get(given.column)) for row in sample])
        unread = [text for text in texts if not _is_read(text)]
        of_time = _OF_TIME.search(squeeze(given.column)) is not None
        in_bands = _AGAIN.sub("", name) in NUMBERS and len(texts) - len(unread) >= _PLAIN_LEAST * len(texts)
        amounts = [text for text in unread if _FIGURE.search(text) and (in_bands or (not of_time and _is_amount(text)))]
        if amounts and (len(texts) - len(unread) + len(amounts)) * 2 > len(texts):
            raise MappingError("money_unread", name=given.column, value=amounts[0])


def _is_read(text: str) -> bool:
    try:
        read_to_judge(money_text(text))
    except CellError:
        return False
    return True


def _is_amount(text: str) -> bool:
    plain = simplified(unicodedata.normalize("NFKC", text)).strip().casefold()
    return len(plain) <= _LONGEST and _AMOUNT.fullmatch(plain) is not None
