"""Shared steps of erasing a person; the caller holds their row and knows of no obstacle."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import JSONField, Q
from django.utils.translation import gettext as _

from accounts.enums import PrivacyRequestKind, Role
from accounts.errors import AccountRefused
from accounts.holdings import Fate, Mentions, holdings, mentions, name_copies
from accounts.models import (
    Invitation,
    PrivacyRequest,
    Registration,
    User,
    UserPreferences,
    UserProfile,
)
from accounts.queries.guards import guards_of
from accounts.services._guards import lift
from accounts.services._sessions import end_sessions
from accounts.wall import acting_for
from audit.services import record
from audit.services.security import record_security

FORMER = "Former user"
_PSEUDONYM = (
    "username",
    "email",
    "first_name",
    "last_name",
    "password",
    "password_changed_at",
    "role",
    "is_superuser",
    "is_active",
    "last_login",
)
# Shorter words are part of too many others.
_SHORTEST = 3


def require_open(request: PrivacyRequest) -> None:
    """A request is answered once; the caller holds it."""
    if request.done_at is not None or request.kind != PrivacyRequestKind.ERASURE:
        text = _("This request was answered or taken back meanwhile.")
        raise AccountRefused(code="privacy.answered", text=text)


def write_erased(user: User, *, actor: User | None, now: datetime) -> None:
    """Pseudonymise the person wherever they are kept, and keep that it was done.

    `actor` is None when the time for which closed accounts are kept is over.
    """
    words, guards, email = _words_of(user), guards_of(user), user.email
    _write_pseudonym(user)
    end_sessions(user, why="erasure", now=now, actor=actor)
    lift(guards)
    _delete_asked_by(email)
    _events_told(user, email).delete()
    with acting_for(user.pk):
        rows = _empty_rows(user)
    for texts in mentions():
        _replace(texts, words)
    record(action="privacy.erased", actor=actor, target=user, now=now, facts={"rows": rows})
    record_security(kind="privacy.erased", user=user, actor=actor, now=now)


def _words_of(user: User) -> list[str]:
    """By what the person may be named, the longest first."""
    profile = UserProfile.objects.get(user=user)
    names = {user.email, user.email.lower(), user.full_name, user.username, profile.phone}
    # As JSON writes what has quotes in it.
    names |= {json.dumps(name, ensure_ascii=False)[1:-1] for name in names}
    return sorted((word for word in names if len(word) >= _SHORTEST), key=len, reverse=True)


def _delete_asked_by(email: str) -> None:
    """What was asked for before there was an account, by the same address."""
    Registration.objects.filter(email__iexact=email).delete()
    Invitation.objects.filter(email__iexact=email).delete()
    # What mail servers said of it is kept by an app above this one.
    apps.get_model("booking.bouncedaddress")._base_manager.filter(address__iexact=email).delete()


def _events_told(user: User, email: str) -> Any:  # noqa: ANN401 - a query of an app above this one
    """The events that told the person of the account, with the mails and notices made of them."""
    events = apps.get_model("booking.outboxevent")._base_manager
    to_person = Q(payload__user=user.pk) | Q(payload__address__iexact=email)
    return events.filter(to_person, kind__startswith="account.")


def _empty_rows(user: User) -> int:
    """Delete and empty what the apps declared; gives how many rows were touched."""
    touched = 0
    for each in holdings():
        rows = apps.get_model(each.model)._base_manager.filter(**{each.field: user})
        if each.fate is Fate.DELETED:
            touched += rows.delete()[0]
        elif each.emptied:
            touched += rows.update(**dict.fromkeys(each.emptied, ""))
    for copy in name_copies():
        rows = apps.get_model(copy.model)._base_manager.filter(**{copy.person: user.pk})
        touched += rows.update(**{copy.name: FORMER})
    return touched


def _write_pseudonym(user: User) -> None:
    pseudonym = f"erased-{uuid4()}"
    user.username, user.email = pseudonym, f"{pseudonym}@invalid"
    user.first_name, user.last_name = FORMER, ""
    user.password, user.password_changed_at = make_password(None), None
    user.role, user.is_superuser, user.is_active = Role.STUDENT, False, False
    user.last_login = None
    # Not all: the database counts the changes of rights itself.
    user.save(update_fields=_PSEUDONYM)
    profile = UserProfile(user=user, pk=UserProfile.objects.get(user=user).pk)
    profile.save()
    preferences = UserPreferences(user=user, pk=UserPreferences.objects.get(user=user).pk)
    preferences.show_name = False
    preferences.save()


def _replace(texts: Mentions, words: list[str]) -> None:
    """Put the pseudonym where a text names the person; whole words only."""
    model = apps.get_model(texts.model)
    table = connection.ops.quote_name(model._meta.db_table)
    pattern = rf"(?<!\w)({'|'.join(_escaped(words))})(?!\w)"
    for column, is_json in _columns(model, texts.fields):
        text = f"{column}::text" if is_json else column
        new = f"regexp_replace({text}, %(pattern)s, %(former)s, 'g')"
        with connection.cursor() as cursor:
            # Only names of our own tables and columns are put in; the words are parameters.
            cursor.execute(
                f"UPDATE {table} SET {column} = {f'({new})::jsonb' if is_json else new}"  # noqa: S608
                f" WHERE {text} ~ %(pattern)s",
                {"pattern": pattern, "former": FORMER},
            )


def _escaped(words: list[str]) -> Iterator[str]:
    """As they stand in PostgreSQL's patterns."""
    for word in words:
        yield re.sub(r"([^\w\s])", r"\\\1", word)


def _columns(model: Any, names: tuple[str, ...]) -> Iterator[tuple[str, bool]]:  # noqa: ANN401 - a model class
    for name in names:
        field = model._meta.get_field(name)
        yield connection.ops.quote_name(field.column), isinstance(field, JSONField)
