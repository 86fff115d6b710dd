from django.apps import AppConfig


class OpsConfig(AppConfig):
    """Makes the operators' commands known to Django."""

    name = "labitory.ops"
    label = "ops"
