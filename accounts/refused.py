"""A page or endpoint that is refused for want of a permission is kept as a security event."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.services.missing import keep_missing
from labitory.lib.clock import now
from labitory.lib.http import MISSING

_FORBIDDEN = 403


class RefusalMiddleware:
    """Keeps each 403 of somebody who is logged in that was a no to the person.

    Others are none: a form without its token, a factor that is still owed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; then keep what the page or endpoint has noted."""
        response = self.get_response(request)
        code = getattr(request, MISSING, None)
        if response.status_code == _FORBIDDEN and code is not None:
            user = request.user
            if isinstance(user, User):
                keep_missing(actor=user, code=code, path=request.path, now=now())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Note which permission a page asked for; some refuse without one."""
        if isinstance(exception, PermissionDenied):
            # The apps below `accounts` know no more than the name of what is missing.
            setattr(request, MISSING, str(exception))
