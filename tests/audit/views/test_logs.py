"""The page of the audit log."""

import pytest
from django.test import Client

from accounts.models import User


@pytest.mark.parametrize(
    "query",
    [
        "until=0001-01-01",
        "since=0001-01-01",
        "since=0001-01-01&until=0001-01-02",
        "until=9999-12-31",
        "since=9999-12-31",
        "since=x&until=2026-99-99",
        "text=%00",
        "action=" + "x" * 61,
    ],
)
def test_what_cannot_be_meant_is_refused(client: Client, dora: User, query: str) -> None:
    client.force_login(dora)
    assert client.get(f"/audit/?{query}").status_code == 422


@pytest.mark.parametrize(
    "place",
    ["x", "2026-03-02T00:00:00_1", "0001-01-01T00:00:00+14:00_1", "9999-12-31T23:59:59-14:00_1"],
)
def test_any_place_can_be_asked_for(client: Client, dora: User, place: str) -> None:
    client.force_login(dora)
    assert client.get("/audit/", {"before": place}).status_code == 200
