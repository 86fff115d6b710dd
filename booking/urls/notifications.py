"""Addresses of notices."""

from django.urls import path

from booking.views import notifications

urlpatterns = [
    path("notices", notifications.notice_list, name="notice_list"),
    path("notices/read", notifications.notices_read, name="notices_read"),
]
