"""Names of people that are one name, that may be a slip of each other, and that are two."""

from __future__ import annotations

import pytest

from intake.standards.chinese_signs import in_simplified_signs, sound_alike
from intake.standards.people import core_of_name, has_legal_form
from intake.values.near_names import Nearness, nearness


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("張偉", "张伟"),
        ("張　偉", "张伟"),
        ("歐陽靜", "欧阳静"),
        ("José García", "Jose Garcia"),
        ("Łukasz Żak", "LUKASZ ZAK"),
        ("Smith, John", "John Smith"),
        ("ＪＯＨＮ　ＳＭＩＴＨ", "John Smith"),
        ("Smith, Mr. John", "john smith"),
        ("Dr. Anne-Marie O'Brien", "OBrien, Anne Marie"),
        ("Zhang San", "SAN ZHANG"),
        ("張建國 先生", "张建国"),
        ("阿依古丽·买买提", "阿依古丽 买买提"),
    ],
)
def test_one_name_is_written_in_many_ways(one: str, other: str) -> None:
    assert nearness(one, other) is Nearness.SAME is nearness(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张建国", "张建囯"),
        ("張建國", "张建囯"),
        ("李小明", "李晓明"),
        ("章建国", "张建国"),
        ("李小明", "李明小"),
        ("欧阳文静", "欧阳文婧"),
        ("殴阳文静", "欧阳文静"),
        # Of a given name of one sign another one must sound the same.
        ("张伟", "张玮"),
        ("张伟", "張瑋"),
        ("欧阳伟", "欧阳玮"),
        ("阿依古丽·买买提", "阿依古丽·买买堤"),
        ("Jon Smith", "Smith, John"),
        ("John A. Smith", "Smith, John"),
    ],
)
def test_one_name_may_be_a_slip_of_the_other(one: str, other: str) -> None:
    assert nearness(one, other) is Nearness.NEAR is nearness(other, one)


@pytest.mark.parametrize(("one", "other"), [("李明", "李芳"), ("欧阳明", "欧阳芳")])
def test_another_given_name_of_one_sign_is_doubtful(one: str, other: str) -> None:
    assert nearness(one, other) is Nearness.DOUBTFUL is nearness(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("李小明", "李大红"),
        ("李明", "李小明"),
        ("王芳", "李芳"),
        # 张 and 章 sound the same, and are two surnames.
        ("张伟", "章伟"),
        ("欧阳明", "欧阴芳"),
        ("张先生", "张女士"),
        ("欧阳先生", "欧阳女士"),
        ("John Smith", "Mary Smith"),
        # The marks of kana are no accents.
        ("がぎ", "かき"),
        ("", ""),
        ("·", "·"),
        ("张伟", ""),
    ],
)
def test_other_names_are_two(one: str, other: str) -> None:
    assert nearness(one, other) is None is nearness(other, one)


def test_signs_are_known_by_form_and_sound() -> None:
    assert in_simplified_signs("張偉 Zhang 劉蕭") == "张伟 Zhang 刘萧"
    assert [sound_alike("伟", other) for other in "玮芳𠀀"] == [True, False, False]
    assert not sound_alike("a", "a")


def test_a_firm_is_known_in_traditional_signs_and_with_accents() -> None:
    assert has_legal_form("華某集團")
    assert core_of_name("華某電子有限責任公司") == core_of_name("华某电子有限公司") == "华某电子"
    assert core_of_name("Café Noël GmbH") == "cafenoel"
