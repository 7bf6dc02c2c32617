"""Regions, industries and names of a table without a mapping are read by their standards; what is none stays a text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from cases.models import Case
from desk.mapping_form import content_from_form
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.reading.parse import open_table
from intake.reading.rows import sample_rows
from intake.recognition.infer import infer_mapping
from intake.recognition.mapping import MappingError, mapping_as_data, read_mapping
from intake.recognition.recognise import recognise
from intake.record.as_before import draft_as_before
from intake.standards.kept import read_or_keep
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in

REGIONS = ("110101", "北京市", "广东省", "4403", "深圳市", "内蒙古", "上海市黄浦区", "310000", "110103", "城东分行")


def table(regions: Sequence[str], first: int = 0, header: str = "所在地区") -> str:
    lines = (f"HT-{first + at},{5000 + first + at},{each}\n" for at, each in enumerate(regions))
    return f"合同号,贷款金额,{header}\n" + "".join(lines)


def held(name: str = "region") -> list[str]:
    return [*Case.objects.order_by("external_ref").values_list(name, flat=True)]


def draft(make_file: MakeFile, text: str) -> CaseMapping:
    found = open_table(make_file("d.csv", text))
    rows = sample_rows(found)
    return draft_as_before("branch", recognise(found.columns, rows, "branch", [])[0], rows)


def read_as(header: str, *cells: str) -> str:
    (name,) = {"region", "industry"} & set(mapping_of(header, *cells).fields)
    return mapping_of(header, *cells).fields[name].type


def mapping_of(header: str, *cells: str) -> CaseMapping:
    return infer_mapping(["金额", header], [{"金额": "100", header: cell} for cell in cells], "branch")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("地区", ("北京", "上海", "广州")),
        ("region", ("440300.0", "310000.0", "110000.0")),
        ("地区", ("苏州", "昆山", "常熟", "吴江区")),
        ("所在地区", ("浙江省杭州市",)),
        ("所在地区", ("浙江省杭州市", "杭州市")),
        ("所在地区", ("浙江杭州", "杭州", "杭州西湖区", "浙江")),
        ("地区", ("昆山市", "昆山")),
        ("region", ("330100.0", "330100")),
        ("行业", ("F52", "C13", "J66", "52")),
        ("industry", ("制造业", "F52零售业", "建筑业")),
    ],
)
def test_columns_that_speak_of_a_standard_are_read_by_it(header: str, cells: tuple[str, ...]) -> None:
    (name,) = {"region", "industry"} & set(mapping_of(header, *cells).fields)
    assert mapping_of(header, *cells).fields[name] == Given("column", column=header, type=name, unread="keep")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("state", ("CA", "NY", "TX", "WA")),
        ("地区", ("城东", "城西", "城北", "城中")),
        ("地区", ("东城", "西城", "海淀", "朝阳")),
        ("地区", ("华东", "华北", "华南")),
        ("地区", ("北京", "上海")),
        # Parts of any town, though the names are also those of one district each.
        ("地区", ("东区", "西区")),
        ("地区", ("城东区", "城西区", "城西区")),
        ("地区", ("杭州市", "华东", "杭州市")),
        ("地区", ("杭州", "杭州", "杭州市")),
        ("region", ("44", "31", "12", "53")),
        # Of a list of one's own, of NAICS and of NACE, which all look like divisions of GB/T 4754.
        ("行业", ("01", "02", "03", "04")),
        ("NAICS", ("52", "62", "23", "44")),
        ("industry", ("C10", "C13", "C14")),
        ("industry", ("Manufacturing", "Construction", "Education", "Mining")),
        ("行业", ("A", "B", "C", "D")),
    ],
)
def test_other_lists_of_regions_and_industries_stay_texts(header: str, cells: tuple[str, ...]) -> None:
    assert read_as(header, *cells) == ""


def test_what_is_no_region_or_of_open_meaning_stays_the_text_it_is() -> None:
    kept = ("城东", "朝阳区", "江北区", "城东分行", "CA")
    assert [read_or_keep("region", text) for text in kept] == list(kept)
    assert [read_or_keep("region", text) for text in ("城东区", "浦东")] == ["630102", "310115"]
    other = ("看手相", "311", "C13零售业")
    assert [read_or_keep("industry", text) for text in other] == list(other)


def test_a_file_and_a_draft_read_one_region_as_one(transactional_db: None, make_file: MakeFile) -> None:
    drafted = draft(make_file, table(REGIONS))
    assert counts(take_in(make_file("a.csv", table(REGIONS)))) == (10, 0, 0)
    assert held() == ["110101", "110000", "440000", "440300", "440300", "150000", "310101", "310000", "110101",
                      "城东分行"]  # fmt: skip
    assert drafted.fields["region"] == Given("column", column="所在地区", type="region", unread="keep")
    data = mapping_as_data(drafted)
    assert read_mapping(data, source="branch").fields == drafted.fields
    # A person who takes the type away takes what was said of it away, too.
    posted = {"column-0": "所在地区", "target-0": "region", "was-0": "fields.region", "type-0": "text"}
    content, _problems = content_from_form(data, posted)
    assert content["fields"]["region"] == {"column": "所在地区", "type": "text"}


def test_a_source_of_texts_goes_on_in_texts(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", table(["北京", "上海", "上海"])))) == (3, 0, 0)
    more = table(["北京", "上海", "上海", "广州", "深圳", "杭州"])
    assert draft(make_file, more).fields["region"] == Given("column", column="所在地区")
    assert counts(take_in(make_file("b.csv", more))) == (3, 3, 0)
    assert held() == ["北京", "上海", "上海", "广州", "深圳", "杭州"]
    # Until a person signs that its regions are some.
    entry = {"column": "所在地区", "type": "region", "unread": "keep"}
    signed = {"source": "branch", "fields": {"external_ref": {"column": "合同号"}, "product": {"constant": "branch"},
              "amount": {"column": "贷款金额"}, "currency": {"constant": "CNY"}, "term_months": {"constant": 12},
              "applied_at": {"import_time": True}, "applicant.id": {"derive": "applicant_reference"},
              "region": entry}}  # fmt: skip
    path = make_file("c.csv", table(["北京", "城东"], first=6))
    assert counts(take_in(path, make_file("signed.yaml", json.dumps(signed)))) == (2, 0, 0)
    assert held()[6:] == ["110000", "城东"]


def test_a_source_of_regions_goes_on_in_regions_though_a_table_has_few(
    transactional_db: None, make_file: MakeFile
) -> None:
    assert counts(take_in(make_file("a.csv", table(["北京", "上海", "广州"])))) == (3, 0, 0)
    assert counts(take_in(make_file("b.csv", table(["上海", "分行"], first=3)))) == (2, 0, 0)
    assert held() == ["110000", "310000", "440100", "310000", "分行"]


def test_a_source_of_one_city_is_read_from_its_first_file_on(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", table(["浙江省杭州市", "浙江省杭州市"])))) == (2, 0, 0)
    more = table(["杭州市", "江苏省南京市", "杭州", "城东分行"], first=2)
    assert counts(take_in(make_file("b.csv", more))) == (4, 0, 0)
    assert held() == ["330100", "330100", "330100", "320100", "330100", "城东分行"]


def test_blanks_within_a_chinese_name_make_no_other_name(transactional_db: None, make_file: MakeFile) -> None:
    text = "合同号,贷款金额,姓名\nHT-0,5000,钱　大海\nHT-1,5001,张 三\nHT-2,5002,Anna Lee\n"
    assert counts(take_in(make_file("a.csv", text))) == (3, 0, 0)
    assert held("applicant__name") == ["钱大海", "张三", "Anna Lee"]
    assert counts(take_in(make_file("b.csv", text.replace("张 三", "张三")))) == (0, 3, 0)


def test_a_name_that_was_taken_with_its_blank_is_on_record(transactional_db: None, make_file: MakeFile) -> None:
    text = "合同号,贷款金额,姓名\nHT-0,5000,钱　大海\nHT-1,5001,张三\n"
    columns = ["合同号", "贷款金额", "姓名"]
    then: Any = mapping_as_data(infer_mapping(columns, [dict(zip(columns, ("HT-0", "5", "张三"), strict=True))], ""))
    then["fields"]["applicant.name"].pop("type")
    path = make_file("a.csv", text)
    assert counts(take_in(path, make_file("then.yaml", json.dumps(then)))) == (2, 0, 0)
    assert counts(take_in(make_file("b.csv", text))) == (0, 2, 0)
    assert held("applicant__name") == ["钱　大海", "张三"]


def test_only_regions_and_industries_may_be_kept_unread() -> None:
    with pytest.raises(MappingError) as refused:
        read_mapping({"fields": {"channel": {"column": "x", "unread": "keep"}}})
    assert refused.value.params["key"] == "fields.channel.type"
