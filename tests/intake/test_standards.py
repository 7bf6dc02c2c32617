"""Values of public standards come in many spellings and go on in one; what is none is refused with its reason."""

from __future__ import annotations

from datetime import date

import pytest

from intake.standards.identity import birth_date, masked_number, read_identity_number
from intake.standards.industries import industry_name, read_industry
from intake.standards.people import core_of_name, masked_phone, read_name, read_phone
from intake.standards.regions import _before, _names, read_region, region_name
from intake.values.cells import CellError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11010519491231002X", "11010519491231002X"),
        (" １１０１０５ 19491231 002x ", "11010519491231002X"),
        # What was given out until 1999 has fifteen digits.
        ("110105491231002", "11010519491231002X"),
        ("91350100M000100Y43", "91350100M000100Y43"),
        # Registered in a district that is younger than its holder.
        ("310115198503070019", "310115198503070019"),
    ],
)
def test_an_identity_number_is_brought_to_eighteen_signs(text: str, number: str) -> None:
    assert read_identity_number(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("110105194912310021", "wrong_check_digit"),
        ("110105194913310021", "no_such_birthday"),
        ("110105209901010020", "no_such_birthday"),
        ("110105189912310023", "no_such_birthday"),
        ("91350100M000100Y44", "wrong_check_digit"),
        ("990105194912310029", "wrong_check_digit"),
        ("12345", "not_an_identity_number"),
        ("", "not_an_identity_number"),
    ],
)
def test_an_identity_number_that_cannot_be_says_why(text: str, code: str) -> None:
    with pytest.raises(CellError) as refused:
        read_identity_number(text)
    assert refused.value.code == code


def test_a_resident_has_a_birthday_and_a_firm_has_none() -> None:
    assert birth_date("11010519491231002X") == date(1949, 12, 31)
    assert birth_date("91350100M000100Y43") is None
    assert masked_number("11010519491231002X") == "110***********002X"


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("31", "310000", "上海市"),
        ("３１０１１５", "310115", "上海市浦东新区"),
        ("3101", "310100", "上海市"),
        ("310115001001", "310115", "上海市浦东新区"),
        ("上海", "310000", "上海市"),
        ("广东省 深圳市", "440300", "广东省深圳市"),
        ("深圳", "440300", "广东省深圳市"),
        ("南京市鼓楼区", "320106", "江苏省南京市鼓楼区"),
        ("吉林", "220000", "吉林省"),
        ("吉林省吉林市", "220200", "吉林省吉林市"),
        ("延边", "222400", "吉林省延边朝鲜族自治州"),
        ("广西", "450000", "广西壮族自治区"),
        ("香港", "810000", "香港特别行政区"),
        ("忠县", "500233", "重庆市忠县"),
        ("内蒙古", "150000", "内蒙古自治区"),
        ("内蒙古包头", "150200", "内蒙古自治区包头市"),
        ("西藏拉萨", "540100", "西藏自治区拉萨市"),
        ("上海市市辖区", "310000", "上海市"),
        ("北京市市辖区东城区", "110101", "北京市东城区"),
        ("河南省省直辖县级行政区划济源市", "419001", "河南省济源市"),
        ("延边州", "222400", "吉林省延边朝鲜族自治州"),
        ("中国香港", "810000", "香港特别行政区"),
        ("440305.0", "440305", "广东省深圳市南山区"),
        # As a program writes the code of a province.
        ("44.0", "440000", "广东省"),
    ],
)
def test_a_region_is_known_by_its_code_and_by_its_name(text: str, code: str, name: str) -> None:
    assert read_region(text) == code
    assert region_name(code) == name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("110103", "110101"),
        ("310108002003", "310106"),
        ("320103", "320104"),
        ("密云县", "110118"),
        ("北京宣武", "110102"),
        ("上海市卢湾区", "310101"),
        ("襄樊", "420600"),
        ("思茅市", "530800"),
        ("思茅", "530802"),
        ("山东省莱芜市莱城区", "370116"),
        ("341402", "340181"),
        ("贵州省铜仁地区江口县", "520621"),
        ("江苏省扬州市江都市", "321012"),
    ],
)
def test_a_region_that_was_withdrawn_is_what_it_is_today(text: str, code: str) -> None:
    assert read_region(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("杭州市江干区", "330100"),
        ("330104", "330100"),
        ("山东省莱芜市", "370100"),
        ("371200", "370100"),
        ("大同市城区", "140200"),
        ("石家庄市桥东区", "130100"),
        ("341400", "340000"),
        # Names that are of a region of today, too.
        ("矿区", "140303"),
        ("山西省矿区", "140303"),
        ("南岔", "230726"),
        ("莱芜", "370116"),
        ("安徽省巢湖市", "340181"),
    ],
)
def test_of_a_region_that_was_split_the_city_or_province_is_sure(text: str, code: str) -> None:
    assert read_region(text) == code


def test_every_region_of_before_has_its_place_today() -> None:
    today = _names()
    assert [code for code, (_name, now) in _before().items() if now not in today] == []
    assert [code for code in today if len(code) != 6] == []


def test_a_name_of_several_regions_is_not_guessed() -> None:
    with pytest.raises(CellError) as refused:
        read_region("朝阳区")
    assert refused.value.code == "several_regions"
    assert refused.value.params == {"names": "110105 北京市朝阳区, 220104 吉林省长春市朝阳区"}
    for text in ("江北区", "巴州"):
        with pytest.raises(CellError, match="several_regions"):
            read_region(text)
    for text in ("Atlantis", "990000", "", "中国", "市辖区"):
        with pytest.raises(CellError, match="not_a_region"):
            read_region(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("F", "F"),
        ("f52", "F52"),
        ("52", "F52"),
        ("F.5211", "F5211"),
        ("零售业", "F52"),
        ("零售", "F52"),
        ("retail trade", "F52"),
        ("制造业", "C"),
        ("农林牧渔", "A"),
        ("房地产业", "K70"),
        ("52.0", "F52"),
        ("5211.0", "F5211"),
        ("C39.0", "C39"),
        ("0311", "A0311"),
        ("C13-农副食品加工业", "C13"),
        ("C 制造业", "C"),
        ("C13-制造业", "C13"),
        ("C 农副食品加工业", "C13"),
        ("F52零售业", "F52"),
        ("F52(零售业)", "F52"),
        ("5211 零售业", "F5211"),
        ("K 房地产业", "K"),
    ],
)
def test_an_industry_is_known_by_its_code_and_by_its_name(text: str, code: str) -> None:
    assert read_industry(text) == code


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        ("311", "industry_open", {}),
        ("111.0", "industry_open", {}),
        ("C13零售业", "industry_differs", {"first": "C13", "second": "F52"}),
        ("F5211-超级市场零售", "not_an_industry", {}),
        ("超级市场零售", "not_an_industry", {}),
    ],
)
def test_an_industry_of_which_it_is_open_which_is_refused(text: str, code: str, params: dict[str, str]) -> None:
    with pytest.raises(CellError) as refused:
        read_industry(text)
    assert (refused.value.code, refused.value.params) == (code, params)


def test_a_division_outside_of_its_section_is_no_industry() -> None:
    for text in ("A52", "98", "shops", ""):
        with pytest.raises(CellError, match="not_an_industry"):
            read_industry(text)
    assert (industry_name("F5211", "zh-hans"), industry_name("F", "en")) == ("零售业", "Wholesale and retail trade")
    assert industry_name("retail", "en") == "retail"


@pytest.mark.parametrize(
    ("text", "number", "masked"),
    [
        ("138 0013 8000", "+8613800138000", "+86138****8000"),
        ("+86-138-0013-8000", "+8613800138000", "+86138****8000"),
        ("８６１３８００１３８０００", "+8613800138000", "+86138****8000"),
        ("(010) 6275-1234", "+861062751234", "+8610****1234"),
        ("+1 202 456 1111", "+12024561111", "+120****1111"),
        ("+1 (202) 456-1111", "+12024561111", "+120****1111"),
        ("400-820-8820", "+864008208820", "+8640****8820"),
        ("13800138000.0", "+8613800138000", "+86138****8000"),
        ("13800138000/13900139000", "+8613800138000", "+86138****8000"),
        ("13800138000 13900139000", "+8613800138000", "+86138****8000"),
        ("13800138000\n+86 13900139000", "+8613800138000", "+86138****8000"),
        ("010-62751234 13900139000", "+861062751234", "+8610****1234"),
        ("010-12345678-801", "+861012345678", "+8610****5678"),
        ("+86 (10) 12345678-801", "+861012345678", "+8610****5678"),
        ("021-6123 4567转801", "+862161234567", "+8621****4567"),
        ("021-61234567（分机：801）", "+862161234567", "+8621****4567"),
        ("010-12345678 ext. 801", "+861012345678", "+8610****5678"),
        ("400-820-8820-1", "+864008208820", "+8640****8820"),
        ("13800138000（本人）", "+8613800138000", "+86138****8000"),
        ("021-61234567-801 [office]", "+862161234567", "+8621****4567"),
        ("13800138000(本人)/13900139000(配偶)", "+8613800138000", "+86138****8000"),
        ("852-91234567", "+85291234567", "+852****4567"),
        ("(852) 9123 4567", "+85291234567", "+852****4567"),
        ("853-66123456", "+85366123456", "+853****3456"),
        ("13800138000 [Home]", "+8613800138000", "+86138****8000"),
    ],
)
def test_a_telephone_number_is_written_as_the_world_does(text: str, number: str, masked: str) -> None:
    assert read_phone(text) == number
    assert masked_phone(number) == masked


@pytest.mark.parametrize(
    ("cell", "masked"),
    [
        ("13800138000 13900139000", "138****8000 139****9000"),
        ("13800138000/13900139000", "138****8000/139****9000"),
        ("13800138000\n+86 13900139000", "138****8000\n+86 139****9000"),
        ("13800138000/", "138****8000/"),
        ("", ""),
    ],
)
def test_of_several_numbers_in_a_cell_each_is_masked(cell: str, masked: str) -> None:
    assert masked_phone(cell) == masked


def test_what_nobody_can_call_is_no_telephone_number() -> None:
    for text in (
        "123", "none", "139001380001234567", "13800138000/8", "13800138000/无", "13800138000/(本人)", "13800138000-801",
        "13800138000(2)", "1380013800（本人）", "13800138000(13900139000)", "HT2026（本人）",
        # Somebody else's, or nobody's any more.
        "13800138000（配偶）", "13800138000(父亲)", "13800138000 空号", "13800138000（已停机）", "13800138000(spouse)",
        "13800138000(配偶)/13900139000(本人)", "13800138000 139001390001", "138 0013 8000 139 0013 9000",
    ):  # fmt: skip
        with pytest.raises(CellError, match="not_a_phone"):
            read_phone(text)


@pytest.mark.parametrize(
    "text",
    ["(415) 555-0132", "(415)555-0132", "415-555-0132", "415.555.0132", "415 555 0132", "415–555–0132",
     "1-415-555-0132", "(415) 555-0132 x12", "(415) 555-0132, ext. 3",
     "415-555-0132 (home)", "13800138000/415-555-0132"],
)  # fmt: skip
def test_a_number_as_north_america_writes_it_is_none_of_china(text: str) -> None:
    with pytest.raises(CellError, match="not_a_phone"):
        read_phone(text)


def test_names_lose_what_does_not_tell_them_apart() -> None:
    assert read_name("张　 三") == "张三"
    assert read_name("阿依古丽・买买提") == "阿依古丽·买买提"
    assert read_name("  Anna   Maria Lee ") == "Anna Maria Lee"
    assert core_of_name("上海某某贸易有限公司") == "上海某某贸易"
    assert core_of_name("Acme Trading Co., Ltd.") == core_of_name("ACME Trading Limited") == "acmetrading"
