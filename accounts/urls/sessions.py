"""Logging in and out, and sessions."""

from django.urls import path

from accounts.views import sessions
from accounts.views._sign_on import leads_to_providers

urlpatterns = [
    path("login", leads_to_providers(sessions.LoginView.as_view()), name="login"),
    path("logout", sessions.logout, name="logout"),
    path("resume", sessions.resume, name="resume"),
    path("sessions", sessions.sessions, name="sessions"),
    path("sessions/left", sessions.session_left, name="session_left"),
    path("sessions/stay", sessions.session_stay, name="session_stay"),
    path("sessions/end-others", sessions.session_end_others, name="session_end_others"),
    path("sessions/<uuid:public_id>/end", sessions.session_end, name="session_end"),
    path("devices/<uuid:public_id>/forget", sessions.device_forget, name="device_forget"),
]
