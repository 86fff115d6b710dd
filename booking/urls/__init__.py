"""The addresses of the booking pages, one module a noun."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern

app_name = "booking"
NOUNS = (
    "pages",
    "bookings",
    "resources",
    "calendars",
    "policies",
    "holds",
    "maintenance",
    "approvals",
    "notifications",
    "instruments",
)

urlpatterns: list[URLPattern] = []
for noun in NOUNS:
    if find_spec(f"booking.urls.{noun}"):
        urlpatterns += import_module(f"booking.urls.{noun}").urlpatterns
