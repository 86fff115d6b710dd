"""Resources, types, pools and who may use them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.admin.mixins import AuditedAdmin
from booking.admin._read_only import ReadOnlyAdmin
from booking.models import (
    FavouriteResource,
    ProjectResource,
    Resource,
    ResourceAccess,
    ResourceLink,
    ResourcePool,
    ResourceType,
    ResponsiblePerson,
)


class LinkInline(admin.StackedInline):  # type: ignore[type-arg]
    """What a booking occupies as well."""

    model = ResourceLink
    fk_name = "resource"
    extra = 0
    autocomplete_fields = ("linked",)


class ResponsibleInline(admin.StackedInline):  # type: ignore[type-arg]
    """Whom to ask."""

    model = ResponsiblePerson
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(ResourceType)
class ResourceTypeAdmin(AuditedAdmin):
    """Kinds of resources."""

    list_display = ("name",)
    search_fields = ("name",)


@admin.register(Resource)
class ResourceAdmin(AuditedAdmin):
    """What can be booked. Adding and seats touch claims, so they are the resource page's."""

    list_display = ("name", "code", "resource_type", "location", "is_active", "capacity")
    list_filter = ("is_active", "resource_type", "requires_access", "requires_approval")
    search_fields = ("name", "code", "location")
    list_select_related = ("resource_type",)
    readonly_fields = ("public_id", "code", "capacity", "created_at")
    # Pictures are checked and drawn anew on the resource's page.
    exclude = ("image",)
    inlines = (LinkInline, ResponsibleInline)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new resource must take over the closures to come."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Resources are closed; what happened on them stays."""
        return False


@admin.register(ResourcePool)
class ResourcePoolAdmin(AuditedAdmin):
    """Resources of which any one will do."""

    list_display = ("name",)
    search_fields = ("name",)
    filter_horizontal = ("resources",)


@admin.register(ResourceAccess)
class ResourceAccessAdmin(AuditedAdmin):
    """Who may book what is restricted."""

    list_display = ("user", "resource", "granted_by", "granted_at", "expires_at")
    list_filter = ("resource__resource_type",)
    search_fields = ("user__username", "user__email", "resource__name")
    list_select_related = ("user", "resource", "granted_by")
    autocomplete_fields = ("user", "resource")
    readonly_fields = ("granted_by", "granted_at")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Who grants is who is logged in."""
        if not change:
            obj.granted_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(ResponsiblePerson)
class ResponsiblePersonAdmin(AuditedAdmin):
    """Whom to ask about which resource."""

    list_display = ("resource", "user", "kind")
    list_filter = ("kind",)
    search_fields = ("user__username", "resource__name")
    list_select_related = ("user", "resource")
    autocomplete_fields = ("user", "resource")


@admin.register(ResourceLink)
class ResourceLinkAdmin(AuditedAdmin):
    """What a booking occupies besides its resource."""

    list_display = ("resource", "linked")
    search_fields = ("resource__name", "linked__name")
    list_select_related = ("resource", "linked")
    autocomplete_fields = ("resource", "linked")


@admin.register(ProjectResource)
class ProjectResourceAdmin(ReadOnlyAdmin):
    """What projects may be charged for."""

    list_display = ("project", "resource")
    search_fields = ("project__name", "project__code", "resource__name")
    list_select_related = ("project", "resource")


@admin.register(FavouriteResource)
class FavouriteResourceAdmin(ReadOnlyAdmin):
    """What people keep on top."""

    list_display = ("user", "resource")
    search_fields = ("user__username", "resource__name")
    list_select_related = ("user", "resource")
