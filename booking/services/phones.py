"""One's own number for text messages: given, verified by a code, taken away."""

import hmac
import re
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from audit.services import record
from booking.errors import ActionRefused
from booking.events import post_event
from booking.models import PhoneNumber
from booking.models.addresses import E164
from booking.notifications.channels import SMS
from booking.queries.phones import (
    MOST_WRONG,
    asked_of,
    code_mark,
    code_of,
    code_until,
    normal_number,
    phone_of,
)
from labitory.lib.db import run_transaction

BETWEEN_CODES = timedelta(minutes=1)


def give_phone(*, user: User, number: str, now: datetime) -> PhoneNumber:
    """Keep the person's number and have a code sent there; another number takes its place.

    Nothing else is sent to it before the code was typed in. Given again it gets another code, a
    minute after the last at the soonest. Raises ActionRefused.
    """
    wanted = normal_number(number)
    if not SMS.is_ready():
        raise ActionRefused(
            code="phone.unavailable", text=_("This lab sends no text messages."), field="number"
        )
    if not re.fullmatch(E164, wanted):
        raise ActionRefused(
            code="phone.invalid",
            text=_("Write the number with its country: +49 151 23456789."),
            field="number",
            status=422,
        )

    def work() -> PhoneNumber:
        lock_user(user.pk)
        phone = phone_of(user) or PhoneNumber(user=user)
        if phone.verified_at and phone.number == wanted:
            return phone
        if phone.code_sent_at and now < phone.code_sent_at + BETWEEN_CODES:
            raise ActionRefused(
                code="phone.too_soon",
                text=_("A code was sent just now. Wait a minute before you ask for another."),
                field="number",
                status=429,
            )
        phone.number, phone.verified_at = wanted, None
        phone.code_sent_at, phone.wrong_codes = now, 0
        # The code is made of the key of the row.
        phone.save()
        phone.code_hash = code_mark(phone, code_of(phone))
        phone.save(update_fields=["code_hash"])
        post_event(
            kind="account.phone_code",
            payload={"user": user.pk, "facts": {"asked": asked_of(phone)}},
            now=now,
        )
        record(action="phone.given", actor=user, target=user, now=now)
        return phone

    return run_transaction(work)


def verify_phone(*, user: User, code: str, now: datetime) -> PhoneNumber:
    """Take the code that was sent last, once, within ten minutes and five tries.

    Raises ActionRefused; a wrong try is counted.
    """

    def work() -> PhoneNumber | ActionRefused:
        lock_user(user.pk)
        phone = phone_of(user)
        if phone is None:
            return _refused("phone.none", _("Give a number first."), status=409)
        if phone.verified_at:
            return phone
        if not phone.code_hash or now >= code_until(phone):
            return _refused("phone.code_over", _("This code counts no more: ask for another."))
        if phone.wrong_codes >= MOST_WRONG:
            text = _("That were too many wrong codes: ask for another.")
            return _refused("phone.too_many", text, status=429)
        if not hmac.compare_digest(phone.code_hash, code_mark(phone, _digits(code))):
            phone.wrong_codes += 1
            phone.save(update_fields=["wrong_codes"])
            return _refused("phone.wrong_code", _("This is not the code that was sent last."))
        phone.verified_at, phone.code_hash, phone.wrong_codes = now, "", 0
        phone.save(update_fields=["verified_at", "code_hash", "wrong_codes"])
        record(action="phone.verified", actor=user, target=user, now=now)
        return phone

    outcome = run_transaction(work)
    if isinstance(outcome, ActionRefused):
        raise outcome
    return outcome


def remove_phone(*, user: User, now: datetime) -> None:
    """Forget the person's number: no text reaches them from now on."""

    def work() -> None:
        lock_user(user.pk)
        phone = phone_of(user)
        if phone is None:
            return
        phone.delete()
        record(action="phone.removed", actor=user, target=user, now=now)

    run_transaction(work)


def _digits(typed: str) -> str:
    return "".join(typed.split())


def _refused(code: str, text: str, *, status: int = 422) -> ActionRefused:
    return ActionRefused(code=code, text=text, field="code", status=status)
