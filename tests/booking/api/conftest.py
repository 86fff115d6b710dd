"""Programs that speak to the interface as one of the cast."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import User


class Program:
    """A client that sends JSON and a token, and gives back status and body."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        self.headers = (
            {"Authorization": f"Bearer {RefreshToken.for_user(user).access_token}"} if user else {}
        )

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        """GET under /api/v1."""
        return self.client.get(f"/api/v1{path}", query, headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST JSON; `Idempotency_Key="x"` sends that header."""
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        """PATCH JSON; `If_Match="x"` sends that header."""
        return self._send("patch", path, body, headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        """PUT JSON."""
        return self._send("put", path, body, headers)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self._send("delete", path, None, {})

    def _send(self, verb: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        data = body if isinstance(body, str | bytes) else json.dumps(body or {})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(self.client, verb)(
            f"/api/v1{path}",
            data,
            content_type="application/json",
            headers={**self.headers, **named},
        )


@pytest.fixture
def as_program() -> Callable[[User | None], Program]:
    """`as_program(ada).get("/bookings")`; nobody for None."""
    return Program
