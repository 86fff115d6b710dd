"""Giving time back."""

from datetime import timedelta

import pytest

from booking.enums import Limit
from booking.rules.cancellation import is_late_cancellation
from tests.factories.requests import HOUR, NOW


@pytest.mark.parametrize(("notice", "late"), [(None, False), (60, False), (61, True), (0, False)])
def test_late(notice: int | None, late: bool) -> None:
    limits = {} if notice is None else {Limit.CANCEL_NOTICE: notice}
    assert is_late_cancellation(limits, start=NOW + HOUR, now=NOW) is late


def test_after_the_start_is_late_under_any_notice() -> None:
    limits = {Limit.CANCEL_NOTICE: 0}
    assert is_late_cancellation(limits, start=NOW, now=NOW + timedelta(minutes=1))
