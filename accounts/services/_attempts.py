"""What is kept and told of attempts to log in that came to nothing."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import LoginLocked
from accounts.models import User
from accounts.queries.guards import Guard
from accounts.signals import account_told
from audit.enums import Severity
from audit.models import SecurityEvent
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import run_transaction
from labitory.lib.text import say_minutes

LOCKED = "account.locked"
# A storm of failures writes one mail a day.
_MAIL_EVERY = timedelta(days=1)
_MINUTE = 60


def must_wait(until: datetime, now: datetime) -> LoginLocked:
    """The no to a try that comes too early: how long to wait, and the way out."""
    seconds = max(1, round((until - now).total_seconds()))
    if seconds < _MINUTE:
        words = ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    else:
        words = say_minutes(-(-seconds // _MINUTE))
    text = _("There were too many wrong attempts. Try again in %(wait)s, or have a link sent.")
    return LoginLocked(text=text % {"wait": words}, wait=timedelta(seconds=seconds))


def keep_refusal(name: str, until: datetime, now: datetime) -> None:
    """Keep that somebody tried while they had to wait."""

    def work() -> None:
        user = _named(name)
        facts = {"seconds": round((until - now).total_seconds())}
        record(
            action="user.login_refused",
            actor=None,
            target=user or User(username="?"),
            now=now,
            facts=facts,
        )
        record_security(
            kind="login.refused", severity=Severity.NOTICE, user=user, facts=facts, now=now
        )

    run_transaction(work)


def keep_failure(name: str, guard: Guard, failures: int, now: datetime) -> None:
    """Keep that somebody failed as `name`, and tell the owner when the account is locked by it.

    What was typed is not kept: people type passwords into the wrong field. Known and unknown names
    do the same work, so the time it takes tells nobody which accounts exist.
    """

    def work() -> None:
        user = _named(name)
        record(action="user.login_failed", actor=None, target=user or User(username="?"), now=now)
        facts = {"failures": failures}
        record_security(
            kind="login.failed", severity=Severity.NOTICE, user=user, facts=facts, now=now
        )
        if failures == guard.most:
            _keep_lock(user, failures, now)

    run_transaction(work)


def _keep_lock(user: User | None, failures: int, now: datetime) -> None:
    known = user if user is not None and user.is_active else None
    told = SecurityEvent.objects.filter(
        kind=LOCKED, user_id=user.pk if user else None, at__gt=now - _MAIL_EVERY
    ).exists()
    facts = {"failures": failures}
    record_security(kind=LOCKED, severity=Severity.WARNING, user=user, facts=facts, now=now)
    if not told:
        # To nobody where there is nobody to tell: the work is the same.
        account_told.send(
            sender=User, kind=LOCKED, user_pk=known.pk if known else None, now=now, facts=facts
        )


def _named(name: str) -> User | None:
    try:
        return User.objects.get_by_natural_key(name.replace("\x00", ""))
    except User.DoesNotExist:
        return None
