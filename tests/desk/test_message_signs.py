"""How a message begins: what may name a person is masked, however it is written."""

from __future__ import annotations

import json

import pytest

from desk.build.message_signs import SHOWN, first_signs


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            '{"external_ref": "A-1", "amount": 12.5, "applicant": {"id": "310101199001011234", "name": "李小妮"}}',
            '{"external_ref": "A-1", "amount": 12.5, "applicant": {"id": "310****1234", "name": "李*妮"}}',
        ),
        (r'{"\u59d3\u540d":"\u674e\u5c0f\u59ae","ok":true}', '{"姓名":"李*妮","ok":true}'),
        (
            '{"phones": 1, "phone": [13912345678, "13912345678"]}',
            '{"phones": 1, "phone": [139****5678, "139****5678"]}',
        ),
        ('{"address": {"line": "上海市静安区"}, "x": 1}', '{"address": {"line": "上海市****"}, "x": 1}'),
        ('{"note": "call 13912345678", "n": 13912345678}', '{"note": "call 139****5678", "n": 139****5678}'),
        ('{"own": "4711-0815", "\\ud83d": "\\ud83d"}', '{"own": "4****5", "�": "�"}'),
        ("李小妮,310101199001011234", "****,****"),
        ('["李小妮"]', '["****"]'),
        ('{"name": "李小', '{"name": …'),
        ('{"a": 1, "李小妮"', '{"a": 1, "****"'),
        ("", ""),
    ],
)
def test_what_names_a_person_is_masked(body: str, shown: str) -> None:
    assert first_signs(body, frozenset({"own"})) == shown


def test_no_more_than_its_first_signs_are_looked_at() -> None:
    assert first_signs('{"a": ' + "[" * 1_000_000) == '{"a": ' + "[" * (SHOWN - 7) + "…"
    assert first_signs(json.dumps({"a": " " * 560 + "b", "n": 1391234567812})).endswith("…")
    assert "139" not in first_signs("[" + " " * 594 + "13912345678]")
