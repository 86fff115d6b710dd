"""What entries on other servers say."""

import pytest

from booking.queries.remote_calendars import period_in


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (":99991231T220000Z", ":99991231T235900Z"),
        (";TZID=America/New_York:99991231T220000", ";TZID=America/New_York:99991231T230000"),
        (";TZID=Asia/Tokyo:00010101T000000", ";TZID=Asia/Tokyo:00010101T010000"),
        (":20260302T090000Z", ":20260302T080000Z"),
        (":nonsense", ":nonsense"),
    ],
)
def test_times_that_no_clock_shows_are_no_times(start: str, end: str) -> None:
    event = f"BEGIN:VEVENT\r\nUID:u\r\nDTSTART{start}\r\nDTEND{end}\r\nEND:VEVENT\r\n"
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}END:VCALENDAR\r\n"
    assert period_in(calendar.encode(), "u") is None
