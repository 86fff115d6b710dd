"""Prices in policy files: what is to come may change, what has begun stays; examples know costs."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from audit.models import AuditLog
from booking.errors import BookingRefused
from booking.models import Price, Resource
from booking.services.policy_sets import (
    apply_again,
    apply_policies,
    export_policies,
    preview_policies,
)
from tests.booking.services.test_prices import book
from tests.factories.groups import make_group
from tests.factories.prices import make_class, make_price

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
PLAIN = "\N{NO-BREAK SPACE}"


def text(*prices: str, more: str = "") -> str:
    rows = "".join(f"  - {each}\n" for each in prices)
    return f"title: Prices\nlimits: []\nprices:{'' if rows else ' []'}\n{rows}{more}"


def said(actor: User, words: str, now: datetime) -> list[str]:
    changes = preview_policies(actor=actor, text=words, now=now).changes
    return [each.replace(PLAIN, " ") for each in changes]


def refused(actor: User, words: str, now: datetime) -> str:
    with pytest.raises(BookingRefused) as caught:
        preview_policies(actor=actor, text=words, now=now)
    assert not AuditLog.objects.filter(action__startswith="price.").exists()
    return " ".join(each.text for each in caught.value.refusals)


def test_prices_come_and_go(chris: User, microscope: Resource, now: datetime) -> None:
    make_class()
    wish = text(
        "{type: Confocal microscope, per_hour: 30, from: 2026-04-01}",
        "{resource: Confocal 1, class: industry, per_hour: 90, per_booking: 12.5, "
        "from: 2026-04-01}",
    )
    everybody = "the price on every Confocal microscope for everybody else from 1 Apr 2026"
    industry = "the price on Confocal 1 for industry from 1 Apr 2026"
    assert said(chris, wish, now) == [
        f"New: {everybody}: per hour: 30.00 EUR.",
        f"New: {industry}: per hour: 90.00 EUR; per booking: 12.50 EUR.",
    ]
    assert apply_policies(actor=chris, text=wish, now=now) is not None
    assert Price.objects.count() == 2
    assert AuditLog.objects.filter(action="price.created").count() == 2
    exported = export_policies(actor=chris)
    assert apply_policies(actor=chris, text=exported, now=now) is None
    dearer = text("{type: Confocal microscope, per_hour: 31, from: 2026-04-01}")
    assert said(chris, dearer, now) == [
        f"Changed: {everybody}: per hour: from 30.00 EUR to 31.00 EUR.",
        f"Removed: {industry} (was: per hour: 90.00 EUR; per booking: 12.50 EUR).",
    ]
    apply_policies(actor=chris, text=dearer, now=now)
    assert [each.per_hour for each in Price.objects.all()] == [31]
    # A file that does not speak of prices leaves them.
    apply_policies(actor=chris, text="title: Other\nlimits: []", now=now)
    assert Price.objects.count() == 1
    apply_again(actor=chris, version=1, now=now)
    assert Price.objects.count() == 2


def test_what_has_begun_stays(chris: User, microscope: Resource, now: datetime) -> None:
    make_price(microscope, "10", valid_from=TODAY)
    assert said(chris, text(), now) == []
    other = text("{resource: Confocal 1, per_hour: 11, from: 2026-03-02}")
    assert "Line 4, prices 1: This price has begun and stays as it was" in refused(
        chris, other, now
    )
    follows = text("{resource: Confocal 1, per_hour: 11, from: 2026-03-03}")
    apply_policies(actor=chris, text=follows, now=now)
    assert [each.per_hour for each in Price.objects.order_by("valid_from")] == [10, 11]


def test_the_past_of_what_has_cost_stays(
    ada: User, chris: User, microscope: Resource, now: datetime
) -> None:
    make_price(microscope.resource_type, "10")
    book(ada, microscope, now, 2)
    early = text("{resource: Confocal 1, per_hour: 11, from: 2026-03-01}")
    assert "Line 4, prices 1: Bookings since that day carry a cost" in refused(chris, early, now)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{per_hour: 1, from: 2026-04-01}", "one instrument or of one type"),
        ("{resource: Confocal 1, type: Confocal microscope, per_hour: 1, from: 2026-04-01}",
         "not both"),
        ("{resource: Moon, per_hour: 1, from: 2026-04-01}", "There is no resource “Moon”"),
        ("{resource: Confocal 1, class: moon, per_hour: 1, from: 2026-04-01}",
         "There is no price class with the code “moon”"),
        ("{resource: Confocal 1, per_hour: -1, from: 2026-04-01}", "“-1” is not understood"),
        ("{resource: Confocal 1, per_hour: 1.005, from: 2026-04-01}", "“1.005” is not understood"),
        ("{resource: Confocal 1, per_hour: 12345678, from: 2026-04-01}", "between 0 and 999,999"),
        ("{resource: Confocal 1, per_hour: 1, from: tomorrow}", "“tomorrow” is not understood"),
        ("{resource: Confocal 1, per_hour: 1}", "`from:` is missing"),
        ("{resource: Confocal 1, from: 2026-04-01}", "`per_hour:` is missing"),
        ("{resource: Confocal 1, per_hour: 1, from: 2026-04-01, currency: USD}",
         "“currency” is not known here"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_its_line(
    chris: User, microscope: Resource, now: datetime, row: str, words: str
) -> None:
    assert words in refused(chris, text(row), now)
    assert not Price.objects.exists()


def test_nothing_stands_twice(chris: User, microscope: Resource, now: datetime) -> None:
    row = "{resource: Confocal 1, per_hour: 1, from: 2026-04-01}"
    assert "stands twice" in refused(chris, text(row, row), now)


def test_examples_know_what_it_costs(
    ada: User, ben: User, chris: User, microscope: Resource, now: datetime
) -> None:
    group = make_group("Cells", ben, ada)
    group.price_class = make_class("academic")
    group.save()

    def example(hours: int, expect: str, more: str = "") -> str:
        return (
            '  - {role: student, resource: Confocal 1, start: "in 3 days, 10:00", '
            f'end: "in 3 days, {10 + hours}:00", expect: {expect}{more}}}\n'
        )

    more = (
        "approvals:\n  - name: Dear\n    mode: tiered\n    steps:\n"
        '      - {ask: responsible, dearer_than: "20"}\n'
        "quotas:\n  - {name: Budget, gives: 100.00 cost, each: month}\n"
        "examples:\n"
        + example(2, "allowed at once")
        + example(3, "needs approval by responsible")
        + example(3, "over quota", ", used: 75 percent")
        + example(4, "allowed at once", ", group: Cells, used: 75 percent")
    )
    wish = text(
        f"{{resource: Confocal 1, per_hour: 10, from: {TODAY + timedelta(days=1)}}}",
        f"{{resource: Confocal 1, class: academic, per_hour: 5, from: {TODAY}}}",
        more=more,
    )
    found = preview_policies(actor=chris, text=wish, now=now)
    assert found.failing == ()
    apply_policies(actor=chris, text=wish, now=now)
    assert book(ada, microscope, now, 2).cost == Decimal(5)
    exported = export_policies(actor=chris)
    assert "gives: 100.00 cost" in exported
    assert apply_policies(actor=chris, text=exported, now=now) is None
