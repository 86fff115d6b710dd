"""Addresses of opening hours and closures."""

from django.urls import path

from booking.views import calendars

urlpatterns = [
    path("manage/hours", calendars.lab_hours, name="lab_hours"),
    path("resources/<uuid:public_id>/hours", calendars.resource_hours, name="resource_hours"),
    path("manage/closures", calendars.closure_list, name="closure_list"),
    path("manage/closures/new", calendars.closure_new, name="closure_new"),
    path(
        "manage/closures/<uuid:public_id>/remove", calendars.closure_remove, name="closure_remove"
    ),
]
