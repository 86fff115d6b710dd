"""Logins elsewhere in the admin: to look at. The library's own pages would write unaudited."""

from django.contrib import admin
from social_django.models import Association, Nonce, UserSocialAuth

from accounts.admin._read_only import ReadOnlyAdmin

# Used up by the library within minutes; nobody looks at them.
admin.site.unregister([UserSocialAuth, Association, Nonce])


@admin.register(UserSocialAuth)
class SignOnLinkAdmin(ReadOnlyAdmin):
    """Whose account is linked to which login elsewhere."""

    list_display = ["user", "provider", "uid", "created"]
    list_filter = ["provider"]
    list_select_related = ["user"]
    search_fields = ["uid", "user__username", "user__email", "user__last_name"]
    fields = ["user", "provider", "uid", "created", "extra_data"]
