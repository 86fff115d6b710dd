"""Rules of repeating in words."""

import pytest

from booking.queries.series_in_words import say_rule


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=3", "weekly on Monday"),
        # Maintenance comes back for good.
        ("FREQ=MONTHLY;BYDAY=1SA", "monthly on the first Saturday"),
        ("FREQ=MONTHLY;INTERVAL=3", "every 3 months"),
        ("FREQ=NEVER", "FREQ=NEVER"),
    ],
)
def test_said_rule(rule: str, words: str) -> None:
    assert say_rule(rule) == words
