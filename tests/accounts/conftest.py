"""What the tests of the accounts share."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from accounts.signals import password_reset_requested


@pytest.fixture
def reset_requests() -> Iterator[list[tuple[int, datetime]]]:
    """The requests for a password link that were told to the apps above."""
    heard: list[tuple[int, datetime]] = []

    def hear(*, user_pk: int, now: datetime, **_rest: Any) -> None:
        heard.append((user_pk, now))

    password_reset_requested.connect(hear)
    yield heard
    password_reset_requested.disconnect(hear)
