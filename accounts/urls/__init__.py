"""The addresses of the account pages, noun by noun."""

from accounts.urls import (
    factors,
    groups,
    guards,
    passwords,
    privacy,
    registrations,
    roles,
    security,
    sessions,
    sso,
    users,
)

app_name = "accounts"
urlpatterns = [
    *factors.urlpatterns,
    *groups.urlpatterns,
    *guards.urlpatterns,
    *passwords.urlpatterns,
    *privacy.urlpatterns,
    *registrations.urlpatterns,
    *roles.urlpatterns,
    *security.urlpatterns,
    *sessions.urlpatterns,
    *sso.urlpatterns,
    *users.urlpatterns,
]
