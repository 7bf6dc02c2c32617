"""The feature table: what it reads, what it refuses, and that its file says what the model code needs."""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import yaml

from scoring.ml.economics import USUAL_ECONOMICS, Economics
from scoring.ml.errors import FeatureTableError
from scoring.ml.features import FEATURE_TABLES, FeatureTable, feature_table_for, load_feature_table
from scoring.ml.vocabulary import Category, Feature, Words

LOAN: dict[str, object] = {
    "amount": Decimal("12000.00"),
    "term_months": 36,
    "interest_rate": 12,
    "sub_grade": 11,
    "annual_income": 60000,
    "employment_years": 0,
    "income_verified": "verified",
}


def test_a_row_is_read_in_the_order_of_the_table(table: FeatureTable) -> None:
    values = dict(zip(table.names, table.matrix([LOAN])[0], strict=True))
    assert values["amount"] == 12000.0
    assert values["income_verified"] == 2.0
    assert values["loan_to_income"] == 0.2
    assert values["instalment_to_income"] == pytest.approx(12 * 398.5717177 / 60000, abs=1e-9)
    assert np.isnan(values["credit_utilisation"])


def test_no_rows_give_an_empty_matrix(table: FeatureTable) -> None:
    assert table.matrix([]).shape == (0, len(table.names))


@pytest.mark.parametrize("raw", ["n/a", "1_000", "NaN", "inf", float("nan"), float("inf"), True, [1], 10**400, "１２"])
def test_what_is_no_finite_number_is_unreadable_and_missing(table: FeatureTable, raw: object) -> None:
    read = table.read([{**LOAN, "interest_rate": raw}])
    column = table.names.index("interest_rate")
    assert np.isnan(read.values[0, column])
    assert read.unreadable[0, column]


@pytest.mark.parametrize("raw", [None, ""])
def test_what_was_not_given_is_missing_but_not_unreadable(table: FeatureTable, raw: object) -> None:
    read = table.read([{**LOAN, "interest_rate": raw}])
    column = table.names.index("interest_rate")
    assert np.isnan(read.values[0, column])
    assert not read.unreadable.any()


def test_numbers_written_as_text_are_read(table: FeatureTable) -> None:
    assert table.matrix([{**LOAN, "interest_rate": " 13.5 "}])[0, table.names.index("interest_rate")] == 13.5


def test_an_unknown_category_is_unreadable(table: FeatureTable) -> None:
    read = table.read([{**LOAN, "income_verified": "perhaps"}, {**LOAN, "income_verified": 1}])
    column = table.names.index("income_verified")
    assert np.isnan(read.values[:, column]).all()
    assert read.unreadable[:, column].all()


@pytest.mark.parametrize("income", [0, None, -5])
def test_ratios_without_income_are_missing(table: FeatureTable, income: object) -> None:
    values = table.matrix([{**LOAN, "annual_income": income}])[0]
    assert np.isnan(values[table.names.index("loan_to_income")])
    assert np.isnan(values[table.names.index("instalment_to_income")])


def test_money_in_another_currency_is_not_read_but_its_ratios_are(table: FeatureTable) -> None:
    read = table.read([{**LOAN, "currency": "CNY"}])
    values = dict(zip(table.names, read.values[0], strict=True))
    assert np.isnan(values["amount"])
    assert np.isnan(values["annual_income"])
    assert values["loan_to_income"] == 0.2
    assert [name for name, bad in zip(table.names, read.unreadable[0], strict=True) if bad] == [
        "amount",
        "annual_income",
    ]


def test_flags_read_truth_and_numbers() -> None:
    flag = Feature(name="owner", words=Words("Owner", "有房"), type="flag")
    assert [flag.number(raw) for raw in (True, False, 1)] == [1.0, 0.0, 1.0]


def test_a_flag_reads_the_words_for_yes_and_no_and_no_other_number() -> None:
    flag = Feature(name="owner", words=Words("Owner", "有房"), type="flag")
    assert [flag.number(raw) for raw in ("Y", "no", "是", "否")] == [1.0, 0.0, 1.0, 0.0]
    assert np.isnan([flag.number(raw) for raw in (2, "perhaps", [1])]).all()


def test_a_category_reads_a_code_that_came_as_a_number_and_its_catch_all() -> None:
    codes = tuple(Category(code, Words(code, code)) for code in ("7", "9", "(other)"))
    plain = Feature(name="branch", words=Words("Branch", "网点"), type="category", categories=codes)
    pooled = Feature(name="branch", words=Words("Branch", "网点"), type="category", categories=codes, other="(other)")
    assert [plain.number(raw) for raw in (7, 9.0, " 7 ")] == [0.0, 1.0, 0.0]
    assert np.isnan(plain.number("8"))
    assert [pooled.number(raw) for raw in ("9", "8", 1234)] == [1.0, 2.0, 2.0]
    assert np.isnan([pooled.number(raw) for raw in ("", None, [7])]).all()


def test_the_columns_say_what_a_recipe_must_know(table: FeatureTable) -> None:
    assert table.columns.directions == table.directions
    assert [name for name, one in zip(table.names, table.columns.categorical, strict=True) if one] == [
        "income_verified"
    ]
    assert table.columns.specials == ((),) * len(table.names)


def test_whole_columns_are_read_as_their_rows_are(table: FeatureTable) -> None:
    rows = [LOAN, {**LOAN, "amount": None, "currency": "CNY"}, {**LOAN, "interest_rate": "?", "annual_income": 0}]
    columns = {name: [row.get(name) for row in rows] for name in (*LOAN, "currency")}
    by_rows, by_columns = table.read(rows), table.read_columns(columns, len(rows))
    for part in ("values", "unreadable", "stale"):
        assert np.array_equal(getattr(by_rows, part), getattr(by_columns, part), equal_nan=part == "values")


def test_what_a_bad_loan_costs_stands_in_the_table(table: FeatureTable) -> None:
    assert table.economics == Economics(loss_given_default=0.6, margin=0.1)
    assert [group.name for group in table.fairness] == ["region", "annual_income"]
    assert table.fairness[1].bins == (50000.0, 70000.0, 95000.0)


def test_a_table_of_the_time_before_economics_still_loads(table: FeatureTable) -> None:
    content = table.to_dict()
    for name in ("economics", "fairness"):
        content.pop(name)
    for feature in content["features"]:
        for name in ("special_values", "nameable", "other", "as_of", "fresh_days"):
            feature.pop(name)
        if feature["formula"]:
            feature["formula"].pop("date")
    old = FeatureTable.from_dict(content)
    assert (old.features, old.economics, old.fairness) == (table.features, USUAL_ECONOMICS, ())


def test_a_table_survives_being_written_and_read(table: FeatureTable) -> None:
    again = FeatureTable.from_dict(table.to_dict())
    assert again == table
    assert again.sha256 == table.sha256


def test_the_hash_changes_with_a_word(table: FeatureTable) -> None:
    content = table.to_dict()
    content["features"][0]["words"]["en"] += "!"
    assert FeatureTable.from_dict(content).sha256 != table.sha256


def test_every_text_stands_in_both_languages() -> None:
    for path in FEATURE_TABLES.glob("*.yaml"):
        table = load_feature_table(path)
        for feature in table.by_name.values():
            assert feature.words.en
            assert feature.words.zh
        for feature in table.features:
            sentences = feature.sentences
            assert sentences is not None
            for words in (sentences.plain, sentences.adverse, sentences.favourable):
                if words:
                    assert all(slot in text for slot in ("{value}", "{norm}") for text in (words.en, words.zh))


def test_nothing_known_only_after_the_decision_is_a_feature(table: FeatureTable) -> None:
    after = {"loan_status", "balance", "paid_total", "paid_principal", "class", "target", "disbursement_method"}
    assert not after & set(table.by_name)


def test_an_unknown_product_is_refused_in_both_languages() -> None:
    with pytest.raises(FeatureTableError) as refused:
        feature_table_for("../secret")
    assert refused.value.code == "unknown_product"
    assert "consumer" in refused.value.sentence("en")
    assert "特征表" in refused.value.sentence("zh-hans")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda c: c["features"].append(c["features"][0]), "twice"),
        (lambda c: c["features"].clear(), "no feature"),
        (lambda c: c["features"][0].update(group="nowhere"), "amount"),
        (lambda c: c["features"][0].update(type="text"), "amount"),
        (lambda c: c["features"][0].update(type="colour"), "type"),
        (lambda c: c["features"][0].update(direction=2), "direction"),
        (lambda c: c["features"][0].update(name="Amount"), "small letters"),
        (lambda c: c["features"][0].update(minimum=9, maximum=1), "minimum"),
        (lambda c: c["features"][0].update(categories=[{"code": "a", "words": {"en": "a", "zh": "a"}}]), "category"),
        (lambda c: c["features"][6].update(formula=c["features"][12]["formula"]), "formula"),
        (lambda c: c["features"][12]["formula"].update(numerator="nothing"), "loan_to_income"),
        (lambda c: c["features"][12]["formula"].update(kind="product"), "ratio"),
        (lambda c: c["features"][0]["sentences"]["plain"].update(en="{price}"), "slots"),
        (lambda c: c["features"][6]["categories"][0].update(code=7), "quotation marks"),
        (lambda c: c["features"][6].update(other="elsewhere"), "other"),
        (lambda c: c["features"][6].update(special_values=[{"value": 1, "words": {"en": "a", "zh": "a"}}]), "number"),
        (lambda c: c["features"][5].update(special_values=c["features"][5]["labels"]), "not both"),
        (lambda c: c["features"][0].update(fresh_days=30), "go together"),
        (lambda c: c["features"][0].update(told_direction=0), "told_direction is 1 or -1"),
        (lambda c: c["features"][6].update(told_direction=1), "told_direction is 1 or -1, of a number"),
        (lambda c: c["features"][1].update(told_direction=-1), "not the opposite of direction"),
        (lambda c: c["features"][0].update(colour="red"), "colour"),
        (lambda c: c.pop("words"), "words"),
    ],
)
def test_a_table_that_cannot_be_is_refused_by_name(table: FeatureTable, spoil: object, named: str) -> None:
    content = table.to_dict()
    assert callable(spoil)
    spoil(content)
    with pytest.raises(FeatureTableError, match=named):
        FeatureTable.from_dict(content)


@pytest.mark.parametrize("text", [None, "- a\n- b\n", "a: [", "product: x\n"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "odd.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(FeatureTableError):
        load_feature_table(path)


def test_the_order_of_groups_counts_in_the_hash(table: FeatureTable) -> None:
    content = table.to_dict()
    content["groups"] = dict(reversed(content["groups"].items()))
    assert FeatureTable.from_dict(content).sha256 != table.sha256


def test_the_file_on_disk_is_the_table(table: FeatureTable) -> None:
    content = yaml.safe_load((FEATURE_TABLES / "consumer.yaml").read_text(encoding="utf-8"))
    assert [feature["name"] for feature in content["features"]] == list(table.names)


def test_amounts_of_money_need_a_currency(table: FeatureTable) -> None:
    with pytest.raises(FeatureTableError, match="XXX is no currency"):
        FeatureTable.from_dict({**table.to_dict(), "currency": "XXX"})


def test_a_file_that_names_another_product_is_refused(
    table: FeatureTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.ml.features.FEATURE_TABLES", tmp_path)
    (tmp_path / "cards.yaml").write_text(json.dumps(table.to_dict()), encoding="utf-8")
    with pytest.raises(FeatureTableError, match="the file says product consumer"):
        feature_table_for("cards")


def test_a_row_is_read_alike_whether_all_numbers_beside_it_are_clean_or_not(table: FeatureTable) -> None:
    clean: dict[str, object] = {"amount": 5000, "term_months": 36.0, "interest_rate": None, "inquiries_12m": 2}
    odd: list[dict[str, object]] = [
        {**clean, "amount": float("nan")},
        {**clean, "amount": float("inf")},
        {**clean, "amount": "many"},
        {**clean, "amount": True},
        {**clean, "amount": 10**400},
    ]
    alone = table.read([clean])
    assert alone.values[0, :3].tolist()[:2] == [5000.0, 36.0]
    assert not alone.unreadable.any()
    for row in odd:
        together, single = table.read([clean, row]), table.read([row])
        for name in ("values", "unreadable", "stale"):
            of_both = getattr(together, name)
            assert np.array_equal(of_both[:1], getattr(alone, name), equal_nan=True)
            assert np.array_equal(of_both[1:], getattr(single, name), equal_nan=True)
    marked = [table.read([row]).unreadable[0, table.names.index("amount")] for row in odd]
    assert marked == [True] * len(odd)
