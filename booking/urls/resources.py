"""Addresses of resources: the list, each one's page, and what managers write."""

from django.urls import path

from booking.views import _resource_edit as edit
from booking.views import resources

urlpatterns = [
    path("resources", resources.resource_list, name="resource_list"),
    path("resources/new", edit.resource_new, name="resource_new"),
    path("resources/stickers", resources.sticker_sheet, name="sticker_sheet"),
    path("resources/<uuid:public_id>", resources.resource_detail, name="resource_detail"),
    path("resources/<uuid:public_id>/edit", edit.resource_edit, name="resource_edit"),
    path("resources/<uuid:public_id>/close", resources.resource_close, name="resource_close"),
    path("resources/<uuid:public_id>/open", resources.resource_open, name="resource_open"),
    path("resources/<uuid:public_id>/access", resources.resource_access, name="resource_access"),
    path(
        "resources/<uuid:public_id>/access/<uuid:user_id>/revoke",
        resources.access_revoke,
        name="access_revoke",
    ),
    path(
        "resources/<uuid:public_id>/favourite",
        resources.resource_favourite,
        name="resource_favourite",
    ),
    path("resources/<uuid:public_id>/sticker", resources.resource_sticker, name="resource_sticker"),
]
