"""The addresses of the account pages, noun by noun."""

from accounts.urls import groups, passwords, sessions, users

app_name = "accounts"
urlpatterns = [
    *groups.urlpatterns,
    *passwords.urlpatterns,
    *sessions.urlpatterns,
    *users.urlpatterns,
]
