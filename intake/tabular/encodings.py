"""Which encoding a text table is in, judged from the whole file so that no multibyte border can mislead."""

import codecs
import re
from collections.abc import Callable, Iterator
from io import BufferedIOBase

CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the UTF-16 one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A GB 18030 pair; both bytes high is how almost every Chinese character in use is written.
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_COMMON_PAIR = re.compile(rb"[\x81-\xfe][\xa1-\xfe]")
# What `surrogateescape` turns undecodable bytes into.
ESCAPED = re.compile("[\udc80-\udcff]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
# With at most this share of broken characters the encoding is right and a few rows are damaged.
_TOLERATED = 0.1
_CHINESE = re.compile("[\u4e00-\u9fff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
# So many such characters are no chance.
_CHINESE_LEAST = 2
# So many pairs tell Big5 from GB 18030 by their share of common ones; a rare name among a few does not.
_PAIRS_LEAST = 30


def detect_encoding(open_bytes: Callable[[], BufferedIOBase]) -> str | None:
    """The codec name of a text, or None when the bytes are not text at all.

    Order: byte order mark, UTF-16 without mark (NULs in every other byte), UTF-8, Big5, GB 18030, Windows-1252.
    All but the marked may hold a few broken characters, and what fits none of them is read as UTF-8: the rows that hold
    what is broken are refused one by one later.
    """
    with open_bytes() as stream:
        head = stream.read(1 << 16)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    wide = _wide(head)
    if wide:
        return wide
    # Room that was reserved and never written stands behind what was: its rows are whole.
    written = head.rstrip(b"\x00")
    controls = {code: written.count(code) for code in range(32) if code not in (9, 10, 12, 13)}
    # Of the two that part the cells of a text there are many, and hardly any others.
    parting = max(controls[1], controls[31])
    others = sum(controls.values()) - parting
    is_text = others <= parting * _TOLERATED and b"\n" in written
    if (others + parting > len(written) // 10 and not is_text) or (head and not written):
        return None
    good, broken = _judge(open_bytes, "utf-8")
    if broken <= good * _TOLERATED or _is_by_lines(open_bytes):
        return "utf-8"
    good, broken = _judge(open_bytes, "gb18030")
    if broken <= good * _TOLERATED:
        pairs, common = _pairs(open_bytes)
        # Texts of Taiwan and Hong Kong decode as GB 18030, too, as rare signs one after the other.
        is_of_taiwan = 0.3 < common < 0.9 if pairs >= _PAIRS_LEAST else _is_private(open_bytes)
        if is_of_taiwan and _judge(open_bytes, "cp950")[1] == 0:
            return "cp950"
        if common > 0.5:
            return "gb18030"
    # Five bytes are no sign of Windows-1252: a text that holds them is damaged, and so are its rows with them.
    good, broken = _judge(open_bytes, "cp1252")
    return "cp1252" if broken <= good * _TOLERATED else "utf-8"


def _is_by_lines(open_bytes: Callable[[], BufferedIOBase]) -> bool:
    """Whether a text begins with Chinese in UTF-8, and at least as many of its lines are in that as are not: one row in
    another encoding is many of the characters of a short file. Chinese in GB 18030 is hardly ever UTF-8 by chance."""
    whole = broken = 0
    with open_bytes() as stream:
        while line := stream.readline(CHUNK):
            if line.isascii():
                continue
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                broken += 1
            else:
                whole += 1
            if whole + broken == 1 and (broken or len(_CHINESE.findall(text)) < _CHINESE_LEAST):
                return False
    return whole >= broken > 0


def is_utf_8_read_as_gb(text: str) -> bool:
    """Whether a text that was read as GB 18030 was written as UTF-8: 张三 is 寮犱笁, all of it decodable."""
    if text.isascii():
        return False
    count = 0
    for run in _BEYOND_ASCII.findall(text):
        try:
            meant = run.encode("gb18030").decode("utf-8")
        except UnicodeError:
            return False
        if min(meant) < "\u2e80":
            return False
        count += len(meant)
    return count >= _CHINESE_LEAST


def _is_private(open_bytes: Callable[[], BufferedIOBase]) -> bool:
    """Whether the few characters of a text would be such as nobody has, in a tenth of the places, as GB 18030."""
    with open_bytes() as stream:
        text = stream.read(CHUNK).decode("gb18030", "replace")
    beyond = sum(not sign.isascii() for sign in text)
    return sum("\ue000" <= sign <= "\uf8ff" for sign in text) > beyond * _TOLERATED


def is_broken(text: str) -> bool:
    """Whether a text that was read with `surrogateescape` holds bytes that are no text in its encoding, or one of
    UTF-16 that was read with `surrogatepass` half of a pair."""
    return not text.isascii() and _HALF_PAIR.search(text) is not None


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: NULs in every other byte only, and line ends where they belong."""
    half = max(len(head) // 2, 1)
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    name = "utf-16-le" if odd > 0.1 and even < 0.01 else "utf-16-be" if even > 0.1 and odd < 0.01 else None
    return name if name and re.search("[\r\n]", head.decode(name, "replace")) else None


def _chunks(open_bytes: Callable[[], BufferedIOBase]) -> Iterator[bytes]:
    with open_bytes() as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _judge(open_bytes: Callable[[], BufferedIOBase], name: str) -> tuple[int, int]:
    """How many characters beyond ASCII decode well, and how many bytes do not."""
    decoder = codecs.getincrementaldecoder(name)("surrogateescape")
    good = broken = 0
    for chunk in _chunks(open_bytes):
        good, broken = _count(decoder.decode(chunk), good, broken)
    return _count(decoder.decode(b"", final=True), good, broken)


def _count(text: str, good: int, broken: int) -> tuple[int, int]:
    if text.isascii():
        return good, broken
    bad = len(ESCAPED.findall(text))
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return good + beyond - bad, broken + bad


def _pairs(open_bytes: Callable[[], BufferedIOBase]) -> tuple[int, float]:
    """How many pairs there are, and the share of those with two high bytes, as almost all Chinese characters in use
    have in GB 18030. Western text in Latin-1 often decodes as that, too, but as an accent and a plain letter."""
    pairs = common = 0
    for chunk in _chunks(open_bytes):
        if not chunk.isascii():
            found = _PAIR.findall(chunk)
            pairs += len(found)
            common += sum(1 for pair in found if _COMMON_PAIR.fullmatch(pair))
    return pairs, common / pairs if pairs else 0.0
