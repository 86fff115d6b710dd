"""Addresses of planned work."""

from django.urls import path

from booking.views import maintenance

urlpatterns = [
    path("manage/maintenance", maintenance.maintenance_list, name="maintenance_list"),
    path("manage/maintenance/new", maintenance.maintenance_new, name="maintenance_new"),
    path(
        "manage/maintenance/<uuid:public_id>/cancel",
        maintenance.maintenance_cancel,
        name="maintenance_cancel",
    ),
]
