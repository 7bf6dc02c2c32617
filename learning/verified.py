"""A stored model taken over to the libraries installed here, without training: the same numbers under another stamp."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from cases.bulk import copy_rows
from cases.locks import hold
from learning.models import HeldOutScore
from scoring.actions import register_model
from scoring.ml.artefact import verified_here
from scoring.models import ModelVersion
from scoring.registry import refuse_other_table


def verify_model(version: ModelVersion) -> ModelVersion:
    """Register the version's model anew as one of the libraries installed here; itself where it was made with them.

    Its smoke vectors are recomputed first, whole: scores, intervals, doubt, contributions against both baselines and
    all reasons. The new version is a candidate. It keeps what was said of the training loans by models that had not
    seen them, on which promises rest. Nobody is asked: it decides nothing before an admin promotes it.

    Raises:
        ArtefactError: the file is missing or altered, holds another feature table, or gives another assessment here.
    """
    champion = verified_here(settings.ARTEFACTS, version.sha256, str(version))
    refuse_other_table(champion, version)
    if champion.versions == version.library_versions:
        return version
    found = register_model(champion)
    with transaction.atomic(durable=True):
        # Verified twice at once, this is one version: the second finds the first one's rows.
        hold(f"loans held out of {found.pk}")
        if not HeldOutScore.objects.filter(model=found).exists():
            said = HeldOutScore.objects.filter(model=version).order_by("pk").values_list("case", "log_odds")
            copy_rows(HeldOutScore, ("model", "case", "log_odds"), [(found.pk, *one) for one in said])
    return found
