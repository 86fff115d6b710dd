"""The demand ledger as lab managers read it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import User
from booking.enums import DemandSource
from booking.models import DemandEntry, Resource, ResourcePool, ResourceType
from booking.queries.demand import REASONS
from booking.rules import RULES
from booking.services._booking import taken
from tests.conftest import LogIn
from tests.factories.resources import make_resource
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")


MakeWish = Callable[..., DemandEntry]


@pytest.fixture
def wish(now: datetime) -> MakeWish:
    """Write wishes into the ledger; by default a refused one of yesterday for an hour."""

    def make(*, days_ago: int = 1, **fields: Any) -> DemandEntry:
        resource: Resource | None = fields.get("resource")
        plain = {
            "at": now - timedelta(days=days_ago),
            "source": DemandSource.REFUSED,
            "role": Role.STUDENT,
            "resource_type": resource.resource_type if resource else None,
            "start_time": now,
            "end_time": now + timedelta(hours=1),
            "minutes": 60,
            "codes": ["conflict.taken"],
        }
        return DemandEntry.objects.create(**{**plain, **fields})

    return make


def test_anonymous_is_sent_to_the_login(client: Client, db: None) -> None:
    assert "/accounts/login" in client.get("/manage/demand")["Location"]


def test_only_lab_managers_may(as_user: LogIn, cast: dict[str, User]) -> None:
    allowed = {
        name
        for name, user in cast.items()
        if as_user(user).get("/manage/demand").status_code == 200
    }
    assert allowed == {"chris", "dora"}
    assert as_user(cast["chris"]).post("/manage/demand").status_code == 405


def test_every_reason_has_words() -> None:
    written_elsewhere = {"search.nothing_free", taken([]).refusals[0].code}
    assert {rule.code for rule in RULES} | written_elsewhere <= set(REASONS)


def test_wishes_are_summed_by_instrument(
    as_user: LogIn,
    chris: User,
    wish: MakeWish,
    microscope: Resource,
    second_microscope: Resource,
) -> None:
    wish(resource=microscope, minutes=90)
    wish(resource=microscope, codes=["conflict.taken", "quota.gap"])
    wish(resource=second_microscope, source=DemandSource.LOST)
    answer = as_user(chris).get("/manage/demand")
    rows = [
        (row["resource__name"], row["wishes"], row["minutes"]) for row in answer.context["page"]
    ]
    assert rows == [("Confocal 1", 2, 150), ("Confocal 2", 1, 60)]
    assert (answer.context["wishes"], answer.context["hours"]) == (3, 3.5)
    reasons = {share.label: share.wishes for share in answer.context["reasons"]}
    assert reasons == {"Time is taken": 3, "Too close to own booking": 1}
    sources = {share.key: (share.wishes, share.hours) for share in answer.context["sources"]}
    assert sources == {"refused": (2, 2.5), "lost": (1, 1.0)}
    assert "3 wishes, 3.5 hours" in answer.content.decode()


def test_wishes_for_any_instrument_have_words(
    as_user: LogIn, chris: User, wish: MakeWish, confocals: ResourceType
) -> None:
    pool = ResourcePool.objects.create(name="Thermocyclers")
    search: dict[str, Any] = {"source": DemandSource.SEARCH, "codes": ["search.nothing_free"]}
    wish(**search)
    wish(**search, pool=pool)
    wish(**search, resource_type=confocals)
    client = as_user(chris)
    page = client.get("/manage/demand").content.decode()
    assert "Any instrument" in page
    assert "Any of the pool Thermocyclers" in page
    assert "Any Confocal microscope" in page
    page = client.get("/manage/demand?by=type").content.decode()
    assert "No type" in page
    page = client.get("/manage/demand?by=wish").content.decode()
    assert page.count("Somewhere in") == 3
    assert "Student" in page


def test_filters_narrow_by_address(
    as_user: LogIn, chris: User, wish: MakeWish, microscope: Resource, confocals: ResourceType
) -> None:
    other = make_resource("Laser")
    wish(resource=microscope, days_ago=1)
    wish(resource=microscope, days_ago=20, source=DemandSource.LOST)
    wish(resource=other, days_ago=80, codes=["quota.gap"])
    wish(resource=other, days_ago=100)
    client = as_user(chris)

    def wishes(query: str) -> int:
        found: int = client.get(f"/manage/demand{query}").context["wishes"]
        return found

    assert [wishes(f"?days={days}") for days in (7, 30, 90)] == [1, 2, 3]
    assert wishes("") == 2
    assert wishes("?source=lost") == 1
    assert wishes("?days=90&code=quota.gap") == 1
    assert wishes(f"?days=90&type={confocals.public_id}") == 2
    assert wishes(f"?days=90&resource={other.public_id}&by=wish") == 1
    assert wishes("?days=5000&source=x&type=x&resource=x&by=x&page=x&code=%00") == 2
    page = client.get("/manage/demand?source=search").content.decode()
    assert "No wish fits these filters" in page


def test_an_empty_ledger_says_so(as_user: LogIn, chris: User) -> None:
    assert (
        "Everybody got what they asked for" in as_user(chris).get("/manage/demand").content.decode()
    )


def test_a_long_ledger_has_pages_that_keep_the_filters(
    as_user: LogIn, chris: User, wish: MakeWish, microscope: Resource
) -> None:
    for _n in range(26):
        wish(resource=microscope)
    client = as_user(chris)
    answer = client.get("/manage/demand?by=wish&days=7")
    assert len(answer.context["page"]) == 25
    assert "by=wish&amp;days=7&amp;page=2" in answer.content.decode()
    assert len(client.get("/manage/demand?by=wish&days=7&page=2").context["page"]) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_queries(as_user: LogIn, chris: User, wish: MakeWish, number: int) -> None:
    for n in range(number):
        kind = ResourceType.objects.create(name=f"<script>alert({n})</script>")
        wish(
            resource=make_resource(f"<script>alert({n})</script>", resource_type=kind),
            codes=["<script>alert(1)</script>"],
        )
    client = as_user(chris)
    for query in ("", "?by=type", "?by=wish"):
        with count_queries(9):
            answer = client.get(f"/manage/demand{query}")
        assert b"<script>alert" not in answer.content
        assert len(answer.content) < 60_000
