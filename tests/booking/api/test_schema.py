"""The interface describes itself, truly: its own schema is used to attack it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core import signals
from django.core.management import call_command
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings

from accounts.models import User
from labitory.wsgi import application
from tests.booking.api.conftest import Program

ROOT = Path(__file__).resolve().parents[3]


def test_the_written_schema_is_fresh(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(made))
    written = (ROOT / "docs/openapi.yaml").read_text(encoding="utf-8")
    assert written == made.read_text(encoding="utf-8"), (
        "docs/openapi.yaml is stale: run ./dev manage write_docs"
    )


def test_schema_and_documentation_are_public_and_obey_the_policy(client: Client) -> None:
    schema = client.get("/api/v1/schema")
    assert schema.status_code == 200
    assert yaml.safe_load(schema.content)["info"]["title"] == "Labitory API"
    page = client.get("/api/v1/docs").content.decode()
    assert "<style" not in page
    assert "script=" in page
    script = client.get("/api/v1/docs", {"script": ""})
    assert script["Content-Type"].startswith("application/javascript")


SCHEMA = schemathesis.openapi.from_path(str(ROOT / "docs/openapi.yaml"))
# Its calls go straight into the application: no server in between.
SCHEMA.app = application


@pytest.fixture
def program(as_program: Callable[[User | None], Program], ada: User) -> Iterator[Program]:
    """Ada's; the application may not close the connection that holds the test's transaction."""
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield as_program(ada)
    for signal in ends:
        signal.connect(close_old_connections)


@SCHEMA.parametrize()
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_nothing_that_its_schema_allows_or_forbids_breaks_it(
    case: "schemathesis.Case[Any]", program: Program
) -> None:
    answer = case.call(headers=program.headers)
    assert answer.status_code < 500, case.as_curl_command()
    if answer.status_code != 304 and "/schema" not in case.path:
        assert set(answer.json()) == {"data", "meta", "errors"}
