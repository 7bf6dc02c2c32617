"""Mappings of a source as people make them in the browser: recognised from a table, drafted, proposed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cases.models import User
from intake.models import Source, SourceMapping
from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.reading.rows import sample_rows
from intake.recognition.mapping import mapping_as_data
from intake.recognition.recognise import recognise
from intake.record.past_rows import comparison_of
from intake.signing.mapping_history import past_mappings
from intake.signing.mapping_life import draft_mapping, propose_mapping, sign_mapping
from intake.tabular.tables import Table

REASON = "as the branch agreed"
SAMPLE = """合同号,贷款金额(万元),期限,申请日期,身份证号,年收入,状况,职级
HT-1,12.5,24期,2026年1月5日,11010519491231002X,"120,000.50",正常,A
HT-2,1.2万,2年,46027,110105194912310038,1.2万,正常,B
HT-3,abc,12,2026-01-07,11010519491231002X,-1,结清,C
"""


def drafted(slug: str, *, by: User, text: str = SAMPLE) -> SourceMapping:
    """A draft for the source of this name, which is opened where there is none, from a sample in CSV."""
    Source.objects.get_or_create(slug=slug)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loans.csv"
        path.write_text(text, encoding="utf-8")
        table = open_table(path)
        mapping, clues = recognise(table.columns, sample_rows(table), slug, past_mappings(slug))
        sample = sample_of(table, path.name)
    recognised = {column: clue.as_dict() for column, clue in clues.items()}
    return draft_mapping(slug, mapping_as_data(mapping), by=by, sample=sample, recognised=recognised)


def table_of_sample() -> Table:
    """The sample as a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "loans.csv"
        path.write_text(SAMPLE, encoding="utf-8")
        table = open_table(path)
        return table_of(sample_of(table, path.name))


def proposed(slug: str, *, by: User, text: str = SAMPLE) -> SourceMapping:
    made = drafted(slug, by=by, text=text)
    return propose_mapping(slug, made.number, by=by, seen=made.sha256, comparison=comparison_of(made), reason=REASON)


def signed(slug: str, content: Mapping[str, Any], *, by: User, second: User) -> SourceMapping:
    """A mapping in force that was written as a file; the source is opened where there is none."""
    Source.objects.get_or_create(slug=slug)
    made = draft_mapping(slug, content, by=by)
    made = propose_mapping(slug, made.number, by=by, seen=made.sha256, comparison=comparison_of(made), reason=REASON)
    return sign_mapping(slug, made.number, by=second, comparison_sha256=made.comparison_sha256, reason=REASON)
