"""Which request the present work belongs to, for the records it writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RequestScope:
    """The id of a request, the address and country it came from, and its browser."""

    request_id: str = ""
    address: str = ""
    country: str = ""
    agent: str = ""


_NO_REQUEST = RequestScope()
_real: ContextVar[Any | None] = ContextVar("audit_real_person", default=None)
_scope: ContextVar[RequestScope] = ContextVar("audit_request_scope", default=_NO_REQUEST)


def current_scope() -> RequestScope:
    """The request being answered; empty in tasks and commands."""
    return _scope.get()


@contextmanager
def request_scope(
    *, request_id: str, address: str, country: str = "", agent: str = ""
) -> Iterator[None]:
    """Bind the request for the time it is answered."""
    token = _scope.set(RequestScope(request_id, address, country, agent))
    try:
        yield
    finally:
        _scope.reset(token)


def real_person(actor: Any | None) -> Any | None:  # noqa: ANN401 - a user; this app knows no other
    """Who really acts: the actor, but for requests of somebody who looks as another person."""
    return _real.get() or actor


@contextmanager
def really_by(person: Any) -> Iterator[None]:  # noqa: ANN401 - a user
    """Let all that is recorded meanwhile stand under the name of this person."""
    token = _real.set(person)
    try:
        yield
    finally:
        _real.reset(token)
