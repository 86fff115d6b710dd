"""Which key encrypted values are under, and moving them to the current one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import needs
from accounts.queries.field_keys import older_values
from accounts.services.field_keys import rotate_keys
from accounts.views._pages import reader
from accounts.views.step_up import step_up
from labitory.lib.clock import now as clock_now
from labitory.lib.crypto import key_names

# As many as one page may wait for; the command has no such limit.
MOST_AT_ONCE = 2000


@needs("security.manage")
@require_safe
def key_list(request: HttpRequest) -> HttpResponse:
    """The keys by name, and how many values of each column are not under the first."""
    context = {"names": key_names(), "columns": older_values()}
    return render(request, "accounts/factors/keys.html", context)


@needs("security.manage")
@step_up
@require_POST
def key_rotate(request: HttpRequest) -> HttpResponseBase:
    """Encrypt what is under an old key anew."""
    found = rotate_keys(now=clock_now(), actor=reader(request), most=MOST_AT_ONCE)
    moved, unreadable = sum(c.moved for c in found), sum(c.unreadable for c in found)
    messages.success(request, _("%(n)s values were moved to the first key.") % {"n": moved})
    if unreadable:
        text = _("%(n)s values are under a key that is not there any more.")
        messages.error(request, text % {"n": unreadable})
    return redirect("accounts:security_keys")
