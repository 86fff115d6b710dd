"""Addresses of projects, people and the organisation."""

from django.urls import path

from booking.views import projects

urlpatterns = [
    path("projects/<uuid:public_id>", projects.project_detail, name="project_detail"),
    path(
        "projects/<uuid:public_id>/instruments",
        projects.project_resources,
        name="project_resources",
    ),
]
