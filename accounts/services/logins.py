"""Who logs in: the name and password, within the number of tries that anybody has."""

from datetime import datetime

from django.contrib.auth import authenticate
from django.http import HttpRequest

from accounts.models import User
from accounts.queries.devices import device_of_name, device_tokens
from accounts.queries.guards import Guard, address_guard, device_guard, name_guard
from accounts.services._attempts import keep_failure, keep_refusal, must_wait
from accounts.services._guards import Taken, settle, take_try
from labitory.lib.db import run_transaction
from labitory.lib.http import client_address


def check_login(*, request: HttpRequest, name: str, password: str, now: datetime) -> User | None:
    """The person of a name and password; None where they do not fit, whichever of the two.

    Raises LoginLocked while there were too many failures for this name or from this address: the
    password is not looked at then. A browser that the person once logged in with has a count of
    its own, so that nobody can shut them out by failing in their name.
    """
    device = device_of_name(name, device_tokens(request), now)
    if device is not None:
        guard, address = device_guard(device.pk), None
    else:
        guard, address = name_guard(name), address_guard(client_address(request))
    taken = _taken(guard, address, now)
    if taken.until is not None:
        keep_refusal(name, taken.until, now)
        raise must_wait(taken.until, now)
    # Outside of any transaction: a good hash takes its time.
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        keep_failure(name, guard, taken.failures, now)
        return None
    run_transaction(lambda: settle(guard, address))
    return user


def _taken(guard: Guard, address: Guard | None, now: datetime) -> Taken:
    return run_transaction(lambda: take_try(guard, address, now))
