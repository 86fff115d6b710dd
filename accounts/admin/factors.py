"""Second factors in the admin: to look at. Keys and hashes are shown to nobody."""

from django.contrib import admin

from accounts.admin._read_only import GuardedAdmin, ReadOnlyAdmin
from accounts.models import (
    Authenticator,
    BackupCode,
    FactorReset,
    FactorRule,
    Passkey,
    TrustedDevice,
)

_PERSON = ["user__username", "user__email", "user__last_name"]


@admin.register(Authenticator)
class AuthenticatorAdmin(GuardedAdmin):
    """Apps: whose, and when they were last used."""

    list_display = ["user", "name", "confirmed", "added_at", "used_at"]
    list_filter = ["confirmed"]
    list_select_related = ["user"]
    search_fields = ["name", *_PERSON]
    fields = ["user", "name", "confirmed", "added_at", "used_at", "throttling_failure_count"]


@admin.register(Passkey)
class PasskeyAdmin(GuardedAdmin):
    """Passkeys: whose, and when they were last used."""

    list_display = ["user", "name", "is_backed_up", "added_at", "used_at"]
    list_select_related = ["user"]
    search_fields = ["name", *_PERSON]
    fields = ["user", "name", "is_backed_up", "transports", "sign_count", "added_at", "used_at"]


@admin.register(BackupCode)
class BackupCodeAdmin(GuardedAdmin):
    """Backup codes: whose, and which were used."""

    list_display = ["user", "made_at", "used_at"]
    list_select_related = ["user"]
    search_fields = _PERSON
    fields = ["user", "made_at", "used_at"]


@admin.register(TrustedDevice)
class TrustedDeviceAdmin(GuardedAdmin):
    """Known browsers, and which are spared the second factor."""

    list_display = ["user", "name", "asks_factor", "used_at", "expires_at"]
    list_filter = ["asks_factor"]
    list_select_related = ["user"]
    search_fields = ["name", *_PERSON]
    fields = ["user", "name", "asks_factor", "address", "added_at", "used_at", "expires_at"]


@admin.register(FactorRule)
class FactorRuleAdmin(ReadOnlyAdmin):
    """Which roles need a second factor; set on the page of its own."""

    list_display = ["role", "required_since", "grace_days"]
    search_fields = ["role"]


@admin.register(FactorReset)
class FactorResetAdmin(ReadOnlyAdmin):
    """Resets: who asked, who agreed."""

    list_display = ["user", "asked_by", "asked_at", "agreed_by", "agreed_at", "withdrawn_at"]
    list_select_related = ["user", "asked_by", "agreed_by"]
    search_fields = ["reason", *_PERSON]
