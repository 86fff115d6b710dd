"""Addresses of use: beginning, staying, finishing, and what was used."""

from django.urls import path

from booking.views import check_ins, instruments, offline, sessions

urlpatterns = [
    path("i/<slug:code>", instruments.instrument, name="instrument"),
    path("i/<slug:code>/start", check_ins.instrument_start, name="instrument_start"),
    path("i/<slug:code>/kiosk", instruments.kiosk, name="kiosk"),
    path("i/<slug:code>/state", instruments.kiosk_state, name="kiosk_state"),
    path("bookings/<uuid:public_id>/check-in", check_ins.booking_check_in, name="booking_check_in"),
    path(
        "bookings/<uuid:public_id>/check-out", check_ins.booking_check_out, name="booking_check_out"
    ),
    path("bookings/<uuid:public_id>/extend", check_ins.booking_extend, name="booking_extend"),
    path("bookings/<uuid:public_id>/no-show", check_ins.booking_no_show, name="booking_no_show"),
    path("offline", offline.offline, name="offline"),
    path("sessions", sessions.session_list, name="session_list"),
    path("usage", sessions.own_usage, name="own_usage"),
    path(
        "resources/<uuid:public_id>/sessions", sessions.resource_sessions, name="resource_sessions"
    ),
]
