"""What is usual for a source, carried over to another mapping that people sign for it: what they change is no break.

A feature under another name is known by it, and one that is read no more is not compared. Of one that is read in
another way the rows that came before tell, read as they are now. Where too few of them are kept, what is usual is
learnt anew, once enough came by the new mapping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from intake.health.case_rows import FIELDS, PEOPLE
from intake.health.health import compare, likest
from intake.health.ordered import ordered_features
from intake.health.profiles import Profile, Reference, Row, make_profile, make_reference
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given

T = TypeVar("T")


def carried(reference: Reference, before: CaseMapping, after: CaseMapping, *, at: datetime) -> Reference:
    """What is usual from `at` on, when `after` takes the place of `before`."""
    was, now = read_by(before), read_by(after)
    kept = {name: name for name, given in was.items() if name in now and _same(given, now[name])}
    free = {name: given for name, given in now.items() if name not in kept}
    for name, given in was.items():
        called = next((each for each, other in free.items() if name not in kept and _same(given, other)), None)
        if called is not None:
            kept[name] = called
            del free[called]
    if kept == {name: name for name in was} and not free:
        return reference
    others = reference.usual.missing.keys() - was.keys() - now.keys()
    names = {name: name for name in others} | kept
    renamed = {new: [*reference.called.get(name, ()), name] for name, new in kept.items() if name != new}
    return replace(
        reference,
        called={**_named(reference.called, names), **renamed},
        edges=_named(reference.edges, names),
        usual=_profile(reference.usual, names),
        free=[names[name] for name in reference.free if name in names],
        steady=[names[name] for name in reference.steady if name in names],
        also=[_profile(each, names) for each in reference.also],
        ordered=[names[name] for name in reference.ordered if name in names],
        ends=_named(reference.ends, names),
        since=at.isoformat(),
        is_anew=reference.is_anew or bool(free),
    )


def taught(reference: Reference, rows: Sequence[Row], batches: Sequence[object], names: Collection[str]) -> Reference:
    """The reference with those of the features `names` that it knows nothing of, as rows that came before tell of them;
    as it is where they are too few, or are themselves not what is usual: the first ones of a sorted file."""
    lacking = set(names) - reference.usual.missing.keys()
    made = usual_of(rows, batches) if lacking else None
    if made is None or _are_unlike(rows, reference):
        return reference
    known = {name: name for name in lacking if name in made.usual.missing}
    told = _profile(made.usual, known)
    return replace(
        reference,
        edges={**reference.edges, **_named(made.edges, known)},
        usual=_with(reference.usual, told),
        free=[*reference.free, *(name for name in made.free if name in known)],
        steady=[*reference.steady, *(name for name in made.steady if name in known)],
        also=[_with(each, told) for each in reference.also],
        ordered=[*reference.ordered, *(name for name in made.ordered if name in known)],
        ends={**reference.ends, **_named(made.ends, known)},
        is_anew=reference.is_anew and known.keys() != lacking,
    )


def usual_of(rows: Sequence[Row], batches: Sequence[object]) -> Reference | None:
    """What is usual by rows that came before; None where they are too few."""
    made = make_reference(rows, batches=batches)
    return replace(made, ordered=sorted(ordered_features(rows, made))) if made else None


def renamed_product(before: CaseMapping, after: CaseMapping) -> tuple[str, str] | None:
    """The product of all rows as it was called and as it is called now, where only its name is another one."""
    names = [_constant(mapping.fields.get("product")) for mapping in (before, after)]
    was, now = names
    return (was, now) if was and now and was != now else None


def _constant(given: Given | None) -> str:
    return str(given.value) if given is not None and not given.columns and given.value is not None else ""


def _are_unlike(rows: Sequence[Row], reference: Reference) -> bool:
    now = make_profile(rows, reference)
    signs = compare(now, likest(now, reference)) if reference.usual.missing else []
    return any(sign.grade == "bad" and sign.feature not in reference.steady for sign in signs)


def _with(profile: Profile, told: Profile) -> Profile:
    return Profile(
        profile.rows,
        Counter({**profile.missing, **told.missing}),
        {**profile.counts, **told.counts},
        {**profile.common, **told.common},
        {**profile.rows_by, **{name: told.rows_of(name) for name in told.missing}},
    )


def read_by(mapping: CaseMapping) -> dict[str, Given]:
    """The features and fields that are compared, and what a mapping reads them from."""
    compared = (*FIELDS, *(f"applicant.{kind}" for kind in PEOPLE))
    return mapping.features | {name: mapping.fields[name] for name in compared if name in mapping.fields}


def _same(one: Given, other: Given) -> bool:
    """Whether they read alike. The decimal mark is settled by each table where it is not said."""
    settled = one if one.decimal and other.decimal else replace(one, decimal=other.decimal)
    return settled == other


def _profile(profile: Profile, names: Mapping[str, str]) -> Profile:
    missing = Counter(_named(profile.missing, names))
    counts, common = _named(profile.counts, names), _named(profile.common, names)
    return Profile(profile.rows, missing, counts, common, _named(profile.rows_by, names))


def _named(values: Mapping[str, T], names: Mapping[str, str]) -> dict[str, T]:
    return {names[name]: value for name, value in values.items() if name in names}
