"""Regions of China by GB/T 2260: six digits, found by code or by name."""

import re
import unicodedata
from functools import cache
from typing import Final

from stdnum import numdb

from intake.cells import CellError

_ENDED: Final = re.compile(r"\[\d*-\d{4}\]")
_SPAN: Final = re.compile(r"\[[^\]]*\]")
_PEOPLES: Final = "朝鲜|土家|苗|藏|羌|彝|布依|侗|哈尼|壮|傣|白|景颇|傈僳|回|蒙古|哈萨克|柯尔克孜|维吾尔"
_SUFFIXES: Final = re.compile(rf"(?:特别行政区|(?:(?:{_PEOPLES})族?)*自治[区州县]|省|市|地区|盟|新区|区|县)$")
_GROUPS_OF_PARTS: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
# The library writes these two in traditional signs.
_SIMPLIFIED: Final = {"81": "香港特别行政区", "82": "澳门特别行政区"}
_CODE: Final = re.compile(r"\d{2}(?:\d{2}){0,5}", re.ASCII)
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
def _by_name() -> dict[str, dict[str, tuple[str, ...]]]:
    """Codes by name, whole and without what kind of region it is; one table for each level."""
    found: dict[str, dict[str, tuple[str, ...]]] = {"province": {}, "city": {}, "county": {}}
    for code, name in _names().items():
        if name in _GROUPS_OF_PARTS:
            continue
        level = found["province" if code.endswith("0000") else "city" if code.endswith("00") else "county"]
        for spelling in {name, _short(name)}:
            level[spelling] = (*level.get(spelling, ()), code)
    return found


def _short(name: str) -> str:
    """ "广西壮族自治区" as "广西"; what would be left with one sign keeps its kind: 忠县 is no 忠."""
    short = _SUFFIXES.sub("", name)
    return short if len(short) > 1 else name


def read_region(text: str) -> str:
    """The six digits of a region, given as code (of 2 to 12 digits) or by name: 31, 310115, 广东省深圳市, 浦东新区.

    A name alone is taken for the highest level that has exactly one region of it. Raises CellError.
    """
    bare = re.sub(r"[\s,/·-]", "", unicodedata.normalize("NFKC", text))
    if _CODE.fullmatch(bare):
        code = bare.ljust(_LENGTH, "0")[:_LENGTH]
        if code not in _names():
            raise CellError("not_a_region")
        return code
    codes = _found("", bare)
    if not codes:
        raise CellError("not_a_region")
    if len(codes) > 1:
        raise CellError("several_regions", names=", ".join(f"{code} {region_name(code)}" for code in codes[:4]))
    return codes[0]


def is_province(digits: str) -> bool:
    """Whether two digits stand for a province, a municipality or a special region."""
    return digits + "0000" in _names()


def region_name(code: str) -> str:
    """The name of a region with those it lies in, the code itself where none has it: "江苏省南京市鼓楼区"."""
    names = _names()
    levels = dict.fromkeys((code[:2] + "0000", code[:4] + "00", code))
    parts = [names[each] for each in levels if names.get(each, "") not in {"", *_GROUPS_OF_PARTS}]
    return "".join(parts) if code in names else code


def _found(within: str, text: str) -> list[str]:
    """The regions that a name may mean, inside of the region whose code begins with `within`."""
    for level in ("province", "city", "county"):
        table = _by_name()[level]
        whole = [code for code in table.get(text, ()) if code.startswith(within)]
        if whole:
            return whole
        # 广东省深圳市: the first part says in which province the rest lies.
        for end in range(len(text) - 1, 1, -1):
            for code in table.get(text[:end], ()):
                inner = code.rstrip("0") if level == "city" else code[:2]
                if level != "county" and code.startswith(within) and inner != within:
                    rest = _found(inner.ljust(2, "0"), text[end:])
                    if rest:
                        return rest
    return []
