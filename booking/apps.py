from django.apps import AppConfig


class BookingConfig(AppConfig):
    """Resources, their time, and the bookings that claim it."""

    name = "booking"

    def ready(self) -> None:
        """Connect the only signal receivers, let commits wake the workers, declare who may what."""
        from booking import permissions, receivers, tasks  # noqa: F401
        from booking.queries import granted_places, holdings  # noqa: F401
        from booking.services import retention  # noqa: F401
