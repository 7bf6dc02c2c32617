"""额度: stand-in until merged."""

from dataclasses import dataclass
from typing import Any

from routing.table.columns import FloatArray


@dataclass(frozen=True)
class Granted:
    limit: FloatArray
    granted: FloatArray
    row: Any
    expected_loss: FloatArray
    debt_service: FloatArray
    debt_service_share: FloatArray


def grant(*args: Any, **kwargs: Any) -> Granted:
    raise RuntimeError
