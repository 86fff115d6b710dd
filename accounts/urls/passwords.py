"""Passwords."""

from django.urls import path

from accounts.views import passwords

urlpatterns = [
    path("password", passwords.PasswordChangeView.as_view(), name="password_change"),
    path("password/check", passwords.password_check, name="password_check"),
    path("password/reset", passwords.PasswordResetView.as_view(), name="password_reset"),
    path(
        "password/reset/sent",
        passwords.PasswordResetDoneView.as_view(),
        name="password_reset_done",
    ),
    path(
        "password/reset/done",
        passwords.PasswordResetCompleteView.as_view(),
        name="password_reset_complete",
    ),
    path(
        "password/reset/<uidb64>/<token>",
        passwords.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
]
