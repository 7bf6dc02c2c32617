"""Stored models: one JSON file a champion, named by the hash of its bytes, refused when anything differs.

JSON instead of pickle: loading runs no code. Trees, curves, weights and calibrations are plain lists, so a stored model
needs none of the libraries it was trained with, and a validator can read it with any tool. Floats are written as
Python's shortest exact form, so a loaded champion gives the same bits as the one that was saved; on loading it must
also reproduce the log-odds of its own smoke vectors.
"""

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scoring.ml.assessment import TOLERANCE
from scoring.ml.calibration import calibration_from_dict
from scoring.ml.champion import Champion, Smoke
from scoring.ml.doubt import Disagreement
from scoring.ml.errors import ArtefactError, ModelError
from scoring.ml.features import FeatureTable
from scoring.ml.forms import BlendForm, form_from_dict
from scoring.ml.novelty import Novelty
from scoring.ml.pd_interval import PdInterval
from scoring.ml.smoke import LEAST_SMOKE_ROWS, assessment_differences, is_whole, score_difference, smoke_rows
from scoring.ml.versions import Other, library_versions, other_version

FORMAT = "riskreview-champion/4"
# Its smoke vectors held log-odds and contributions only. It is still read: its assessments must stay replayable, and an
# upgrade must not stop the scoring of a book whose champion was activated by the checks of its day. But it is never
# activated anew, because nobody could tell whether it still doubts and gives reasons as it did when it was trained.
FORMAT_BEFORE = "riskreview-champion/3"
# What is kept as plain values, and read as it stands.
AS_STORED = (
    "supplied",
    "norms",
    "cohort_norms",
    "weights",
    "metrics",
    "card",
    "recipe",
    "seed",
    "dataset_sha256",
    "versions",
)
DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ArtefactRecord:
    """Where an artefact lies: hex `sha256` of its bytes, `path`, `size` in bytes."""

    sha256: str
    path: Path
    size: int


def champion_bytes(champion: Champion) -> bytes:
    """The champion as it is stored: equal models give equal bytes."""
    return json.dumps(_content(champion), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def save_champion(champion: Champion, folder: Path) -> ArtefactRecord:
    """Write `<folder>/<sha256>.json`; the same champion gives the same file. The folder is made if need be.

    The file appears under its name only when it is whole and on disk, so a kill in mid-write leaves no half artefact.
    One that is there and whole is left alone: replaced by its equal, every process would read and check it anew.
    """
    data = champion_bytes(champion)
    sha256 = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256}.json"
    if path.is_file() and path.read_bytes() == data:
        return ArtefactRecord(sha256, path, len(data))
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


def load_champion(folder: Path, sha256: str, *, any_libraries: bool = False) -> Champion:
    """The champion of that hash, checked; ArtefactError when it is missing, altered or made for other libraries.

    `any_libraries` is for whoever verifies it anew under those installed here (`verified_here`).
    """
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
        champion = _champion(json.loads(data), short, any_libraries=any_libraries)
        _refuse_other_scores(champion, short)
        return champion
    except ArtefactError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, ModelError) as problem:
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
        "dataset_sha256": champion.dataset_sha256,
        "recipe": dict(champion.recipe),
        "metrics": dict(champion.metrics),
        "card": dict(champion.card),
        "blend": champion.blend.to_dict(),
        "calibration": champion.calibration.to_dict(),
        "member_calibrations": [calibration.to_dict() for calibration in champion.member_calibrations],
        "intervals": champion.intervals.to_dict(),
        "novelty": champion.novelty.to_dict(),
        "disagreement": champion.disagreement.to_dict(),
        "supplied": dict(champion.supplied),
        "norms": dict(champion.norms),
        "cohort_norms": dict(champion.cohort_norms),
        "ranges": dict(champion.ranges),
        "quantiles": dict(champion.quantiles),
        "weights": dict(champion.weights),
        "table": champion.table.to_dict(),
        "smoke": {"assessed": dict(champion.smoke.assessed), "usual": dict(champion.smoke.usual)},
    }


def _champion(content: dict[str, Any], short: str, *, any_libraries: bool) -> Champion:
    if content["format"] not in (FORMAT, FORMAT_BEFORE):
        raise ArtefactError(
            "format",
            f"Model {short} has format {content['format']}; this system reads {FORMAT}. Train it anew.",
            f"模型 {short} 的格式为 {content['format']}，本系统只能读取 {FORMAT}。请重新训练。",
        )
    other = other_version(content["versions"])
    if other is not None and not any_libraries:
        raise _made_elsewhere(other, short)
    blend = form_from_dict(content["blend"])
    if not isinstance(blend, BlendForm):
        raise TypeError("the stored form is no blend")
    champion = Champion(
        table=FeatureTable.from_dict(content["table"]),
        blend=blend,
        calibration=calibration_from_dict(content["calibration"]),
        member_calibrations=tuple(calibration_from_dict(one) for one in content["member_calibrations"]),
        intervals=PdInterval.from_dict(content["intervals"]),
        novelty=Novelty.from_dict(content["novelty"]),
        disagreement=Disagreement.from_dict(content["disagreement"]),
        ranges={name: bounds and (bounds[0], bounds[1]) for name, bounds in content["ranges"].items()},
        quantiles={name: steps and tuple(steps) for name, steps in content["quantiles"].items()},
        smoke=_smoke(content["smoke"], whole=content["format"] == FORMAT),
        **{name: content[name] for name in AS_STORED},
    )
    _refuse_what_does_not_fit(champion, whole=content["format"] == FORMAT)
    return champion


def _refuse_what_does_not_fit(champion: Champion, *, whole: bool) -> None:
    """ValueError where parts of the model are of different widths or lengths, or too few to test it."""
    if not len(champion.member_calibrations) == len(champion.blend.members):
        raise ValueError("a member of the blend has no calibration")
    if not champion.blend.columns == len(champion.table.names):
        raise ValueError("model and feature table have different widths")
    if smoke_rows(champion) < LEAST_SMOKE_ROWS or (whole and not is_whole(champion)):
        raise ValueError("there are too few test vectors, or they lack a part")
    known = (champion.norms, champion.cohort_norms, champion.ranges, champion.quantiles, champion.supplied)
    for by_feature in (*known, champion.weights):
        if set(by_feature) != set(champion.table.names):
            raise ValueError("what is known of the training loans does not fit the feature table")


def _refuse_other_scores(champion: Champion, short: str) -> None:
    difference = score_difference(champion)
    if not difference <= TOLERANCE:
        raise ArtefactError(
            "smoke",
            f"Model {short} does not reproduce its own test vectors here (off by {difference:.1e}).",
            f"模型 {short} 在本机不能重现自带的检验样本（相差 {difference:.1e}）。",
        )


def _smoke(content: dict[str, Any], *, whole: bool) -> Smoke:
    if whole:
        return Smoke(content["assessed"], content["usual"])
    nothing: list[list[str]] = [[] for _row in content["values"]]
    return Smoke({**content, "unreadable": nothing, "stale": nothing}, {})


def refuse_other_assessments(champion: Champion, name: str) -> None:
    """ArtefactError unless the model assesses its smoke vectors as it did in training, in all that is shown of a case.

    On loading only the score is compared, so that a process is ready at once; this is for the activation.
    """
    if not is_whole(champion):
        raise ArtefactError(
            "smoke",
            f"The test vectors of model {name} do not hold the whole assessment. Train it anew.",
            f"模型 {name} 的检验样本不含完整的评估结果。请重新训练。",
        )
    for field, _stored, _recomputed in assessment_differences(champion):
        raise ArtefactError(
            "smoke",
            f"Model {name} does not reproduce its own test vectors here ({field}).",
            f"模型 {name} 在本机不能重现自带的检验样本（{field}）。",
        )


def verified_here(folder: Path, sha256: str, name: str) -> Champion:
    """The model as one of the libraries installed here: itself where it was made with them, else a new one.

    The new one has the same forms and numbers, the versions of here, and on its card whence it comes. It is made only
    where the model gives the whole assessments of its smoke vectors again. ArtefactError as of `load_champion` and
    `refuse_other_assessments`.
    """
    champion = load_champion(folder, sha256, any_libraries=True)
    if other_version(champion.versions) is None:
        return champion
    refuse_other_assessments(champion, name)
    origin = {"sha256": sha256, "versions": dict(champion.versions)}
    return replace(champion, versions=library_versions(), card={**champion.card, "verified_from": origin})


def _made_elsewhere(other: Other, short: str) -> ArtefactError:
    return ArtefactError(
        "version",
        f"Model {short} was made with {other.name} {other.made}; {other.installed} is installed. Install {other.made}, "
        "verify the model anew (`manage.py verify_model`), or train another.",
        f"模型 {short} 由 {other.name} {other.made} 生成，当前安装的是 {other.installed}。请安装 {other.made}，"
        "或重新核验该模型（`manage.py verify_model`），或另行训练。",
    )
