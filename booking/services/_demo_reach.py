"""What the cast of the demonstration wants to hear: followed, muted, once a day, not at night.

And what reads the lab's times elsewhere.
"""

from datetime import datetime, time, timedelta

from accounts.models import User
from booking.enums import FeedScope, Timing, WallKind, WatchMode
from booking.models import (
    CalendarFeed,
    NotificationPreference,
    NotificationSchedule,
    Resource,
    ResourceWatch,
    WallDisplay,
)
from booking.queries.feeds import hash_token
from labitory.lib.crypto import new_token

_WATCHES = (
    ("ada", "Confocal 1", WatchMode.FOLLOW),
    ("ada", "NMR 400", WatchMode.FOLLOW),
    ("chris", "3D printer 1", WatchMode.MUTE),
)
_CHOICES = (
    ("chris", "approval.escalated", "email", Timing.DAILY),
    ("chris", "access.requested", "email", Timing.DAILY),
    ("ada", "booking.upcoming", "in_app", Timing.NOW),
    ("ben", "booking.completed", "in_app", Timing.OFF),
    # The lab's: nobody needs a notice of their own check-in.
    (None, "booking.checked_in", "in_app", Timing.OFF),
)


def make_reach(*, cast: dict[str, User], now: datetime) -> None:
    """A few choices of each kind."""
    named = {each.name: each for each in Resource.objects.all()}
    ResourceWatch.objects.bulk_create(
        ResourceWatch(user=cast[who], resource=named[tool], mode=mode, created_at=now)
        for who, tool, mode in _WATCHES
        if tool in named
    )
    NotificationPreference.objects.bulk_create(
        NotificationPreference(
            user=cast[who] if who else None, kind=kind, channel=channel, timing=timing
        )
        for who, kind, channel, timing in _CHOICES
    )
    NotificationSchedule.objects.create(
        user=cast["ben"], quiet_from=time(22), quiet_until=time(7), digest_at=time(8)
    )
    CalendarFeed.objects.bulk_create(
        CalendarFeed(
            user=cast["ada"],
            name=name,
            scope=scope,
            resource=named.get("Confocal 1") if scope == FeedScope.RESOURCE else None,
            token_hash=hash_token(new_token()),
            created_at=now - timedelta(days=20),
            last_read_at=read_at,
        )
        for name, scope, read_at in (
            ("Thunderbird", FeedScope.MINE, now - timedelta(minutes=40)),
            ("Confocal 1", FeedScope.RESOURCE, None),
        )
        if scope == FeedScope.MINE or "Confocal 1" in named
    )
    _hang_displays(cast["chris"], named.get("Confocal 1"), now)


def _hang_displays(chris: User, confocal: Resource | None, now: datetime) -> None:
    """One that hangs in the corridor, and one of a type that nobody has opened yet."""
    made_at = now - timedelta(days=30)
    WallDisplay.objects.create(
        name="Corridor",
        kind=WallKind.LAB,
        token_hash=hash_token(new_token()),
        created_by=chris,
        created_at=made_at,
        last_seen_at=now - timedelta(minutes=20),
    )
    if confocal is not None:
        WallDisplay.objects.create(
            name="Microscopy",
            kind=WallKind.TYPE,
            resource_type=confocal.resource_type,
            token_hash=hash_token(new_token()),
            created_by=chris,
            created_at=made_at,
        )
