"""What happens after a provider's answer was checked: who is it, and whose account is that?"""

from datetime import datetime
from typing import Any

from social_core.exceptions import AuthResponseError

from accounts.models import User
from accounts.services.sso import link_identity, sign_on
from accounts.sso.identity import Identity


def read_identity(*, backend: Any, response: Any, **_rest: Any) -> dict[str, Any]:  # noqa: ANN401
    """Bring what the provider says into our form."""
    identity: Identity = backend.identity(response)
    if not identity.uid:
        raise AuthResponseError(backend, claim="uid", code="missing_claim", stage="user_info")
    backend.found = identity
    return {"identity": identity}


def find_person(
    *, identity: Identity, link_to: User | None, now: datetime, **_rest: Any
) -> dict[str, Any]:
    """The person who logs in; or the one who is logged in and links this login to the account."""
    if link_to is None:
        return {"user": sign_on(identity=identity, now=now)}
    link_identity(user=link_to, identity=identity, now=now)
    return {"user": link_to}
