"""Consents, requests and retention in the admin: to look at; pages of their own change them."""

from django.contrib import admin

from accounts.admin._read_only import ReadOnlyAdmin
from accounts.models import Consent, PrivacyRequest, RetentionRule


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Who agreed to what, and who no longer does."""

    list_display = ["user", "purpose", "version", "given_at", "withdrawn_at"]
    list_filter = ["purpose"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__last_name"]


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ReadOnlyAdmin):
    """Who asked for a copy or for erasure, and what became of it."""

    list_display = ["user", "kind", "asked_at", "due_at", "done_at", "done_by"]
    list_filter = ["kind"]
    list_select_related = ["user", "done_by"]
    search_fields = ["user__username", "user__last_name"]


@admin.register(RetentionRule)
class RetentionRuleAdmin(ReadOnlyAdmin):
    """How long data are kept."""

    list_display = ["kind", "days"]
    search_fields = ["kind"]
