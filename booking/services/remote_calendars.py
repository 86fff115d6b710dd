"""A person's calendar on a CalDAV server: connecting it, ending it, settling what differs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import RemotePolicy, RemoteState
from booking.errors import ActionRefused
from booking.events import post_notice
from booking.locks import claim_calendars, lock_conflict
from booking.models import RemoteCalendar, RemoteEntry
from booking.services._remote import LOAN, PAGE, facts_of
from labitory.lib.caldav import Account, CalDavError, NoEntry, find_calendars
from labitory.lib.db import run_transaction
from labitory.lib.outbound import AddressRefused, NoAnswer

BATCH = 50


def connect_calendar(
    *, user: User, url: str, username: str, password: str, policy: RemotePolicy, now: datetime
) -> RemoteCalendar:
    """Write one's bookings into this calendar from now on, in place of the one before.

    The server is asked first, outside of any transaction: the address must be a calendar there, or
    lead to exactly one. Raises `ActionRefused` (422) with what it said; for several calendars the
    words and the facts name their addresses.
    """
    account = Account(url=url.strip(), username=username.strip(), password=password)
    try:
        found = find_calendars(account)
    except AddressRefused as error:
        raise _refused("address", str(error)) from error
    except NoEntry as error:
        raise _refused("no_entry", str(error)) from error
    except (NoAnswer, CalDavError) as error:
        text = _("There is no answer from a calendar server: %(why)s") % {"why": error}
        raise _refused("no_answer", text) from error
    if len(found) != 1:
        raise _which(found)
    address, name = found[0]

    def work() -> RemoteCalendar:
        _forget(user)
        calendar = RemoteCalendar.objects.create(
            user=user,
            url=address,
            username=account.username,
            password=account.password,
            policy=policy,
            next_sync_at=now,
            created_at=now,
        )
        record(
            action="remote_calendar.connected",
            actor=user,
            target=user,
            now=now,
            facts={"name": name[:100], "policy": policy.value},
        )
        return calendar

    return run_transaction(work)


def disconnect_calendar(*, user: User, now: datetime) -> None:
    """End it: name and password are forgotten, what lies there stays. Nothing to end is fine."""

    def work() -> None:
        if _forget(user):
            record(action="remote_calendar.ended", actor=user, target=user, now=now)

    run_transaction(work)


def keep_booking(*, user: User, booking_id: UUID, now: datetime) -> RemoteEntry:
    """Let the lab's time stand where one's calendar says another: it is written over there.

    Raises `RemoteEntry.DoesNotExist` where nothing of one's own waits.
    """

    def work() -> RemoteEntry:
        entry = lock_conflict(user, booking_id)
        entry.state, entry.digest, entry.note = RemoteState.SYNCED, "", ""
        # Deleted over there it is made anew.
        if entry.wanted_start is None:
            entry.etag = ""
        entry.save(update_fields=["state", "digest", "note", "etag"])
        RemoteCalendar.objects.filter(pk=entry.calendar_id).update(next_sync_at=now)
        record(action="remote_calendar.kept", actor=user, target=entry.booking, now=now)
        return entry

    return run_transaction(work)


def refuse_change(*, entry_id: int, text: str, now: datetime) -> None:
    """Note why a booking cannot follow its person's calendar, and ask them."""

    def work() -> None:
        found = RemoteEntry.objects.filter(pk=entry_id, state=RemoteState.CONFLICT)
        entry = found.select_related("calendar", "booking__resource").first()
        if entry is None:
            return
        entry.note = text[:300]
        entry.save(update_fields=["note"])
        post_notice(
            kind="calendar.refused",
            people=[entry.calendar.user_id],
            now=now,
            path=PAGE,
            facts={**facts_of(entry), "reason": text[:300]},
        )

    run_transaction(work)


def lend_calendars(*, now: datetime) -> Iterator[int]:
    """The keys of calendars whose turn it is, each lent for ten minutes to who asked."""

    def work() -> list[int]:
        keys = [each.pk for each in claim_calendars(now=now, limit=BATCH)]
        RemoteCalendar.objects.filter(pk__in=keys).update(lent_until=now + LOAN)
        return keys

    while lent := run_transaction(work):
        yield from lent


def _forget(user: User) -> int:
    """Delete it unread: a password that nobody can read any more can be forgotten as well."""
    return RemoteCalendar.objects.defer("password").filter(user=user).delete()[0]


def _which(found: list[tuple[str, str]]) -> ActionRefused:
    if not found:
        return _refused("none", _("There is no calendar at this address."))
    calendars = [{"name": name, "url": address} for address, name in found]
    list_of = "; ".join(f"{each['name']}: {each['url']}" for each in calendars[:10])
    text = _("There are several calendars; write the address of one. %(list)s") % {"list": list_of}
    return _refused("which", text, calendars=calendars)


def _refused(code: str, text: str, **facts: Any) -> ActionRefused:
    return ActionRefused(code=f"remote_calendar.{code}", text=text, status=422, facts=facts)
