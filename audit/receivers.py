"""What follows when the tables stand."""

from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from audit.models import AlertRule
from audit.services.alerts import write_builtin_rules


@receiver(post_migrate)
def write_rules(sender: AppConfig, using: str, **_details: Any) -> None:
    """After each migration there are the alert rules that the code has."""
    if sender.name != "audit" or using != DEFAULT_DB_ALIAS:
        return
    # Gone again when the app was migrated back to its beginning.
    if AlertRule._meta.db_table in connections[using].introspection.table_names():
        write_builtin_rules()
