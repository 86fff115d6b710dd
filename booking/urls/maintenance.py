"""Addresses of planned work."""

from django.urls import path

from booking.views import maintenance, maintenance_plans

_PLAN = "manage/maintenance/plans/<uuid:public_id>"

urlpatterns = [
    path("manage/maintenance", maintenance.maintenance_list, name="maintenance_list"),
    path("manage/maintenance/new", maintenance.maintenance_new, name="maintenance_new"),
    path(
        "manage/maintenance/<uuid:public_id>",
        maintenance.maintenance_edit,
        name="maintenance_edit",
    ),
    path(
        "manage/maintenance/<uuid:public_id>/cancel",
        maintenance.maintenance_cancel,
        name="maintenance_cancel",
    ),
    path("manage/maintenance/plans", maintenance_plans.plan_list, name="maintenance_plans"),
    path("manage/maintenance/plans/new", maintenance_plans.plan_new, name="maintenance_plan_new"),
    path(_PLAN, maintenance_plans.plan, name="maintenance_plan"),
    path(f"{_PLAN}/end", maintenance_plans.plan_end, name="maintenance_plan_end"),
]
