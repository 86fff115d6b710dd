"""Numbers for text messages, and the codes that verify them."""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from booking.enums import DeliveryStatus
from booking.models import Message, PhoneNumber
from labitory.lib.crypto import fingerprint, typed_code

CODE_KIND = "account.phone_code"
CODE_LASTS = timedelta(minutes=10)
MOST_WRONG = 5


def phone_of(user: User) -> PhoneNumber | None:
    """The person's number, verified or not."""
    return PhoneNumber.objects.filter(user=user).first()


def normal_number(typed: str) -> str:
    """A number as it is kept: without spaces and signs, with a plus for 00."""
    bare = "".join(letter for letter in typed if letter not in " \t\u00a0-./()")
    return f"+{bare[2:]}" if bare.startswith("00") else bare


def asked_of(phone: PhoneNumber) -> str:
    """By which a code is known from those that were asked for before."""
    return phone.code_sent_at.astimezone(UTC).isoformat() if phone.code_sent_at else ""


def code_of(phone: PhoneNumber) -> str:
    """The code that was asked for last. It is made from the site's key and kept nowhere."""
    return typed_code(f"phone {phone.pk} {phone.number} {asked_of(phone)}")


def code_mark(phone: PhoneNumber, code: str) -> str:
    """What is kept of a code: enough to recognise it."""
    return fingerprint(f"phone {phone.pk} {asked_of(phone)} {code}")


def code_until(phone: PhoneNumber) -> datetime:
    """Until when the code that was asked for last can be typed in."""
    if phone.code_sent_at is None:
        raise ValueError("no code was asked for")
    return phone.code_sent_at + CODE_LASTS


def code_trouble(phone: PhoneNumber) -> str:
    """Why the code that was asked for last did not arrive, or nothing."""
    last = (
        Message.objects.filter(user=phone.user_id, kind=CODE_KIND, channel="sms")
        .order_by("-created_at")
        .first()
    )
    if last is None or last.status != DeliveryStatus.FAILED:
        return ""
    return last.last_error
