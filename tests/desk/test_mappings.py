"""The pages of a source's mapping: recognised, edited, tried, coded, joined, proposed, signed, rolled back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Case, User
from desk.mapping_form import content_from_form
from intake.admission.files import take_in_file
from intake.models import Batch, Source, SourceMapping
from tests.desk.conftest import SignsIn
from tests.intake.silent import silent
from tests.mapped import REASON, SAMPLE


def sample(text: str = SAMPLE, name: str = "loans.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def drafted(client: Client, text: str = SAMPLE) -> SourceMapping:
    answer = client.post("/sources/branch/mapping/new", {"act": "file", "file": sample(text)})
    assert answer.status_code == 302, answer.content.decode()
    made: SourceMapping = SourceMapping.objects.latest("pk")
    assert answer["Location"] == f"/sources/branch/mapping/{made.number}"
    return made


def form_of(page: str) -> dict[str, str]:
    """The inputs and lists of the mapping's form as a browser would send them."""
    form = page.split('id="mapping-form"', 1)[1].split('id="preview"', 1)[0]
    sent = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = (re.search(rf'\b{each}="([^"]*)"', tag) for each in ("name", "value"))
        if name:
            sent[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        sent[name] = chosen[1] if chosen else ""
    return sent


def shown(client: Client, made: SourceMapping) -> str:
    return client.get(f"/sources/branch/mapping/{made.number}").content.decode()


def test_a_sample_is_recognised_with_reasons_and_examples_and_its_errors_stand_in_their_cells(
    branch: Source, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    made = drafted(client)
    fields = made.content["fields"]
    assert fields["amount"] == {"column": "贷款金额(万元)", "scale": "10000"}
    assert {name: fields[name]["column"] for name in ("external_ref", "term_months", "applied_at", "applicant.id")} == {
        "external_ref": "合同号", "term_months": "期限", "applied_at": "申请日期", "applicant.id": "身份证号",
    }  # fmt: skip
    page = shown(client, made)
    assert "Its header is a usual name for this." in page
    assert "12.5 → 125000" in page
    assert "Good rows: 2; refused: 1" in page
    assert re.search(r'class="refused"><span class="struck">abc</span><span class="problem">[^<]*is not a number', page)
    # 46027 is a spreadsheet's 5 January 2026.
    assert page.count("2026-01-05T00:00:00+08:00") == 2
    assert "Day first or month first?" not in page
    asked = drafted(client, "合同号,贷款金额,申请日期\nHT-1,5,03/04/2026\nHT-2,6,05/06/2026\n")
    assert asked.content["fields"]["applied_at"] == {"column": "申请日期"}
    assert "Day first or month first?" in shown(client, asked)
    assert "Late before the application, or with this loan?" not in shown(client, asked)
    late = drafted(client, "合同号,贷款金额,逾期次数\nHT-1,5,0\nHT-2,6,2\n")
    assert late.content["features"]["late_payments"]["column"] == "逾期次数"
    assert "Late before the application, or with this loan?" in shown(client, late)
    away = f"/sources/branch/mapping/{asked.number}/discard"
    assert client.post(away, {"seen": asked.sha256, "reason": "short"}).status_code == 422
    assert client.post(away, {"seen": asked.sha256, "reason": REASON})["Location"] == "/sources/branch/mapping"
    assert "Discarded" in shown(client, asked)
    assert "Discard the draft" not in shown(client, asked)


def test_what_is_typed_is_saved_and_what_cannot_be_is_named_and_saves_nothing(
    branch: Source, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    made = drafted(client)
    sent = form_of(shown(client, made))
    at = next(key.partition("-")[2] for key, value in sent.items() if value == "年收入")
    rank = next(key.partition("-")[2] for key, value in sent.items() if value == "职级")
    wrong = {**sent, f"name-{rank}": "Annual Income", f"scale-{at}": "many", f"target-{at}": "amount"}
    answer = client.post(f"/sources/branch/mapping/{made.number}/save", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("Another column is that already.", "Enter a number.", "Lower-case letters, digits and underscores"):
        assert words in page
    assert 'value="Annual Income"' in page
    assert SourceMapping.objects.get().sha256 == made.sha256
    right = {
        **sent,
        f"missing-{at}": "-1，n.a.",
        f"name-{rank}": "grade",
        "how-product": "constant",
        "value-product": "car",
    }
    assert client.post(f"/sources/branch/mapping/{made.number}/save", right).status_code == 302
    saved = SourceMapping.objects.get().content
    assert saved["features"]["annual_income"] == {"column": "年收入", "type": "number", "missing": ["-1", "n.a."]}
    assert (saved["features"]["grade"]["column"], saved["fields"]["product"]) == ("职级", {"constant": "car"})
    stale = client.post(f"/sources/branch/mapping/{made.number}/save", sent)
    assert stale.status_code == 409
    assert SourceMapping.objects.get().content == saved


def test_what_is_typed_is_tried_without_saving(branch: Source, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    made = drafted(client)
    sent = {**form_of(shown(client, made)), "how-product": "constant", "value-product": "tried-only"}
    part = client.post(f"/sources/branch/mapping/{made.number}/preview", sent, headers={"hx-request": "true"})
    assert "tried-only" in part.content.decode()
    assert "<html" not in part.content.decode()
    whole = client.post(f"/sources/branch/mapping/{made.number}/preview", sent).content.decode()
    assert whole.count("tried-only") == 4
    assert SourceMapping.objects.get().sha256 == made.sha256


def test_a_code_table_is_pasted_or_uploaded_with_what_becomes_of_the_rest(
    branch: Source, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    made = drafted(client)
    name = next(key for key, entry in made.content["features"].items() if entry.get("column") == "职级")
    url = f"/sources/branch/mapping/{made.number}/codes"
    page = client.get(url, {"of": f"features.{name}"}).content.decode()
    assert "<td>A</td>" in page
    bad = client.post(f"{url}/set", {"of": f"features.{name}", "seen": made.sha256, "text": "A,junior\nB"})
    assert (bad.status_code, SourceMapping.objects.get().sha256) == (422, made.sha256)
    assert "Line 2 does not hold two cells" in bad.content.decode()
    file = SimpleUploadedFile("codes.csv", "A,junior\nB,senior\n".encode("gb18030"))
    sent = {"of": f"features.{name}", "seen": made.sha256, "file": file, "other": "refuse"}
    assert client.post(f"{url}/set", sent).status_code == 302
    saved = SourceMapping.objects.get().content["features"][name]
    assert (saved["values"], saved["other"]) == ({"a": "junior", "b": "senior"}, "refuse")
    page = shown(client, made)
    assert "Good rows: 2; refused: 1" in page
    assert "is not among the values that the mapping knows" in page


YAML = """
fields:
  external_ref: {column: id}
  product: {constant: consumer}
  amount: {column: amount, scale: %s}
  currency: {constant: CNY}
  term_months: {constant: 12}
  applied_at: {constant: "2026-01-05"}
  applicant.id: {column: person}
features:
  income: {column: income, type: number}
"""
ROWS = "id,amount,person,income\nA,1,P1,100\nB,2,P2,200\nC,x,P3,300\n"


def imported(client: Client, scale: int = 1) -> SourceMapping:
    answer = client.post("/sources/branch/mapping/new", {"act": "yaml", "yaml": YAML % scale})
    assert answer.status_code == 302, answer.content.decode()
    made: SourceMapping = SourceMapping.objects.latest("pk")
    return made


def signed(admin_client: Client, signer: Client, scale: int) -> SourceMapping:
    made = imported(admin_client, scale)
    url = f"/sources/branch/mapping/{made.number}"
    assert admin_client.post(f"{url}/propose", {"seen": made.sha256, "reason": REASON}).status_code == 302
    made.refresh_from_db()
    sent = {"comparison_sha256": made.comparison_sha256, "reason": REASON}
    assert signer.post(f"{url}/sign", sent).status_code == 302
    made.refresh_from_db()
    return made


def take_in(tmp_path: Path, text: str = ROWS, name: str = "rows.csv") -> Batch:
    path = tmp_path / name
    path.write_text(text)
    report = take_in_file(path, source="branch", mapping=None, by=None, bars=silent)
    assert report.file is not None
    return report.file


def test_a_mapping_goes_out_as_yaml_and_comes_in_again_alike(branch: Source, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    made = drafted(client)
    text = client.get(f"/sources/branch/mapping/{made.number}/file.yaml").content.decode()
    answer = client.post("/sources/branch/mapping/new", {"act": "yaml", "yaml": text})
    assert answer.status_code == 302
    again = SourceMapping.objects.latest("pk")
    assert (again.number, again.sha256) == (2, made.sha256)
    for wrong, words in (
        ("fields: [", "This is not YAML"),
        ("a: &x 1\nb: *x", "Write out what stands behind an alias"),
        ("fields: {amount: {colunm: a}}", "fields.amount must say with exactly one of these"),
        ("just words", "A mapping file has keys"),
    ):
        refused = client.post("/sources/branch/mapping/new", {"act": "yaml", "yaml": wrong})
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert SourceMapping.objects.count() == 2


BUREAU = """
reference:
  key: {column: person}
  as_of: {column: asked}
"""


def test_another_source_is_joined_its_columns_are_chosen_and_a_fact_leads_to_its_row(
    branch: Source, admin: User, supervisor: User, tmp_path: Path, signs_in: SignsIn
) -> None:
    makes, signs = signs_in(admin), signs_in(supervisor)
    path, described = tmp_path / "bureau.csv", tmp_path / "bureau.yaml"
    path.write_text("person,asked,score\nP1,2026-01-04 10:00,611\nP1,2026-01-05 10:00,999\nP3,2026-01-04,7\n")
    described.write_text(BUREAU)
    take_in_file(path, source="credit-bureau", mapping=str(described), by=None, bars=silent)
    rows = "id,loan_amount,application_date,customer_id\nA,1,2026-01-05 09:00,P1\nB,2,2026-01-05 09:00,P2\n"
    rows += "C,3,2026-01-05 09:00,P3\n"
    made = drafted(makes, rows)
    url = f"/sources/branch/mapping/{made.number}"
    form = form_of(shown(makes, made))
    unnamed = makes.post(f"{url}/save", {**form, "act": "join", "join-name": ""})
    assert (unnamed.status_code, SourceMapping.objects.get().sha256) == (422, made.sha256)
    sent = {**form, "act": "join", "join-name": "bureau", "join-source": "credit-bureau", "join-on": "applicant.id"}
    assert makes.post(f"{url}/save", sent)["Location"] == f"{url}#joins-title"
    form = form_of(shown(makes, made))
    at = next(key.partition("-")[2] for key, value in form.items() if value == "bureau.score")
    assert form[f"type-{at}"] == ""
    sent = {**form, f"target-{at}": "feature", f"name-{at}": "bureau_score", "act": "save"}
    assert makes.post(f"{url}/save", sent).status_code == 302
    # Its score came in as the text 611, which no model knows.
    made.refresh_from_db()
    assert made.content["features"]["bureau_score"] == {"column": "bureau.score", "type": "number"}
    page = shown(makes, made)
    assert "<td>611</td>" in page
    assert "999" not in page.split('id="preview"')[1]
    made.refresh_from_db()
    assert made.content["joins"] == {"bureau": {"source": "credit-bureau", "on": "applicant.id"}}
    assert makes.post(f"{url}/propose", {"seen": made.sha256, "reason": REASON}).status_code == 302
    made.refresh_from_db()
    sign = {"comparison_sha256": made.comparison_sha256, "reason": REASON}
    assert signs.post(f"{url}/sign", sign).status_code == 302
    take_in(tmp_path, rows)
    cases = {case.external_ref: case for case in Case.objects.all()}
    assert {ref: case.features["bureau_score"] for ref, case in cases.items()} == {"A": 611, "B": None, "C": 7}
    page = signs.get(f"/review/{cases['A'].ref}/lineage").content.decode()
    assert "joined: credit-bureau, file bureau.csv, row 2, as of 2026-01-04 10:00" in page
    page = signs.get(f"/review/{cases['C'].ref}/lineage").content.decode()
    assert "row 4, as of 2026-01-04" in page
    assert "23:59" not in page
    page = signs.get(f"/review/{cases['B'].ref}/lineage").content.decode()
    assert "joined: credit-bureau had no row from before the application" in page


def test_rows_may_only_be_kept_and_then_no_field_is_asked_for(branch: Source, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    made = drafted(client, "person,asked,score\nP1,2026-01-04 10:00,611\n")
    form = {**form_of(shown(client, made)), "makes": "kept"}
    url = f"/sources/branch/mapping/{made.number}/save"
    refused = client.post(url, form)
    assert refused.status_code == 422
    assert "Choose the column by which others find a row." in refused.content.decode()
    at = {form[f"column-{n}"]: n for n in range(3)}
    form |= {f"target-{at['person']}": "reference.key", f"target-{at['asked']}": "reference.as_of"}
    before = SourceMapping.objects.get().content
    forgotten = client.post(url, form | {"makes": "cases"})
    assert forgotten.status_code == 422
    assert "A column says how others find its rows" in forgotten.content.decode()
    assert SourceMapping.objects.get().content == before
    assert client.post(url, form).status_code == 302
    content = SourceMapping.objects.get().content
    assert (content["fields"], content["features"]) == ({}, {})
    assert content["reference"] == {"key": {"column": "person"}, "as_of": {"column": "asked"}}
    assert "Good rows: 1; refused: 0" in shown(client, made)


def test_a_version_is_copied_into_a_new_draft(branch: Source, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    made = imported(client)
    assert client.post("/sources/branch/mapping/1/propose", {"seen": made.sha256, "reason": REASON}).status_code == 302
    assert "New draft from it" in shown(client, made)
    answer = client.post("/sources/branch/mapping/new", {"act": "copy", "of": "1"})
    assert answer["Location"] == "/sources/branch/mapping/2"
    assert SourceMapping.objects.get(number=2).sha256 == made.sha256
    assert client.post("/sources/branch/mapping/new", {"act": "copy", "of": "9"}).status_code == 404


HOSTILE = ("'\"><script>alert(1)</script>", "9" * 400, "-1", "中" * 3000, "=cmd|' /C calc'!A0", "{{7*7}}", "\ud7ff")


def test_nothing_typed_into_the_forms_breaks_them_or_comes_back_as_markup(
    branch: Source, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    made = drafted(client)
    form = form_of(shown(client, made))
    for text in HOSTILE:
        typed = {name: text for name in form if name != "seen" and not name.startswith("column-")}
        for act in ("save", "preview", "propose", "sign", "return", "codes/set"):
            sent = {**form, **typed, "reason": text, "act": text, "of": "features.annual_income", "text": text}
            answer = client.post(f"/sources/branch/mapping/{made.number}/{act}", sent)
            assert answer.status_code in (200, 302, 403, 404, 409, 422), (act, text)
            assert b"<script>alert(1)" not in answer.content, act
        for act in ("file", "yaml", "copy", "last", text):
            answer = client.post("/sources/branch/mapping/new", {"act": act, "yaml": text, "of": text})
            assert answer.status_code in (302, 404, 422), (act, text)
            assert b"<script>alert(1)" not in answer.content, act


def test_a_draft_is_tried_on_another_file_and_says_the_same(branch: Source, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    made = drafted(client)
    url = f"/sources/branch/mapping/{made.number}/sample"
    none = client.post(url, {"seen": made.sha256})
    other = client.post(url, {"seen": made.sha256, "file": SimpleUploadedFile("a.csv", b"%PDF-1.7")})
    assert (none.status_code, other.status_code, SourceMapping.objects.get().sample["name"]) == (422, 422, "loans.csv")
    assert "which is no table" in other.content.decode()
    lines = SAMPLE.splitlines()
    next_file = sample(
        "\n".join([lines[0], lines[1], lines[2], "HT-9,3,12,2026-02-01,110105194912310038,5,正常,D"]), "next.csv"
    )
    assert client.post(url, {"seen": made.sha256, "file": next_file}).status_code == 302
    now = SourceMapping.objects.get()
    assert (now.sample["name"], now.sha256) == ("next.csv", made.sha256)
    page = shown(client, made)
    assert "tried on next.csv" in page
    assert "Good rows: 3; refused: 0" in page
    lacking = sample("a,b\n1,2\n", "lacking.csv")
    assert client.post(url, {"seen": made.sha256, "file": lacking}).status_code == 302
    assert "The mapping names columns that the table does not have" in shown(client, made)


def test_a_chinese_preview_calls_features_as_cases_do(branch: Source, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    made = drafted(client, "合同号,贷款金额,年收入,门店评价\nA,5000,60000,优\nB,6000,70000,良\n")
    heads = {"en": ["annual_income", "col_7eba6509"], "zh-hans": ["年收入", "门店评价"]}
    for language, names in heads.items():
        client.cookies["django_language"] = language
        preview = shown(client, made).split('id="preview"', 1)[1]
        assert [name for name in names if f'<th scope="col">{name}</th>' in preview] == names


def test_what_is_believed_of_a_number_is_left_out_of_what_becomes_a_text() -> None:
    was: dict[str, Any] = {
        "column": "负债收入比",
        "type": "number",
        "scale": "100",
        "minimum": "-999",
        "maximum": "999",
    }
    content = {"fields": {}, "features": {"debt_to_income": {**was, "beyond": "refuse"}}}
    posted = {
        "column-0": "负债收入比",
        "was-0": "features.debt_to_income",
        "target-0": "feature",
        "name-0": "debt_to_income",
    }
    kept, _problems = content_from_form(content, {**posted, "type-0": "number", "scale-0": "100"})
    assert kept["features"] == content["features"]
    changed, _problems = content_from_form(content, {**posted, "type-0": "text"})
    assert changed["features"] == {"debt_to_income": {"column": "负债收入比", "type": "text"}}
