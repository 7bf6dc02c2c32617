"""The accounts of the demonstration: one a role, shown on the sign-in page only where `make demo` runs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.states import Role
from desk.pages import DemoAccount

DEMO_VARIABLE: Final = "RISKREVIEW_DEMO_PASSWORD"


@dataclass(frozen=True)
class Account:
    username: str
    full_name: tuple[str, str]
    role: Role
    authority: Decimal
    does: Promise
    decides_in_bulk: bool = False


ACCOUNTS: Final = (
    Account("reviewer", ("敏", "张"), Role.REVIEWER, Decimal(25_000), _("works the queue: approves, declines, asks")),
    Account(
        "reviewer2",
        ("Alex", "Chen"),
        Role.REVIEWER,
        Decimal(15_000),
        _("a second reviewer, who may decide clear cases in bulk"),
        decides_in_bulk=True,
    ),
    Account("supervisor", ("建国", "李"), Role.SUPERVISOR, Decimal(100_000), _("signs decisions or sends them back")),
    Account("admin", ("Wei", "Zhao"), Role.ADMIN, Decimal(0), _("looks after people and tokens")),
    Account("auditor", ("Jing", "Sun"), Role.AUDITOR, Decimal(0), _("reads everything, changes nothing")),
)
AUTHORITY_CURRENCY: Final = "USD"


def demo_accounts() -> tuple[DemoAccount, ...]:
    """The accounts to show; empty unless the demonstration runs, which names their common password."""
    password = os.environ.get(DEMO_VARIABLE, "")
    if not password:
        return ()
    return tuple(
        DemoAccount(account.username, password, str(account.role.label), str(account.does)) for account in ACCOUNTS
    )
