"""Addresses of risk assessments."""

from django.urls import path

from booking.views import assessments

urlpatterns = [
    path("assessments", assessments.assessment_list, name="assessment_list"),
    path("assessments/<uuid:public_id>", assessments.assessment, name="assessment"),
    path("assessments/<uuid:public_id>/edit", assessments.assessment_edit, name="assessment_edit"),
    path(
        "assessments/<uuid:public_id>/review",
        assessments.assessment_review,
        name="assessment_review",
    ),
    path(
        "resources/<uuid:public_id>/assessments/new",
        assessments.assessment_new,
        name="assessment_new",
    ),
]
