"""The cast, the clock and the lab of every test."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoDbBlocker

from accounts.enums import Role
from accounts.models import User
from booking.models import OpeningHours, Resource, ResourceType
from tests.factories.people import make_user
from tests.factories.resources import make_resource
from tests.support.rows import return_to_migrations

LAB_ZONE = ZoneInfo("Europe/Berlin")
# Begun first: nobody shall wait at the end for one file of minutes.
LONGEST = (
    "tests/bench/",
    "tests/journeys/",
    "tests/workers/",
    "tests/ops/",
    "tests/booking/services/test_demo.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, then those of many tests; a file stays together."""
    files = [item.nodeid.split("::")[0] for item in items]
    sizes = Counter(files)
    first_seen = {name: place for place, name in reversed(list(enumerate(files)))}

    def place(item: pytest.Item) -> tuple[int, int, int]:
        name = item.nodeid.split("::")[0]
        rank = next((n for n, long in enumerate(LONGEST) if name.startswith(long)), len(LONGEST))
        return rank, -sizes[name], first_seen[name]

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it for garbage again costs a sixth of all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The migrated database, to which tests that commit go back."""
    with django_db_blocker.unblock():
        return_to_migrations()


@pytest.fixture
def now() -> datetime:
    """Monday, 2 March 2026, 08:00 in the lab: a quiet week with no DST change."""
    return datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    """No test sees another's rate limits or counters."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ada(db: None) -> User:
    """A student."""
    return make_user("ada", role=Role.STUDENT)


@pytest.fixture
def ben(db: None) -> User:
    """Academic staff."""
    return make_user("ben", role=Role.ACADEMIC)


@pytest.fixture
def chris(db: None) -> User:
    """The lab manager."""
    return make_user("chris", role=Role.LAB_MANAGER)


@pytest.fixture
def dora(db: None) -> User:
    """The system administrator."""
    return make_user("dora", role=Role.SYSADMIN, is_superuser=True)


@pytest.fixture
def eve(db: None) -> User:
    """An outsider: a student without access to anything restricted."""
    return make_user("eve", role=Role.STUDENT)


@pytest.fixture
def cast(ada: User, ben: User, chris: User, dora: User, eve: User) -> dict[str, User]:
    """Everybody by name."""
    return {user.username: user for user in (ada, ben, chris, dora, eve)}


@pytest.fixture
def confocals(db: None) -> ResourceType:
    """A type."""
    return ResourceType.objects.create(name="Confocal microscope")


@pytest.fixture
def microscope(confocals: ResourceType) -> Resource:
    """An instrument that is always open, on a grid of 15 minutes, without buffers."""
    return make_resource("Confocal 1", resource_type=confocals)


@pytest.fixture
def second_microscope(confocals: ResourceType) -> Resource:
    """Another of the same type."""
    return make_resource("Confocal 2", resource_type=confocals)


@pytest.fixture
def weekday_hours(db: None) -> None:
    """The lab's default: Monday to Friday, 08:00 to 20:00."""
    OpeningHours.objects.bulk_create(
        OpeningHours(weekday=day, opens_at=time(8), closes_at=time(20)) for day in range(5)
    )


LogIn = Callable[[User], Client]


@pytest.fixture
def as_user(client: Client) -> LogIn:
    """Log the test client in as somebody: `as_user(ada).get("/")`."""

    def log_in(user: User) -> Client:
        client.force_login(user)
        return client

    return log_in
