"""Refused rows as they are given out, and the file in which they come back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from django.test import Client

from intake.models import Batch


def given_out(client: Client, batch: Batch) -> list[list[str]]:
    """The header and the refused rows of a batch, as whoever is signed in downloads them."""
    answer = client.get(f"/imports/{batch.pk}/rejected.csv")
    text = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")  # type: ignore[attr-defined]
    return [*csv.reader(io.StringIO(text))]


def returned(*lines: Sequence[str]) -> str:
    """The text of a file with this header and these rows."""
    file = io.StringIO()
    csv.writer(file).writerows(lines)
    return file.getvalue()
