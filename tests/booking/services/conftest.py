"""The demonstration lab, loaded once for each moment and put back for each test."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import LazySettings

from accounts.models import User
from booking.services.demo import DemoCounts, load_demo
from tests.support.rows import Rows, keep_rows, put_rows, tell_planner

DemoAt = Callable[[datetime], DemoCounts]


@pytest.fixture(scope="session")
def kept_demos() -> dict[datetime, tuple[DemoCounts, Rows]]:
    """What was loaded, by moment."""
    return {}


@pytest.fixture
def demo_at(
    db: None, settings: LazySettings, kept_demos: dict[datetime, tuple[DemoCounts, Rows]]
) -> DemoAt:
    """`demo_at(now)`: the demonstration as it is loaded at `now`, in a database without people."""
    settings.DEMO_LOGINS = True

    def fill(moment: datetime) -> DemoCounts:
        assert not User.objects.exists()
        if moment in kept_demos:
            made, rows = kept_demos[moment]
            put_rows(rows)
        else:
            made = load_demo(now=moment)
            kept_demos[moment] = made, keep_rows()
        tell_planner()
        return made

    return fill
