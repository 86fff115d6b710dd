"""The addresses of the booking pages, one module a noun."""

from booking.urls import (
    approvals,
    attachments,
    bookings,
    calendars,
    check_ins,
    holds,
    maintenance,
    notifications,
    pages,
    people,
    policies,
    questions,
    quotas,
    resources,
    training,
)

app_name = "booking"
urlpatterns = [
    *pages.urlpatterns,
    *bookings.urlpatterns,
    *resources.urlpatterns,
    *calendars.urlpatterns,
    *policies.urlpatterns,
    *quotas.urlpatterns,
    *holds.urlpatterns,
    *maintenance.urlpatterns,
    *approvals.urlpatterns,
    *notifications.urlpatterns,
    *check_ins.urlpatterns,
    *questions.urlpatterns,
    *people.urlpatterns,
    *attachments.urlpatterns,
    *training.urlpatterns,
]
