"""The promotion of the trained champion, done once in earnest and written down again for each later test."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cases.desk_rules import set_desk_rules
from cases.models import User
from scoring.actions import register_model
from scoring.life import Step, tell
from scoring.ml.champion import Champion
from scoring.models import ModelVersion
from scoring.promotion import promote_model

# What is each test's own, or the database's to fill in.
NOT_KEPT = {"id", "trained_at", "promoted_at", "promoted_by", "status"}


class Promotion:
    """A model that tests have in force.

    To register and promote it writes and reads megabytes of JSON and recomputes its test vectors, a quarter of a
    second for hundreds of tests. So the row that this leaves is kept, and as long as nobody touched the model's file
    and no other model is there, it is inserted as it was. Anything else goes the real way.
    """

    def __init__(self, champion: Champion) -> None:
        self._champion = champion
        self._row: dict[str, Any] = {}
        self._file: tuple[Path, tuple[int, ...]] | None = None

    def repeat(self, *, by: User) -> ModelVersion:
        if self._file is None or self._file != _file_of(self._row["sha256"]) or ModelVersion.objects.exists():
            version = promote_model(register_model(self._champion).pk, by=by)
            if version.number == 1:
                kept = [field.name for field in ModelVersion._meta.fields if field.name not in NOT_KEPT]
                self._row = deepcopy({name: getattr(version, name) for name in kept})
                self._file = _file_of(version.sha256)
            return version
        with transaction.atomic():
            made = ModelVersion.objects.create(**self._row)
            tell(made, Step.FIRST, by=by)
            in_force = {"status": "champion", "promoted_at": timezone.now(), "promoted_by": by}
            ModelVersion.objects.filter(pk=made.pk).update(**in_force)
        return ModelVersion.objects.select_related("promoted_by").get(pk=made.pk)

    def repeat_in_sight(self, *, by: User) -> ModelVersion:
        """As `repeat`, and a desk that hides the model on no case: tests that are not about opinions find every case as
        it was routed."""
        nowhere = {"opinion_share": 0.0, "opinion_on_high_amounts": False, "opinion_on_grey_band": False}
        set_desk_rules(by=by, reason="The tests see the model.", changes=nowhere)
        return self.repeat(by=by)


def _file_of(sha256: str) -> tuple[Path, tuple[int, ...]]:
    """Where the model lies in this test, and what changes when its file is written, replaced or removed."""
    path = settings.ARTEFACTS / f"{sha256}.json"
    if not path.is_file():
        return path, ()
    found = path.stat()
    return path, (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
