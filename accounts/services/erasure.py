"""Erasing a person: what law and accounts require stays, under a pseudonym; the rest goes."""

from datetime import datetime
from uuid import UUID

from accounts.errors import AccountRefused
from accounts.holdings import obstacles_to_erasure
from accounts.locks import lock_privacy_request, lock_user
from accounts.models import User
from accounts.permissions.privacy import can_erase_person
from accounts.services._erasing import require_open, write_erased
from accounts.services._refusals import require
from labitory.lib.db import run_transaction


def erase_person(*, actor: User, public_id: UUID, now: datetime) -> User:
    """Carry out a request for erasure, all of it or nothing.

    Name, addresses, contact, factors, sessions, notices, memberships and roles go; bookings, their
    decisions and the audit log stay under a pseudonym. Refused while the person has bookings to
    come or leads a group. There is no way back.
    """

    def work() -> User:
        request = lock_privacy_request(public_id)
        user = lock_user(request.user_id)
        require(can_erase_person(actor, user), "privacy")
        require_open(request)
        if against := obstacles_to_erasure(user, now):
            raise AccountRefused(code="privacy.obstacle", text=" ".join(against))
        write_erased(user, actor=actor, now=now)
        request.done_at, request.done_by = now, actor
        request.save(update_fields=["done_at", "done_by"])
        return user

    return run_transaction(work)
