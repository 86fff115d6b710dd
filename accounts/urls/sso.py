"""Logging in elsewhere; below `login`, where what a visitor posts is never kept."""

from django.urls import path

from accounts.views import sso

urlpatterns = [
    path("login/with/<slug:provider>", sso.sso_begin, name="sso_begin"),
    path("login/with/<slug:provider>/complete", sso.sso_complete, name="sso_complete"),
    path("login/saml/metadata", sso.sso_metadata, name="sso_metadata"),
    path("logins", sso.sso_links, name="sso_links"),
    path("logins/directory", sso.sso_link_directory, name="sso_link_directory"),
    path("logins/with/<slug:provider>", sso.sso_link, name="sso_link"),
    path("logins/<int:link_id>/unlink", sso.sso_unlink, name="sso_unlink"),
]
