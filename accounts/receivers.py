"""What follows when somebody logged in, when the tables stand, and when an alarm rings."""

from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import RoleDefinition, User
from accounts.proofs import note_proof
from accounts.queries.security import alarmed_people
from accounts.services.roles import write_builtin_roles
from accounts.signals import account_told
from audit.enums import Severity
from audit.models import SecurityAlert
from audit.signals import alert_raised
from labitory.lib.clock import now


@receiver(user_logged_in)
def remember_login(request: HttpRequest, **_details: Any) -> None:
    """Whatever door it was, the session knows when; a second factor is noted on top of it."""
    note_proof(request.session, kind="login", now=now())


@receiver(post_migrate)
def write_roles(sender: AppConfig, using: str, **_details: Any) -> None:
    """After each migration the roles of the product are as the code has them."""
    if sender.name != "accounts" or using != DEFAULT_DB_ALIAS:
        return
    # Gone again when the app was migrated back to its beginning.
    if RoleDefinition._meta.db_table in connections[using].introspection.table_names():
        write_builtin_roles()


@receiver(alert_raised)
def mail_alarm(alert: SecurityAlert, now: datetime, **_details: Any) -> None:
    """Each system administrator has a mail of what is at least a warning; the page shows all."""
    if alert.rule.severity < Severity.WARNING:
        return
    for user in alarmed_people():
        account_told.send(
            sender=User,
            kind="account.security_alert",
            user_pk=user.pk,
            now=now,
            facts={"alarm": alert.text},
        )
