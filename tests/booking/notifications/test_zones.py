"""The clocks of zones, as programs read them that know no zone by its name."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from booking.notifications.zones import zone_component
from tests.support.calendars import check_lines

ZONES = (
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "UTC",
)


@pytest.mark.parametrize("name", ZONES)
def test_a_program_that_follows_the_component_is_always_right(name: str) -> None:
    content = bytes(zone_component(name, 2025, 2028).to_ical())
    check_lines(content)
    told, real = tzical(StringIO(content.decode())).get(name), ZoneInfo(name)
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    while moment.year < 2028:
        local = moment.astimezone(real)
        # The hour that comes twice is told in UTC.
        if not local.fold:
            as_told = local.replace(tzinfo=told)
            assert as_told.utcoffset() == local.utcoffset(), local
        moment += timedelta(minutes=150)


def test_what_comes_by_a_rule_is_told_as_one() -> None:
    lines = check_lines(bytes(zone_component("Europe/Berlin", 2025, 2028).to_ical()))
    assert "DTSTART:20250330T020000" in lines
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in lines
    assert not [line for line in lines if line.startswith("RDATE")]
