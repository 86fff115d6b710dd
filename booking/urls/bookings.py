"""Addresses of the booking pages: home, calendar, finding time, bookings."""

from django.urls import path

from booking.views import bookings, calendar, find_time, home

urlpatterns = [
    path("", home.home, name="home"),
    path("calendar", calendar.calendar, name="calendar"),
    path("find-time", find_time.find_time, name="find_time"),
    path("bookings", bookings.booking_list, name="booking_list"),
    path("bookings/new", bookings.booking_new, name="booking_new"),
    path("bookings/preview", bookings.booking_preview, name="booking_preview"),
    path("bookings/<uuid:public_id>", bookings.booking_detail, name="booking_detail"),
    path("bookings/<uuid:public_id>/edit", bookings.booking_edit, name="booking_edit"),
    path("bookings/<uuid:public_id>/cancel", bookings.booking_cancel, name="booking_cancel"),
    path("bookings/<uuid:public_id>/booking.ics", bookings.booking_ics, name="booking_ics"),
]
