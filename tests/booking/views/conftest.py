"""Fixtures of the page tests."""

from datetime import datetime

import pytest


@pytest.fixture
def frozen_clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> datetime:
    """The views' clock stands still at `now`."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now
