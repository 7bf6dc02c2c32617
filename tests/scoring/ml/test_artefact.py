"""Stored models: exact to the bit, and refused when anything differs."""

import hashlib
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scoring.ml.artefact import (
    FORMAT_BEFORE,
    ArtefactRecord,
    champion_bytes,
    load_champion,
    refuse_other_assessments,
    save_champion,
    verified_here,
)
from scoring.ml.champion import Champion
from scoring.ml.errors import ArtefactError
from scoring.ml.smoke import score_difference
from tests.scoring.ml.conftest import Book


@pytest.fixture
def record(champion: Champion, tmp_path: Path) -> ArtefactRecord:
    return save_champion(champion, tmp_path / "artefacts")


def refused(folder: Path, sha256: str) -> ArtefactError:
    with pytest.raises(ArtefactError) as caught:
        load_champion(folder, sha256)
    assert caught.value.en == str(caught.value)
    assert caught.value.sentence("en") != caught.value.sentence("zh-hans")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in caught.value.sentence("zh-hans"))
    return caught.value


def rewrite(record: ArtefactRecord, change: Callable[[dict[str, Any]], object]) -> str:
    """Store changed content under its own right hash, as a foreign system might."""
    content = json.loads(record.path.read_bytes())
    change(content)
    data = json.dumps(content).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    (record.path.parent / f"{sha256}.json").write_bytes(data)
    return sha256


def test_a_loaded_champion_is_the_saved_one_to_the_bit(champion: Champion, record: ArtefactRecord, book: Book) -> None:
    loaded = load_champion(record.path.parent, record.sha256)
    assert champion_bytes(loaded) == champion_bytes(champion)
    assert list(loaded.table.groups) == list(champion.table.groups)
    one, two = champion.score(book.rows), loaded.score(book.rows)
    for name in ("log_odds", "pd", "points", "pd_low", "pd_high", "cut_off", "residual", "doubt", "novel"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    for mine, its in ((one.population, two.population), (one.cohort, two.cohort)):
        assert mine.base_value == its.base_value
        assert mine.contributions.tobytes() == its.contributions.tobytes()


def test_the_record_names_the_file(record: ArtefactRecord) -> None:
    data = record.path.read_bytes()
    assert record.size == len(data)
    assert record.path.name == f"{record.sha256}.json"
    assert hashlib.sha256(data).hexdigest() == record.sha256


def test_saving_again_gives_the_same_file_and_leaves_no_draft(champion: Champion, record: ArtefactRecord) -> None:
    assert save_champion(champion, record.path.parent) == record
    assert list(record.path.parent.iterdir()) == [record.path]


def test_a_failed_write_leaves_no_draft(champion: Champion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("scoring.ml.artefact.os.replace", full)
    with pytest.raises(OSError, match="disk full"):
        save_champion(champion, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", [0, 1000, -1])
def test_one_flipped_byte_is_refused(record: ArtefactRecord, place: int) -> None:
    data = bytearray(record.path.read_bytes())
    data[place] ^= 1
    record.path.write_bytes(data)
    assert refused(record.path.parent, record.sha256).code == "altered"


def test_a_missing_file_is_refused(record: ArtefactRecord) -> None:
    record.path.unlink()
    assert refused(record.path.parent, record.sha256).code == "missing"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_what_is_no_hash_never_reaches_the_disk(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, name).code == "name"


def another_patch(version: str) -> str:
    return ".".join([*version.split(".")[:2], "99"])


@pytest.mark.parametrize("library", ["lightgbm", "xgboost", "scikit-learn", "numba", "numpy"])
def test_any_other_release_of_a_library_is_refused_a_patch_too(
    champion: Champion, record: ArtefactRecord, library: str
) -> None:
    made, installed = another_patch(champion.versions[library]), champion.versions[library]
    sha256 = rewrite(record, lambda content: content["versions"].update({library: made}))
    refusal = refused(record.path.parent, sha256)
    assert refusal.code == "version"
    assert f"was made with {library} {made}; {installed} is installed. Install {made}, verify" in refusal.en
    assert f"由 {library} {made} 生成，当前安装的是 {installed}" in refusal.zh
    assert "manage.py verify_model" in refusal.zh


def test_another_python_is_refused_but_not_another_patch_of_it(champion: Champion, record: ArtefactRecord) -> None:
    patched = rewrite(
        record, lambda content: content["versions"].update(python=another_patch(platform.python_version()))
    )
    assert score_difference(load_champion(record.path.parent, patched)) == 0.0
    other = rewrite(record, lambda content: content["versions"].update(python="3.1.4"))
    assert "was made with python 3.1.4" in refused(record.path.parent, other).en


def test_a_model_that_does_not_name_all_its_libraries_is_refused(record: ArtefactRecord) -> None:
    assert (
        refused(record.path.parent, rewrite(record, lambda content: content["versions"].pop("numpy"))).code == "format"
    )


def test_a_model_of_other_libraries_is_verified_as_a_new_one_with_the_same_numbers(
    champion: Champion, record: ArtefactRecord, book: Book
) -> None:
    sha256 = rewrite(record, lambda content: content["versions"].update(numpy="1.26.4"))
    found = verified_here(record.path.parent, sha256, "consumer v1")
    assert found.versions == champion.versions
    assert found.card["verified_from"] == {"sha256": sha256, "versions": {**champion.versions, "numpy": "1.26.4"}}
    again = load_champion(record.path.parent, save_champion(found, record.path.parent).sha256)
    assert again.score(book.rows[:9]).log_odds.tobytes() == champion.score(book.rows[:9]).log_odds.tobytes()


def test_a_model_of_the_libraries_installed_is_verified_as_itself(champion: Champion, record: ArtefactRecord) -> None:
    assert champion_bytes(verified_here(record.path.parent, record.sha256, "v1")) == champion_bytes(champion)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["smoke"]["assessed"]["log_odds"].__setitem__(0, 1.0),
        lambda content: content["smoke"]["assessed"]["cohort_reasons"].__setitem__(0, []),
    ],
)
def test_a_model_that_assesses_otherwise_here_is_not_verified(
    record: ArtefactRecord, change: Callable[[Any], object]
) -> None:
    sha256 = rewrite(record, lambda content: (content["versions"].update(numpy="1.26.4"), change(content)))
    before = sorted(record.path.parent.iterdir())
    with pytest.raises(ArtefactError) as caught:
        verified_here(record.path.parent, sha256, "consumer v1")
    assert caught.value.code == "smoke"
    assert sorted(record.path.parent.iterdir()) == before


def cut_smoke(content: dict[str, Any], rows: int) -> None:
    content["smoke"]["assessed"] = {name: column[:rows] for name, column in content["smoke"]["assessed"].items()}


@pytest.mark.parametrize("rows", [0, 1, 9])
def test_a_file_with_too_few_test_vectors_is_refused_whatever_its_hash(record: ArtefactRecord, rows: int) -> None:
    assert refused(record.path.parent, rewrite(record, lambda content: cut_smoke(content, rows))).code == "format"
    assert load_champion(record.path.parent, rewrite(record, lambda content: cut_smoke(content, 10)))


@pytest.mark.parametrize("field", ["reasons", "doubt", "unreadable", "log_odds"])
def test_test_vectors_without_a_part_of_the_assessment_are_refused(record: ArtefactRecord, field: str) -> None:
    assert refused(record.path.parent, rewrite(record, lambda c: c["smoke"]["assessed"].pop(field))).code == "format"


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(format="riskreview-champion/0"),
        lambda content: content.pop("norms"),
        lambda content: content["calibration"].update(kind="magic"),
        lambda content: content["blend"].update(kind="magic"),
        lambda content: content["blend"]["members"].pop(),
        lambda content: content["member_calibrations"].pop(),
        lambda content: content.update(smoke={"assessed": {}, "usual": {}}),
        lambda content: content["smoke"]["assessed"]["log_odds"].pop(),
        lambda content: content["smoke"]["assessed"]["values"][0].pop(),
        lambda content: content["table"]["features"].pop(),
        lambda content: content["table"]["features"][0].update(direction=7),
        lambda content: content.update(table=None),
    ],
)
def test_content_that_is_no_champion_is_refused(record: ArtefactRecord, change: Callable[[Any], object]) -> None:
    assert refused(record.path.parent, rewrite(record, change)).code == "format"


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    data = b"\x80\x04 not a model"
    sha256 = hashlib.sha256(data).hexdigest()
    (tmp_path / f"{sha256}.json").write_bytes(data)
    assert refused(tmp_path, sha256).code == "format"


def test_a_model_that_scores_its_smoke_vectors_otherwise_is_refused_on_loading(record: ArtefactRecord) -> None:
    sha256 = rewrite(record, lambda content: content["blend"].update(intercept=content["blend"]["intercept"] + 1e-6))
    refusal = refused(record.path.parent, sha256)
    assert refusal.code == "smoke"


def refused_to_serve(loaded: Champion) -> ArtefactError:
    with pytest.raises(ArtefactError) as caught:
        refuse_other_assessments(loaded, "consumer v1")
    assert caught.value.code == "smoke"
    assert caught.value.zh.startswith("模型 consumer v1 ")
    return caught.value


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda assessed: assessed["contributions"][0].__setitem__(0, 9.0), "contributions[0][0]"),
        (lambda assessed: assessed["cohort_contributions"][1].__setitem__(2, 9.0), "cohort_contributions[1][2]"),
        (lambda assessed: assessed["pd_high"].__setitem__(0, 0.999), "pd_high[0]"),
        (lambda assessed: assessed["doubt_parts"][2].update(novelty=0.123), "doubt_parts[2].novelty"),
        (lambda assessed: assessed["cohort_reasons"].__setitem__(0, []), "cohort_reasons[0]"),
        (lambda assessed: assessed["applicant_reasons"].__setitem__(-3, ["x"] * 9), "applicant_reasons[16]"),
    ],
)
def test_a_model_that_assesses_its_smoke_vectors_otherwise_is_read_but_never_promoted(
    record: ArtefactRecord, change: Callable[[Any], object], field: str
) -> None:
    sha256 = rewrite(record, lambda content: change(content["smoke"]["assessed"]))
    assert f"({field})" in refused_to_serve(load_champion(record.path.parent, sha256)).en


def test_what_reproduces_may_serve(record: ArtefactRecord) -> None:
    refuse_other_assessments(load_champion(record.path.parent, record.sha256), "consumer v1")


def test_a_model_of_the_format_before_scores_on_but_is_not_promoted_again(
    champion: Champion, record: ArtefactRecord, book: Book
) -> None:
    def as_before(content: dict[str, Any]) -> None:
        assessed = content["smoke"]["assessed"]
        content["format"] = FORMAT_BEFORE
        content["smoke"] = {name: assessed[name] for name in ("values", "log_odds", "contributions")}

    sha256 = rewrite(record, as_before)
    loaded = load_champion(record.path.parent, sha256)
    assert loaded.score(book.rows[:9]).log_odds.tobytes() == champion.score(book.rows[:9]).log_odds.tobytes()
    assert "do not hold the whole assessment" in refused_to_serve(loaded).en


def test_a_model_of_the_format_before_must_still_give_its_scores_again(record: ArtefactRecord) -> None:
    def as_before(content: dict[str, Any]) -> None:
        assessed = content["smoke"]["assessed"]
        content["format"] = FORMAT_BEFORE
        content["smoke"] = {name: assessed[name] for name in ("values", "log_odds", "contributions")}
        content["smoke"]["log_odds"][0] += 1e-6

    assert refused(record.path.parent, rewrite(record, as_before)).code == "smoke"
