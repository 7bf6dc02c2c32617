"""The champion of each product, loaded once a process and checked against its hash."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from cases.locks import hold
from scoring.ml.artefact import load_champion
from scoring.ml.champion import Champion
from scoring.ml.errors import ArtefactError
from scoring.models import ModelVersion


def champion_version(product: str) -> ModelVersion | None:
    """The model version in force for a product, asked anew each time: promotions take effect with the next chunk."""
    return ModelVersion.objects.filter(product=product, status=ModelVersion.Status.CHAMPION).first()


def champion_sha256(product: str) -> str:
    """The hash of the model in force; "" where there is none."""
    version = champion_version(product)
    return version.sha256 if version else ""


def hold_models(product: str) -> None:
    """Until the end of the transaction nobody else registers or promotes a model of this product."""
    hold(f"models of {product}")


def load_version(version: ModelVersion) -> Champion:
    """The artefact of a version on record, which must hold the feature table on record.

    Raises:
        ArtefactError: missing, altered, made for other libraries, or it reads cases by another feature table.
    """
    champion = load_by_hash(version.sha256)
    refuse_other_table(champion, version)
    return champion


def refuse_other_table(champion: Champion, version: ModelVersion) -> None:
    """ArtefactError unless the model's feature table is the one that its record names: what it reads is then known."""
    if champion.table.sha256 != version.feature_table_sha256:
        raise ArtefactError(
            "feature_table",
            f"The file of model {version} holds another feature table than its record names. Train it anew.",
            f"模型 {version} 的文件所含特征表与登记的不一致。请重新训练。",
        )


def load_by_hash(sha256: str) -> Champion:
    """The artefact of that hash. A process keeps it as long as its file stays untouched; a refusal is not kept.

    Raises:
        ArtefactError: missing, altered, or made for other libraries.
    """
    return _kept(settings.ARTEFACTS, sha256, _trace(settings.ARTEFACTS / f"{sha256}.json"))


# The champions of all products and their challengers in shadow.
@lru_cache(maxsize=32)
def _kept(folder: Path, sha256: str, _trace: tuple[int, ...]) -> Champion:
    return load_champion(folder, sha256)


def _trace(path: Path) -> tuple[int, ...]:
    """What changes when a file is written, replaced or removed: asking costs microseconds, hashing it milliseconds."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
