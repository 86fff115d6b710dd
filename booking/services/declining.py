"""Mails that their reader declines by the link in one of them."""

from collections.abc import Mapping
from datetime import datetime

from accounts.locks import lock_user
from audit.services import record
from booking.enums import Timing
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import EMAIL
from booking.notifications.declining import Declinable, timings_of
from booking.queries.reach import Choice, lab_choices
from booking.services._choosing import write_choices
from labitory.lib.db import run_transaction


def decline_mails(*, link: Declinable, now: datetime) -> dict[str, Timing]:
    """Send the person no more mails of these kinds; gives what was chosen for those that came.

    Notices inside the application come as before. Declined twice, nothing changes.
    """

    def work() -> dict[str, Timing]:
        lock_user(link.user.pk)
        timings = timings_of(link, EMAIL)
        came: dict[str, Timing] = {
            kind: timing for kind, timing in timings.items() if timing is not Timing.OFF
        }
        choices: dict[Choice, Timing] = {(kind, EMAIL.name): Timing.OFF for kind in came}
        changes = write_choices(link.user, choices)
        if changes:
            record(
                action="notification.mails_declined",
                actor=link.user,
                target=link.user,
                now=now,
                changes=changes,
            )
        return came

    return run_transaction(work)


def take_mails(*, link: Declinable, before: Mapping[str, Timing], now: datetime) -> int:
    """Send them again: as they came before, or as the lab set it where that is not known.

    Only what is declined changes. Gives how many kinds come again.
    """

    def work() -> int:
        lock_user(link.user.pk)
        lab = lab_choices()
        wanted = {
            (kind, EMAIL.name): before.get(kind, Timing.OFF)
            if before
            else lab.get((kind, EMAIL.name)) or EMAIL.default(CATALOGUE[kind])
            for kind, timing in timings_of(link, EMAIL).items()
            if timing is Timing.OFF
        }
        changes = write_choices(link.user, wanted)
        if changes:
            record(
                action="notification.mails_taken",
                actor=link.user,
                target=link.user,
                now=now,
                changes=changes,
            )
        return len(changes)

    return run_transaction(work)
