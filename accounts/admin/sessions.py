"""Sessions, the guards of the login and earlier passwords in the admin: to read, never a secret."""

from django.contrib import admin

from accounts.admin._read_only import ReadOnlyAdmin
from accounts.models import LoginGuard, PasswordRecord, Session


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Who is logged in where. Neither the key, which would be the session, nor its data."""

    list_display = ["user", "agent", "address", "began_at", "seen_at"]
    # A link to one would carry its key.
    list_display_links = None
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email", "agent"]
    ordering = ["-seen_at"]
    fields = ["user", "agent", "address", "began_at", "seen_at", "expire_date", "public_id"]


@admin.register(LoginGuard)
class LoginGuardAdmin(ReadOnlyAdmin):
    """Who has to wait at the login; unlocking is on the page of locked logins."""

    list_display = ["key", "failures", "failed_at", "locked_until"]
    search_fields = ["key"]


@admin.register(PasswordRecord)
class PasswordRecordAdmin(ReadOnlyAdmin):
    """When somebody had another password; never the password, hashed or not."""

    list_display = ["user", "set_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email"]
    fields = ["user", "set_at"]
