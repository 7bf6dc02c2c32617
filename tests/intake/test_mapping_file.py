"""A mapping file that is wrong says which key and what is allowed; one that is right means what it says."""

import re
from pathlib import Path

import pytest

from intake.recognition.mapping import MappingError, load_mapping, mapping_of_text
from tests.intake.places import MakeFile


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("fields: {amuont: {column: a}}", "fields: amuont"),
        ("surprise: 1", "mapping: surprise"),
        ("fields: {amount: {column: a, constant: 1}}", "fields.amount"),
        ("fields: {amount: {}}", "fields.amount"),
        ("fields: {amount: a}", "fields.amount"),
        ("fields: {amount: {column: a, typ: text}}", "fields.amount: typ"),
        ("fields: {amount: {column: a, type: money}}", "fields.amount.type"),
        ("fields: {amount: {column: }}", "fields.amount.column"),
        ("features: {x: {column: a, maximum: 5}}", "features.x.type"),
        ("features: {x: {column: a, type: phone, maximum: 5}}", "features.x.type"),
        ("fields: {amount: {column: a, scale: big}}", "fields.amount.scale"),
        ("fields: {amount: {column: a, pattern: '('}}", "fields.amount.pattern"),
        ("fields: {amount: {column: a, pattern: '(a)(b)'}}", "fields.amount.pattern"),
        ("fields: {amount: {column: a, pattern: '(a+)+$'}}", "fields.amount.pattern"),
        ("fields: {amount: {column: a, missing: NA}}", "fields.amount.missing"),
        ("fields: {amount: {column: a, other: drop}}", "fields.amount.other"),
        ("fields: {amount: {constant: [1]}}", "fields.amount.constant"),
        ("fields: {external_ref: {row_hash: false}}", "fields.external_ref.row_hash"),
        ("fields: {applicant.name: {derive: magic}}", "fields.applicant.name.derive"),
        ("fields: {applicant.name: {derive: chinese_name, from: [a]}}", "fields.applicant.name.from"),
        ("fields: {channel: {derive: choice}}", "fields.channel.with"),
        ("fields: {channel: {derive: choice, with: {choices: []}}}", "fields.channel.with"),
        ("fields: {channel: {derive: share, with: {share: lots}}}", "fields.channel.with"),
        (
            "fields: {applied_at: {derive: moment_in_period, with: {start: 2016-02-30, end: 2016-03-01}}}",
            "fields.applied_at.with",
        ),
        ("features: {x: {compute: percent_of, from: [a]}}", "features.x.from"),
        ("rest_as_features: 1", "rest_as_features"),
        ("drop: {a: because}", "drop.a"),
        ("decided: perhaps", "decided"),
        ("utc_offset: 8", "utc_offset"),
        ("outcome: {column: a, bad_values: 1, good_values: []}", "outcome.bad_values"),
        ("- a", "mapping"),
        ("", "mapping"),
    ],
)
def test_a_mapping_that_is_wrong_says_which_key(make_file: MakeFile, text: str, where: str) -> None:
    with pytest.raises(MappingError) as refusal:
        load_mapping(make_file("m.yaml", text))
    assert refusal.value.params["key"] == where
    assert where in refusal.value.sentence("en")
    assert where in refusal.value.sentence("zh-hans")


def test_a_file_that_is_no_yaml_is_refused(make_file: MakeFile, tmp_path: Path) -> None:
    for content, code, said in (
        (b"a: [", "mapping_not_yaml_at", "look at line 1, sign 5."),
        (b"b: 1\na: 1\na: 2", "mapping_key_twice", "The key a stands twice (line 3)"),
        (b"\xff\xfe\x00", "mapping_not_yaml", "indents, colons"),
    ):
        with pytest.raises(MappingError) as refusal:
            load_mapping(make_file("m.yaml", content))
        assert refusal.value.code == code
        assert said in refusal.value.sentence("en")
        assert not re.search("[a-z]{5}", refusal.value.sentence("zh-hans"))
    with pytest.raises(MappingError) as refusal:
        load_mapping(tmp_path / "none.yaml")
    assert refusal.value.code == "mapping_missing"


def test_words_that_yaml_likes_to_turn_into_flags_and_dates_stay_words(make_file: MakeFile) -> None:
    text = """
features: {x: {column: NO, values: {no: off, yes: on, 1: one}}}
outcome: {column: y, bad_values: [no], good_values: [2016-01-01]}
"""
    mapping = load_mapping(make_file("m.yaml", text))
    assert mapping.features["x"].column == "NO"
    assert mapping.features["x"].values == {"no": "off", "yes": "on", "1": "one"}
    assert mapping.outcome is not None
    assert mapping.outcome.bad_values == frozenset({"no"})
    assert mapping.outcome.good_values == frozenset({"2016-01-01"})


@pytest.mark.parametrize("text", ["a: " + "[" * 5000, "version: " + "9" * 5000])
def test_yaml_that_python_cannot_hold_is_refused_like_any_other(make_file: MakeFile, text: str) -> None:
    for read in (mapping_of_text, lambda text: load_mapping(make_file("mapping.yaml", text))):
        with pytest.raises(MappingError) as refused:
            read(text)
        assert refused.value.code == "mapping_not_yaml"
