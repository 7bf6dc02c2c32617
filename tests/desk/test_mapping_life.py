"""A version of a mapping is proposed with what it changes, signed by somebody else, rolled back, or found outdated."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from cases.models import Case, User
from intake.mapped.yaml_files import read_yaml_text
from intake.models import Batch, MappingStep, Source, SourceMapping
from intake.record.past_rows import comparison_of
from intake.signing.mapping_life import draft_mapping
from intake.ways_in.incoming import store_upload, take_in_waiting
from tests.desk.conftest import SignsIn
from tests.desk.test_mappings import ROWS, YAML, imported, signed, take_in
from tests.mapped import REASON, drafted


def test_a_version_is_proposed_with_what_it_changes_signed_by_another_and_rolled_back(
    branch: Source, admin: User, supervisor: User, tmp_path: Path, signs_in: SignsIn
) -> None:
    makes, signs = signs_in(admin), signs_in(supervisor)
    first = signed(makes, signs, 1)
    batch = take_in(tmp_path)
    assert (batch.accepted, batch.rejected) == (2, 1)
    assert batch.mapping is not None
    assert (batch.mapping.name, batch.mapping.content["version"]) == ("signed 1", 1)
    assert "version 1, signed" in signs.get("/sources/branch").content.decode()
    # The file itself was not kept, but its rows were: those that came in, and the one that is refused.
    second = imported(makes, 10)
    url = f"/sources/branch/mapping/{second.number}"
    page = makes.get(f"{url}?compare=1").content.decode()
    assert "Rows that would differ: 2 of 3 (66.7%)" in page
    assert makes.post(f"{url}/propose", {"seen": second.sha256, "reason": REASON}).status_code == 302
    second.refresh_from_db()
    assert second.comparison is not None
    assert (second.comparison["against"], second.comparison["rows"], second.comparison["differ"]) == (1, 3, 2)
    own = makes.post(f"{url}/sign", {"comparison_sha256": second.comparison_sha256, "reason": REASON})
    assert own.status_code == 403
    other = signs.post(f"{url}/sign", {"comparison_sha256": "0" * 64, "reason": REASON})
    short = signs.post(f"{url}/sign", {"comparison_sha256": second.comparison_sha256, "reason": "ok"})
    assert (other.status_code, short.status_code) == (409, 422)
    second.refresh_from_db()
    assert (second.status, SourceMapping.objects.get(status="in_force").pk) == ("proposed", first.pk)
    assert makes.post(f"{url}/save", {"seen": second.sha256}).status_code in (409, 422)
    sent = {"comparison_sha256": second.comparison_sha256, "reason": REASON}
    assert signs.post(f"{url}/sign", sent).status_code == 302
    take_in(tmp_path, ROWS.replace("A,", "A2,").replace("B,", "B2,"), "more.csv")
    amounts = dict(Case.objects.values_list("external_ref", "amount"))
    assert {name: int(amount) for name, amount in amounts.items()} == {"A": 1, "B": 2, "A2": 10, "B2": 20}
    back = signs.post("/sources/branch/mapping/roll-back", {"to": "1", "reason": REASON})
    assert back.status_code == 302
    assert dict(SourceMapping.objects.values_list("number", "status")) == {1: "in_force", 2: "retired"}
    steps = list(MappingStep.objects.filter(name="roll_back").values_list("mapping__number", "facts__instead_of"))
    assert steps == [(1, 2)]


def test_a_change_counts_the_past_rows_that_would_differ_with_examples_and_fields(
    branch: Source, admin: User, supervisor: User, tmp_path: Path, signs_in: SignsIn, settings: Any
) -> None:
    makes, signs = signs_in(admin), signs_in(supervisor)
    signed(makes, signs, 1)
    store_upload("branch", "rows.csv", [ROWS.encode()], by=admin)
    os.utime(settings.INCOMING / "branch" / "rows.csv", (time.time() - 60,) * 2)
    assert take_in_waiting() == 1
    assert "From the last file: rows.csv" in makes.get("/sources/branch/mapping").content.decode()
    changed = (YAML % 10).replace("income: {column: income", "yearly_income: {column: income, missing: ['200']")
    made = draft_mapping("branch", _parsed(changed), by=admin)
    page = makes.get(f"/sources/branch/mapping/{made.number}?compare=1").content.decode()
    assert "Rows that would differ: 2 of 3 (66.7%)" in page
    told = comparison_of(made)
    assert told["fields"] == {"amount": 2, "features.income": 2, "features.yearly_income": 1}
    assert told["examples"][0] == {"file": "rows.csv", "row": 2, "field": "amount", "old": "1.00", "new": "10.00"}
    assert (told["became_good"], told["became_bad"]) == (0, 0)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_feature_that_had_no_name_of_its_own_is_compared_under_its_column(
    branch: Source, admin: User, tmp_path: Path, signs_in: SignsIn, language: str
) -> None:
    text = "合同号,贷款金额,期限,年收入,额外说明甲\n" + "".join(f"HT-{at},5000,12,6{at}000,甲{at}\n" for at in range(3))
    assert take_in(tmp_path, text).accepted == 3
    first = drafted("branch", by=admin, text=text)
    features = dict(first.content["features"])
    (of_header,) = (name for name in features if name.startswith("col_"))
    features["extra_note"] = features.pop(of_header)
    made = draft_mapping("branch", {**first.content, "features": features}, by=admin, sample=first.sample)
    assert comparison_of(made)["fields"] == {f"features.{of_header}": 3, "features.extra_note": 3}
    page = signs_in(admin, language).get(f"/sources/branch/mapping/{made.number}?compare=1").content.decode()
    told = page.split('id="comparison-title"', 1)[1]
    assert (of_header in told, "额外说明甲" in told) == (False, True)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", [("职级", "A", "--"), ("grade", "--", "A")]),
        ("zh-hans", [("职级", "A", "--"), ("职级（grade）", "--", "A")]),
    ],
)
def test_before_and_after_a_feature_has_got_another_name_are_told_apart(
    branch: Source, admin: User, tmp_path: Path, signs_in: SignsIn, language: str, told: list[tuple[str, str, str]]
) -> None:
    text = "合同号,贷款金额,期限,年收入,职级\nHT-1,5000,12,61000,A\n"
    take_in(tmp_path, text)
    first = drafted("branch", by=admin, text=text)
    features = dict(first.content["features"])
    (before,) = (name for name, given in features.items() if given["column"] == "职级")
    features["grade"] = features.pop(before)
    made = draft_mapping("branch", {**first.content, "features": features}, by=admin, sample=first.sample)
    page = signs_in(admin, language).get(f"/sources/branch/mapping/{made.number}?compare=1").content.decode()
    cells = re.findall(r"<td>([^<]*)</td>", page.split('id="comparison-title"', 1)[1].split("</table>", 1)[0])
    assert [tuple(cells[at + 1 : at + 4]) for at in range(0, len(cells), 4)] == told


def test_a_file_that_came_again_under_another_mapping_counts_once(
    branch: Source, admin: User, supervisor: User, tmp_path: Path, signs_in: SignsIn
) -> None:
    makes, signs = signs_in(admin), signs_in(supervisor)
    for scale in (1, 10):
        signed(makes, signs, scale)
        take_in(tmp_path)
    assert (Batch.objects.count(), Batch.objects.values("sha256").distinct().count()) == (2, 1)
    told = comparison_of(draft_mapping("branch", _parsed(YAML % 100), by=admin))
    assert (told["rows"], [file["name"] for file in told["files"]]) == (3, ["rows.csv"])


def test_a_version_that_does_not_fit_the_files_that_came_says_so_before_anybody_signs(
    branch: Source, admin: User, tmp_path: Path, signs_in: SignsIn
) -> None:
    take_in(tmp_path)
    made = draft_mapping("branch", _parsed((YAML % 1).replace("column: amount", "column: sum")), by=admin)
    page = signs_in(admin).get(f"/sources/branch/mapping/{made.number}?compare=1").content.decode()
    assert "No past row could be compared: one of the two mappings does not fit what came" in page
    assert '<details class="body" open>' in page
    assert "The mapping names columns that the table does not have: sum" in page


def _parsed(text: str) -> dict[str, Any]:
    content = read_yaml_text(text)
    assert isinstance(content, dict)
    return content


def test_a_proposal_against_a_version_that_is_no_longer_in_force_is_not_signed(
    branch: Source, admin: User, second_admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    makes, signs = signs_in(admin), signs_in(supervisor)
    late = imported(makes, 5)
    assert makes.post("/sources/branch/mapping/1/propose", {"seen": late.sha256, "reason": REASON}).status_code == 302
    signed(makes, signs, 1)
    late.refresh_from_db()
    answer = signs.post(
        "/sources/branch/mapping/1/sign", {"comparison_sha256": late.comparison_sha256, "reason": REASON}
    )
    assert answer.status_code == 409
    assert SourceMapping.objects.get(status="in_force").number == 2
    assert signs.post("/sources/branch/mapping/1/return", {"reason": REASON}).status_code == 302
    late.refresh_from_db()
    assert (late.status, late.comparison, late.proposed_by) == ("draft", None, None)
