"""What every page needs to know about its lab, and where a request came from."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

# Where the middleware leaves the country; no client can write a name without HTTP_.
COUNTRY = "LABITORY_COUNTRY"
# Where a request carries the name of the permission it was refused for.
MISSING = "missing_permission"
# With this header a page's script asks for the parts that change; nobody sits behind it.
LIVE_PART = "Live-Part"


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
        "live_url": settings.LIVE_URL,
    }


def is_live_part(request: HttpRequest) -> bool:
    """Whether a page asks by itself for what changed on it."""
    return LIVE_PART in request.headers


def client_address(request: HttpRequest) -> str:
    """The address the request came from, as the proxies that are trusted tell it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def client_country(request: HttpRequest) -> str:
    """The country the request came from, in two letters; empty where no trusted proxy tells it."""
    return str(request.META.get(COUNTRY, ""))


def client_agent(request: HttpRequest) -> str:
    """What the visitor's browser says of itself, cut to what is kept."""
    return str(request.headers.get("User-Agent", "")).replace("\x00", "")[:200]
