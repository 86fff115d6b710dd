"""Quotas: what one sees of one's own, and the pages of those who set them."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.enums import ScopeKind
from accounts.models import User
from booking.enums import QuotaHolder, QuotaPeriod
from booking.models import Booking, Quota, QuotaAccount, Resource, ResourcePool
from booking.services.bookings import create_booking
from labitory.lib.periods import Period
from tests.conftest import LogIn
from tests.factories.groups import make_group
from tests.factories.quotas import accounts, make_quota
from tests.factories.roles import give, make_role
from tests.support.queries import count_queries

pytestmark = pytest.mark.usefixtures("frozen_clock")
HOUR = timedelta(hours=1)
FORM = {
    "name": "Imaging",
    "measure": "minutes",
    "amount": "10",
    "period": "month",
    "holder": "user",
    "carry_percent": "0",
    "overdraft": "0",
    "counts_no_shows": "on",
}


def book(user: User, resource: Resource, now: datetime, start: float, hours: float = 1) -> Booking:
    begin = now + start * HOUR
    period = Period(begin, begin + hours * HOUR)
    return create_booking(
        actor=user, user=user, resource_ids=[resource.public_id], period=period, now=now
    )[0]


def text_of(response: Any) -> str:
    """What a page says, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def paths(quota: Quota) -> list[str]:
    """The managers' pages."""
    own = f"/manage/quotas/{quota.public_id}"
    return ["/manage/quotas", "/manage/quotas/new", own, f"{own}/edit", f"{own}/adjust"]


def test_anonymous_is_sent_to_the_login(client: Client, db: None) -> None:
    quota = make_quota()
    own = f"/manage/quotas/{quota.public_id}"
    for path in ("/quotas", *paths(quota), f"{own}/accounts/1"):
        assert "/accounts/login" in client.get(path)["Location"]
    for act in ("end", "resume"):
        assert "/accounts/login" in client.post(f"{own}/{act}")["Location"]
    quota.refresh_from_db()
    assert quota.is_active


def test_who_may_see_which_page(
    as_user: LogIn, cast: dict[str, User], microscope: Resource, now: datetime
) -> None:
    quota = make_quota()
    book(cast["ada"], microscope, now, 2)
    account = QuotaAccount.objects.get()
    own = f"/manage/quotas/{quota.public_id}"
    for path in (*paths(quota), f"{own}/accounts/{account.pk}"):
        found = {name: as_user(user).get(path).status_code for name, user in cast.items()}
        assert found == {"ada": 403, "ben": 403, "chris": 200, "dora": 200, "eve": 403}
    for name, user in cast.items():
        assert as_user(user).get("/quotas").status_code == 200, name
    for act in ("end", "resume", "edit", "adjust"):
        assert as_user(cast["ada"]).post(f"{own}/{act}", FORM).status_code == 403
    client = as_user(cast["chris"])
    assert client.get(f"{own}/accounts/{account.pk + 1}").status_code == 404
    assert client.get(f"{own}/accounts/{10**30}").status_code == 404
    assert client.get(
        f"/manage/quotas/{account.quota.public_id}".replace("4", "5")
    ).status_code in (
        200,
        404,
    )


def test_my_quotas_say_what_is_left(
    as_user: LogIn, ada: User, ben: User, microscope: Resource, now: datetime
) -> None:
    make_group("Cells", ben, ada)
    make_quota("Own", amount=Decimal(240), overdraft=Decimal(60), grab_hours=2)
    make_quota("Shared", holder=QuotaHolder.GROUP, resource=microscope, carry_percent=10)
    make_quota("Days", period=QuotaPeriod.ROLLING, rolling_days=7)
    mine = book(ada, microscope, now, 4, 3)
    theirs = book(ben, microscope, now, 8, 1)
    page = as_user(ada).get("/quotas")
    said = text_of(page)
    assert "Own 4 hours a month, on everything Left: 1 hour" in said
    assert "10 hours a month, on Confocal 1, shared by all of Cells" in said
    assert "10 hours in any 7 days" in said
    assert "What is still free 2 hours before its start does not count." in said
    assert "Starts afresh on" in said
    assert f"/bookings/{mine.public_id}" in page.content.decode()
    # Another's booking is named, but is nobody's to open.
    assert "Confocal 1, Ben" in said
    assert f"/bookings/{theirs.public_id}" not in page.content.decode()
    ben.preferences.show_name = False
    ben.preferences.save()
    assert "another member" in text_of(as_user(ada).get("/quotas"))


def test_who_is_not_counted_reads_so(as_user: LogIn, ada: User) -> None:
    assert "No quota counts your bookings." in text_of(as_user(ada).get("/quotas"))


@pytest.mark.parametrize("number", [1, 3])
def test_queries(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime, number: int
) -> None:
    for n in range(number):
        quota = make_quota(f"Quota {n}")
    for n in range(number):
        book(ada, microscope, now, 2 + n)
    account = QuotaAccount.objects.get(quota=quota)
    own = f"/manage/quotas/{quota.public_id}"
    for user, path, queries in (
        (ada, "/quotas", 5),
        (chris, "/manage/quotas", 4),
        (chris, own, 6),
        (chris, f"{own}/accounts/{account.pk}", 10),
        (chris, f"{own}/edit", 8),
        (chris, f"{own}/adjust", 3),
    ):
        client = as_user(user)
        client.get(path)
        with count_queries(queries):
            assert client.get(path).status_code == 200


def test_the_form_says_what_would_be_left(
    as_user: LogIn, ada: User, microscope: Resource, now: datetime
) -> None:
    make_quota("Own", amount=Decimal(240), overdraft=Decimal(60))
    book(ada, microscope, now, 30, 2)
    client = as_user(ada)

    def preview(hours: float) -> str:
        start = now + 2 * HOUR
        return text_of(
            client.get(
                "/bookings/new",
                {
                    "resource": microscope.code,
                    "start": start.isoformat(),
                    "end": (start + hours * HOUR).isoformat(),
                },
            )
        )

    assert "“Own” gives 4 hours a month; left after this booking: 30 minutes." in preview(1.5)
    assert "left after this booking: −30 minutes. That is overdraft" in preview(2.5)
    refused = preview(3.5)
    assert "left: 2 hours. Beyond it 1 hour can be had with approval." in refused


def test_the_form_says_what_is_left_before_a_time_is_chosen(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_quota("Own", amount=Decimal(240), resource=microscope)
    book(ada, microscope, now, 4, 1)
    client = as_user(ada)
    left = "Your quota “Own”, 4 hours a month: left 3 hours"
    with count_queries(8):
        page = client.get("/bookings/new", {"resource": microscope.code})
    assert left in text_of(page)
    assert left in text_of(client.post("/bookings/preview", {"resource": microscope.code}))
    for word in (second_microscope.code, "nothing", "pool:nothing", ""):
        for answer in (
            client.get("/bookings/new", {"resource": word}),
            client.post("/bookings/preview", {"resource": word}),
        ):
            assert "Your quota" not in text_of(answer), word


def test_the_accounts_say_what_is_left(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota("Own", amount=Decimal(240))
    book(ada, microscope, now, 4, 1)
    page = as_user(chris).get(f"/manage/quotas/{quota.public_id}").content.decode()
    assert '<td data-label="Left">3 hours</td>' in page


def test_instrument_and_home_say_what_is_left(
    as_user: LogIn, ada: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    make_quota("Own", amount=Decimal(240), resource=microscope)
    book(ada, microscope, now, 4, 3)
    client = as_user(ada)
    page = text_of(client.get(f"/resources/{microscope.public_id}"))
    assert "Your quota “Own”, 4 hours a month: left 1 hour, more from 1 Apr 2026." in page
    assert "Your quota" not in text_of(client.get(f"/resources/{second_microscope.public_id}"))
    assert "Left of your quotas My quotas Own 1 hour 4 hours a month" in text_of(client.get("/"))


def test_a_quota_is_set_changed_and_ended(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    client = as_user(chris)
    pool = ResourcePool.objects.create(name="Confocals")
    pool.resources.set([microscope])
    answer = client.post(
        "/manage/quotas/new",
        {**FORM, "pool": str(pool.public_id), "role": "student", "grab_hours": "0"},
    )
    quota = Quota.objects.get()
    own = f"/manage/quotas/{quota.public_id}"
    assert answer["Location"] == own
    assert (int(quota.amount), quota.pool, quota.role) == (600, pool, "student")
    assert quota.grab_hours == 0
    said = text_of(client.get(own))
    assert "10 hours a month on the pool Confocals. Each person: Student." in said
    assert 'value="10"' in client.get(f"{own}/edit").content.decode()
    book(ada, microscope, now, 2, 8)
    form = {**FORM, "amount": "2.5", "pool": str(pool.public_id)}
    done = client.post(f"{own}/edit", form, follow=True)
    assert "1 account is overdrawn by it: Ada, from 1 Mar 2026: 5 hours 30 minutes" in text_of(done)
    client.post(f"{own}/end")
    assert "ended" in text_of(client.get("/manage/quotas"))
    client.post(f"{own}/resume")
    quota.refresh_from_db()
    assert quota.is_active


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "0.001"}, "This is no whole number of minutes."),
        ({"measure": "count", "amount": "1.5"}, "Bookings are counted in whole numbers."),
        ({"measure": "cost", "amount": "1.005"}, "Write two decimals at most."),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"period": "rolling"}, "Write in how many days"),
        ({"rolling_days": "7"}, "Only rolling quotas have a number of days."),
        ({"resource_type": "x"}, "Select a valid choice."),
        ({"user": "nobody"}, "Nobody is known as nobody."),
        ({"name": "Taken"}, "There is a quota of that name already."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_nonsense_is_said_at_its_field(
    as_user: LogIn, chris: User, changes: dict[str, str], words: str
) -> None:
    make_quota("Taken")
    answer = as_user(chris).post("/manage/quotas/new", {**FORM, **changes})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert Quota.objects.count() == 1


def test_an_account_is_adjusted(
    as_user: LogIn, ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    quota = make_quota()
    book(ada, microscope, now, 2)
    own = f"/manage/quotas/{quota.public_id}"
    client = as_user(chris)
    account = client.get(f"{own}/accounts/{QuotaAccount.objects.get().pk}")
    assert "?who=ada&amp;day=2026-03-01" in account.content.decode()
    form = {"who": "ada", "day": "2026-03-20", "amount": "1.5", "reason": "The laser was down"}
    for changes, words in (
        ({"who": "nobody"}, "There is nobody of that name."),
        ({"amount": "0"}, "Write a whole number, more or less than nothing."),
        ({"day": "soon"}, "Enter a valid date."),
        ({"reason": ""}, "This field is required."),
    ):
        answer = client.post(f"{own}/adjust", {**form, **changes})
        assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert client.post(f"{own}/adjust", {**form, "who": "chris"}).status_code == 403
    assert client.post(f"{own}/adjust", form)["Location"] == own
    assert accounts(quota) == [("2026-03-01", 90, 60, 0)]
    said = text_of(client.get(f"{own}/accounts/{QuotaAccount.objects.get().pk}"))
    assert "The laser was down" in said
    assert "Who took it Ada 0 minutes used, 1 hour reserved" in said
    assert "Left: 10 hours 30 minutes." in said


def test_who_sees_no_bookings_sees_no_hidden_names(
    as_user: LogIn, ada: User, ben: User, eve: User, microscope: Resource, now: datetime
) -> None:
    """Whoever sets limits on one instrument sees who took how much, as far as they show it."""
    make_group("Cells", ben, ada)
    quota = make_quota(holder=QuotaHolder.GROUP, resource=microscope)
    booking = book(ada, microscope, now, 2)
    give(eve, make_role("keeper", "policy.manage"), ScopeKind.RESOURCE, microscope.pk)
    ada.preferences.show_name = False
    ada.preferences.save()
    path = f"/manage/quotas/{quota.public_id}/accounts/{QuotaAccount.objects.get().pk}"
    page = as_user(eve).get(path)
    assert "Ada" not in text_of(page)
    assert "another member" in text_of(page)
    assert str(booking.public_id) not in page.content.decode()
