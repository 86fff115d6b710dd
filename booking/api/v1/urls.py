"""Addresses of the programming interface, version 1."""

from django.urls import path

from booking.api.v1 import bookings, calendars, groups, resources
from booking.api.v1.documentation import DocumentationView, SchemaView

app_name = "api"
_BOOKING = "bookings/<uuid:public_id>"

urlpatterns = [
    path("resources", resources.ResourcesView.as_view(), name="resources"),
    path("resources/<uuid:public_id>", resources.ResourceView.as_view(), name="resource"),
    path(
        "resources/<uuid:public_id>/availability",
        resources.AvailabilityView.as_view(),
        name="availability",
    ),
    path("bookings", bookings.BookingsView.as_view(), name="bookings"),
    path("bookings/check", bookings.BookingCheckView.as_view(), name="booking_check"),
    path(_BOOKING, bookings.BookingView.as_view(), name="booking"),
    path(f"{_BOOKING}/cancel", bookings.CancelView.as_view(), name="booking_cancel"),
    path(f"{_BOOKING}/approve", bookings.ApproveView.as_view(), name="booking_approve"),
    path(f"{_BOOKING}/reject", bookings.RejectView.as_view(), name="booking_reject"),
    path(f"{_BOOKING}/check-in", bookings.CheckInView.as_view(), name="booking_check_in"),
    path(f"{_BOOKING}/check-out", bookings.CheckOutView.as_view(), name="booking_check_out"),
    path("calendar", calendars.CalendarView.as_view(), name="calendar"),
    path("groups", groups.GroupsView.as_view(), name="groups"),
    path("projects", groups.ProjectsView.as_view(), name="projects"),
    path("free-slots", calendars.FreeSlotsView.as_view(), name="free_slots"),
    path("schema", SchemaView.as_view(), name="schema"),
    path("docs", DocumentationView.as_view(), name="docs"),
]
