"""Addresses of courses, sessions, certificates and of asking for a training."""

from django.urls import path

from booking.views import courses, qualifications, training, training_sessions

_COURSE = "training/courses/<uuid:public_id>"
_SESSION = "training-sessions/<uuid:public_id>"
_PAPER = "training/certificates/<uuid:public_id>"

urlpatterns = [
    path("training", training.training, name="training"),
    path("training/match", training.training_match, name="training_match"),
    path("training/courses", courses.course_list, name="course_list"),
    path("training/courses/new", courses.course_new, name="course_new"),
    path(_COURSE, courses.course_detail, name="course_detail"),
    path(f"{_COURSE}/edit", courses.course_edit, name="course_edit"),
    path(f"{_COURSE}/pass", qualifications.course_pass, name="course_pass"),
    path(f"{_COURSE}/sessions/new", training_sessions.session_new, name="training_session_new"),
    path(_SESSION, training_sessions.session, name="training_session"),
    path(f"{_SESSION}/edit", training_sessions.session_edit, name="training_session_edit"),
    path(f"{_SESSION}/sign-up", training_sessions.session_sign_up, name="training_session_sign_up"),
    path(
        f"{_SESSION}/sign-off", training_sessions.session_sign_off, name="training_session_sign_off"
    ),
    path(f"{_SESSION}/add", training_sessions.session_add, name="training_session_add"),
    path(
        f"{_SESSION}/places/<uuid:user_id>/remove",
        training_sessions.session_remove,
        name="training_session_remove",
    ),
    path(f"{_SESSION}/cancel", training_sessions.session_cancel, name="training_session_cancel"),
    path(f"{_SESSION}/results", training_sessions.session_results, name="training_session_results"),
    path("training/qualifications", qualifications.qualification_list, name="qualification_list"),
    path(_PAPER, qualifications.certificate, name="certificate"),
    path(f"{_PAPER}/revoke", qualifications.certificate_revoke, name="certificate_revoke"),
    path("verify", qualifications.verify, name="verify"),
]
