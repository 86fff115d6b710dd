"""Making, renewing and revoking the addresses at which calendar programs read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import ResearchGroup, User
from audit.services import record
from booking.enums import FeedScope
from booking.errors import ActionRefused
from booking.models import CalendarFeed, Resource
from booking.queries.feeds import hash_token, target_of
from labitory.lib.crypto import new_token
from labitory.lib.db import run_transaction

MOST_FEEDS = 20
_NOTED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A feed with the token of its address, which is kept nowhere."""

    feed: CalendarFeed
    token: str


def create_feed(
    *,
    user: User,
    name: str,
    scope: FeedScope,
    now: datetime,
    resource_id: UUID | None = None,
    group_id: UUID | None = None,
) -> NewFeed:
    """Make an address that shows what the person may see, to anybody who knows it.

    A resource for that scope, a group for that one, neither for the others. Raises `ActionRefused`
    (422) for what they may not see or what is not there, and for a twenty-first feed.
    """

    def work() -> NewFeed:
        lock_user(user.pk)
        if CalendarFeed.objects.filter(user=user, revoked_at=None).count() >= MOST_FEEDS:
            raise ActionRefused(
                code="feed.too_many",
                text=_("You have %(n)d feeds: revoke one that nobody reads.") % {"n": MOST_FEEDS},
                status=422,
            )
        resource, group = _find(scope, resource_id, group_id)
        if target_of(user, scope=scope, resource=resource, group=group, now=now) is None:
            raise _unseen(scope)
        token = new_token()
        feed = CalendarFeed.objects.create(
            user=user,
            name=name.strip() or str(resource or group or scope.label),
            scope=scope,
            resource=resource,
            group=group,
            token_hash=hash_token(token),
            created_at=now,
        )
        _record(feed, "feed.created", now)
        return NewFeed(feed=feed, token=token)

    return run_transaction(work)


def renew_feed(*, user: User, feed_id: UUID, now: datetime) -> NewFeed:
    """Give one's feed a new address; the old one is dead at once. Raises `DoesNotExist`."""

    def work() -> NewFeed:
        feed = _own(user, feed_id)
        token = new_token()
        feed.token_hash, feed.last_read_at = hash_token(token), None
        feed.save(update_fields=["token_hash", "last_read_at"])
        _record(feed, "feed.renewed", now)
        return NewFeed(feed=feed, token=token)

    return run_transaction(work)


def revoke_feed(*, user: User, feed_id: UUID, now: datetime) -> CalendarFeed:
    """End one's feed: its address shows nothing any longer. Raises `DoesNotExist`."""

    def work() -> CalendarFeed:
        feed = _own(user, feed_id)
        feed.revoked_at = now
        feed.save(update_fields=["revoked_at"])
        _record(feed, "feed.revoked", now)
        return feed

    return run_transaction(work)


def note_read(*, feed: CalendarFeed, now: datetime) -> None:
    """Keep when the feed was read last, to the hour.

    Reading may write this: it changes nothing that anybody reads there, and lets its owner see
    which address is still in use. One statement, at most once an hour for each feed.
    """
    if feed.last_read_at is not None and feed.last_read_at > now - _NOTED:
        return
    stale = Q(last_read_at=None) | Q(last_read_at__lte=now - _NOTED)
    CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_read_at=now)


def _own(user: User, feed_id: UUID) -> CalendarFeed:
    lock_user(user.pk)
    return CalendarFeed.objects.get(user=user, public_id=feed_id, revoked_at=None)


def _find(
    scope: FeedScope, resource_id: UUID | None, group_id: UUID | None
) -> tuple[Resource | None, ResearchGroup | None]:
    """The resource or group that the scope needs; what it does not need is left out."""
    resource = group = None
    if scope == FeedScope.RESOURCE and resource_id is not None:
        resource = Resource.objects.filter(public_id=resource_id).first()
    if scope == FeedScope.GROUP and group_id is not None:
        group = ResearchGroup.objects.filter(public_id=group_id).first()
    if (scope == FeedScope.RESOURCE and resource is None) or (
        scope == FeedScope.GROUP and group is None
    ):
        raise _unseen(scope)
    return resource, group


def _unseen(scope: FeedScope) -> ActionRefused:
    texts = {
        FeedScope.RESOURCE: _("Choose an instrument that you can see."),
        FeedScope.GROUP: _("Choose a research group that you work in."),
    }
    return ActionRefused(
        code="feed.unseen",
        text=texts.get(scope, _("The whole lab is for those who see the bookings of others.")),
        field="shows",
        status=422,
    )


def _record(feed: CalendarFeed, action: str, now: datetime) -> None:
    record(
        action=action,
        actor=feed.user,
        target=feed,
        now=now,
        facts={"scope": feed.get_scope_display()},
    )
