"""Who a request comes from: the person of its session, while the session has its row."""

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.session_store import about


class OpenSessionMiddleware(AuthenticationMiddleware):
    """A session that was ended is nobody's at its next request, whatever Redis still holds.

    Its data come from Redis, which may have been away when the row went. Which sessions are open
    comes from the database together with the person: no query more.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Find the person when somebody asks for them first."""
        request.user = SimpleLazyObject(lambda: person_of(request))  # type: ignore[assignment]


def person_of(request: HttpRequest) -> User | AnonymousUser:
    """The person of the request's session; nobody once it was ended."""
    user = get_user(request)
    if not isinstance(user, User):
        return AnonymousUser()
    known = about(request.session)
    if known is not None and known.public_id not in user.open_sessions:  # type: ignore[attr-defined]
        request.session.flush()
        return AnonymousUser()
    return user
