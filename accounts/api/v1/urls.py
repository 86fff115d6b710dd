"""Addresses of tokens."""

from django.urls import path

from accounts.api.v1.roles import OwnPermissionsView, RolesView
from accounts.api.v1.tokens import TokenRefreshView, TokenView

urlpatterns = [
    path("permissions", OwnPermissionsView.as_view(), name="own_permissions"),
    path("roles", RolesView.as_view(), name="roles"),
    path("token", TokenView.as_view(), name="token"),
    path("token/refresh", TokenRefreshView.as_view(), name="token_refresh"),
]
