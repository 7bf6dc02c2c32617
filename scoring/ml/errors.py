"""The refusals of the model code: one sentence each, in both languages."""

from typing import Literal

Language = Literal["en", "zh-hans"]


class ModelError(Exception):
    """A refusal that a person can read: `code` for programs, `en` and `zh` for people."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(code, en, zh)
        self.code = code
        self.en = en
        self.zh = zh

    def __str__(self) -> str:
        return self.en

    def sentence(self, language: Language) -> str:
        """The sentence in the asked language."""
        return self.zh if language == "zh-hans" else self.en


class FeatureTableError(ModelError):
    """A feature table is unknown or says something that cannot be."""


class TrainingError(ModelError):
    """The rows given cannot train a model."""


class ArtefactError(ModelError):
    """A stored model is missing, altered, or was made for other libraries."""
