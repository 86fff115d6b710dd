"""Addresses of holds."""

from django.urls import path

from booking.views import holds

urlpatterns = [
    path("holds/new", holds.hold_new, name="hold_new"),
    path("holds/<uuid:public_id>/release", holds.hold_release, name="hold_release"),
]
