"""Logging in and out."""

from datetime import datetime

from django.contrib.auth import login, logout
from django.http import HttpRequest

from accounts.models import User
from audit.services import record
from labitory.lib.db import run_transaction


def log_in(*, request: HttpRequest, user: User, now: datetime) -> None:
    """Begin a session for a user who has shown who they are."""

    def work() -> None:
        login(request, user)
        record(action="user.logged_in", actor=user, target=user, now=now)

    run_transaction(work)


def record_token_given(*, user: User, now: datetime) -> None:
    """Keep that a program was given tokens under a user's name and password."""

    def work() -> None:
        user.last_login = now
        user.save(update_fields=["last_login"])
        record(action="user.token_given", actor=user, target=user, now=now)

    run_transaction(work)


def log_out(*, request: HttpRequest, now: datetime) -> None:
    """End the session; a visitor's is simply emptied."""
    user = request.user

    def work() -> None:
        if isinstance(user, User):
            record(action="user.logged_out", actor=user, target=user, now=now)
        logout(request)

    run_transaction(work)


def record_failed_login(*, name: str, now: datetime) -> None:
    """Keep that somebody failed to log in as `name`: the account if there is one, never the words.

    What was typed is not kept: people type passwords into the wrong field. Known and unknown names
    do the same work, so the time it takes tells nobody which accounts exist.
    """

    def work() -> None:
        try:
            user = User.objects.get_by_natural_key(name.replace("\x00", ""))
        except User.DoesNotExist:
            user = User(username="?")
        record(action="user.login_failed", actor=None, target=user, now=now)

    run_transaction(work)
