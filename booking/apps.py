from django.apps import AppConfig


class BookingConfig(AppConfig):
    """Resources, their time, and the bookings that claim it."""

    name = "booking"

    def ready(self) -> None:
        """Connect the only signal receivers."""
        from booking import receivers  # noqa: F401
