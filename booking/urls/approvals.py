"""Addresses of the queue of bookings that wait for a decision."""

from django.urls import path

from booking.views import approvals

urlpatterns = [
    path("manage/approvals", approvals.approval_list, name="approval_list"),
    path("bookings/<uuid:public_id>/approve", approvals.booking_approve, name="booking_approve"),
    path("bookings/<uuid:public_id>/reject", approvals.booking_reject, name="booking_reject"),
]
