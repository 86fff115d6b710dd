from django.apps import AppConfig


class LibConfig(AppConfig):
    """Makes the library's template tags known to Django."""

    name = "labitory.lib"
    label = "lib"
