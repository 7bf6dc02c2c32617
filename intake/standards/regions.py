"""Regions of China by GB/T 2260: six digits, found by code or by name, withdrawn ones as what they are today.

Codes and names that were withdrawn stand in regions_before.csv, each with the code that holds today: districts that
were merged, counties that became districts or cities, and regions that were renamed, of the years 2003 to 2025. Which
ended when is what the table of the library says (python-stdnum, cn/loc.dat); into which they went, the notices of
changes of the Ministry of Civil Affairs (民政部, 县级以上行政区划变更情况). What was split among several is the city of
today in which they all lie, or the province, which are sure: 江干区 is 杭州市.
"""

import csv
import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

from stdnum import numdb

from intake.values.cells import CellError

_ENDED: Final = re.compile(r"\[\d*-\d{4}\]")
_SPAN: Final = re.compile(r"\[[^\]]*\]")
_PEOPLES: Final = "朝鲜|土家|苗|藏|羌|彝|布依|侗|哈尼|壮|傣|白|景颇|傈僳|回|蒙古|哈萨克|柯尔克孜|维吾尔"
_OF_A_PEOPLE: Final = re.compile(rf"(?:(?:{_PEOPLES})族?)+自治[区州县]$")
_SUFFIXES: Final = re.compile(r"(?:特别行政区|自治[区州县]|省|市|地区|盟|新区|区|县)$")
_GROUP: Final = r"市辖区|(?:省|自治区)直辖县级行政(?:区划|单位)"
_GROUPS_OF_PARTS: Final = re.compile(rf"县|{_GROUP}")
# 中国香港; 北京市市辖区东城区 and 上海市市辖区, as exports of three columns write them.
_SAYS_NOTHING: Final = re.compile(rf"^(?:中国|中华人民共和国)(?=.)|(?<=.)(?:{_GROUP})")
# Said of the one as often as of the other: 巴州区 in 四川, 巴音郭楞蒙古自治州 in 新疆.
_OPEN: Final = {"巴州": ("511902", "652800")}
# Said in a shorter way than others are.
_PREFECTURES: Final = {"克孜勒苏柯尔克孜自治州": "克州", "博尔塔拉蒙古自治州": "博州"}
# The library writes these two in traditional signs.
_SIMPLIFIED: Final = {"81": "香港特别行政区", "82": "澳门特别行政区"}
# A program that reads a column with gaps as numbers writes 440305.0.
_CODE: Final = re.compile(r"(\d{2}(?:\d{2}){0,5})(?:\.0+)?", re.ASCII)
_WHOLE_CODE: Final = re.compile(r"\d{6,12}(?:\.0+)?", re.ASCII)
_LENGTH: Final = 6


@cache
def _names() -> dict[str, str]:
    """Every region that exists today: its name by its six digits."""
    names = {}
    for _length, first, _last, said, parts in numdb.get("cn/loc").prefixes:
        names[first + "0000"] = _SIMPLIFIED.get(first, str(said["province"]))
        for _width, rest, _end, part, _further in parts:
            current = [each for each in str(part.get("county", "")).split(",") if not _ENDED.match(each)]
            if current and rest != "0000":
                names[first + rest] = _SPAN.sub("", current[-1])
    return names


@cache
def _before() -> dict[str, tuple[str, str]]:
    """The name of each region of before, and the code that it has today, by its code; a code may have stayed."""
    text = files("intake.standards").joinpath("regions_before.csv").read_text("utf-8")
    return {row["code"]: (row["name"], row["now"]) for row in csv.DictReader(text.splitlines())}


def _today(code: str) -> str:
    return code if code in _names() or code not in _before() else _before()[code][1]


def _was_split(code: str) -> bool:
    """Whether only the city or province of a region of before is sure today."""
    return code not in _names() and _level(_today(code)) != _level(code)


@cache
def _by_name() -> dict[str, dict[str, tuple[str, ...]]]:
    """Codes by name, whole and without what kind of region it is; one table for each level."""
    found: dict[str, dict[str, tuple[str, ...]]] = {"province": {}, "city": {}, "county": {}}
    for code, name in _names().items():
        if not _GROUPS_OF_PARTS.fullmatch(name):
            for spelling in _spellings(name):
                _add(found[_level(code)], spelling, code)
    for code, (name, _now) in _before().items():
        for spelling in _spellings(name):
            # 思茅 is the district of today, and not the city that was called so.
            if _level(code) == "county" or spelling not in found["county"]:
                _add(found[_level(code)], spelling, code)
    return found


def _add(table: dict[str, tuple[str, ...]], spelling: str, code: str) -> None:
    table[spelling] = (*table.get(spelling, ()), code)


def _level(code: str) -> str:
    return "province" if code.endswith("0000") else "city" if code.endswith("00") else "county"


def _spellings(name: str) -> set[str]:
    """The name, and how it is written in short: 延边朝鲜族自治州 is 延边 and 延边州, 内蒙古自治区 内蒙古 and 内蒙."""
    short = _short(name)
    also = {f"{short}州"} if name.endswith("自治州") else {"内蒙"} if short == "内蒙古" else set()
    return {name, short, *also, *([_PREFECTURES[name]] if name in _PREFECTURES else [])}


def _short(name: str) -> str:
    """ "广西壮族自治区" as "广西", "西藏自治区" as "西藏"; what would be left with one sign keeps its kind: 忠县."""
    for kind in (_OF_A_PEOPLE, _SUFFIXES):
        short = kind.sub("", name)
        if 1 < len(short) < len(name):
            return short
    return name


def read_region(text: str) -> str:
    """The six digits of a region, given as code (of 2 to 12 digits) or by name: 31, 310115, 广东省深圳市, 浦东新区.

    A name alone is taken for the highest level that has exactly one region of it, a code or name that was withdrawn
    for what the region is today. Raises CellError.
    """
    bare = _bare(text)
    if found := _CODE.fullmatch(bare):
        code = _today(found[1].ljust(_LENGTH, "0")[:_LENGTH])
        if code not in _names():
            raise CellError("not_a_region")
        return code
    bare = _SAYS_NOTHING.sub("", bare)
    codes = _OPEN.get(bare) or _found("", bare)
    if not codes:
        raise CellError("not_a_region")
    if len(codes) > 1:
        raise CellError("several_regions", names=", ".join(f"{code} {region_name(code)}" for code in codes[:4]))
    return codes[0]


def is_short_county(text: str) -> bool:
    """Whether a text is the name of a county or district without kind and city: 城东, and not 城东区 or 昆山."""
    bare, tables = _bare(text), _by_name()
    if bare in tables["province"] or bare in tables["city"]:
        return False
    names = [_names().get(code) or _before()[code][0] for code in tables["county"].get(bare, ())]
    return bool(names) and not any(name == bare or name.endswith(("市", "新区")) for name in names)


def says_which(text: str) -> bool:
    """Whether a text that is read as a region can be nothing else: a code of all digits, a province or city with its
    kind, or a name with what it lies in (330100, 杭州市, 浙江杭州). 城东区 and 东区 are also parts of any town."""
    bare = _bare(text)
    if _CODE.fullmatch(bare):
        return bool(_WHOLE_CODE.fullmatch(bare))
    bare, tables = _SAYS_NOTHING.sub("", bare), _by_name().values()
    codes = [code for table in tables for code in table.get(bare, ())]
    if not codes:
        return bare not in _OPEN
    is_whole = any(bare in (_names().get(code), _before().get(code, ("", ""))[0]) for code in codes)
    return is_whole and (bare.endswith("市") or any(_level(code) != "county" for code in codes))


def _bare(text: str) -> str:
    return re.sub(r"[\s,/·-]", "", unicodedata.normalize("NFKC", text))


def is_province(digits: str) -> bool:
    """Whether two digits stand for a province, a municipality or a special region."""
    return digits + "0000" in _names()


def region_name(code: str) -> str:
    """The name of a region with those it lies in, the code itself where none has it: "江苏省南京市鼓楼区"."""
    names = _names()
    levels = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
    parts = [names[each] for each in levels if each in names and not _GROUPS_OF_PARTS.fullmatch(names[each])]
    return "".join(parts) if code in names else code


def _found(within: str, text: str) -> tuple[str, ...]:
    """The regions that a name may mean, inside of the region whose code begins with `within`."""
    for level in ("province", "city", "county"):
        table = _by_name()[level]
        named = [code for code in table.get(text, ()) if code.startswith(within)]
        # 矿区 is the one of today; that of before is meant where its city is told: 大同市矿区.
        whole = dict.fromkeys(map(_today, [code for code in named if not _was_split(code)] or named))
        if whole:
            return tuple(whole)
        # 广东省深圳市: the first part says in which province the rest lies.
        for end in range(len(text) - 1, 1, -1):
            for code in table.get(text[:end], ()):
                width = 4 if level == "city" else 2
                for inner in dict.fromkeys((code[:width], _today(code)[:width])):
                    if level != "county" and code.startswith(within) and inner != within:
                        rest = _found(inner, text[end:])
                        if rest:
                            return rest
    return ()
