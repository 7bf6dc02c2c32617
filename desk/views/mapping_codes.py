"""The code table of one column of a mapping: pasted or uploaded, with what becomes of a value that it does not list."""

from __future__ import annotations

from collections import Counter
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.states import Role
from desk.access import page, person
from desk.build.mapping_words import OTHER_WORDS, name_words
from desk.mapping_form import entry_of
from desk.pages.mappings import CodesPage
from desk.pages.shared import Problem
from desk.uploads import uploaded_text
from desk.views.mappings import find_mapping
from desk.words import is_chinese
from desk.words import number as in_words
from intake.mapped.mapping_file import OTHERS
from intake.models import SourceMapping
from intake.reading.mapping_sample import table_of
from intake.record.mapping_steps import MappingChanged, MappingNotFound, Status
from intake.signing.code_tables import CodeTableError, read_codes, write_codes
from intake.signing.mapping_life import DRAFTERS, edit_mapping
from intake.tabular.tables import BadRow
from intake.values.cells import cell_text, lookup_key

CODES_SHOWN: Final = 50


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def mapping_codes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    shown = _codes_page(request, find_mapping(slug, number), request.GET.get("of", ""))
    return render(request, "desk/mapping_codes.html", {"page": shown})


@page("POST", Role.ADMIN, of="mapping_codes")
def mapping_codes_set(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Put a code table into a draft, pasted or uploaded as CSV, with what becomes of a value that it does not list."""
    mapping, of = find_mapping(slug, number), request.POST.get("of", "")
    section, _point, name = of.partition(".")
    entry = entry_of(mapping.content, of)
    if "column" not in entry:
        raise MappingNotFound
    try:
        text = uploaded_text(request) or request.POST.get("text", "")
        codes = read_codes(text, entry.get("type", "") or ("flag" if name == "applicant.key_customer" else ""))
        entry.pop("values", None)
        entry.pop("other", None)
        other = request.POST.get("other", "")
        entry |= {"values": codes} if codes else {}
        entry |= {"other": other} if codes and other in OTHERS[1:] else {}
        content = {**mapping.content, section: {**mapping.content[section], name: entry}}
        edit_mapping(slug, number, content, by=person(request), seen=request.POST.get("seen", ""))
    except (BadDecision, CodeTableError) as refusal:
        told = (
            str(refusal) if isinstance(refusal, BadDecision) else refusal.sentence("zh-hans" if is_chinese() else "en")
        )
        shown = _codes_page(request, mapping, of, Problem("text", told))
        return render(request, "desk/mapping_codes.html", {"page": shown}, status=422)
    except MappingChanged as refusal:
        told = _("Somebody else has saved this draft meanwhile. What you typed is below and not saved; save it again.")
        shown = _codes_page(request, find_mapping(slug, number), of, Problem("", told))
        return render(request, "desk/mapping_codes.html", {"page": shown}, status=refusal.status)
    messages.success(request, _("The code table is saved."))
    return redirect(f"{reverse('desk:mapping', args=[slug, number])}#rows-title")


def _codes_page(request: HttpRequest, mapping: SourceMapping, of: str, problem: Problem | None = None) -> CodesPage:
    slug, entry = mapping.source.slug, entry_of(mapping.content, of)
    if "column" not in entry:
        raise MappingNotFound
    rows = [row for _number, row in table_of(mapping.sample).rows() if not isinstance(row, BadRow)]
    texts = [cell_text(row.get(entry["column"])) for row in rows]
    counts = Counter(text for text in texts if text and lookup_key(text) not in entry.get("values", {}))
    edits = person(request).role in DRAFTERS and mapping.status == Status.DRAFT
    typed = request.POST if problem else {}
    return CodesPage(
        title=name_words(of.removeprefix("fields.")),
        column=entry["column"],
        back_url=reverse("desk:mapping", args=[slug, mapping.number]),
        of=of,
        seen=mapping.sha256,
        text=typed.get("text", write_codes(entry.get("values", {}))),
        other=typed.get("other", entry.get("other", OTHERS[0])),
        others=tuple((each, str(OTHER_WORDS[each])) for each in OTHERS),
        counts=tuple((value, in_words(count)) for value, count in counts.most_common(CODES_SHOWN)),
        set_url=reverse("desk:mapping_codes_set", args=[slug, mapping.number]) if edits else "",
        problems=(problem,) if problem else (),
    )
