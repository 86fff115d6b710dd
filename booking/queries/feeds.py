"""Calendar feeds: whose they are, whether they may be read now, and what they show."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, prefetch_related_objects

from accounts.models import GroupMember, ResearchGroup, User
from accounts.permissions.groups import can_view_group_members
from booking.enums import FeedScope
from booking.models import CalendarFeed, Resource
from booking.permissions import may_somewhere
from booking.queries._feed_sql import feed_sql
from booking.queries.places import seen_places, shown_to
from labitory.lib.http import lab_zone
from labitory.lib.periods import Period, local_day

PAST = timedelta(days=30)
AHEAD = timedelta(days=367)
# Of a whole lab the soonest; one person's year, or one instrument's, is far below.
MOST_ENTRIES = 5000


class FeedEntry(NamedTuple):
    """One thing in a feed, told as far as its owner may know."""

    kind: str
    public_id: str
    sequence: int
    # `confirmed`, `tentative` or `cancelled`.
    status: str
    starts: datetime
    ends: datetime
    changed: datetime
    resource: str
    location: str
    type: str
    zone: str
    # Whether it is the owner's time: they are who it is for, or come along.
    is_for_viewer: bool
    # Whether the owner may open its page.
    in_full: bool
    person: str
    purpose: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContent:
    """What a feed shows, and the digest of it; no entries where the reader has them already."""

    digest: str
    is_known: bool
    entries: tuple[FeedEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTarget:
    """Whose bookings, and on what, as far as the owner may see them now."""

    people: list[int] = field(default_factory=list)
    resources: list[int] = field(default_factory=list)


def hash_token(token: str) -> str:
    """What is kept of a feed's token: 256 random bits need no key, and survive a new one."""
    return hashlib.sha256(token.encode()).hexdigest()


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """A person's feeds that are not revoked, newest first."""
    feeds = CalendarFeed.objects.filter(user=user, revoked_at=None)
    return feeds.select_related("resource", "group").order_by("-created_at", "-pk")


def find_feed(token: str) -> CalendarFeed | None:
    """The feed of a token, with its owner; none for a revoked one or an owner who left."""
    return (
        CalendarFeed.objects.select_related("user__preferences", "resource", "group")
        .filter(token_hash=hash_token(token), revoked_at=None, user__is_active=True)
        .first()
    )


def offered_groups(user: User) -> list[ResearchGroup]:
    """The groups that the person leads or works in."""
    joined = GroupMember.objects.filter(user=user).values("group")
    own = ResearchGroup.objects.filter(pk__in=joined) | ResearchGroup.objects.filter(lead=user)
    return list(own.filter(is_active=True).distinct().order_by("name"))


def offered_on(user: User, *, now: datetime) -> list[tuple[UUID, str]]:
    """The instruments that the person finds, by public id and name."""
    found = Resource.objects.filter(shown_to(user, now=now)).order_by("name", "pk")
    return list(found.values_list("public_id", "name"))


def can_view_lab_feed(user: User) -> bool:
    """Whoever sees the bookings of others in full anywhere may read the whole lab's."""
    return may_somewhere(user, "booking.view_all")


def target_of(
    user: User,
    *,
    scope: FeedScope,
    resource: Resource | None,
    group: ResearchGroup | None,
    now: datetime,
) -> FeedTarget | None:
    """Whose time the person's feed shows, by what they may see at this moment; None is a no."""
    if scope == FeedScope.MINE:
        return FeedTarget()
    if resource is not None:
        is_shown = not resource.is_hidden or _is_found(user, resource, now)
        return FeedTarget(resources=[resource.pk]) if is_shown else None
    if group is not None:
        prefetch_related_objects([group], "members")
        return FeedTarget(people=_people_of(group)) if _may_view(user, group) else None
    if not can_view_lab_feed(user):
        return None
    shown = Resource.objects.filter(shown_to(user, now=now)).order_by("pk")
    return FeedTarget(resources=list(shown.values_list("pk", flat=True)))


def feed_content(
    feed: CalendarFeed, target: FeedTarget, *, known: Collection[str], now: datetime
) -> FeedContent:
    """What the feed shows from thirty days ago to a year ahead, in one query.

    `known` are the digests of what the reader has: of these no entries come back.
    """
    seen, window = seen_places(feed.user), feed_window(now)
    with connection.cursor() as cursor:
        cursor.execute(
            feed_sql(FeedScope(feed.scope)),
            {
                "viewer": feed.user_id,
                "people": target.people,
                "resources": target.resources,
                "from": window.start,
                "until": window.end,
                "now": now,
                "dropped_since": window.start,
                "sees_all": seen.everywhere,
                "seen_resources": list(seen.resource_ids),
                "seen_types": list(seen.type_ids),
                "seen_units": list(seen.unit_ids),
                "most": MOST_ENTRIES,
                "known": list(known),
            },
        )
        rows = cursor.fetchall()
    digest = rows[0][0]
    entries = tuple(_entry(row[1:]) for row in rows if row[1] is not None)
    return FeedContent(digest=digest, is_known=digest in known, entries=entries)


def feed_window(now: datetime) -> Period:
    """Whole days of the lab, so that what is shown changes once a day by itself."""
    today = local_day(now, lab_zone()).start
    return Period(today - PAST, today + AHEAD)


def _entry(row: tuple[Any, ...]) -> FeedEntry:
    starts, ends, changed = (datetime.fromtimestamp(each, UTC) for each in row[4:7])
    return FeedEntry._make((*row[:4], starts, ends, changed, *row[7:]))


def _is_found(user: User, resource: Resource, now: datetime) -> bool:
    return Resource.objects.filter(shown_to(user, now=now), pk=resource.pk).exists()


def _may_view(user: User, group: ResearchGroup) -> bool:
    return group.is_active and can_view_group_members(user, group)


def _people_of(group: ResearchGroup) -> list[int]:
    return sorted({group.lead_id, *(member.user_id for member in group.members.all())})
