"""What people do about their own data, and how requests are refused."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from accounts.enums import PrivacyRequestKind
from accounts.errors import AccountRefused
from accounts.locks import lock_privacy_request, lock_user
from accounts.models import Consent, PrivacyRequest, User, UserProfile
from accounts.permissions.privacy import can_erase_person
from accounts.queries.privacy import copy_of, open_erasure
from accounts.services._consents import CONTACT
from accounts.services._erasing import require_open
from accounts.services._refusals import require
from accounts.signals import account_told
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import run_transaction

# The law gives a month.
TIME_TO_ANSWER = timedelta(days=30)


def take_copy(*, user: User, now: datetime) -> str:
    """Everything that is kept of the person, as JSON; that they took it is kept too."""

    def work() -> dict[str, Any]:
        PrivacyRequest.objects.create(
            user=user,
            kind=PrivacyRequestKind.COPY,
            asked_at=now,
            due_at=now + TIME_TO_ANSWER,
            done_at=now,
            done_by=user,
        )
        record(action="privacy.copy_taken", actor=user, target=user, now=now)
        record_security(kind="privacy.copied", user=user, actor=user, now=now)
        return copy_of(user, now=now)

    copy = run_transaction(work)
    return json.dumps(copy, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def ask_erasure(*, user: User, now: datetime) -> PrivacyRequest:
    """Ask that one's personal data be erased; it is answered within 30 days."""

    def work() -> PrivacyRequest:
        lock_user(user.pk)
        if open_erasure(user) is not None:
            text = _("You have asked already; it is being looked at.")
            raise AccountRefused(code="privacy.asked_already", text=text)
        request = PrivacyRequest.objects.create(
            user=user,
            kind=PrivacyRequestKind.ERASURE,
            asked_at=now,
            due_at=now + TIME_TO_ANSWER,
        )
        record(action="privacy.erasure_asked", actor=user, target=user, now=now)
        account_told.send(
            sender=User,
            kind="account.erasure_asked",
            user_pk=user.pk,
            now=now,
        )
        return request

    return run_transaction(work)


def withdraw_erasure(*, user: User, now: datetime) -> None:
    """Take the request back, as long as nobody has answered it."""

    def work() -> None:
        lock_user(user.pk)
        asked = PrivacyRequest.objects.filter(
            user=user, kind=PrivacyRequestKind.ERASURE, done_at=None
        )
        if asked.update(done_at=now, done_by=user):
            record(action="privacy.erasure_withdrawn", actor=user, target=user, now=now)

    run_transaction(work)


def refuse_erasure(*, actor: User, public_id: UUID, reason: str, now: datetime) -> None:
    """Say no to a request, and why; the person is told."""
    if not reason.strip():
        text = _("Say why: the person has a right to know.")
        raise AccountRefused(code="privacy.reason", text=text, field="reason")

    def work() -> None:
        request = lock_privacy_request(public_id)
        require(can_erase_person(actor, request.user), "privacy")
        require_open(request)
        request.done_at, request.done_by = now, actor
        request.refused_reason = reason.strip()[:500]
        request.save(update_fields=["done_at", "done_by", "refused_reason"])
        record(
            action="privacy.erasure_refused",
            actor=actor,
            target=request.user,
            now=now,
            reason=request.refused_reason,
        )
        account_told.send(
            sender=User,
            kind="account.erasure_refused",
            user_pk=request.user.pk,
            now=now,
            facts={"reason": request.refused_reason},
        )

    run_transaction(work)


def withdraw_contact_consent(*, user: User, now: datetime) -> None:
    """Agree no longer that the lab keeps phone and emergency contact: they are deleted at once."""

    def work() -> None:
        lock_user(user.pk)
        UserProfile.objects.filter(user=user).update(phone="", emergency_contact="")
        given = Consent.objects.filter(user=user, purpose=CONTACT, withdrawn_at=None)
        if given.update(withdrawn_at=now):
            record(action="consent.withdrawn", actor=user, target=user, now=now)

    run_transaction(work)
