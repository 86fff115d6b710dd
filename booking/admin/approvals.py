"""Who decides on bookings."""

from django.contrib import admin

from audit.admin.mixins import AuditedAdmin
from booking.admin._read_only import ReadOnlyAdmin
from booking.models import (
    Approval,
    ApprovalDelegation,
    ApprovalPolicy,
    ApprovalTier,
    ApprovalVote,
    Supervision,
)


@admin.register(ApprovalPolicy)
class ApprovalPolicyAdmin(AuditedAdmin):
    """How bookings are approved."""

    list_display = ("name", "mode", "resource", "resource_type", "role", "answer_hours")
    list_filter = ("mode",)
    search_fields = ("name", "resource__name")
    list_select_related = ("resource", "resource_type")
    autocomplete_fields = ("resource", "resource_type")


@admin.register(ApprovalTier)
class ApprovalTierAdmin(AuditedAdmin):
    """The steps of a policy."""

    list_display = ("policy", "position", "approver", "role", "person", "needed")
    list_filter = ("approver",)
    search_fields = ("policy__name",)
    list_select_related = ("policy", "person")
    autocomplete_fields = ("policy", "person")


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """Each step that a booking waited for."""

    list_display = ("booking", "position", "approver", "needed", "state", "due_at")
    list_filter = ("state", "approver")
    search_fields = ("booking__resource__name", "booking__user__username")
    list_select_related = ("booking__resource",)


@admin.register(ApprovalVote)
class ApprovalVoteAdmin(ReadOnlyAdmin):
    """Who was asked, and what they said."""

    list_display = ("approval", "user", "state", "answered_by", "answered_at")
    list_filter = ("state",)
    search_fields = ("user__username",)
    list_select_related = ("approval__booking__resource", "user", "answered_by")


@admin.register(ApprovalDelegation)
class ApprovalDelegationAdmin(ReadOnlyAdmin):
    """Who decides in whose name."""

    list_display = ("user", "delegate", "resource", "resource_type", "starts_at", "ends_at")
    search_fields = ("user__username", "delegate__username")
    list_select_related = ("user", "delegate", "resource", "resource_type")


@admin.register(Supervision)
class SupervisionAdmin(ReadOnlyAdmin):
    """Who answers for whom."""

    list_display = ("user", "supervisor", "since")
    search_fields = ("user__username", "supervisor__username")
    list_select_related = ("user", "supervisor")
