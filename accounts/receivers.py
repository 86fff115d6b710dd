"""What follows when Django says that somebody logged in, or that the tables stand."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import RoleDefinition
from accounts.proofs import note_proof
from accounts.services.roles import write_builtin_roles
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
