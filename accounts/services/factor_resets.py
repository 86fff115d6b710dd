"""Taking all second factors of somebody away who has lost them: by two people, or by command."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import FactorReset, User
from accounts.permissions.factors import (
    can_agree_factor_reset,
    can_ask_factor_reset,
    can_withdraw_factor_reset,
)
from accounts.services._factors import note, refuse, remove_everything, tell_owner
from accounts.services._sessions import end_sessions
from audit.enums import Severity
from labitory.lib.db import constraint_of, run_transaction

# Long enough for a colleague to come back from a weekend, too short to be forgotten open.
WAITS = timedelta(days=3)


def ask_factor_reset(*, actor: User, user: User, reason: str, now: datetime) -> FactorReset:
    """Ask that all second factors of a person be taken away; a second person must agree.

    The owner hears of it at once and can refuse.
    """
    if not can_ask_factor_reset(actor, user):
        raise refuse("reset", _("Somebody else who looks after security must ask for this."))
    words = _reason(reason)

    def work() -> FactorReset:
        lock_user(user.pk)
        if _waiting(user, now).exists():
            raise refuse("asked", _("Somebody asked for this already; it waits for agreement."))
        reset = FactorReset.objects.create(
            user=user, reason=words, asked_by=actor, asked_at=now, expires_at=now + WAITS
        )
        note("factor.reset_asked", Severity.WARNING, user, now, actor=actor, reason=words)
        tell_owner("account.factor_reset_asked", user, now, actor=actor.full_name, reason=words)
        return reset

    return run_transaction(work)


def agree_factor_reset(*, actor: User, reset_id: UUID, now: datetime) -> None:
    """Agree to a reset somebody else asked for: it happens at once, and the owner hears of it."""

    def work() -> None:
        reset = _open(reset_id, now)
        if not can_agree_factor_reset(actor, reset):
            raise refuse("agree", _("Neither who asked nor the owner can agree to it."))
        reset.agreed_by, reset.agreed_at = actor, now
        reset.save(update_fields=["agreed_by", "agreed_at"])
        _take_away(reset.user, actor, reset.reason, now)

    try:
        run_transaction(work)
    except IntegrityError as error:
        if constraint_of(error) == "factorreset_two_people":
            raise refuse("agree", _("Neither who asked nor the owner can agree to it.")) from error
        raise


def withdraw_factor_reset(*, actor: User, reset_id: UUID, now: datetime) -> None:
    """Take a reset back before anybody agrees; the owner can do so, too."""

    def work() -> None:
        reset = _open(reset_id, now)
        if not can_withdraw_factor_reset(actor, reset):
            raise refuse("withdraw", _("You may not take this back."))
        reset.withdrawn_at = now
        reset.save(update_fields=["withdrawn_at"])
        note("factor.reset_withdrawn", Severity.NOTICE, reset.user, now, actor=actor)

    run_transaction(work)


def reset_factors(*, user: User, reason: str, now: datetime) -> None:
    """Take all second factors of a person away, by whoever has a shell on the server."""
    words = _reason(reason)

    def work() -> None:
        lock_user(user.pk)
        _take_away(user, None, words, now)

    run_transaction(work)


def _take_away(user: User, actor: User | None, reason: str, now: datetime) -> None:
    names = remove_everything(user)
    facts = {"devices": names}
    note("factor.reset", Severity.CRITICAL, user, now, actor=actor, facts=facts, reason=reason)
    end_sessions(user, why="factor", now=now, actor=actor)
    tell_owner("account.factor_reset", user, now, reason=reason)


def _open(reset_id: UUID, now: datetime) -> FactorReset:
    """The reset, held with its owner's row so that two who agree do not both act."""
    found = FactorReset.objects.filter(public_id=reset_id).values_list("user_id", flat=True).first()
    if found is not None:
        owner = lock_user(found)
        reset = _waiting(owner, now).filter(public_id=reset_id).first()
        if reset is not None:
            return reset
    raise refuse("over", _("This request is no longer open."))


def _waiting(user: User, now: datetime) -> "QuerySet[FactorReset]":
    return FactorReset.objects.filter(
        user=user, agreed_at__isnull=True, withdrawn_at__isnull=True, expires_at__gt=now
    ).select_related("user", "asked_by")


def _reason(text: str) -> str:
    words = " ".join(text.replace("\x00", "").split())[:300]
    if not words:
        raise refuse(
            "reason", _("Say why: the owner reads it, and so does the audit log."), "reason"
        )
    return words
