"""A list that tells whose its loans are by names, perhaps with telephones, and has no number of them."""

from __future__ import annotations

import pytest

from cases.models import Case
from tests.intake.test_alike_on_record import held
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import counts

__all__ = ["arrive"]

SIGNS = "伟芳娜敏静丽强磊洋艳"


def people(last: int, *, time: str = "", score: int = 600, phone: str = "138001{:05d}") -> str:
    rows = (
        f"王{SIGNS[n % 10]}{SIGNS[n // 10]},{phone.format(n)},{10_000 + 500 * (n % 7)},12,{score + n}"
        f",2026-09-{n + 1:02d}{time}\n"
        for n in range(last)
    )
    return "客户姓名,手机号,贷款金额,期限(月),评分,申请日期\n" + "".join(rows)


def firms(last: int, revenue: int) -> str:
    rows = (
        f"华{SIGNS[n % 10]}{SIGNS[n // 10]}贸易有限公司,{n + 1}0000,12,{revenue + n},2026-09-{n + 1:02d}\n"
        for n in range(last)
    )
    return "企业名称,贷款金额,期限(月),营业收入,申请日期\n" + "".join(rows)


@pytest.mark.parametrize("more", [people(25, time=" 10:30"), people(25, score=700)])
def test_a_list_whose_rows_changed_is_asked_about_and_what_is_new_is_not(arrive: Arrive, more: str) -> None:
    assert counts(arrive(people(20), "jan.csv", unattended=False)) == (20, 0, 0, 0)
    arrive(more, "feb.csv", unattended=False)
    assert (Case.objects.count(), held()) == (45, 20)


def test_so_it_is_of_firms_whose_figures_were_restated(arrive: Arrive) -> None:
    assert counts(arrive(firms(20, 5_000), "jan.csv", unattended=False)) == (20, 0, 0, 0)
    arrive(firms(25, 6_000), "feb.csv", unattended=False)
    assert (Case.objects.count(), held()) == (45, 20)


def test_namesakes_with_other_telephones_are_not_asked_about(arrive: Arrive) -> None:
    arrive(people(20), "jan.csv", unattended=False)
    arrive(people(20, phone="139001{:05d}"), "feb.csv", unattended=False)
    assert (Case.objects.count(), held()) == (40, 0)


def test_where_one_list_tells_no_telephone_the_name_is_asked_about(arrive: Arrive) -> None:
    arrive(people(20), "jan.csv", unattended=False)
    arrive(people(20, phone=""), "feb.csv", unattended=False)
    assert (Case.objects.count(), held()) == (40, 20)


def test_the_same_list_again_is_known_and_nobody_is_asked(arrive: Arrive) -> None:
    arrive(people(20), "jan.csv", unattended=False)
    assert counts(arrive(people(25), "feb.csv", unattended=False)) == (5, 20, 0, 0)
