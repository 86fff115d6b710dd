from django.apps import AppConfig


class BookingConfig(AppConfig):
    """Resources, their time, and the bookings that claim it."""

    name = "booking"

    def ready(self) -> None:
        """Connect the only signal receivers, and let commits wake the workers."""
        from booking import receivers, tasks  # noqa: F401
