"""Who fails too often waits ever longer, never for ever, and never the owner of a known browser."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from accounts.errors import AccountRefused, LoginLocked
from accounts.models import LoginGuard, TrustedDevice, User
from accounts.queries.devices import DEVICE_COOKIE
from accounts.queries.guards import address_guard, locked_accounts, locked_addresses, name_guard
from accounts.services._guards import Taken, settle, take_try
from accounts.services.guards import unlock_address, unlock_user
from accounts.services.logins import check_login
from audit.context import request_scope
from audit.models import AuditLog, SecurityEvent
from labitory.lib.crypto import fingerprint
from tests.factories.people import PASSWORD
from tests.support.queries import count_queries
from tests.support.race import race

SECOND = timedelta(seconds=1)
ADDRESS = "192.0.2.7"
Ask = Callable[..., HttpRequest]


@pytest.fixture
def ask(rf: RequestFactory) -> Ask:
    """A request to log in: `ask("192.0.2.7", token)`."""

    def make(address: str = ADDRESS, token: str = "") -> HttpRequest:
        request = rf.post("/accounts/login", REMOTE_ADDR=address)
        if token:
            request.COOKIES[DEVICE_COOKIE] = token
        return request

    return make


def know_browser(user: User, now: datetime) -> str:
    """A browser that the person once logged in with; gives what it shows."""
    TrustedDevice.objects.create(
        user=user,
        token_hash=fingerprint("t0ken"),
        name="Firefox on Linux",
        added_at=now,
        used_at=now,
        expires_at=now + timedelta(days=100),
    )
    return "t0ken"


def fail(request: HttpRequest, name: str, now: datetime, times: int = 1) -> None:
    for _time in range(times):
        assert check_login(request=request, name=name, password="wrong", now=now) is None


@pytest.mark.parametrize("name", ["ada", "nobody", "dora"])
def test_waits_grow_to_a_quarter_of_an_hour_and_no_further(
    cast: dict[str, User], ask: Ask, now: datetime, name: str
) -> None:
    fail(ask(), name, now, times=5)
    moment = now
    for seconds in (30, 60, 120, 300, 900, 900, 900):
        with pytest.raises(LoginLocked) as refused:
            check_login(request=ask(), name=name, password=PASSWORD, now=moment)
        assert refused.value.wait == timedelta(seconds=seconds)
        just_before = moment + timedelta(seconds=seconds) - SECOND
        with pytest.raises(LoginLocked) as refused:
            check_login(request=ask(), name=name, password=PASSWORD, now=just_before)
        assert refused.value.wait == SECOND
        moment += timedelta(seconds=seconds)
        fail(ask(), name, moment)


def test_an_administrator_gets_in_when_the_time_is_over(
    dora: User, ask: Ask, now: datetime
) -> None:
    fail(ask(), "dora", now, times=5)
    later = now + 31 * SECOND
    found = check_login(request=ask(), name="dora", password=PASSWORD, now=later)
    assert found == dora
    assert not LoginGuard.objects.filter(key=name_guard("dora").key).exists()
    fail(ask(), "dora", later, times=4)
    assert check_login(request=ask(), name="dora", password=PASSWORD, now=later) == dora


def test_a_day_of_quiet_forgets_the_worst(ada: User, ask: Ask, now: datetime) -> None:
    moment = now
    fail(ask(), "ada", moment, times=5)
    for _time in range(40):
        moment += timedelta(minutes=15)
        fail(ask(), "ada", moment)
    moment += timedelta(days=1)
    fail(ask(), "ada", moment, times=4)
    assert check_login(request=ask(), name="ada", password=PASSWORD, now=moment) == ada


@pytest.mark.parametrize("other", ["ADA", " ada ", "ａｄａ", "Ada"])
def test_letters_of_another_form_are_no_second_count(
    ada: User, ask: Ask, now: datetime, other: str
) -> None:
    fail(ask(), "ada", now, times=3)
    fail(ask(), other, now, times=2)
    with pytest.raises(LoginLocked):
        check_login(request=ask(), name="ada", password=PASSWORD, now=now)


def test_two_names_of_one_account_do_not_tell_that_they_are(
    ada: User, ask: Ask, now: datetime
) -> None:
    fail(ask(), "ada", now, times=5)
    fail(ask(), "ada@example.org", now, times=4)
    assert check_login(request=ask(), name="ada@example.org", password=PASSWORD, now=now) == ada


def test_the_refusal_is_kept_and_looks_at_no_password(ada: User, ask: Ask, now: datetime) -> None:
    fail(ask(), "ada", now, times=5)
    assert LoginGuard.objects.get(key=name_guard("ada").key).failures == 5
    with count_queries() as counted, pytest.raises(LoginLocked):
        check_login(request=ask(), name="ada", password=PASSWORD, now=now)
    # The count, whose name it is, the record and the event.
    assert len(counted) == 4
    assert "accounts_user" not in counted.statements[0]
    assert LoginGuard.objects.get(key=name_guard("ada").key).failures == 5
    actions = list(AuditLog.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["user.login_failed"] * 5 + ["user.login_refused"]
    kinds = list(SecurityEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["login.failed"] * 5 + ["account.locked", "login.refused"]


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_known_and_unknown_names_do_the_same_work_while_locked(
    ada: User, ask: Ask, now: datetime, name: str
) -> None:
    counts = []
    with request_scope(request_id="r", address=ADDRESS):
        for _time in range(5):
            with count_queries() as counted:
                fail(ask(), name, now)
            counts.append(len(counted))
        with count_queries() as counted, pytest.raises(LoginLocked):
            check_login(request=ask(), name=name, password=PASSWORD, now=now)
    # The fifth writes that it is locked, and a letter, be it to nobody.
    assert [*counts, len(counted)] == [7, 7, 7, 7, 10, 4]


def test_a_known_browser_is_not_shut_out_and_has_a_count_of_its_own(
    ada: User, eve: User, ask: Ask, now: datetime
) -> None:
    token = know_browser(ada, now)
    fail(ask(), "ada", now, times=5)
    own = ask(token=f"{token}.another")
    assert check_login(request=own, name="ada", password=PASSWORD, now=now) == ada
    with pytest.raises(LoginLocked):
        check_login(request=ask(), name="ada", password=PASSWORD, now=now)
    fail(own, "ada@example.org", now, times=5)
    with pytest.raises(LoginLocked):
        check_login(request=own, name="ada", password=PASSWORD, now=now)
    # It is known to be ada's, and nobody else's.
    fail(ask(), "eve", now, times=5)
    with pytest.raises(LoginLocked):
        check_login(request=own, name="eve", password=PASSWORD, now=now)
    # And no longer than it is said to.
    TrustedDevice.objects.update(expires_at=now)
    with pytest.raises(LoginLocked):
        check_login(request=own, name="ada", password=PASSWORD, now=now + SECOND)


def test_ten_thousand_failures_from_many_addresses_keep_nobody_out(
    ada: User, ben: User, ask: Ask, now: datetime
) -> None:
    token = know_browser(ada, now)
    guard, moment, admitted = name_guard("ada"), now, 0
    for number in range(10_000):
        moment = now + timedelta(seconds=number)
        address = address_guard(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        admitted += take_try(guard, address, moment).until is None
    # Five at once, then ever fewer: one in a quarter of an hour.
    assert admitted == 5 + 4 + 10
    # The owner, in a browser of theirs, as if nothing were.
    own = ask("10.0.0.1", token)
    assert check_login(request=own, name="ada", password=PASSWORD, now=moment) == ada
    # Another, from one of these addresses.
    found = check_login(request=ask("10.0.0.2"), name="ben", password=PASSWORD, now=moment)
    assert found == ben
    # The owner in a new browser, when the last wait is over.
    until = LoginGuard.objects.get(key=guard.key).locked_until
    assert until is not None
    assert until - moment <= timedelta(minutes=15)
    assert check_login(request=ask(), name="ada", password=PASSWORD, now=until) == ada


def test_an_address_is_locked_after_a_hundred_failures_in_a_row(ada: User, now: datetime) -> None:
    address = address_guard(ADDRESS)
    for number in range(100):
        assert take_try(name_guard(f"name {number}"), address, now).until is None
    refused = take_try(name_guard("ada"), address, now)
    assert refused.until == now + timedelta(seconds=30)
    # A refused address counts against nobody.
    assert not LoginGuard.objects.filter(key=name_guard("ada").key).exists()
    assert take_try(name_guard("ada"), address_guard("192.0.2.8"), now).until is None
    assert [row.address for row in locked_addresses(now)] == [ADDRESS]


def test_right_passwords_are_given_back_to_the_address(db: None, now: datetime) -> None:
    address = address_guard(ADDRESS)
    for number in range(300):
        guard = name_guard(f"name {number}")
        assert take_try(guard, address, now).until is None
        settle(guard, address)
    assert LoginGuard.objects.get().failures == 0


def test_a_campus_that_mistypes_all_day_is_not_locked(db: None, now: datetime) -> None:
    address = address_guard(ADDRESS)
    for number in range(1000):
        guard = name_guard(f"name {number}")
        assert take_try(guard, address, now + 30 * number * SECOND).until is None


def test_addresses_of_one_network_are_one(db: None) -> None:
    one, two = address_guard("2001:db8::1"), address_guard("2001:db8::ffff:2")
    assert one == two != address_guard("2001:db8:0:1::1")
    assert address_guard("") == address_guard("")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_five_tries(now: datetime) -> None:
    guard, address = name_guard("ada"), address_guard(ADDRESS)
    taken = race([lambda: take_try(guard, address, now)] * 20)
    assert all(isinstance(each, Taken) for each in taken)
    assert sum(each.until is None for each in taken) == 5
    assert {each.until for each in taken} == {None, now + timedelta(seconds=30)}
    row = LoginGuard.objects.get(key=guard.key)
    assert (row.failures, row.locked_until) == (5, now + timedelta(seconds=30))
    assert LoginGuard.objects.get(key=address.key).failures == 20


@pytest.mark.parametrize(
    ("who", "allowed"),
    [("ada", False), ("ben", False), ("chris", False), ("dora", True), ("eve", False)],
)
def test_who_may_unlock(
    cast: dict[str, User], ask: Ask, now: datetime, who: str, allowed: bool
) -> None:
    fail(ask(), "ben", now, times=5)
    if not allowed:
        with pytest.raises(AccountRefused):
            unlock_user(actor=cast[who], user=cast["ben"], now=now)
        with pytest.raises(AccountRefused):
            unlock_address(actor=cast[who], address=ADDRESS, now=now)
        assert [each.user for each in locked_accounts(now)] == [cast["ben"]]
        return
    assert [each.user for each in locked_accounts(now)] == [cast["ben"]]
    assert unlock_user(actor=cast[who], user=cast["ben"], now=now, reason="called me")
    assert locked_accounts(now) == []
    assert not unlock_user(actor=cast[who], user=cast["ben"], now=now)
    assert check_login(request=ask(), name="ben", password=PASSWORD, now=now) == cast["ben"]
    kept = AuditLog.objects.get(action="user.unlocked")
    assert (kept.actor_id, kept.object_name, kept.reason) == (cast[who].pk, "Ben", "called me")
    assert SecurityEvent.objects.filter(kind="account.unlocked", user_id=cast["ben"].pk).exists()


@pytest.mark.parametrize("address", [ADDRESS, "2001:db8::7"])
def test_an_address_is_unlocked_as_it_is_listed(dora: User, now: datetime, address: str) -> None:
    for number in range(100):
        take_try(name_guard(str(number)), address_guard(address), now)
    (row,) = locked_addresses(now)
    assert unlock_address(actor=dora, address=row.address, now=now)
    assert locked_addresses(now) == []
    assert not unlock_address(actor=dora, address="nonsense", now=now)


def test_the_row_is_one_statement(db: None, now: datetime) -> None:
    guard, address = name_guard("ada"), address_guard(ADDRESS)
    with count_queries(1):
        take_try(guard, address, now)
