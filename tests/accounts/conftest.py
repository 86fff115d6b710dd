"""What the tests of the accounts share."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from accounts.signals import account_told


@pytest.fixture
def reset_requests() -> Iterator[list[tuple[int, datetime]]]:
    """The requests for a password link that were told to the apps above."""
    heard: list[tuple[int, datetime]] = []

    def hear(*, kind: str, user_pk: int | None, now: datetime, **_rest: Any) -> None:
        # What goes to nobody is written too, so that the work is the same.
        if kind == "account.password_reset_requested" and user_pk is not None:
            heard.append((user_pk, now))

    account_told.connect(hear)
    yield heard
    account_told.disconnect(hear)


@pytest.fixture
def told() -> Iterator[list[tuple[str, int]]]:
    """What the owners of accounts were told: kind and owner."""
    heard: list[tuple[str, int]] = []

    def hear(*, kind: str, user_pk: int, **_rest: Any) -> None:
        heard.append((kind, user_pk))

    account_told.connect(hear)
    yield heard
    account_told.disconnect(hear)
