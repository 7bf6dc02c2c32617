"""The page of one version of a mapping: its table, its preview on sample rows, and what it changes in past rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.errors import FourEyes
from cases.models import User
from desk.build.fact_names import unlisted_words
from desk.build.mapping_rows import column_rows, join_rows, joined_columns, makes, marked, unread_rows
from desk.build.mapping_words import choices, name_words, saved_column, saved_field
from desk.pages.mappings import (
    Cell,
    ComparisonPart,
    Example,
    MappingPage,
    PreviewPart,
    SampleLine,
    StepRow,
    TypedJoin,
)
from desk.pages.shared import Problem, StateMark
from desk.words import is_chinese, number, when
from intake.gate.lineage import column_of
from intake.header_words.feature_naming import BY_HEADER, feature_name
from intake.models import SourceMapping
from intake.reading.mapping_preview import Preview, preview
from intake.reading.mapping_sample import table_of
from intake.recognition.mapping import read_mapping
from intake.record.mapping_steps import Status
from intake.record.reference import columns_of_kept_rows, look_up
from intake.signing.mapping_life import DRAFTERS, SIGNERS, require_second_person
from intake.tabular.tables import BadRow
from intake.wording.sentences import IntakeError, shorten

MARKS: Final = {
    "draft": "in_review",
    "proposed": "awaiting",
    "in_force": "approved",
    "retired": "done",
    "discarded": "done",
}
VALUE_MOST: Final = 60


def state_of(mapping: SourceMapping) -> StateMark:
    return StateMark(MARKS[mapping.status], str(SourceMapping.Status(mapping.status).label))


def mapping_page(
    mapping: SourceMapping,
    user: User,
    *,
    content: Mapping[str, Any] | None = None,
    posted: Mapping[str, str] | None = None,
    comparison: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
) -> MappingPage:
    """`content` (for the preview) and `posted` (for the table) are what was typed and not saved; `comparison` is one
    that is not frozen yet."""
    shown, slug, number_ = mapping.content, mapping.source.slug, mapping.number
    kept = columns_of_kept_rows()
    table = table_of(mapping.sample)
    rows = [row for _number, row in table.rows() if not isinstance(row, BadRow)]
    is_draft = mapping.status == Status.DRAFT
    told = comparison or mapping.comparison
    url = _urls(slug, number_)
    edits, signs = user.role in DRAFTERS and is_draft, user.role in SIGNERS and mapping.status == Status.PROPOSED
    barred = _barred(mapping, user) if signs else ""
    columns, offered = [*table.columns, *joined_columns(shown, kept)], choices(tuple((each, each) for each in kept))
    saved_rows, saved_fields = column_rows(shown, columns, rows, mapping.recognised, None), unread_rows(shown, None)
    typed_rows, typed_fields = saved_rows, saved_fields
    if posted is not None:
        typed_rows = column_rows(shown, columns, rows, mapping.recognised, posted)
        typed_rows = marked(typed_rows, saved_rows, lambda row, saved: saved_column(row, saved, offered))
        typed_fields = marked(unread_rows(shown, posted), saved_fields, saved_field)
    typed_otherwise = [*(row.saved for row in typed_rows), *(each.saved for each in typed_fields)]
    typed = posted or {}
    made = typed.get("makes", makes(shown))
    return MappingPage(
        title=str(mapping.source),
        number=str(number_),
        slug=slug,
        state=state_of(mapping),
        list_url=reverse("desk:mappings", args=[slug]),
        file_url=url("mapping_file"),
        seen=mapping.sha256,
        makes=made,
        rows=typed_rows,
        unread=typed_fields,
        joins=join_rows(shown),
        choices=offered,
        preview=preview_part(content or shown, mapping),
        steps=tuple(
            StepRow(when(step.at), step.actor.display_name, str(type(step).Name(step.name).label), step.reason)
            for step in mapping.steps.select_related("actor").order_by("-id")
        ),
        unsaved=made != makes(shown) or any(typed_otherwise),
        sample=str(mapping.sample.get("name", "")),
        kept_parts=_kept_parts(shown),
        join=TypedJoin(*(typed.get(f"join-{part}", "") for part in ("name", "source", "on"))),
        comparison=comparison_part(told, _all_called(told["fields"], shown, table.columns)) if told else None,
        comparison_sha256=mapping.comparison_sha256,
        save_url=url("mapping_save") if edits else "",
        preview_url=url("mapping_preview"),
        sample_url=url("mapping_sample") if edits else "",
        copy_url=reverse("desk:mapping_new", args=[slug]) if user.role in DRAFTERS and not is_draft else "",
        propose_url=url("mapping_propose") if edits else "",
        discard_url=url("mapping_discard") if edits else "",
        sign_url=url("mapping_sign") if signs and not barred else "",
        return_url=url("mapping_return") if signs else "",
        not_signing=barred,
        reason=typed.get("reason", ""),
        problems=(*problems, *_refused_now(mapping)),
    )


def _refused_now(mapping: SourceMapping) -> tuple[Problem, ...]:
    """What of a version is not taken any more, though it was when it was proposed."""
    try:
        if mapping.status != Status.DRAFT:
            read_mapping(mapping.content)
    except IntakeError as refusal:
        why = refusal.sentence(_language())
        words = _("This version is not taken any more, and a new one must take its place. %(why)s") % {"why": why}
        return (Problem("content", words),)
    return ()


def _urls(slug: str, number_: int) -> Any:
    return lambda name: reverse(f"desk:{name}", args=[slug, number_])


def _barred(mapping: SourceMapping, user: User) -> str:
    """Why this person may not sign, "" where they may."""
    try:
        require_second_person(mapping, user)
    except FourEyes as refusal:
        return str(refusal)
    return ""


def _kept_parts(content: Mapping[str, Any]) -> str:
    """What the file says besides and the table does not show."""
    names = [name for name in ("outcome", "decided", "rest_as_features") if content.get(name)]
    return ", ".join(names)


def preview_part(content: Mapping[str, Any], mapping: SourceMapping) -> PreviewPart:
    if not mapping.sample.get("rows"):
        return PreviewPart(refusal=_("There is no sample: upload one to see what is read."))
    try:
        read = read_mapping(content, source=mapping.source.slug, kept=mapping.status != Status.DRAFT)
        table = table_of(mapping.sample)
        made = preview(table, read, now=timezone.now(), look_up=look_up)
    except IntakeError as refusal:
        return PreviewPart(refusal=refusal.sentence(_language()))
    return _preview(made, content, table.columns)


def _language() -> str:
    return "zh-hans" if is_chinese() else "en"


def _preview(made: Preview, content: Mapping[str, Any], columns: Sequence[str]) -> PreviewPart:
    language, colon = _language(), "：" if is_chinese() else ": "
    lines = []
    for row in made.rows:
        cells = tuple(
            Cell(shorten(cell.raw if cell.error else cell.value, VALUE_MOST), cell.error.sentence(language))
            if cell.error
            else Cell(shorten(cell.value, VALUE_MOST))
            for cell in row.cells
        )
        errors = tuple(f"{_named(error.field, columns)}{colon}{error.sentence(language)}" for error in row.errors)
        lines.append(SampleLine(number(row.number), cells, errors))
    return PreviewPart(
        names=tuple(_heading(name, content) for name in made.names),
        rows=tuple(lines),
        good=number(made.good),
        bad=number(made.bad),
        has_bad=made.bad > 0,
        problems=tuple(
            (_named(error.field, columns), error.sentence(language), number(count)) for error, count in made.problems
        ),
    )


def _named(field: str, columns: Sequence[str]) -> str:
    """What an error is of: a column as its header calls it, a field that no column gives in words."""
    return field if field in columns else name_words(field)


def _heading(name: str, content: Mapping[str, Any]) -> str:
    """What a value is called: a field by its words, a feature as its name was chosen, to a Chinese reader as cases call
    it."""
    feature = name.removeprefix("features.")
    if not is_chinese() or feature == name:
        return name_words(name)
    return unlisted_words(feature, column_of(content, feature))


def _called(name: str, content: Mapping[str, Any], columns: Sequence[str]) -> str:
    """As `_heading`, and a feature that nobody chose a name for by its column, also where the mapping has another name
    for that by now."""
    feature = name.removeprefix("features.")
    if not feature.startswith(BY_HEADER):
        return _heading(name, content)
    of_header = next((each for each in columns if feature_name(each) == feature), "")
    return unlisted_words(feature, column_of(content, feature) or of_header)


def _all_called(names: Iterable[str], content: Mapping[str, Any], columns: Sequence[str]) -> Mapping[str, str]:
    """What each of the fields and features is called; those of the same words, as before and after a feature has got
    another name, with the name that was chosen for them."""
    called = {name: _called(name, content, columns) for name in names}
    counts = Counter(called.values())
    chosen = {
        name: name.removeprefix("features.")
        for name, words in called.items()
        if counts[words] > 1
        and name.startswith("features.")
        and not name.removeprefix("features.").startswith(BY_HEADER)
    }
    return called | {name: _("%(words)s (%(name)s)") % {"words": called[name], "name": chosen[name]} for name in chosen}


def comparison_part(told: Mapping[str, Any], called: Mapping[str, str]) -> ComparisonPart:
    """`called` are the words for each field or feature."""
    rows, language = told["rows"], "zh" if is_chinese() else "en"
    against = told["against"]
    return ComparisonPart(
        rows=number(rows),
        differ=number(told["differ"]),
        share=f"{number(told['differ'] / rows * 100, 1)}%" if rows else "--",
        became_good=number(told["became_good"]),
        became_bad=number(told["became_bad"]),
        against=_("version %(n)s, in force") % {"n": number(against)}
        if against
        else _("how the rows were read when they came"),
        fields=tuple((called[name], number(count)) for name, count in told["fields"].items()),
        examples=tuple(
            Example(
                _("%(file)s, row %(row)s") % {"file": each["file"], "row": number(each["row"])},
                called[each["field"]],
                _value(each["old"], language),
                _value(each["new"], language),
            )
            for each in told["examples"]
        ),
        files=tuple(
            (each["name"], number(each["rows"]), number(each["differ"]), _file_problem(each, language))
            for each in told["files"]
        ),
        is_any=rows > 0,
        is_unfit=any("problem" in each for each in told["files"]),
    )


def _value(value: Any, language: str) -> str:
    if isinstance(value, list):
        return " ".join(f"{each['field']}: {each[language]}" for each in value)
    return str(value) if value != "" else "--"


def _file_problem(each: Mapping[str, Any], language: str) -> str:
    if each.get("skipped"):
        return _("not compared: enough rows were, or it is too large to open here")
    return str(each.get("problem", {}).get(language, ""))
