"""One field that is wrong, with its reason in both languages."""

import dataclasses
from dataclasses import dataclass

from intake.wording.sentences import SHOWN_LENGTH, say, shorten, storable


@dataclass(frozen=True)
class FieldError:
    """One field that is wrong: which, what it held, and why (a code of the catalogue with its parameters)."""

    field: str
    value: str
    code: str
    params: dict[str, str] = dataclasses.field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """The reason in `en` or `zh-hans`."""
        shown = shorten(storable(self.value), SHOWN_LENGTH)
        return say(self.code, language, {**self.params, "field": self.field, "value": shown})

    def as_dict(self) -> dict[str, str]:
        """Field, value (at most 200 characters, storable), code and the reason in both languages."""
        return {
            "field": storable(self.field),
            "value": shorten(storable(self.value), 200),
            "code": self.code,
            "en": self.sentence("en"),
            "zh": self.sentence("zh-hans"),
        }
