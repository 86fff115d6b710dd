"""Fixtures of the tests of pages and endpoints."""

from datetime import datetime

import pytest


@pytest.fixture
def frozen_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    """The adapters' clock stands still at `now`."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now
