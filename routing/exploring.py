"""stand-in until merged."""

from typing import Any


def lock_budget(policy: Any) -> Any: ...
def spend(exploration: Any, amount: Any) -> None: ...
