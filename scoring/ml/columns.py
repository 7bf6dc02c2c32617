"""What a recipe must know of each column of the feature matrix."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Columns:
    """The k columns of a matrix: `categorical` holds codes 0, 1, … instead of amounts; `directions` is +1 where more is
    riskier, -1 where more is safer, 0 where the model may find its own way; `specials` are values that mean something
    of their own (-999 "no bureau record") and no amount."""

    categorical: tuple[bool, ...]
    directions: tuple[int, ...]
    specials: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if not len(self.categorical) == len(self.directions) == len(self.specials):
            raise ValueError("categorical, directions and specials must have one entry a column")

    def __len__(self) -> int:
        return len(self.categorical)

    @classmethod
    def plain(cls, number: int) -> Self:
        """So many columns of amounts, free of direction and special values."""
        return cls((False,) * number, (0,) * number, ((),) * number)
