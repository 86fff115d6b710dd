"""Mail that came back: the message failed, and its address may be dead."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from accounts.permissions import may
from audit.services import record
from booking.enums import DeliveryStatus
from booking.errors import NotAllowed
from booking.events import post_event
from booking.locks import lock_told
from booking.models import BouncedAddress, Message
from booking.notifications.channels import EMAIL
from booking.notifications.channels.email.bounces import Bounce, Report, read_bounce
from booking.queries.bounces import came_back_since
from booking.services._undelivered import write_undelivered
from labitory.lib.db import run_transaction
from labitory.lib.text import mask_address

# So many mails of so many days that came back for now are as one that came back for good.
MOST_SOFT = 5
SOFT_DAYS = timedelta(days=14)


def receive_bounce(*, raw: bytes, now: datetime) -> bool:
    """Believe the report of a mail server on a mail of ours; gives whether it was one.

    Whoever forges a report does not know the Message-ID of a mail that we really sent: without one
    nothing changes. The same report twice counts once. A final refusal stops the address at once,
    a temporary one when five mails of the last fourteen days came back.
    """
    bounce = read_bounce(raw)
    place = _place_of(bounce.message_id) if bounce else None
    if bounce is None or place is None:
        return False
    event_id, reader = place

    def work() -> bool:
        if isinstance(reader, UUID):
            owner = User.objects.filter(public_id=reader).values_list("pk", flat=True).first()
            if owner is None:
                return False
            # Two reports on two mails to one person count one after the other.
            lock_user(owner)
        message = lock_told(event_id=event_id, reader=reader, channel=EMAIL.name)
        if message is None or message.receipt != bounce.message_id:
            return False
        return _note(message, bounce, now)

    return run_transaction(work)


def _place_of(message_id: str) -> tuple[UUID, UUID | int] | None:
    """The event and the reader, or the key of a message to an address: <event.reader@host>."""
    event, dot, rest = message_id.strip("<>").partition(".")
    reader = rest.partition("@")[0]
    try:
        if reader.isascii() and reader.isdigit():
            return UUID(event), int(reader[:18])
        return (UUID(event), UUID(reader)) if dot else None
    except ValueError:
        return None


def _note(message: Message, bounce: Bounce, now: datetime) -> bool:
    address = (message.user.email if message.user else message.address).lower()
    bad = [each for each in bounce.reports if each.is_bad]
    of_address = [each for each in bad if address in each.recipients]
    if not bad or message.status not in (DeliveryStatus.SENT, DeliveryStatus.FAILED):
        return False
    report = (of_address or bad)[0]
    why = report.reason.replace(address, mask_address(address))
    was_counted = bool(message.last_error)
    if report.action == "failed" and message.status == DeliveryStatus.SENT:
        write_undelivered(message, channel=str(EMAIL.label), why=why, now=now)
    elif not was_counted:
        message.last_error = why
        message.save(update_fields=["last_error"])
    # An address that was changed since, or one it was sent on to, says nothing of this one.
    if of_address and (report.is_final or not was_counted):
        _count(message, address, report, why, now)
    return True


def _count(message: Message, address: str, report: Report, why: str, now: datetime) -> None:
    row = BouncedAddress.objects.filter(address=address).first()
    row = row or BouncedAddress(address=address, bounces=0)
    if row.is_dead:
        return
    recent = came_back_since(user=message.user, address=address, since=now - SOFT_DAYS)
    # Not more than came back lately, nor what came back before somebody tried it again.
    row.bounces = max(1, min(row.bounces + 1, recent))
    row.is_dead = report.is_final or row.bounces >= MOST_SOFT
    row.reason, row.bounced_at = why, now
    row.save()
    if row.is_dead:
        record(
            action="address.stopped",
            actor=None,
            target=message.user or message,
            now=now,
            facts={"why": why},
        )


def try_own_address(*, user: User, now: datetime) -> bool:
    """Send to one's own address again, beginning with a mail that says so; gives if it was dead."""
    return run_transaction(lambda: _revive(user.email.lower(), user, now))


def try_address(*, actor: User, key: int, now: datetime) -> bool:
    """Send to an address again, on the word of an administrator. Raises NotAllowed.

    Its person gets a mail that says so: should it come back as well, the address stops again.
    """
    if not may(actor, "message.manage"):
        raise NotAllowed(
            code="permission.message",
            text=_("Administrators look after addresses from which mail comes back."),
            needs="message.manage",
        )

    def work() -> bool:
        row = BouncedAddress.objects.filter(pk=key).first()
        return row is not None and _revive(row.address, actor, now)

    return run_transaction(work)


def _revive(address: str, actor: User, now: datetime) -> bool:
    owner = User.objects.filter(email__iexact=address, is_active=True).first()
    if owner is not None:
        lock_user(owner.pk)
    gone, _rows = BouncedAddress.objects.filter(address=address).delete()
    if not gone:
        return False
    record(action="address.tried", actor=actor, target=owner or actor, now=now)
    if owner is not None:
        post_event(kind="account.address_tried", payload={"user": owner.pk}, now=now)
    return True
