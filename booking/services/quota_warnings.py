"""Telling people that little is left of a quota, and that it is used up."""

from datetime import datetime

from django.urls import reverse

from booking.enums import Measure
from booking.events import post_notice
from booking.models import QuotaWarning
from booking.queries.quota_warnings import NOTHING_LEFT, DueWarning, due_warnings
from booking.queries.quotas import people_of, say_quota
from booking.rules.shares import say_amount
from labitory.lib.db import run_each


def warn_of_quotas(*, now: datetime) -> int:
    """Tell all who share a quota that four fifths of it are gone, and when nothing is left.

    Each once a period, or of a rolling quota once in so many days, however often this runs. Gives
    how many were told of.
    """
    return run_each(due_warnings(now=now), lambda due: _warn(due, now))


def _warn(due: DueWarning, now: datetime) -> bool:
    _row, is_new = QuotaWarning.objects.get_or_create(
        quota=due.quota,
        holder_id=due.holder_id,
        starts_on=due.starts_on,
        percent=due.percent,
        defaults={"told_at": now},
    )
    if not is_new:
        return False
    measure, balance = Measure(due.quota.measure), due.balance
    is_gone = due.percent == NOTHING_LEFT
    post_notice(
        kind="quota.used_up" if is_gone else "quota.nearly_used",
        people=people_of(due.quota, [due.holder_id]),
        now=now,
        path=reverse("booking:my_quotas"),
        facts={
            "quota": due.quota.name,
            "gives": say_quota(due.quota),
            "taken": say_amount(measure, balance.taken),
            "rest": say_amount(measure, balance.left),
            "from": {"day": balance.starts_on.isoformat()},
            "renews": {"day": balance.renews_on.isoformat()},
        },
    )
    return True
