"""Addresses of projects, people and the organisation."""

from django.urls import path

from accounts.views import person_sessions, units
from booking.views import lists, people, projects

urlpatterns = [
    path("projects/<uuid:public_id>", projects.project_detail, name="project_detail"),
    path(
        "projects/<uuid:public_id>/instruments",
        projects.project_resources,
        name="project_resources",
    ),
    path("manage/people", people.person_list, name="person_list"),
    path("manage/people/export", people.person_export, name="person_export"),
    path("manage/people/<uuid:public_id>", people.person_detail, name="person_detail"),
    path("manage/people/<uuid:public_id>/unit", people.person_unit, name="person_unit"),
    path(
        "manage/people/<uuid:public_id>/sessions",
        person_sessions.person_sessions,
        name="person_sessions",
    ),
    path("manage/people/<uuid:public_id>/leave", people.person_leave, name="person_leave"),
    path("manage/people/<uuid:public_id>/return", people.person_return, name="person_return"),
    path("manage/people/<uuid:public_id>/merge", people.person_merge, name="person_merge"),
    path("manage/organisation", units.organisation_page, name="organisation"),
    path("manage/organisation/files/<slug:kind>", lists.list_export, name="list_export"),
    path("manage/organisation/import", lists.list_import, name="list_import"),
    path(
        "manage/organisation/import/confirm",
        lists.list_import_confirm,
        name="list_import_confirm",
    ),
    path("manage/organisation/units/new", units.unit_new, name="unit_new"),
    path("manage/organisation/units/<uuid:public_id>/edit", units.unit_edit, name="unit_edit"),
    path("manage/organisation/units/<uuid:public_id>/close", units.unit_close, name="unit_close"),
    path("manage/organisation/prices", units.price_class_save, name="price_class_save"),
]
