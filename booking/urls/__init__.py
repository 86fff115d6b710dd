"""The addresses of the booking pages, one module a noun."""

from booking.urls import (
    access,
    approvals,
    assessments,
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
    waiting_list,
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
    *access.urlpatterns,
    *assessments.urlpatterns,
    *training.urlpatterns,
    *waiting_list.urlpatterns,
]
