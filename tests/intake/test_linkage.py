"""What speaks for two applicants being one, and what against it."""

from __future__ import annotations

import pytest

from intake.people.linkage import Evidence, Likeness, Person, code_of, compare, groups, keys_of, numbers_in, told_apart

ZHANG, LI = "11010519491231002X", "310115198503070019"
FIRM, OTHER_FIRM = "91350100M000100Y43", "91110000100001364L"
PHONE = "+8613800138000"


def person(name: str = "张三", *numbers: str, phones: tuple[str, ...] = (), key: int = 1, code: str = "") -> Person:
    return Person(key, name, frozenset(numbers), frozenset(phones), code)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        (person("", code="crm 9199"), person("张三", code="crm 9199"), Likeness((Evidence.CODE,), settled=False)),
        (person("李四", code="crm 9199"), person("张三", code="crm 9199"), None),
        (person("李四", ZHANG, code="crm 9"), person("李四", LI, code="crm 9"), None),
        (person("张三", ZHANG), person("Zhang San", ZHANG), Likeness((Evidence.IDENTITY,), settled=True)),
        # A number that cannot be right may be two people's, written wrongly alike.
        (person("张三", "1" * 18), person("张三", "1" * 18), Likeness((Evidence.IDENTITY,), settled=False)),
        (
            person("张三", ZHANG),
            person("张　三", "110105194912310021"),
            Likeness((Evidence.IDENTITY_SLIP, Evidence.NAME), settled=False),
        ),
        (person("张三", ZHANG), person("李四", "110105194912310021"), None),
        (
            person("张三", phones=(PHONE,)),
            person("张三", phones=(PHONE,)),
            Likeness((Evidence.PHONE, Evidence.NAME), settled=False),
        ),
        (person("张三", phones=(PHONE,)), person("李四", phones=(PHONE,)), None),
        # A slip in a name of Chinese signs, and names in another form.
        *(
            (
                person(one, phones=(PHONE,)),
                person(other, phones=(PHONE,)),
                Likeness((Evidence.PHONE, said), settled=False),
            )
            for one, other, said in (
                ("张建国", "张建囯", Evidence.NAME_NEAR),
                ("张伟", "张玮", Evidence.NAME_NEAR),
                ("欧阳文静", "欧阳文婧", Evidence.NAME_NEAR),
                ("張偉", "张伟", Evidence.NAME),
                ("José García", "Jose Garcia", Evidence.NAME),
                ("Smith, John", "John Smith", Evidence.NAME),
            )
        ),
        (
            person("李小明", ZHANG, phones=(PHONE,)),
            person("李晓明", "110105194912310021", phones=(PHONE,)),
            Likeness((Evidence.IDENTITY_SLIP, Evidence.PHONE, Evidence.NAME_NEAR), settled=False),
        ),
        # Relatives have one telephone and one surname: a given name of one sign says nothing without a number.
        (person("李明", phones=(PHONE,)), person("李芳", phones=(PHONE,)), None),
        (person("李小明", phones=(PHONE,)), person("李大红", phones=(PHONE,)), None),
        (
            person("李明", ZHANG, phones=(PHONE,)),
            person("李芳", "110105194912310021", phones=(PHONE,)),
            Likeness((Evidence.IDENTITY_SLIP, Evidence.PHONE, Evidence.NAME_NEAR), settled=False),
        ),
        # One sign differs, and so do two valid numbers.
        (person("李小明", ZHANG, phones=(PHONE,)), person("李晓明", LI, phones=(PHONE,)), None),
        # Near names alone are as little as the same name.
        (person("李小明"), person("李晓明"), None),
        (person("深圳市華某電子有限公司"), person("深圳市华某电子公司"), Likeness((Evidence.NAME,), settled=False)),
        # Two valid numbers are two people, whatever else they share.
        (person("张三", ZHANG, phones=(PHONE,)), person("张三", LI, phones=(PHONE,)), None),
        # A person's name alone is a hundred thousand people's.
        (person("张三"), person("张三"), None),
        (
            person("深圳市华某电子有限公司"),
            person("深圳市华某电子股份有限公司"),
            Likeness((Evidence.NAME,), settled=False),
        ),
        (
            person("Northern Light Trading Co., Ltd"),
            person("Northern Ligth Trading Limited"),
            Likeness((Evidence.NAME_NEAR,), settled=False),
        ),
        (person("深圳市华某电子有限公司", FIRM), person("深圳市华某电子有限公司", OTHER_FIRM), None),
        # Forms that stand in brackets. With one telephone a short name is enough, and so is that of the owner.
        *(
            (
                person(f"{name}{form}", phones=(PHONE,)),
                person(name, phones=(PHONE,)),
                Likeness((Evidence.PHONE, Evidence.NAME), settled=False),
            )
            for name, form in (
                ("杭州鑫源餐饮店", "（个体工商户）"),
                ("张三", " (个体工商户)"),
                ("老李五金店", "(个體工商戶)"),
                ("北京中正会计师事务所", "（特殊普通合伙）"),
                ("北京中正会计师事务所", "（特殊的普通合伙）"),
                ("上海某某律师事务所", "(普通合伙)"),
                ("苏州某某咨询中心", "（有限合伙）"),
                ("某某服装厂", "（个人独资）"),
            )
        ),
        (
            person("杭州鑫源餐饮店（个体工商户）"),
            person("杭州鑫源餐饮店个体工商户"),
            Likeness((Evidence.NAME,), settled=False),
        ),
        (person("杭州鑫源餐饮店（个体工商户）"), person("杭州鑫源餐饮店"), None),
        (person("鑫源店（个体工商户）"), person("鑫源店（个体工商户）"), None),
        (person("杭州鑫源餐饮店（个体工商户）", phones=(PHONE,)), person("王小红", phones=(PHONE,)), None),
    ],
)
def test_two_applicants_are_compared(one: Person, other: Person, likeness: Likeness | None) -> None:
    assert compare(one, other) == likeness == compare(other, one)
    if likeness:
        assert keys_of(one, "s") & keys_of(other, "s")


def test_the_keys_tell_nothing_without_the_secret() -> None:
    one = person("张三", ZHANG, phones=(PHONE,))
    assert len(keys_of(one, "s")) == 7
    assert not keys_of(one, "s") & keys_of(one, "t")
    assert all(0 <= key < 2**63 for key in keys_of(one, "s"))


@pytest.mark.parametrize("place", range(18))
def test_a_slip_anywhere_is_found_among_all_the_applicants_of_a_district(place: int) -> None:
    slip = ZHANG[:place] + ("1" if ZHANG[place] != "1" else "2") + ZHANG[place + 1 :]
    district = [person("李四", f"1101051949{month:02}{day:02}0011") for month in range(1, 13) for day in range(1, 29)]
    shared = keys_of(person("张三", ZHANG), "s") & keys_of(person("张三", slip), "s")
    assert any(sum(key in keys_of(each, "s") for each in district) < 25 for key in shared)


@pytest.mark.parametrize("place", range(17))
def test_two_signs_that_changed_places_are_found_among_all_the_applicants_of_a_district(place: int) -> None:
    number = "310115198503072419"
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    district = [person("李四", f"3101151985{month:02}{day:02}0011") for month in range(1, 13) for day in range(1, 29)]
    shared = keys_of(person("张三", number), "s") & keys_of(person("张三", swapped), "s")
    assert any(sum(key in keys_of(each, "s") for each in district) < 25 for key in shared)


def test_a_reference_may_be_an_identity_number() -> None:
    assert numbers_in("110105491231002") == {ZHANG}
    assert numbers_in("110105194912310021") == {"110105194912310021"}
    assert numbers_in("C-1001") == frozenset()


def test_who_is_apart_is_not_brought_together_by_a_third() -> None:
    assert groups([(1, 3), (2, 3)], [(1, 2)]) == {1: 1, 3: 1}
    assert groups([(1, 3), (2, 4), (3, 4)], [(2, 1)]) == {1: 1, 3: 1, 2: 2, 4: 2}
    assert told_apart([person("张三", ZHANG), person("张三", LI, key=2), person("张三", key=3)]) == {(1, 2)}


def test_links_over_several_steps_make_one_group() -> None:
    assert groups([(5, 7), (1, 2), (7, 2), (8, 9)]) == {1: 1, 2: 1, 5: 1, 7: 1, 8: 8, 9: 8}


@pytest.mark.parametrize(
    ("reference", "code"),
    [("00009199", "crm 9199"), ("9199", "crm 9199"), ("C-9199", ""), ("000", ""), ("310115198503070019", "")],
)
def test_a_mere_number_of_a_source_is_known_without_the_zeros_before_it(reference: str, code: str) -> None:
    assert code_of("crm", reference) == code
