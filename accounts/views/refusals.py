"""What a page of a 403 says besides that."""

from django.http import HttpRequest

from accounts.access import Missing
from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import explain, own_grants
from labitory.lib.clock import now as clock_now


def explain_refusal(request: HttpRequest, exception: Exception | None) -> dict[str, object]:
    """The missing permission with who can grant it, and the roles the reader holds."""
    user, now = getattr(request, "user", None), clock_now()
    if not isinstance(user, User):
        return {}
    found: dict[str, object] = {"grants": own_grants(user, now=now)}
    # The apps below know no more than the name of what is missing.
    code = exception.code if isinstance(exception, Missing) else str(exception)
    if code in permissions():
        where = exception.where if isinstance(exception, Missing) else None
        found["why"] = explain(user=user, code=code, where=where, now=now)
    return found
