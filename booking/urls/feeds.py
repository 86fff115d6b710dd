"""Addresses of calendar feeds, and of calendar files that are taken in."""

from django.urls import path

from booking.views import calendar_files, feeds, remote_calendars

urlpatterns = [
    path("calendars", feeds.feed_list, name="feed_list"),
    path("calendars/server", remote_calendars.remote_calendar, name="remote_calendar"),
    path("calendars/server/end", remote_calendars.remote_calendar_end, name="remote_calendar_end"),
    path(
        "calendars/server/<uuid:public_id>/keep",
        remote_calendars.remote_calendar_keep,
        name="remote_calendar_keep",
    ),
    path("calendars/<uuid:public_id>/renew", feeds.feed_renew, name="feed_renew"),
    path("calendars/<uuid:public_id>/revoke", feeds.feed_revoke, name="feed_revoke"),
    path(
        "resources/<uuid:public_id>/import-calendar",
        calendar_files.calendar_import,
        name="calendar_import",
    ),
    path(
        "resources/<uuid:public_id>/import-calendar/confirm",
        calendar_files.calendar_import_confirm,
        name="calendar_import_confirm",
    ),
    path("feeds/<slug:token>.ics", feeds.feed_read, name="feed_read"),
]
