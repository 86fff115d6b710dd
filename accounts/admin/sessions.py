"""Sessions, the guards of the login and earlier passwords in the admin: to read, never a secret."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from accounts.admin._read_only import GuardedAdmin, ReadOnlyAdmin
from accounts.models import LoginGuard, PasswordRecord, Session


class SessionList(ChangeList):
    """Sessions by their public ids."""

    def url_for_result(self, result: Any) -> str:
        """Where one is looked at."""
        return reverse("admin:accounts_session_change", args=[result.public_id])


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    """Who is logged in where. Neither the key, which would be the session, nor its data.

    Addresses name a session by its public id.
    """

    list_display = ["user", "agent", "address", "began_at", "seen_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email", "agent"]
    ordering = ["-seen_at"]
    fields = ["user", "agent", "address", "began_at", "seen_at", "expire_date", "public_id"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """A list whose links carry no key."""
        return SessionList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Session | None:
        """One by its public id, and by nothing else."""
        return super().get_object(request, object_id, "public_id")

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Nobody changes sessions here: there is no history of them."""
        raise Http404


@admin.register(LoginGuard)
class LoginGuardAdmin(ReadOnlyAdmin):
    """Who has to wait at the login; unlocking is on the page of locked logins."""

    list_display = ["key", "failures", "failed_at", "locked_until"]
    search_fields = ["key"]


@admin.register(PasswordRecord)
class PasswordRecordAdmin(GuardedAdmin):
    """When somebody had another password; never the password, hashed or not."""

    list_display = ["user", "set_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email"]
    fields = ["user", "set_at"]
