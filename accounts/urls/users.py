"""People and profiles."""

from django.urls import path

from accounts.views import users

urlpatterns = [
    path("profile", users.profile, name="profile"),
]
