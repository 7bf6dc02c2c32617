"""Rows of a database that have no place in the order by which it is read, told where no pull can find them."""

from __future__ import annotations

from intake.models import Connector
from intake.sources.connector_settings import SqlSettings
from intake.sources.reaching import ConnectorProblem
from intake.ways_in.connectors import opened_address


def tell_unread(connector: Connector) -> None:
    """Raises ConnectorProblem where rows have no watermark: no pull finds them, and nobody would be told."""
    from intake.ways_in.databases import rows_without_place  # sqlalchemy: paid by who asks

    settings = SqlSettings(**connector.settings)
    try:
        count = rows_without_place(opened_address(connector), settings)
    except ConnectorProblem as problem:
        if problem.code != "too_slow":
            raise
        raise ConnectorProblem("position_uncounted", name=settings.watermark, **problem.params) from problem
    if count:
        raise ConnectorProblem("position_missing", name=settings.watermark, count=f"{count:,}")
