"""What one may, and looking as another person."""

from django.urls import path

from accounts.views import roles, view_as

urlpatterns = [
    path("may", roles.may, name="may"),
    path("permissions", roles.permission_matrix, name="permissions"),
    path("view-as", view_as.view_as_start, name="view_as_start"),
    path("view-as/end", view_as.view_as_end, name="view_as_end"),
]
