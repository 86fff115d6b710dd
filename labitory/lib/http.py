"""What every page needs to know about its lab, and where a request came from."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest


def lab_zone() -> ZoneInfo:
    """The zone in which the lab's days begin."""
    return ZoneInfo(settings.LAB_TIME_ZONE)


def lab_context(_request: HttpRequest) -> dict[str, object]:
    """Template context: the lab's name, zone and contact, and whether demo logins exist."""
    return {
        "lab": {
            "name": settings.LAB_NAME,
            "time_zone": settings.LAB_TIME_ZONE,
            "contact": settings.LAB_CONTACT,
        },
        "demo_logins": settings.DEMO_LOGINS,
    }


def client_address(request: HttpRequest) -> str:
    """The address the request came from. Forwarded headers are not believed."""
    return str(request.META.get("REMOTE_ADDR", ""))
