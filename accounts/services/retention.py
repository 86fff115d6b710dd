"""Deleting what is too old, every night; and setting how long it is kept."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

import structlog
from django.db.models import CharField, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from accounts.enums import DataKind, RegistrationStatus
from accounts.errors import AccountRefused
from accounts.holdings import obstacles_to_erasure
from accounts.locks import lock_user
from accounts.models import Invitation, Registration, RetentionRule, User
from accounts.permissions.privacy import can_manage_privacy
from accounts.retention import (
    LEAST_DAYS,
    MOST_DAYS,
    days_kept,
    declare_sweeper,
    sweepers,
    too_old_before,
)
from accounts.services._erasing import write_erased
from accounts.services._refusals import require
from audit.models import AuditLog
from audit.services import record
from audit.services.retention import delete_accesses, delete_security_events
from labitory.lib.db import run_transaction

logger = structlog.get_logger(__name__)
BATCH = 1000


def apply_retention(*, now: datetime) -> dict[str, int]:
    """Delete what is older than it may be; gives how many rows of each kind went.

    Small batches, each a transaction of its own: twice is once, and an interrupted run is gone on
    with by the next. Of each kind the sum is logged and audited. A kind that fails stops no other;
    its error is raised at the end.
    """
    gone: dict[DataKind, int] = {}
    failed: Exception | None = None
    for kind, days in days_kept().items():
        try:
            gone[kind] = _sweep(kind, days, now)
        except Exception as error:
            logger.exception("retention.failed", kind=kind.value)
            failed = error
    for kind, rows in gone.items():
        if rows:
            run_transaction(partial(_keep_sum, kind, rows, now))
            logger.info("retention.applied", kind=kind.value, rows=rows)
    if failed is not None:
        raise failed
    return {kind.value: rows for kind, rows in gone.items()}


def set_retention(*, actor: User, days: Mapping[DataKind, int], now: datetime) -> None:
    """Say how many days data of some kinds are kept."""
    require(can_manage_privacy(actor), "privacy")
    for kind, number in days.items():
        if not LEAST_DAYS <= number <= MOST_DAYS:
            text = _("Keep them between %(least)d and %(most)d days.")
            raise AccountRefused(
                code="retention.days",
                text=text % {"least": LEAST_DAYS, "most": MOST_DAYS},
                field=kind.value,
            )

    def work() -> None:
        before = days_kept()
        for kind, number in days.items():
            if before[kind] == number:
                continue
            rule, _made = RetentionRule.objects.update_or_create(
                kind=kind, defaults={"days": number}
            )
            record(
                action="retention.changed",
                actor=actor,
                target=rule,
                now=now,
                changes={"days": (before[kind], number)},
            )

    run_transaction(work)


def _sweep(kind: DataKind, days: int, now: datetime) -> int:
    before, gone = too_old_before(days, now), 0
    for sweeper in sweepers(kind):
        batch = partial(sweeper, before=before, now=now, limit=BATCH)
        while rows := run_transaction(batch):
            gone += rows
    return gone


def _keep_sum(kind: DataKind, rows: int, now: datetime) -> None:
    target = RetentionRule(kind=kind)
    record(action="retention.applied", actor=None, target=target, now=now, facts={"rows": rows})


def _registrations(*, before: datetime, now: datetime, limit: int) -> int:
    """Registrations that were declined or given up, and invitations that nobody took up."""
    over = Q(status=RegistrationStatus.DECLINED) | Q(status=RegistrationStatus.UNVERIFIED)
    old = Registration.objects.filter(over, asked_at__lt=before)
    ids = list(old.values_list("pk", flat=True)[:limit])
    gone = Registration.objects.filter(pk__in=ids).delete()[0]
    unused = Invitation.objects.filter(accepted_at=None, expires_at__lt=before)
    ids = list(unused.values_list("pk", flat=True)[:limit])
    return gone + Invitation.objects.filter(pk__in=ids).delete()[0]


def _closed_accounts(*, before: datetime, now: datetime, limit: int) -> int:
    """Erase one person whose account was closed long enough ago and whom nothing keeps."""
    for pk in _closed_before(before).values_list("pk", flat=True):
        user = lock_user(pk)
        if not user.is_active and not obstacles_to_erasure(user, now):
            write_erased(user, actor=None, now=now)
            return 1
    return 0


def _closed_before(before: datetime) -> "QuerySet[User]":
    """Closed accounts that are not erased yet, by when the audit log says they were closed."""
    closing = (
        AuditLog.objects.filter(
            action="user.deactivated",
            object_type=User._meta.label_lower,
            object_id=OuterRef("key"),
        )
        .order_by()
        .values("object_id")
        .annotate(last=Max("at"))
        .values("last")
    )
    return (
        User.objects.filter(is_active=False)
        .exclude(email__endswith="@invalid")
        .annotate(key=Cast("pk", CharField()))
        .annotate(closed_at=Coalesce(Subquery(closing), F("last_login"), F("date_joined")))
        .filter(closed_at__lt=before)
        .order_by("closed_at")
    )


declare_sweeper(DataKind.SECURITY_EVENTS, delete_security_events)
declare_sweeper(DataKind.DATA_ACCESS, delete_accesses)
declare_sweeper(DataKind.REGISTRATIONS, _registrations)
declare_sweeper(DataKind.CLOSED_ACCOUNTS, _closed_accounts)
