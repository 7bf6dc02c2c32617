"""Where the tables for the tests of intake lie: the shipped sample, and the shared tables where they exist."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAPPINGS = ROOT / "intake" / "mappings"
SAMPLE = ROOT / "sample"
SHARED = ROOT.parent / "shared" / "data"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

# A mapping of a small table of loans in euros.
FIELDS = {
    "external_ref": {"column": "id"},
    "product": {"constant": "consumer"},
    "amount": {"column": "amount"},
    "currency": {"constant": "EUR"},
    "term_months": {"default": 12},
    "applied_at": {"import_time": True},
    "applicant.id": {"derive": "applicant_reference"},
}

MakeFile = Callable[[str, str | bytes], Path]


def existing_tables() -> list[Path]:
    """Every table that can be tried here: the sample always, the shared ones where they lie beside the repository."""
    return [*sorted(SAMPLE.glob("*.csv.gz")), *sorted(SHARED.glob("*/*.csv.gz"))]


def name_of(path: Path) -> str:
    """A short name of a table for test reports, also usable as a source."""
    return f"{path.parent.name}-{path.name.removesuffix('.csv.gz')}".replace(".", "-").replace("_", "-")
