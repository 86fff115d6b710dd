"""Addresses of announcements: for those who make them, and for those who read them."""

from django.urls import path

from booking.views import announcements, broadcasts

_ONE = "manage/broadcasts/<uuid:public_id>"

urlpatterns = [
    path("announcements/<uuid:public_id>", announcements.announcement, name="announcement"),
    path(
        "announcements/<uuid:public_id>/acknowledge",
        announcements.announcement_acknowledge,
        name="announcement_acknowledge",
    ),
    path("manage/broadcasts", broadcasts.broadcast_list, name="broadcast_list"),
    path("manage/broadcasts/new", broadcasts.broadcast_new, name="broadcast_new"),
    path(_ONE, broadcasts.broadcast_detail, name="broadcast_detail"),
    path(f"{_ONE}/remind", broadcasts.broadcast_remind, name="broadcast_remind"),
    path(f"{_ONE}/end", broadcasts.broadcast_end, name="broadcast_end"),
]
