"""Pytest plugin (`-p tests.servers`): gives the tests a PostgreSQL and a broker before Django reads its settings."""

import os
import sys
from collections.abc import Generator

import pytest

from riskreview import embedded
from riskreview.env import var_folder


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Runs around pytest-django's hook of the same name, which loads the settings."""
    os.environ.setdefault("RISKREVIEW_DEBUG", "1")
    # Own servers, own files: a running `make demo` shares neither its queue nor its models with the tests.
    os.environ["RISKREVIEW_VAR"] = str(var_folder(os.environ) / "test")
    if not early_config.pluginmanager.is_blocked("django"):
        embedded.use_if_unset(lambda text: print(text, file=sys.stderr, flush=True))
    yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing running: the servers end with the last test, not a moment later."""
    embedded.stop_held()
