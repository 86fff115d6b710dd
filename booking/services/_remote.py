"""One round with one calendar server: what changed there, then what changed here."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from booking.enums import RemotePolicy, RemoteState
from booking.events import post_notice
from booking.models import Booking, RemoteCalendar, RemoteEntry
from booking.notifications.ics import stored_entry, uid_of
from booking.queries.remote_calendars import (
    copied_bookings,
    is_copied,
    may_still_move,
    period_in,
)
from labitory.lib.caldav import (
    Account,
    Changes,
    Overtaken,
    delete_entry,
    list_changes,
    read_entries,
    write_entry,
)
from labitory.lib.db import run_transaction
from labitory.lib.periods import Period

LOAN = timedelta(minutes=10)
PAGE = "/calendars/server"
# In one round; the next one follows at once where more waits.
MOST_WRITES = 200
_AT_ONCE = 50


@dataclass(kw_only=True)
class Round:
    """What one round found: entries that shall be followed, and whether more waits."""

    calendar: RemoteCalendar
    account: Account
    now: datetime
    token: str = ""
    to_follow: list[int] = field(default_factory=list)
    writes: int = 0

    @property
    def has_more(self) -> bool:
        """Whether something was left to the next round."""
        return self.writes >= MOST_WRITES


def run_round(calendar: RemoteCalendar, now: datetime) -> Round:
    """Take over what changed there, then write what changed here; each step is kept at once.

    A round that breaks off in the middle is made good by the next one.
    """
    account = Account(url=calendar.url, username=calendar.username, password=calendar.password)
    done = Round(calendar=calendar, account=account, now=now)
    _pull(done)
    _push(done)
    return done


def facts_of(entry: RemoteEntry) -> dict[str, Any]:
    """What a message says of an entry."""
    booking = entry.booking
    facts: dict[str, Any] = {"resource": booking.resource.name, "was": _said(booking.period)}
    if entry.wanted_start is not None and entry.wanted_end is not None:
        facts["when"] = _said(Period(entry.wanted_start, entry.wanted_end))
    return facts


def _pull(done: Round) -> None:
    changes = list_changes(done.account, done.calendar.sync_token)
    entries = {
        each.href: each
        for each in done.calendar.entries.select_related("booking__resource", "booking__user")
    }
    changed = [
        href
        for href, etag in changes.etags.items()
        if href in entries and etag != entries[href].etag
    ]
    for first in range(0, len(changed), _AT_ONCE):
        read = read_entries(done.account, changed[first : first + _AT_ONCE])
        for href, (etag, content) in read.items():
            if href in entries:
                _take_over(done, entries[href], etag, content)
    for href in _gone(changes, entries):
        _take_away(done, entries[href])
    done.token = changes.token


def _gone(changes: Changes, entries: dict[str, RemoteEntry]) -> list[str]:
    """What was there and is no more; what we have not written yet was never there."""
    written = [href for href, entry in entries.items() if entry.etag]
    if changes.is_all:
        return [href for href in written if href not in changes.etags]
    return [href for href in written if href in changes.gone]


def _take_over(done: Round, entry: RemoteEntry, etag: str, content: bytes) -> None:
    """Their version of an entry: a note or an alarm of theirs is theirs, a time is a wish."""
    there = period_in(content, uid_of(entry.booking.public_id))
    before = (entry.wanted_start, entry.wanted_end)
    entry.etag = etag
    if there is None or (there.start, there.end) == before:
        entry.save(update_fields=["etag"])
        return
    _decide(done, entry, there)


def _take_away(done: Round, entry: RemoteEntry) -> None:
    entry.etag = ""
    if not is_copied(entry.booking, done.calendar):
        entry.delete()
        return
    _decide(done, entry, None)


def _decide(done: Round, entry: RemoteEntry, wanted: Period | None) -> None:
    """What a change over there means, as the person chose.

    Changed on both sides, nobody but they can say what counts.
    """
    policy, booking = RemotePolicy(done.calendar.policy), entry.booking
    stands = not may_still_move(booking, now=done.now) or policy is RemotePolicy.LAB
    entry.wanted_start = None if wanted is None else wanted.start
    entry.wanted_end = None if wanted is None else wanted.end
    if stands:
        # An empty digest is written anew.
        entry.state, entry.digest = RemoteState.SYNCED, ""
    else:
        entry.state = RemoteState.CONFLICT
    follows = policy is RemotePolicy.MINE and booking.sequence == entry.sequence

    def work() -> None:
        entry.save()
        if entry.state == RemoteState.CONFLICT and not follows:
            post_notice(
                kind="calendar.deleted" if wanted is None else "calendar.moved",
                people=[done.calendar.user_id],
                now=done.now,
                path=PAGE,
                facts=facts_of(entry),
            )

    run_transaction(work)
    if entry.state == RemoteState.CONFLICT and follows:
        done.to_follow.append(entry.pk)


def _push(done: Round) -> None:
    entries = {each.booking_id: each for each in done.calendar.entries.all()}
    for booking in copied_bookings(done.calendar, now=done.now):
        if done.has_more:
            return
        entry = entries.get(booking.pk)
        if not is_copied(booking, done.calendar):
            if entry is not None:
                _remove(done, entry)
        elif entry is None:
            _write_new(done, booking)
        elif entry.state != RemoteState.CONFLICT or _is_settled(entry, booking):
            _write_again(done, entry, booking)


def _is_settled(entry: RemoteEntry, booking: Booking) -> bool:
    """Whether the booking lies where its person's calendar had put it."""
    return (entry.wanted_start, entry.wanted_end) == (booking.start_time, booking.end_time)


def _remove(done: Round, entry: RemoteEntry) -> None:
    if entry.etag:
        delete_entry(done.account, entry.href)
        done.writes += 1
    entry.delete()


def _write_new(done: Round, booking: Booking) -> None:
    href = f"{done.calendar.url.rstrip('/')}/{booking.public_id}.ics"
    entry = RemoteEntry(calendar=done.calendar, booking=booking, href=href)
    try:
        _write(done, entry, booking)
    except Overtaken:
        # Of a round that broke off, or of an earlier connection.
        read = read_entries(done.account, [href])
        entry.etag = next((etag for etag, _content in read.values()), "")
        _write(done, entry, booking)


def _write_again(done: Round, entry: RemoteEntry, booking: Booking) -> None:
    if entry.digest == _digest(stored_entry(booking)) and entry.etag:
        if entry.state != RemoteState.SYNCED:
            entry.state, entry.note = RemoteState.SYNCED, ""
            entry.save(update_fields=["state", "note"])
        return
    try:
        _write(done, entry, booking)
    except Overtaken:
        # Changed there since we looked: the next round reads it first.
        done.writes += 1


def _write(done: Round, entry: RemoteEntry, booking: Booking) -> None:
    content = stored_entry(booking)
    etag = write_entry(done.account, entry.href, content, etag=entry.etag)
    done.writes += 1
    if not etag:
        read = read_entries(done.account, [entry.href])
        etag = next((found for found, _content in read.values()), "")
    entry.etag, entry.digest, entry.sequence = etag, _digest(content), booking.sequence
    entry.wanted_start, entry.wanted_end = booking.start_time, booking.end_time
    entry.state, entry.note = RemoteState.SYNCED, ""
    entry.save()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _said(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}
