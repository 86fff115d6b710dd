"""Prices of a policy file: read, written, as they stand, and made so."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from booking.errors import ActionRefused
from booking.locks import lock_price
from booking.models import Price, Resource
from booking.rules.prices import PriceFacts
from booking.services._policy_example_lines import ExampleLine
from booking.services._policy_limits import read_place
from booking.services._policy_lines import PriceLine
from booking.services._policy_places import Places
from booking.services._policy_rows import Complaints, Row
from booking.services._policy_words import read_cost
from booking.services._price_writing import (
    PriceDetails,
    drop_price,
    put_price,
    require_no_cost_since,
    require_sound,
)
from labitory.lib.http import lab_zone

_LONGEST_CODE = 40
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_price(row: Row) -> PriceLine | None:
    """A price as the file has it; None where it makes no sense, which is noted."""
    resource, kind = read_place(row)
    amount_hint, day_hint = _("write such as “12.50”."), _("write a day such as “2026-12-01”.")
    for needed, hint in (("per_hour", amount_hint), ("from", day_hint)):
        if row.is_block and not row.has(needed):
            row.complain("", _("`%(name)s:` is missing: %(hint)s") % {"name": needed, "hint": hint})
    per_hour = row.value("per_hour", read_cost, amount_hint, None)
    per_booking = row.value("per_booking", read_cost, amount_hint, Decimal(0))
    begins = row.value("from", _read_day, day_hint, None)
    code = row.word("class", most=_LONGEST_CODE)
    row.close()
    if per_hour is None or begins is None:
        return None
    return PriceLine(
        resource=resource,
        type=kind,
        price_class=code,
        per_hour=per_hour,
        per_booking=per_booking,
        begins=begins,
        at=row.at,
    )


def price_out(line: PriceLine) -> dict[str, Any]:
    """A price as the file writes it."""
    found: dict[str, Any] = {
        name: str(word)
        for name, word in (
            ("resource", line.resource),
            ("type", line.type),
            ("class", line.price_class),
        )
        if word
    }
    found["per_hour"] = f"{line.per_hour:.2f}"
    if line.per_booking:
        found["per_booking"] = f"{line.per_booking:.2f}"
    return {**found, "from": line.begins.isoformat()}


def standing_prices() -> tuple[PriceLine, ...]:
    """All prices, those that have passed and those to come."""
    rows = Price.objects.filter(currency=settings.LAB_CURRENCY)
    return tuple(
        PriceLine(
            resource=row.resource.name if row.resource else "",
            type=row.resource_type.name if row.resource_type else "",
            price_class=row.price_class.code if row.price_class else "",
            per_hour=row.per_hour,
            per_booking=row.per_booking,
            begins=row.valid_from,
        )
        for row in rows.select_related("resource", "resource_type", "price_class")
    )


def with_begun(
    lines: Iterable[PriceLine] | None, present: Iterable[PriceLine], now: datetime
) -> tuple[PriceLine, ...] | None:
    """A file's prices with those that have begun and that it leaves out: these stay."""
    if lines is None:
        return None
    said = {line.key: line for line in lines}
    kept = {line.key: line for line in present if _has_begun(line, now)}
    return tuple({**kept, **said}.values())


def note_refused_prices(
    changed: Iterable[tuple[PriceLine | None, PriceLine | None]],
    places: Places,
    wrong: Complaints,
    now: datetime,
) -> None:
    """Note prices that have begun and shall be others, and new ones that begin too early."""
    for before, after in changed:
        if after is None:
            continue
        if before is not None and _has_begun(before, now):
            text = _("This price has begun and stays as it was: write a new one from a later day.")
            wrong.add(after.at, text)
        try:
            require_no_cost_since(_row(after, places), now)
        except ActionRefused as error:
            wrong.add(after.at, error.refusals[0].text)


def price_details(line: PriceLine, places: Places) -> PriceDetails:
    """What a file says as those who write prices take it."""
    return PriceDetails(
        resource_id=places.find("resource", line.resource).public_id if line.resource else None,
        type_id=places.find("type", line.type).public_id if line.type else None,
        price_class=line.price_class,
        per_hour=line.per_hour,
        per_booking=line.per_booking,
        valid_from=line.begins,
    )


def require_sound_price(line: PriceLine, places: Places) -> None:
    """Refuse what no price can say; raises `ActionRefused`."""
    require_sound(price_details(line, places))


def write_price(
    before: PriceLine | None, after: PriceLine | None, places: Places, *, actor: User, now: datetime
) -> None:
    """Make one price what the file says; one to come that is left out is removed."""
    line = after or before
    if line is None:
        return
    row = _row(line, places)
    known = Price.objects.filter(
        resource=row.resource,
        resource_type=row.resource_type,
        price_class=row.price_class,
        valid_from=row.valid_from,
    ).values_list("public_id", flat=True)
    found = lock_price(known[0]) if known else Price(created_at=now)
    if after is None:
        drop_price(price=found, actor=actor, now=now)
    else:
        details = price_details(after, places)
        require_sound(details)
        put_price(price=found, details=details, actor=actor, now=now)


def prices_for(
    lines: Iterable[PriceLine], resource: Resource, example: ExampleLine, places: Places
) -> tuple[PriceFacts, ...]:
    """The prices that may count for an example: of the class of its project or group."""
    project = places.find("project", example.project) if example.project else None
    group = places.find("group", example.group) if example.group else None
    payer = project.group if project else group
    paid_by = (project.price_class if project else None) or (payer.price_class if payer else None)
    code = paid_by.code if paid_by else ""
    return tuple(
        PriceFacts(
            per_hour=line.per_hour,
            per_booking=line.per_booking,
            valid_from=line.begins,
            of_resource=bool(line.resource),
            of_class=bool(line.price_class),
        )
        for line in lines
        if line.price_class in ("", code)
        and (resource.name == line.resource or resource.resource_type.name == line.type)
    )


def _row(line: PriceLine, places: Places) -> Price:
    return Price(
        resource=places.find("resource", line.resource) if line.resource else None,
        resource_type=places.find("type", line.type) if line.type else None,
        price_class=places.find("class", line.price_class) if line.price_class else None,
        valid_from=line.begins,
    )


def _has_begun(line: PriceLine, now: datetime) -> bool:
    return line.begins <= now.astimezone(lab_zone()).date()


def _read_day(word: str) -> date:
    if not _DAY.fullmatch(word.strip()):
        raise ValueError(word)
    return date.fromisoformat(word.strip())
