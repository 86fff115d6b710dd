"""Addresses of the roles, below /manage/roles."""

from django.urls import path

from accounts.views import roles

app_name = "roles"
urlpatterns = [
    path("roles", roles.role_list, name="role_list"),
    path("roles/new", roles.role_new, name="role_new"),
    path("roles/<uuid:public_id>", roles.role_edit, name="role_edit"),
    path("roles/<uuid:public_id>/delete", roles.role_delete, name="role_delete"),
    path("roles/grants/new", roles.grant_new, name="grant_new"),
    path("roles/grants/<uuid:public_id>/revoke", roles.grant_revoke, name="grant_revoke"),
]
