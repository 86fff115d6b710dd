"""Addresses of series."""

from django.urls import path

from booking.views import series

urlpatterns = [
    path("series/new", series.series_new, name="series_new"),
    path("series/preview", series.series_preview, name="series_preview"),
    path("series/<uuid:public_id>", series.series_detail, name="series_detail"),
    path("series/<uuid:public_id>/edit", series.series_edit, name="series_edit"),
    path("series/<uuid:public_id>/cancel", series.series_cancel, name="series_cancel"),
    path("series/<uuid:public_id>/series.ics", series.series_ics, name="series_ics"),
]
