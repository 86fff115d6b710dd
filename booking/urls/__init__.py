"""The addresses of the booking pages, one module a noun."""

from booking.urls import (
    approvals,
    attachments,
    bookings,
    calendars,
    holds,
    instruments,
    maintenance,
    notifications,
    pages,
    people,
    policies,
    resources,
)

app_name = "booking"
urlpatterns = [
    *pages.urlpatterns,
    *bookings.urlpatterns,
    *resources.urlpatterns,
    *calendars.urlpatterns,
    *policies.urlpatterns,
    *holds.urlpatterns,
    *maintenance.urlpatterns,
    *approvals.urlpatterns,
    *notifications.urlpatterns,
    *instruments.urlpatterns,
    *people.urlpatterns,
    *attachments.urlpatterns,
]
