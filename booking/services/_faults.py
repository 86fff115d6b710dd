"""Rows and messages that go with a fault, inside an open transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import FaultState
from booking.errors import NotAllowed
from booking.events import post_followed, post_notice
from booking.models import Booking, Fault, FaultNote, Resource
from booking.permissions import where_of
from booking.queries.faults import affected_bookings
from booking.rules.faults import outage_end
from booking.services._freed import post_freed
from booking.services._words import clock_at
from labitory.lib.periods import Period


def require_mender(allowed: bool, resource: Resource) -> None:  # noqa: FBT001 - an answer
    """Refuse who neither looks after faults there nor was given this one."""
    if not allowed:
        raise NotAllowed(
            code="permission.fault",
            text=_("Only those who look after faults there say how far this one has come."),
            needs="fault.manage",
            where=where_of(resource),
        )


def values_of(fault: Fault) -> dict[str, Any]:
    """What managers change about a fault, by the names that the audit knows."""
    return {
        "state": fault.state,
        "severity": fault.severity,
        "blocks_use": fault.blocks_use,
        "back_at": fault.back_at,
        "assignee": fault.assignee,
    }


def words_of(fault: Fault, changed: Mapping[str, Any]) -> str:
    """A change in words for the history, where nobody wrote any."""
    said = []
    if "severity" in changed:
        said.append(_("Severity: %(severity)s.") % {"severity": fault.get_severity_display()})
    if "blocks_use" in changed:
        said.append(_("It cannot be used.") if fault.blocks_use else _("It can be used."))
    if "back_at" in changed and fault.back_at is None:
        said.append(_("Nobody knows when it is back."))
    elif "back_at" in changed and fault.back_at is not None:
        back_at = clock_at(fault.resource, fault.back_at, fault.reported_at)
        said.append(_("Expected back: %(time)s.") % {"time": back_at})
    if "assignee" in changed:
        said.append(
            _("%(name)s mends it.") % {"name": fault.assignee.full_name}
            if fault.assignee
            else _("Nobody mends it yet.")
        )
    return " ".join(said)


def note_fault(
    fault: Fault,
    *,
    actor: User,
    now: datetime,
    to_state: FaultState | None = None,
    text: str = "",
) -> None:
    """Write a line of its history."""
    FaultNote.objects.create(
        fault=fault, author=actor, at=now, to_state=to_state or "", text=text[:1000]
    )


def record_fault(
    fault: Fault,
    action: str,
    *,
    actor: User,
    now: datetime,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write the audit record of what was done about a fault."""
    record(
        action=action,
        actor=actor,
        target=fault,
        now=now,
        changes=changes,
        reason=reason.strip(),
        facts={"resource": fault.resource.name, "title": fault.title, **(facts or {})},
    )


def outage_of(fault: Fault, now: datetime) -> Period | None:
    """For how long it keeps the resource from being used, from now on."""
    end = outage_end(fault.back_at, now)
    if not fault.blocks_use or fault.state == FaultState.RESOLVED or end <= now:
        return None
    return Period(now, end)


def give_back(fault: Fault, was_out: Period | None, *, now: datetime) -> None:
    """Tell the waiting list of time that can be used again."""
    if was_out is None:
        return
    is_out = outage_of(fault, now)
    since = is_out.end if is_out else now
    if since < was_out.end:
        post_freed([(fault.resource.public_id, Period(since, was_out.end))], now=now)


def who_waits(fault: Fault, *, now: datetime) -> set[int]:
    """Who hears that it can be used again: who reported it, and whose plans it met."""
    people = affected_bookings(fault, now=now).order_by().values_list("user", flat=True)
    return {fault.reported_by_id, *people}


def tell_change(
    fault: Fault,
    changed: Mapping[str, tuple[Any, Any]],
    waiting: set[int],
    *,
    actor: User,
    now: datetime,
) -> None:
    """Tell who mends it from now on, who reported it, and once it is mended all who wait."""
    if "assignee" in changed and fault.assignee_id not in (None, actor.pk):
        tell_fault(fault, "fault.assigned", [fault.assignee_id], actor=actor, now=now)
    if fault.state == FaultState.RESOLVED:
        people = [key for key in sorted(waiting) if key != actor.pk]
        tell_fault(fault, "fault.resolved", people, actor=actor, now=now)
        tell_who_follow(fault, "resource.mended", now=now)
    elif changed.keys() & {"state", "back_at", "blocks_use"} and fault.reported_by_id != actor.pk:
        tell_fault(fault, "fault.changed", [fault.reported_by_id], actor=actor, now=now)


def tell_fault(
    fault: Fault, kind: str, people: Iterable[int | None], *, actor: User | None, now: datetime
) -> None:
    """Tell people of it, but nobody of their own act."""
    own = None if actor is None else actor.pk
    post_notice(
        kind=kind,
        people=[key for key in people if key is not None and key != own],
        actor=actor,
        now=now,
        path=_address(fault),
        facts=_facts(fault),
    )


def tell_who_follow(fault: Fault, kind: str, *, now: datetime) -> None:
    """Tell those who follow its resource, without a word of who reported it."""
    post_followed(
        kind=kind, resource=fault.resource, path=_address(fault), facts=_facts(fault), now=now
    )


def tell_of_bookings(
    fault: Fault, bookings: Iterable[Booking], *, actor: User, now: datetime
) -> int:
    """One message a person, with the first of their bookings; gives to how many."""
    by_person: dict[int, list[Booking]] = {}
    for booking in bookings:
        by_person.setdefault(booking.user_id, []).append(booking)
    for user_id, own in sorted(by_person.items()):
        first = own[0]
        post_notice(
            kind="fault.affects",
            people=[user_id],
            actor=actor,
            now=now,
            path=reverse("booking:booking_detail", args=[first.public_id]),
            facts={
                **_facts(fault),
                "when": {
                    "start": first.start_time.isoformat(),
                    "end": first.end_time.isoformat(),
                },
                "n": len(own),
            },
        )
    return len(by_person)


def _facts(fault: Fault) -> dict[str, Any]:
    return {
        "resource": fault.resource.name,
        "title": fault.title,
        "severity": str(fault.get_severity_display()),
        "state": str(fault.get_state_display()),
        "due": {"at": fault.due_at.isoformat()},
        "back": {"at": fault.back_at.isoformat()} if fault.back_at else _("nobody knows yet"),
        "reason": fault.resolution,
    }


def _address(fault: Fault) -> str:
    return reverse("booking:fault", args=[fault.public_id])
