"""One's browsers that show notices: taking one away is a plain form."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.models import PushSubscription
from booking.services.browsers import remove_browser
from booking.views._pages import reader
from labitory.lib.clock import now as clock_now


@login_required
@require_POST
def browser_remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show one's notices there no more."""
    try:
        remove_browser(user=reader(request), browser_id=public_id, now=clock_now())
    except PushSubscription.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("That browser shows your notices no more."))
    return redirect("booking:notification_preferences")
