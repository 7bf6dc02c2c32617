"""Columns that a header calls borrower, contact or legal representative, where the texts below are names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from intake.header_words.number_signs import key_of
from intake.header_words.person_headers import calls_applicant, calls_other, calls_staff
from intake.mapped.fields import MAX_LENGTHS
from intake.mapped.given import Given
from intake.standards.people import has_legal_form, read_name
from intake.values.samples import known, mostly_fit, share

_ENOUGH: Final = 0.9
_MOST: Final = 0.6
# Fewer names must look like names and differ; of more it tells that there are so many of them.
_ROWS_LEAST: Final = 10
_MANY: Final = 20
_FEW: Final = 5
_LATIN: Final = r"[^\W\d_\u3400-\u9fff]"
_LETTERS: Final = re.compile(rf"(?:[\u3400-\u9fff]|{_LATIN})(?:[\u3400-\u9fff]|{_LATIN}|[ .,'’·&()*-])+")
_WORDS: Final = re.compile(rf"{_LATIN}+[.,]?(?:[ ,'’-]+{_LATIN}+\.?){{1,4}}")
_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔"
    "谭陆范汪廖石金贾韦夏付傅方邹熊白孟秦邱侯江尹薛闫阎段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪季"
    "張劉陳楊黃趙吳孫馬羅鄭謝許鄧韓馮蕭蔣葉蘇呂盧鍾譚陸範賈韋鄒龍賀顧龔萬錢嚴湯喬賴"
)
_CHINESE: Final = re.compile(
    rf"[{_SURNAMES}][\u3400-\u9fff*]{{1,3}}|(?:欧阳|司马|上官|诸葛|司徒)[\u3400-\u9fff]{{1,2}}"
    r"|[\u3400-\u9fff]+·[\u3400-\u9fff·]+"
)
# What a column of customers or contacts may say instead of a name: of which kind they are, or how they are reached.
_KINDS: Final = re.compile(
    r"(?i)\b(?:new|old|existing|returning|individual|joint|single|corporate|retail|employed|private|public|regular|first"
    r"|customers?|clients?|borrowers?|applicants?|phone|mail|email|person|natural|legal|married|none|unknown|not|no)\b"
    r"|客户|用户|[个自]然?人|高管|高级|金卡|白金|黄金|方式|电话"
)
# What a column of staff may say: by which way or place a loan came.
_WAYS: Final = re.compile(
    r"(?i)\b(?:web(?:site)?|(?:mobile)?app|mobile|online|offline|portal|system|batch|api|branch|call|cent(?:er|re)|team"
    r"|group|department|office|direct|auto|self|service|committee|manual|store|desk|bank)\b"
    r"|[分支]行|渠道|系统|团队|门店|线[上下]|部$"
)
_CODE: Final = re.compile(r"[A-Za-z]{1,6}[-_]?\d{3,}|\d{5,9}", re.ASCII)
# Of the kinds A1 to A6 there are a few; of ten such codes that differ each is somebody's.
_SHORT_CODE: Final = re.compile(r"(?:[A-Za-z]{1,6}[-_]?)?\d{1,9}", re.ASCII)

_SMALL: Final = re.compile(r"\d{1,2}", re.ASCII)


def holds_names(column: str, texts: Sequence[str]) -> bool:
    """Whether a header says that its column holds somebody, and its texts are their names. Of staff a few have all
    the loans, so that their names need not differ."""
    said = known(texts)
    if calls_staff(column) and not any(map(_WAYS.search, said)) and share(said, _looks_like_a_name) >= _ENOUGH:
        return True
    calls = calls_applicant(column) or calls_other(column) or calls_staff(column)
    return calls and are_names(said)


def applicant_in(
    columns: Sequence[str], samples: Mapping[str, Sequence[str]], taken: Mapping[str, Given]
) -> dict[str, Given]:
    """The applicant's name or reference, where no field reads one yet and a column is headed "borrower" or the like."""
    called = {each: known(samples[each]) for each in columns if calls_applicant(each)}
    found: dict[str, Given] = {}
    for column, texts in called.items():
        if are_names(texts) and mostly_fit(texts, MAX_LENGTHS["applicant.name"]):
            found.setdefault("applicant.name", Given("column", column=column, type="name"))
        elif _are_numbers(column, texts):
            found.setdefault("applicant.id", Given("column", column=column))
    return {name: given for name, given in found.items() if name not in taken}


def _are_numbers(column: str, texts: Sequence[str]) -> bool:
    """Whether known texts are the numbers of those whom a header calls, and not a few kinds, counts or lines."""
    different = len(set(texts))
    if not texts or (different * 2 < len(texts) and different <= _MANY):
        return False
    if share(texts, _CODE.fullmatch) >= _ENOUGH:
        return True
    if different < _ROWS_LEAST or share(texts, _SHORT_CODE.fullmatch) < _ENOUGH:
        return False
    # Bare figures that all differ may count the rows, and below Members how many there are; small ones may be ages.
    counts = different == len(texts) or key_of(column).endswith("s") or share(texts, _SMALL.fullmatch) >= _ENOUGH
    return not (counts and share(texts, str.isdecimal) >= _ENOUGH)


def are_names(texts: Sequence[str]) -> bool:
    """Whether known texts are names of people or firms, and not yes and no, a few kinds or numbers."""
    different = len({read_name(text).casefold() for text in texts})
    if not texts or share(texts, _is_of_letters) < _ENOUGH:
        return False
    looks_so = share(texts, _looks_like_a_name) >= _MOST
    if len(texts) >= _ROWS_LEAST and looks_so:
        # 张三 hardly is a kind of something, and comes back with his next loan; "Self Employed" may be one.
        least = _FEW if share(texts, _is_chinese_name) >= _ENOUGH else _MANY
        return different >= min(least, len(texts) / 2)
    return (looks_so or len(texts) >= _ROWS_LEAST) and different >= len(texts) * _ENOUGH


def _is_of_letters(text: str) -> bool:
    return bool(_LETTERS.fullmatch(read_name(text)))


def _looks_like_a_name(text: str) -> bool:
    name = read_name(text)
    if has_legal_form(name):
        return True
    return _is_chinese_name(name) or (not _KINDS.search(name) and bool(_WORDS.fullmatch(name)))


def _is_chinese_name(text: str) -> bool:
    name = read_name(text)
    return not _KINDS.search(name) and bool(_CHINESE.fullmatch(name))
