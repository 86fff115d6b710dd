"""Addresses that pages ask by themselves, and the displays on walls."""

from django.urls import path

from booking.views import live

urlpatterns = [
    path("live/counts", live.live_counts, name="live_counts"),
]
