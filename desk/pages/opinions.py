"""What somebody thinks before they see the model: the veil over its part, and the form beneath."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.deciding import PassLink
from desk.pages.shared import Tone


@dataclass(frozen=True)
class Veil:
    """What stands where the model's part will be; `holds`: the reader can lift it by saying what they think."""

    words: str
    holds: bool = False


@dataclass(frozen=True)
class OpinionChoice:
    """A lean or a band of the PD; `key` is an event.code, `cap` what its <kbd> prints."""

    value: str
    words: str
    key: str
    cap: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class OpinionForm:
    """The bar of a blind case. Fields: lean, band, version, view."""

    action_url: str
    version: int
    view: str
    leans: tuple[OpinionChoice, ...]
    bands: tuple[OpinionChoice, ...]
    aside: PassLink | None = None
