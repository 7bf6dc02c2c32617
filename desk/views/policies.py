"""The policies: their list, one version as a page and as an editor, its replay, and its tables as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from cases.errors import CaseMoved, StaleCase
from cases.states import Role
from desk.access import page, person
from desk.build.policy_editor import is_editable, policy_page
from desk.build.policy_list import policies_page
from desk.build.policy_replay import replay_page
from desk.pages import Problem
from desk.pages.policies import SimulationPage
from desk.policy_form import TABLES, Form, pressed, table_form
from desk.policy_reading import said, terms_from
from desk.words import is_chinese
from learning.look_value import learn_value_of_looks
from routing.actions import active_policy, terms_of
from routing.drafting import draft_policy, edit_policy, test_policy
from routing.life import readable_terms
from routing.models import Policy
from routing.product_fields import product_features
from routing.table.files import FORMS, export_table, import_table
from routing.table.shapes import TableErrors
from routing.table.sheets import MOST_BYTES
from routing.terms import Terms
from routing.usual_examples import usual_examples
from scoring.models import ModelVersion

READERS: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LONGEST_PURPOSE: Final = 300
# What an order of looks is judged at: the tenth of all cases that it would show first.
SEEN_SHARE: Final = 0.1
# What a product begins with that has no policy yet; every figure is to be looked at.
USUAL: Final = Terms(0.05, None, 0.2, 0.5, 10_000, "CNY", 0.02, 24, examples=usual_examples(0.05, 0.2))


@page("GET", *READERS)
def policies(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/policies.html", {"page": policies_page(person(request))})


@page("POST", Role.ADMIN, of="policies")
def policy_new(request: HttpRequest) -> HttpResponse:
    """A draft that says what the version in force says, or, for a product without one, what is usual."""
    product = request.POST.get("product", "")
    if not ModelVersion.objects.filter(product=product).exists() and not Policy.objects.filter(product=product):
        raise Http404
    active = active_policy(product)
    drafted = draft_policy(product, by=person(request), terms=_with_fields(active, product))
    return redirect("desk:policy", policy_id=drafted.pk)


def _with_fields(active: Policy | None, product: str) -> Terms:
    """The terms that a draft begins with, and the fields that the product's feature table has by now beside."""
    terms = terms_of(active) if active else USUAL
    known = {field.key for field in terms.features}
    added = [field for field in product_features(product) if field.key not in known]
    return replace(terms, features=(*terms.features, *added))


def version_of(policy_id: int) -> Policy:
    """The version, with the names that its page shows. 404 where there is none; CaseMoved where it is unreadable."""
    names = Policy.objects.select_related("drafted_by", "proposed_by", "published_by", "based_on")
    policy: Policy = get_object_or_404(names, pk=policy_id)
    if readable_terms(policy) is None:
        raise CaseMoved(_("This version was stored in a form that is read no more."))
    return policy


@page("GET", *READERS)
def policy(request: HttpRequest, policy_id: int) -> HttpResponse:
    return _shown(request, version_of(policy_id))


@page("POST", Role.ADMIN, of="policy")
def policy_edit(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Save, or what another button of the form does to it, which is shown and not saved."""
    version, form, act = version_of(policy_id), form_posted(request), request.POST.get("act", "")
    if act != "save":
        return _shown(request, version, pressed(form, act))
    return _saved(request, version, form) or redirect("desk:policy", policy_id=version.pk)


@page("POST", Role.ADMIN, of="policy")
def policy_test(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Save what is on the page, if it is other than stored, and test it."""
    version = version_of(policy_id)
    refused = _saved(request, version, form_posted(request)) if "seen" in request.POST else None
    if refused is not None:
        return refused
    tested = test_policy(version.pk, by=person(request))
    told = _("The test is passed.") if tested.passed else _("The test is not passed; the page says why.")
    messages.info(request, told)
    return redirect("desk:policy", policy_id=version.pk)


def _saved(request: HttpRequest, version: Policy, form: Form) -> HttpResponse | None:
    """Saves; the page with what is wrong where nothing was saved."""
    terms, problems = terms_from(form, Terms.from_dict(version.terms))
    if len(form.get("purpose", "")) > LONGEST_PURPOSE:
        problems = [*problems, Problem("purpose", _("At most %(n)s characters.") % {"n": LONGEST_PURPOSE})]
    if terms is None or problems:
        return _shown(request, version, form, problems=problems, status=422)
    purpose = form.get("purpose", "")
    if (terms.sha256, purpose) == (version.sha256, version.purpose) and form.get("seen") == version.sha256:
        return None
    try:
        edit_policy(version.pk, by=person(request), terms=terms, purpose=purpose, seen_sha256=form.get("seen", ""))
    except StaleCase as refusal:
        return _shown(request, version, form, problems=[Problem("", str(refusal))], status=refusal.status)
    messages.success(request, _("Saved."))
    return None


@page("POST", *READERS, of="policy")
def policy_simulation(request: HttpRequest, policy_id: int) -> HttpResponse:
    """The replay of what is on the page: its part alone for htmx, the whole page for everybody else."""
    version, form = version_of(policy_id), form_posted(request)
    stored = Terms.from_dict(version.terms)
    typed = "seen" in form and is_editable(version, person(request))
    terms, problems = terms_from(form, stored) if typed else (stored, [])
    shown = replay_page(terms, version, form) if terms else SimulationPage(problems=tuple(problems))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "components/simulation.html", {"s": shown})
    return _shown(request, version, form if typed else None, simulation=shown)


@page("POST", Role.ADMIN, of="policy")
def policy_order(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Put an order of looks into the draft: the start order, or what audited cases teach."""
    version = version_of(policy_id)
    terms, value = Terms.from_dict(version.terms), None
    if request.POST.get("order") == "learned":
        learned = learn_value_of_looks(version.product, share=SEEN_SHARE)
        if learned.value is None:
            messages.warning(request, said(learned.refusal))
            return redirect("desk:policy", policy_id=version.pk)
        value = learned.value.to_dict()
    edit_policy(
        version.pk,
        by=person(request),
        terms=replace(terms, learned_value=value),
        purpose=version.purpose,
        seen_sha256=request.POST.get("seen", ""),
    )
    messages.success(request, _("Saved."))
    return redirect("desk:policy", policy_id=version.pk)


@page("GET", *READERS)
def policy_table(request: HttpRequest, policy_id: int, table: str, form: str) -> HttpResponse:
    """One stored table as a file, with titles in the reader's language."""
    version = version_of(policy_id)
    terms = Terms.from_dict(version.terms)
    found = getattr(terms, table) if table in TABLES else None
    if found is None or form not in FORMS:
        raise Http404
    data = export_table(found, getattr(terms.kinds, table), form, "zh" if is_chinese() else "en")
    name = f"{version.product}-v{version.number}-{table}.{form}"
    return HttpResponse(
        data, content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@page("POST", Role.ADMIN, of="policy")
def policy_import(request: HttpRequest, policy_id: int, table: str) -> HttpResponse:
    """The table of a file in the place of the one on the page; nothing is saved."""
    version, form = version_of(policy_id), form_posted(request)
    if table not in TABLES:
        raise Http404
    file, name = request.FILES.get(f"file.{table}"), f"file.{table}"
    kind = getattr(Terms.from_dict(version.terms).kinds, table)
    ending = PurePath(file.name or "").suffix.lower().removeprefix(".") if isinstance(file, UploadedFile) else ""
    if not isinstance(file, UploadedFile) or ending not in FORMS:
        refusal = Problem(name, _("Choose a file that ends in .csv, .xlsx or .json."))
        return _shown(request, version, form, problems=[refusal], status=422)
    try:
        found = import_table(file.read(MOST_BYTES + 1), kind, ending)
    except TableErrors as refused:
        problems = [Problem(name, said(problem)) for problem in refused.problems]
        return _shown(request, version, form, problems=problems, status=422)
    kept = {key: value for key, value in form.items() if not key.startswith(f"{table}.")}
    return _shown(request, version, kept | table_form(table, found, kind))


def form_posted(request: HttpRequest) -> Form:
    """What was posted, the last value of each name."""
    return {name: str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}


def _shown(
    request: HttpRequest,
    version: Policy,
    form: Form | None = None,
    *,
    problems: Sequence[Problem] = (),
    simulation: SimulationPage | None = None,
    status: int = 200,
) -> HttpResponse:
    reader = person(request)
    if form is not None and not is_editable(version, reader):
        raise CaseMoved
    shown = policy_page(version, reader, form=form, problems=problems, simulation=simulation)
    return render(request, "desk/policy.html", {"page": shown}, status=status)
