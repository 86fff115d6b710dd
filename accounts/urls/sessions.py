"""Logging in and out, and sessions."""

from django.urls import path

from accounts.views import sessions

urlpatterns = [
    path("login", sessions.LoginView.as_view(), name="login"),
    path("logout", sessions.logout, name="logout"),
]
