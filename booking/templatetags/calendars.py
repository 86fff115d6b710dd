"""Links that put a booking into somebody's calendar elsewhere."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Booking
from booking.notifications.words import outside

register = template.Library()


@register.simple_tag
def calendar_links(booking: Booking) -> list[tuple[str, str]]:
    """Names and addresses of calendars on the web, filled in with one booking.

    Whoever opens one tells its owner which instrument, where and when; purpose and notes stay here.
    """
    page = outside(reverse("booking:booking_detail", args=[booking.public_id]))
    google = {
        "action": "TEMPLATE",
        "text": booking.resource.name,
        "dates": f"{booking.start_time.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        f"/{booking.end_time.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        "location": booking.resource.location,
        "details": page,
    }
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": booking.resource.name,
        "startdt": _iso(booking.start_time),
        "enddt": _iso(booking.end_time),
        "location": booking.resource.location,
        "body": page,
    }
    return [
        (_("Google Calendar"), f"https://calendar.google.com/calendar/render?{urlencode(google)}"),
        (
            _("Outlook on the web"),
            f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(outlook)}",
        ),
    ]


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
