"""A person's own security log."""

from django.urls import path

from accounts.views.security import own_security

urlpatterns = [path("security", own_security, name="security")]
