"""Giving time back."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from booking.enums import Limit


def is_late_cancellation(limits: Mapping[Limit, int], *, start: datetime, now: datetime) -> bool:
    """Whether cancelling now comes later than the notice that the policy asks for.

    A late cancellation is allowed and marked.
    """
    limit = limits.get(Limit.CANCEL_NOTICE)
    return limit is not None and now > start - timedelta(minutes=limit)
