"""Stored models: one JSON file a champion, named by the hash of its bytes, refused when anything differs.

JSON and LightGBM's text format instead of pickle: loading runs no code. Floats are written as Python's shortest exact
form, so a loaded champion gives the same bits as the one that was saved.
"""

import hashlib
import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lightgbm.basic import LightGBMError

from scoring.ml.calibration import LogOddsCalibration
from scoring.ml.errors import ArtefactError, ModelError
from scoring.ml.features import FeatureTable
from scoring.ml.pipeline import Champion
from scoring.ml.trees import TreeModel
from scoring.ml.versions import PINNED, library_versions, same_release

FORMAT = "riskreview-champion/1"
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ArtefactRecord:
    """Where an artefact lies: hex `sha256` of its bytes, `path`, `size` in bytes."""

    sha256: str
    path: Path
    size: int


def save_champion(champion: Champion, folder: Path) -> ArtefactRecord:
    """Write `<folder>/<sha256>.json`; the same champion gives the same file. The folder is made if need be.

    The file appears under its name only when it is whole and on disk, so a kill in mid-write leaves no half artefact.
    """
    data = json.dumps(_content(champion), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256}.json"
    handle, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return ArtefactRecord(sha256, path, len(data))


def load_champion(folder: Path, sha256: str) -> Champion:
    """The champion of that hash, checked; ArtefactError when it is missing, altered or made for other libraries."""
    if not DIGEST.fullmatch(sha256):
        raise ArtefactError("name", "That is not the hash of a model.", "这不是有效的模型哈希值。")
    short = sha256[:12]
    try:
        data = (folder / f"{sha256}.json").read_bytes()
    except OSError as problem:
        raise ArtefactError(
            "missing",
            f"The file of model {short} is missing or cannot be read.",
            f"模型 {short} 的文件缺失或无法读取。",
        ) from problem
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ArtefactError(
            "altered",
            f"The file of model {short} was altered since it was saved.",
            f"模型 {short} 的文件保存后被改动过。",
        )
    try:
        return _champion(json.loads(data), short)
    except ArtefactError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, LightGBMError, ModelError) as problem:
        raise ArtefactError(
            "format",
            f"The file of model {short} is not a model of this system.",
            f"模型 {short} 的文件不是本系统的模型。",
        ) from problem


def _content(champion: Champion) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "versions": dict(champion.versions),
        "seed": champion.seed,
        "recipe": dict(champion.recipe),
        "metrics": dict(champion.metrics),
        "calibration": {"slope": champion.calibration.slope, "intercept": champion.calibration.intercept},
        "norms": dict(champion.norms),
        "ranges": dict(champion.ranges),
        "weights": dict(champion.weights),
        "table": champion.table.to_dict(),
        "model": asdict(champion.model),
        "fold_models": [asdict(model) for model in champion.fold_models],
    }


def _champion(content: dict[str, Any], short: str) -> Champion:
    if content["format"] != FORMAT:
        raise ArtefactError(
            "format",
            f"Model {short} has format {content['format']}; this system reads {FORMAT}.",
            f"模型 {short} 的格式为 {content['format']}，本系统只能读取 {FORMAT}。",
        )
    _refuse_other_versions(content["versions"], short)
    champion = Champion(
        table=FeatureTable.from_dict(content["table"]),
        model=_tree_model(content["model"]),
        fold_models=tuple(_tree_model(one) for one in content["fold_models"]),
        calibration=LogOddsCalibration(**content["calibration"]),
        norms=content["norms"],
        ranges={name: bounds and (bounds[0], bounds[1]) for name, bounds in content["ranges"].items()},
        weights=content["weights"],
        metrics=content["metrics"],
        recipe=content["recipe"],
        seed=content["seed"],
        versions=content["versions"],
    )
    for model in (champion.model, *champion.fold_models):
        if not len(model.fills) == model.booster.num_feature() == len(champion.table.names):
            raise ValueError("model and feature table have different widths")
    return champion


def _tree_model(content: dict[str, Any]) -> TreeModel:
    return TreeModel(content["text"], tuple(content["fills"]))


def _refuse_other_versions(versions: dict[str, str], short: str) -> None:
    installed = library_versions()
    for name in PINNED:
        if not same_release(versions[name], installed[name]):
            raise ArtefactError(
                "version",
                f"Model {short} was made with {name} {versions[name]}; {installed[name]} is installed. Train it anew.",
                f"模型 {short} 由 {name} {versions[name]} 训练，当前安装的是 {installed[name]}。请重新训练。",
            )
