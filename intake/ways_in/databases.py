"""Asking a lender's database: opened read-only at an address that was judged, its rows streamed in order.

SQLAlchemy is loaded where this module is, which only a pull and its form import.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from django.conf import settings as django_settings
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Select,
    Subquery,
    column,
    create_engine,
    func,
    literal,
    make_url,
    or_,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from intake.sources.connector_settings import SqlSettings
from intake.sources.database_rows import place_of
from intake.sources.reaching import EXAMPLES, ConnectorProblem, judged_address, said_by

CONNECT_SECONDS: Final = 10
ROWS_AT_ONCE: Final = 500
PAGE_ROWS: Final = 10_000
PORTS: Final = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "mssql": 1433}
# Options of an address that cannot lead the call elsewhere or name files of this machine.
OPTIONS: Final = {"sslmode", "charset", "application_name", "driver", "service_name", "encrypt", "ssl"}
PLAIN_VALUE: Final = re.compile(r"[\w .+-]{0,100}")
DATABASE_NAME: Final = re.compile(r"[\w$.+-]{0,128}")
BIND: Final = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")
# An address that names no driver means the one that comes with this system.
DRIVERS: Final = {"mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
# Packages that are not called as what is imported of them.
PACKAGES: Final = {"MySQLdb": "mysqlclient", "mysql": "mysql-connector-python"}
# Times that are kept without a zone are meant as on the lender's clocks; those with one are asked for by them.
IN_CHINA: Final = "SET SESSION time_zone = '+08:00'"
READ_ONLY: Final = {
    "postgresql": ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET statement_timeout = {milliseconds}"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", IN_CHINA),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", IN_CHINA, "SET SESSION max_statement_time = {seconds}"),
    "oracle": ("ALTER SESSION SET TIME_ZONE = '+08:00'",),
    "sqlite": ("PRAGMA query_only = ON",),
}
# How the databases and drivers say that a statement took too long.
TOO_SLOW: Final = re.compile(
    r"statement timeout|interrupted|max_statement_time|maximum statement execution time|call timeout|timed out", re.I
)
# Numbers in single precision, as the drivers say what a column is: they are compared by more than is given out of them.
ROUNDED: Final = {"postgresql": 700, "mysql": 4, "mariadb": 4}
# ENUM and SET of MySQL and MariaDB, as the flags of a column say: put in order by number and compared as text.
LISTED: Final = 256 | 2048
Position = tuple[Any, Any]


def checked_engine(address: str, seconds: int) -> Engine:
    """How the database is opened, for statements of so many seconds; nothing is opened yet. Raises ConnectorProblem,
    naming what is wrong."""
    try:
        url = make_url(address)
        kind = url.get_backend_name()
    except (ArgumentError, ValueError) as wrong:
        raise ConnectorProblem("address_form", example=EXAMPLES["sql"]) from wrong
    if kind == "sqlite":
        path = _file(url)
        return create_engine("sqlite://", creator=lambda: sqlite3.connect(path, uri=True), poolclass=NullPool)
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    if not url.host:
        raise ConnectorProblem("address_form", example=EXAMPLES["sql"])
    _check_options(url)
    is_postgres = kind == "postgresql"
    is_secure = is_postgres and url.query.get("sslmode") == "verify-full"
    found = judged_address(url.host, url.port or PORTS.get(kind, 0), is_secure=is_secure)
    arguments: dict[str, Any] = {}
    if is_postgres and url.drivername in ("postgresql", "postgresql+psycopg", "postgresql+psycopg2"):
        # The name stays for the certificate, the call goes to the address.
        arguments = {"hostaddr": found, "connect_timeout": CONNECT_SECONDS}
    elif not is_secure:
        url = url.set(host=found)
    if url.drivername.endswith("+pymysql"):
        arguments = _of_pymysql(seconds)
    elif kind == "oracle":
        arguments = {"tcp_connect_timeout": CONNECT_SECONDS}
    try:
        return create_engine(url, connect_args=arguments, poolclass=NullPool)
    except NoSuchModuleError as unknown:
        raise ConnectorProblem("no_dialect", name=url.drivername) from unknown
    except ImportError as lacking:
        package = PACKAGES.get(lacking.name or "", lacking.name or url.drivername)
        raise ConnectorProblem("no_driver", name=url.drivername, package=package) from lacking
    except SQLAlchemyError as wrong:
        raise ConnectorProblem("no_connection", said=said_by(wrong, _secrets(address))) from wrong


def _of_pymysql(seconds: int) -> dict[str, Any]:
    """A server that says nothing more is left; bits are numbers, as everywhere else."""
    import pymysql.converters  # paid by who asks such a database

    bits = {pymysql.constants.FIELD_TYPE.BIT: lambda bits: int.from_bytes(bits)}
    patient = {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds + CONNECT_SECONDS}
    return {**patient, "conv": pymysql.converters.conversions | bits}


def _check_options(url: URL) -> None:
    for name, value in url.query.items():
        if name not in OPTIONS or not (isinstance(value, str) and PLAIN_VALUE.fullmatch(value)):
            raise ConnectorProblem("address_option", name=name)
    # The drivers of PostgreSQL and ODBC would read more of a connection out of a strange name.
    if not DATABASE_NAME.fullmatch(url.database or ""):
        raise ConnectorProblem("address_option", name=url.database or "")


def _file(url: URL) -> str:
    """A file of the one folder where the operator puts them, to be read only."""
    folder = django_settings.SOURCE_DATABASES.resolve()
    path = (folder / Path(url.database or "")).resolve()
    if url.query or not path.is_relative_to(folder) or not path.is_file():
        raise ConnectorProblem("no_file")
    return f"file:{quote(str(path))}?mode=ro"


@contextmanager
def opened_database(address: str, settings: SqlSettings) -> Iterator[Connection]:
    """A session that only reads, where its kind of database knows such a thing, and whose statements end in time.

    Raises ConnectorProblem where it cannot be opened, or what is done in it fails.
    """
    seconds = settings.seconds_most
    engine, secrets = checked_engine(address, seconds), _secrets(address)
    try:
        with engine.connect() as session:
            # MariaDB answers to the name of MySQL, too, and not to all of its settings.
            kind = "mariadb" if getattr(engine.dialect, "is_mariadb", False) else engine.dialect.name
            for statement in READ_ONLY.get(kind, ()):
                session.exec_driver_sql(statement.format(milliseconds=seconds * 1000, seconds=seconds))
            session.commit()
            _end_in_time(session, kind, seconds)
            if kind == "oracle":
                session.exec_driver_sql("SET TRANSACTION READ ONLY")
            try:
                yield session
            except SQLAlchemyError as refused:
                raise _refused(refused, seconds, secrets) from refused
    except SQLAlchemyError as away:
        raise ConnectorProblem("no_connection", said=said_by(_origin(away), secrets)) from away
    finally:
        engine.dispose()


def _end_in_time(session: Connection, kind: str, seconds: int) -> None:
    """The limits that are set otherwise than by a statement, or not known to every database of the kind."""
    raw: Any = session.connection.driver_connection
    if kind == "sqlite":
        # It asks every few thousand steps whether to go on.
        end = time.monotonic() + seconds
        raw.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    elif kind == "oracle":
        raw.call_timeout = seconds * 1000
    elif kind == "mysql":
        # Its relatives do not know it; there the driver waits no longer.
        with suppress(DBAPIError):
            session.exec_driver_sql(f"SET SESSION max_execution_time = {seconds * 1000}")
        session.commit()


def _refused(error: SQLAlchemyError, seconds: int, secrets: Sequence[str]) -> ConnectorProblem:
    said = said_by(_origin(error), secrets)
    if TOO_SLOW.search(said):
        return ConnectorProblem("too_slow", seconds=str(seconds))
    return ConnectorProblem("no_answer", said=said)


def _origin(error: SQLAlchemyError) -> BaseException:
    """What the database said, without SQLAlchemy's own lines, which repeat the question and its values."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _secrets(address: str) -> list[str]:
    """The password, as it is meant and as it was typed."""
    try:
        password = make_url(address).password
    except (ArgumentError, ValueError):
        return [address]
    return [str(password), quote(str(password)), quote(str(password), safe="")] if password else []


def _pulled(settings: SqlSettings) -> Subquery:
    """The stated query as a part of another."""
    # What looks like a parameter in it (:name) is its own text; a comment at its end ends with its line.
    inner = text(BIND.sub(r"\\:\1", settings.query) + "\n").columns(column(settings.watermark), column(settings.key))
    return inner.subquery("pulled")


def rows_without_place(address: str, settings: SqlSettings) -> int:
    """How many rows have no watermark, so that no question finds them. Raises ConnectorProblem."""
    rows = _pulled(settings)
    with opened_database(address, settings) as session:
        lacking = rows.c[settings.watermark].is_(None)
        return int(session.execute(select(func.count()).select_from(rows).where(lacking)).scalar_one())


def question(settings: SqlSettings, *, after: Position | None, until: Position | None = None, most: int) -> Select[Any]:
    """The stated query as a part of one that goes on behind `after`, up to `until`, in their order."""
    rows = _pulled(settings)
    watermark, key = rows.c[settings.watermark], rows.c[settings.key]
    asked = select(text("*")).select_from(rows).where(watermark.is_not(None))
    if after is not None:
        at, behind = (literal(value) for value in after)
        asked = asked.where(or_(watermark > at, (watermark == at) & (key > behind)))
    if until is not None:
        at, last = (literal(value) for value in until)
        asked = asked.where(or_(watermark < at, (watermark == at) & (key <= last)))
    return asked.order_by(watermark, key).limit(most)


@contextmanager
def rows_behind(
    address: str, settings: SqlSettings, *, after: Position | None, until: Position | None = None, most: int
) -> Iterator[tuple[list[str], Iterator[Sequence[Any]]]]:
    """The names of the columns, and the rows as they come, a few hundred in memory at a time.

    Raises ConnectorProblem where the database cannot be opened or refuses the question, at once or in the middle, and
    where a column of the order is rounded, or an ENUM or SET.
    """
    with opened_database(address, settings) as session:
        size = PAGE_ROWS if session.dialect.name in ("mysql", "mariadb") else most
        streamed = session.execution_options(stream_results=True, yield_per=ROWS_AT_ONCE)

        def ask(behind: Position | None, left: int) -> CursorResult[Any]:
            return streamed.execute(question(settings, after=behind, until=until, most=min(size, left)))

        first = ask(after, most)
        names = list(first.keys())
        order = (place_of(settings.watermark, names), place_of(settings.key, names))
        kinds: list[Any] = [each[1] for each in first.cursor.description] if first.cursor else []
        for at in order:
            if session.dialect.name in ROUNDED and kinds[at] == ROUNDED[session.dialect.name]:
                first.close()
                raise ConnectorProblem("position_rounded", name=names[at])
            if is_listed(first.cursor, at):
                first.close()
                raise ConnectorProblem("position_listed", name=names[at])
        yield names, _pages(first, ask, order, size, most)


def is_listed(cursor: Any, at: int) -> bool:
    """Whether a column of an answer is an ENUM or SET; of PyMySQL, which says it nowhere else, and False of others."""
    answer: Any = getattr(cursor, "_result", None)
    fields = getattr(answer, "fields", ())
    return at < len(fields) and bool(fields[at].flags & LISTED)


def _pages(
    page: CursorResult[Any],
    ask: Callable[[Position, int], CursorResult[Any]],
    order: tuple[int, int],
    size: int,
    left: int,
) -> Iterator[Sequence[Any]]:
    """The rows of a page and of those behind it: MySQL counts the time in which rows are taken in as the question's."""
    while True:
        count, last = 0, None
        for last in page:
            yield last
            count += 1
        left -= count
        if last is None or count < size or left <= 0:
            return
        page = ask((last[order[0]], last[order[1]]), left)
