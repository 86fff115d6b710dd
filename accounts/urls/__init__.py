"""The addresses of the account pages, noun by noun."""

from accounts.urls import passwords, sessions, users

app_name = "accounts"
urlpatterns = [
    *passwords.urlpatterns,
    *sessions.urlpatterns,
    *users.urlpatterns,
]
