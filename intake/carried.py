"""What is usual for a source, carried over to another mapping that people sign for it: what they change is no break.

A feature under another name is known by it; one that is read no more, or in another way, is not compared. What is
usual is learnt anew where something is read in another way, once enough came by the new mapping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from intake.case_mapping import CaseMapping
from intake.case_rows import FIELDS
from intake.given import Given
from intake.profiles import Profile, Reference

T = TypeVar("T")


def carried(reference: Reference, before: CaseMapping, after: CaseMapping, *, at: datetime) -> Reference:
    """What is usual from `at` on, when `after` takes the place of `before`."""
    was, now = _read(before), _read(after)
    kept = {name: name for name, given in was.items() if name in now and _same(given, now[name])}
    free = {name: given for name, given in now.items() if name not in kept}
    for name, given in was.items():
        called = next((each for each, other in free.items() if name not in kept and _same(given, other)), None)
        if called is not None:
            kept[name] = called
            del free[called]
    if kept == {name: name for name in was} and not free:
        return reference
    others = reference.usual.missing.keys() - was.keys() - set(kept.values())
    names = {name: name for name in others} | kept
    return replace(
        reference,
        edges=_named(reference.edges, names),
        usual=_profile(reference.usual, names),
        free=[names[name] for name in reference.free if name in names],
        steady=[names[name] for name in reference.steady if name in names],
        also=[_profile(each, names) for each in reference.also],
        ordered=[names[name] for name in reference.ordered if name in names],
        since=at.isoformat(),
        is_anew=reference.is_anew or bool(free),
    )


def _read(mapping: CaseMapping) -> dict[str, Given]:
    return mapping.features | {name: mapping.fields[name] for name in FIELDS if name in mapping.fields}


def _same(one: Given, other: Given) -> bool:
    """Whether they read alike. The decimal mark is settled by each table where it is not said."""
    settled = one if one.decimal and other.decimal else replace(one, decimal=other.decimal)
    return settled == other


def _profile(profile: Profile, names: Mapping[str, str]) -> Profile:
    missing = Counter(_named(profile.missing, names))
    return Profile(profile.rows, missing, _named(profile.counts, names), _named(profile.common, names))


def _named(values: Mapping[str, T], names: Mapping[str, str]) -> dict[str, T]:
    return {names[name]: value for name, value in values.items() if name in names}
