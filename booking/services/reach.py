"""How people want to be told: kinds by channel, quiet hours, digests, followed resources."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from accounts.permissions import may
from audit.services import record
from booking.enums import RemindLead, Timing, WatchMode
from booking.errors import ActionRefused, NotAllowed
from booking.models import NotificationSchedule, Resource, ResourceWatch
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import ready_channels
from booking.notifications.channels.base import Channel
from booking.queries.places import shown_to
from booking.queries.reach import Choice, schedule_of
from booking.services._choosing import write_choices
from labitory.lib.db import run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Quiet hours (both or neither), the time of the digest, and how soon one is reminded.

    Monday is 0; without `remind_minutes` one is reminded when the lab says.
    """

    quiet_from: time | None
    quiet_until: time | None
    digest_at: time
    digest_weekday: int
    remind_minutes: int | None


def choose_timings(
    *, actor: User, user: User | None, choices: Mapping[Choice, Timing], now: datetime
) -> int:
    """Let a person hear of kinds as they chose, or without a person all who did not choose.

    What is as it would be without a choice is not kept: a later change of the lab's reaches those
    who never chose otherwise. Gives how many choices changed. Raises NotAllowed and ActionRefused;
    nothing is kept then.
    """
    if (user is None and not may(actor, "message.manage")) or (user and user.pk != actor.pk):
        raise NotAllowed(
            code="permission.message",
            text=_("People choose for themselves; administrators choose for the lab."),
        )
    channels = {each.name: each for each in ready_channels()}
    for (kind, channel), timing in choices.items():
        _check(kind, channels.get(channel), timing)

    def work() -> int:
        # Two windows of one person: the choices of one after the other.
        lock_user(actor.pk)
        changes = write_choices(user, choices)
        if changes:
            record(
                action="notification.timings_chosen" if user else "notification.defaults_chosen",
                actor=actor,
                target=user or actor,
                now=now,
                changes=changes,
            )
        return len(changes)

    return run_transaction(work)


def _check(kind: str, channel: Channel | None, timing: Timing) -> None:
    entry = CATALOGUE.get(kind)
    if entry is None or channel is None or timing not in channel.timings:
        raise ActionRefused(
            code="notification.unknown_choice",
            text=_("There is no such choice: %(kind)s. Choose from those on the page.")
            % {"kind": kind},
            field="timings",
            status=422,
        )
    if entry.is_required:
        raise ActionRefused(
            code="notification.required",
            text=_("Messages about your account always come by mail: they protect it."),
            field="timings",
            status=422,
        )


def choose_schedule(*, user: User, wanted: Schedule, now: datetime) -> NotificationSchedule:
    """Set one's own quiet hours, digest, and how long before a booking one is reminded.

    Raises ActionRefused for half of the quiet hours, and for a time that is not among the choices.
    """
    _check_schedule(wanted)

    def work() -> NotificationSchedule:
        lock_user(user.pk)
        schedule = schedule_of(user)
        before = _values(schedule)
        schedule.quiet_from, schedule.quiet_until = wanted.quiet_from, wanted.quiet_until
        schedule.digest_at, schedule.digest_weekday = wanted.digest_at, wanted.digest_weekday
        schedule.remind_minutes = wanted.remind_minutes
        changes = {
            name: (was, is_now)
            for (name, was), is_now in zip(before.items(), _values(schedule).values(), strict=True)
            if was != is_now
        }
        if changes or schedule.pk is None:
            schedule.save()
            record(
                action="notification.schedule_chosen",
                actor=user,
                target=user,
                now=now,
                changes=changes,
            )
        return schedule

    return run_transaction(work)


def _check_schedule(wanted: Schedule) -> None:
    if (wanted.quiet_from is None) != (wanted.quiet_until is None):
        raise ActionRefused(
            code="notification.quiet_half",
            text=_("Give both when it becomes quiet and when that ends, or neither."),
            field="quiet_until" if wanted.quiet_until is None else "quiet_from",
            status=422,
        )
    if wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_until:
        raise ActionRefused(
            code="notification.quiet_empty",
            text=_("Quiet hours that end when they begin are none: give another time, or neither."),
            field="quiet_until",
            status=422,
        )
    if wanted.remind_minutes is not None and wanted.remind_minutes not in RemindLead.values:
        minutes = ", ".join(map(str, RemindLead.values))
        raise ActionRefused(
            code="notification.lead_unknown",
            text=_("Be reminded so many minutes before: %(minutes)s; or nothing, as the lab does.")
            % {"minutes": minutes},
            field="remind_minutes",
            status=422,
        )


def _values(schedule: NotificationSchedule) -> dict[str, str]:
    quiet = (
        f"{schedule.quiet_from:%H:%M}–{schedule.quiet_until:%H:%M}"
        if schedule.quiet_from and schedule.quiet_until
        else ""
    )
    digest = f"{schedule.digest_at:%H:%M}"
    return {
        "quiet": quiet,
        "digest_at": digest,
        "digest_weekday": str(schedule.digest_weekday),
        "remind_minutes": str(schedule.remind_minutes or ""),
    }


def watch_resource(*, user: User, resource_id: UUID, mode: WatchMode | None, now: datetime) -> None:
    """Follow a resource, mute it, or neither. Raises Resource.DoesNotExist where it is hidden."""

    def work() -> None:
        lock_user(user.pk)
        resource = Resource.objects.filter(shown_to(user, now=now)).get(public_id=resource_id)
        before = ResourceWatch.objects.filter(user=user, resource=resource).first()
        if (before.mode if before else None) == mode:
            return
        if mode is None:
            ResourceWatch.objects.filter(user=user, resource=resource).delete()
        else:
            ResourceWatch.objects.update_or_create(
                user=user, resource=resource, defaults={"mode": mode, "created_at": now}
            )
        record(
            action="resource.watched",
            actor=user,
            target=resource,
            now=now,
            changes={"mode": (before.mode if before else "", mode.value if mode else "")},
        )

    run_transaction(work)
