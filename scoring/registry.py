"""The champion of each product, loaded once a process and checked against its hash."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from scoring.ml.artefact import load_champion
from scoring.ml.champion import Champion
from scoring.models import ModelVersion


def champion_version(product: str) -> ModelVersion | None:
    """The model version in force for a product, asked anew each time: promotions take effect with the next chunk."""
    return ModelVersion.objects.filter(product=product, status=ModelVersion.Status.CHAMPION).first()


@lru_cache(maxsize=8)
def load_by_hash(sha256: str) -> Champion:
    """The artefact of that hash. What a hash names never changes, so a process may keep it; a refusal is not kept.

    Raises:
        ArtefactError: missing, altered, or made for other libraries.
    """
    return load_champion(settings.ARTEFACTS, sha256)
