"""One visit to an address: what answered, held against every budget, and what it tells of Ada."""

import re
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

from django.db import transaction
from django.test import Client

from tests.journeys.demo import HERS
from tests.journeys.reading import Offer, read_page
from tests.support.queries import count_queries

MOST_QUERIES = 12
# Before it deletes, the admin asks each table that refers to the kind.
MORE_QUERIES = {"admin:booking_resourcetype_delete": 13}
KILOBYTE = 1000
HEAVIEST = 60
# Pages that may be heavier, with how many kB.
HEAVIER = {
    "booking:calendar?view=week": 300,
    "booking:calendar": 150,
    # Every time zone of the world, in a page that is not ours.
    "admin:django_celery_beat_crontabschedule_add": 70,
    "admin:django_celery_beat_crontabschedule_change": 70,
}
# Sessions note their use, and who looks at somebody's data is written down for them.
WRITES = re.compile(r"(INSERT|UPDATE|DELETE)\b(?!.{1,14}\"(accounts_session|audit_dataaccess)\")")
# That somebody asked for what they may not have is kept; nothing else is, and of no other answer.
KEPT_OF_REFUSALS = re.compile(r'INSERT INTO "audit_securityevent" ')


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One answer: its status, what is wrong with it, what it offers, and what it tells of Ada."""

    name: str
    address: str
    status: int
    faults: list[str]
    target: str = ""
    offer: Offer = field(default_factory=Offer)
    hers: frozenset[str] = frozenset()


def visit(client: Client, name: str, address: str) -> Visit:
    """Open an address and hold the answer against every budget."""
    # What a refusal keeps is taken back, or links of later pages would lead to it.
    with transaction.atomic(), count_queries() as counted:
        try:
            response = client.get(address)
        except Exception as error:  # noqa: BLE001 - the test says what was raised, and where
            return Visit(name=name, address=address, status=500, faults=[f"{address}: {error!r}"])
        if response.status_code == 403:
            transaction.set_rollback(True)
    body = b"".join(response) if response.streaming else response.content
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    written = [sql for sql in counted.statements if WRITES.match(sql)]
    if response.status_code == 403:
        written = [sql for sql in written if not KEPT_OF_REFUSALS.match(sql)]
    faults = []
    if response.status_code >= 500:
        faults.append(f"{address}: {response.status_code}")
    most = MORE_QUERIES.get(name, MOST_QUERIES)
    if len(counted) > most:
        faults.append(f"{address}: {len(counted)} queries, not {most}")
    if is_page and len(body) > KILOBYTE * heaviest(name, address):
        faults.append(f"{address}: {len(body)} bytes, not {heaviest(name, address)} kB")
    faults += [f"{address}: looking at it writes: {sql[:200]}" for sql in written]
    text = body.decode(errors="replace")
    offer = read_page(text, address) if is_page else Offer()
    faults += [f"{address}: {torn}" for torn in offer.torn]
    return Visit(
        name=name,
        address=address,
        status=response.status_code,
        target=response.headers.get("Location", ""),
        faults=faults,
        offer=offer,
        hers=frozenset(word for word in HERS if word in unescape(text)),
    )


def heaviest(name: str, address: str) -> int:
    """How many kB a page may have."""
    week = "view=week" in urlsplit(address).query
    return HEAVIER.get(f"{name}?view=week" if week else name, HEAVIEST)
