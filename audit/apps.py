from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The append-only record of who did what."""

    name = "audit"

    def ready(self) -> None:
        """Connect the only signal receiver."""
        from audit import receivers  # noqa: F401
