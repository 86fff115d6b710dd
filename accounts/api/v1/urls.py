"""Addresses of tokens."""

from django.urls import path

from accounts.api.v1.tokens import TokenRefreshView, TokenView

urlpatterns = [
    path("token", TokenView.as_view(), name="token"),
    path("token/refresh", TokenRefreshView.as_view(), name="token_refresh"),
]
