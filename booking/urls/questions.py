"""Addresses of what is asked at the instruments."""

from django.urls import path

from booking.views import questions

urlpatterns = [
    path(
        "resources/<uuid:public_id>/questions",
        questions.resource_questions,
        name="resource_questions",
    ),
    path("types/<uuid:public_id>/questions", questions.type_questions, name="type_questions"),
    path("questions/<uuid:public_id>", questions.question_edit, name="question_edit"),
    path("questions/<uuid:public_id>/move", questions.question_move, name="question_move"),
]
