"""Calling the API as a lender's system does, and the shape every refusal must have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

BASE = "/api/v1"


@dataclass(frozen=True)
class Caller:
    """A client with one token; `raw` bodies travel as they are."""

    token: str

    def get(self, path: str, **params: str) -> Any:
        return Client().get(f"{BASE}{path}", params, headers=self.headers())

    def post(self, path: str, body: object = None, *, raw: bytes | None = None, **headers: str) -> Any:
        data = json.dumps(body).encode() if raw is None else raw
        content_type = headers.pop("content_type", "application/json")
        return Client().post(f"{BASE}{path}", data, content_type=content_type, headers=self.headers(headers))

    def headers(self, more: dict[str, str] | None = None) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in (more or {}).items()}
        return {"Authorization": f"Bearer {self.token}", **named} if self.token else named


def a_case(external_ref: str = "A-1001", **changes: object) -> dict[str, Any]:
    """The body documented in the interface."""
    case: dict[str, Any] = {
        "external_ref": external_ref,
        "source": "branch-los",
        "kind": "application",
        "product": "consumer",
        "industry": "F52",
        "region": "310000",
        "channel": "branch",
        "amount": "120000.00",
        "currency": "CNY",
        "term_months": 24,
        "applied_at": "2026-01-05T09:30:00+08:00",
        "applicant": {"id": "310101199001011234", "name": "张三", "segment": "retail", "key_customer": False},
        "features": {"annual_income": 180000, "delinq_2yrs": 0, "purpose": "car"},
    }
    return {**case, **changes}


def ndjson(rows: Iterable[object]) -> bytes:
    return b"\n".join(row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)


def problem(response: HttpResponseBase, status: int) -> dict[str, Any]:
    """The problem details of a refusal, checked against RFC 9457."""
    assert response.status_code == status, getattr(response, "content", b"")[:500]
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(getattr(response, "content", b""))
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    for error in body.get("errors", []):
        assert set(error) == {"field", "value", "code", "en", "zh"}
    return body


def codes(errors: list[dict[str, Any]]) -> dict[str, str]:
    """What is wrong with which field."""
    return {error["field"]: error["code"] for error in errors}
