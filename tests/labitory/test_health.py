"""Whether the process lives, and whether it can serve."""

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from labitory import health


def test_live_asks_nothing(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_names_what_it_asked(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "redis": "ok"}
    assert answer.headers["X-Request-ID"]


def test_not_ready_names_the_one_that_failed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError("password=secret")

    monkeypatch.setitem(health.CHECKS, "database", fail)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "failed"
    assert "secret" not in answer.content.decode()


def test_a_fault_is_told_without_the_database(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_anything: object) -> None:
        raise OperationalError("gone")

    client.force_login(ada)
    client.raise_request_exception = False
    monkeypatch.setattr("booking.context.counts_for", fail)
    answer = client.get("/about")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_only_reading(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"csp-report": {"blocked-uri": "inline"}}', 204),
        (b"not json", 400),
        (b'{"csp-report": 5}', 400),
        (b"[" * 8000, 400),
        (b"[]", 400),
        (b"x" * 9000, 413),
    ],
)
def test_policy_reports(client: Client, body: bytes, status: int) -> None:
    answer = client.post("/csp-report", body, content_type="application/csp-report")
    assert answer.status_code == status
