"""Addresses of the roles, below /manage/roles."""

from django.urls import path

from accounts.views import roles

app_name = "roles"
urlpatterns = [
    path("", roles.role_list, name="role_list"),
    path("/new", roles.role_new, name="role_new"),
    path("/<uuid:public_id>", roles.role_edit, name="role_edit"),
    path("/<uuid:public_id>/delete", roles.role_delete, name="role_delete"),
    path("/grants/new", roles.grant_new, name="grant_new"),
    path("/grants/<uuid:public_id>/revoke", roles.grant_revoke, name="grant_revoke"),
]
