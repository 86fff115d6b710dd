from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """What the lab's use amounts to: reads bookings, never writes them."""

    name = "analytics"
