"""How many rows of a CSV file a second become cases: read, mapped, checked, judged and stored durably, by chunks.

References, measured in turns in the same run:
- `copy_file`: the bytes of the file by one COPY into a bare table of texts, one commit: what nothing is checked costs.
- `copy_stored`: the bytes that the import stored (cases, first events, origins) by one COPY a table, one commit.
- `read_only`: the file read, mapped and checked as by `import_cases --dry-run`, nothing stored.

`cpu_ms` is processor time a row of the import: of this process, of the one that reads ahead for it, and of all of
PostgreSQL. Every round is a source of its own, so that what is usual for it is learnt in each.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from django.db import connection
from django.db.models import Max, Min
from psycopg import sql

from bench._cpu import parent_of, seconds_of_tree
from bench._ground import report, say, scratch, seconds_of, stored_bytes
from cases.models import Case
from intake.actions import ImportReport
from intake.admission.files import Bar, check_file, take_in_file
from riskreview import sample

ROUNDS = 3
MAPPING = str(Path(sample.__file__).parent.parent / "intake/mappings/lending_club_2018.yaml")
TABLES = ("cases_case", "cases_caseevent", "intake_caseorigin")


def write_file(path: Path, rows: int, start: int) -> list[str]:
    """The sample's real applications as a plain CSV of `rows` rows, again from the top where they end; its columns."""
    with gzip.open(sample.NEW_CASES.path, "rt", encoding="utf-8", newline="") as packed:
        header, *lines = csv.reader(packed)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *islice(cycle(lines), start, start + rows)])
    return header


def take_in(path: Path, source: str) -> ImportReport:
    """What `import_cases FILE --source NAME --mapping FILE.yaml` does."""
    return take_in_file(path, source=source, mapping=MAPPING, by=None, bars=no_bar)


def only_read(path: Path, source: str) -> int:
    return check_file(path, source=source, mapping=MAPPING, bars=no_bar).accepted


class NoBar:
    def update(self, n: int = 1) -> None:
        """Nobody watches."""


def no_bar(_rows: int | None) -> AbstractContextManager[Bar]:
    return nullcontext(NoBar())


@contextmanager
def bare_file_table(columns: list[str]) -> Iterator[sql.Identifier]:
    name = sql.Identifier("bare_file")
    texts = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(name, texts))
        yield name
        cursor.execute(sql.SQL("DROP TABLE {}").format(name))


def copy_file(path: Path, table: sql.Identifier) -> None:
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER)").format(table)
    with connection.cursor() as cursor, cursor.copy(statement) as copy, path.open("rb") as file:
        while part := file.read(1 << 18):
            copy.write(part)


def cpu_by_part() -> dict[str, float]:
    """Seconds on a processor since each began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        database = parent_of(cursor.fetchone()[0])
    readers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "import": time.process_time(),
        "reader": readers.ru_utime + readers.ru_stime,
        "database": seconds_of_tree(database),
    }


def one_round(folder: Path, turn: int, rows: int) -> dict[str, float]:
    """Seconds a row of the import and of each reference, and the processor time of the import by part."""
    path, source = folder / f"book-{turn}.csv", f"bench-{turn}"
    columns = write_file(path, rows, turn * rows)
    with bare_file_table(columns) as table:
        copied = seconds_of(lambda: copy_file(path, table))
    read = seconds_of(lambda: only_read(path, source))
    reports: list[ImportReport] = []
    used = cpu_by_part()
    imported = seconds_of(lambda: reports.append(take_in(path, source)))
    cpu = {f"cpu_{part}": now - used[part] for part, now in cpu_by_part().items()}
    assert reports[0].accepted == rows, f"{reports[0]} of {rows} rows"
    keys = Case.objects.filter(source=source).aggregate(first=Min("pk"), last=Max("pk"))
    with stored_bytes(TABLES, f"{{case}} BETWEEN {keys['first']} AND {keys['last']}") as copy_in:
        stored = seconds_of(copy_in)
    costs = {"import": imported, "read_only": read, "copy_file": copied, "copy_stored": stored, **cpu}
    return {name: seconds / rows for name, seconds in costs.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.import_file", description=__doc__)
    parser.add_argument("--cases", type=int, default=9000, help="rows in all rounds together (default 9,000)")
    rows = max(1, parser.parse_args().cases // ROUNDS)
    with scratch(), tempfile.TemporaryDirectory(prefix="riskreview-bench-") as folder:
        say("Warming up")
        one_round(Path(folder), ROUNDS, 500)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rounds = []
        for turn in range(ROUNDS):
            say(f"Round {turn + 1} of {ROUNDS}: {rows} rows")
            rounds.append(one_round(Path(folder), turn, rows))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        cost = {name: median(each[name] for each in rounds) for name in rounds[0]}
        timed = ("import", "read_only", "copy_file", "copy_stored")
        report(
            "import_file",
            {
                "rows": rows * ROUNDS,
                "ratios": {f"to_{name}": round(cost[name] / cost["import"], 3) for name in timed[1:]},
                "rows_per_second": {name: round(1 / cost[name]) for name in timed},
                "cpu_ms": {part: round(1000 * cost[f"cpu_{part}"], 3) for part in ("import", "reader", "database")},
                "peak_memory_grown_mb": round(grown / 1024, 1),
            },
        )


if __name__ == "__main__":
    main()
