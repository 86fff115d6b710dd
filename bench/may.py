"""What asking "may" costs, and that pages do not ask the database more for more roles."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus

from django.db import connection
from django.test import Client

from accounts.enums import ScopeKind
from accounts.models import RoleDefinition, RoleGrant, User
from accounts.permissions import Where, may
from bench import databases
from bench.data import fill
from bench.figures import Figure, compare, watch_statements
from bench.plan import Plan
from bench.server import token_of
from booking.models import Resource
from labitory.lib.clock import now as clock_now

CODE = "booking.approve"
FEW, MANY = 1, 50
COLD_QUERIES = 2
PAGES = (
    "/",
    "/resources",
    "/bookings",
    "/calendar",
    "/manage/approvals",
    "/manage",
    "/manage/maintenance",
    "/accounts/may",
    "/api/v1/resources",
    "/api/v1/bookings",
)
# So many calls are timed at once, for one is shorter than looking at the clock.
_BATCH = 1000
# How often a page is asked until all that it keeps is warm.
_WARM = 3


def run(plan: Plan) -> list[Figure]:
    """Ask for somebody with one role, and with fifty on as many instruments."""
    with databases.database("may"):
        fill(resources=2 * MANY, users=50, bookings=min(plan.small_rows, 5000), now=clock_now())
        user = User.objects.order_by("pk")[0]
        resources = list(Resource.objects.order_by("pk")[:MANY])
        _grant(user, resources[:FEW])
        few = {page: _statements(user, page) for page in PAGES}
        with_one = list(_warm(user, resources[0], FEW, plan))
        _grant(user, resources[FEW:])
        return [
            *with_one,
            *_warm(user, resources[-1], MANY, plan),
            *_cold(user, resources[-1], plan),
            *_pages(user, few),
        ]


def _grant(user: User, resources: list[Resource]) -> None:
    """Each on one instrument, of two roles that both bring what is asked."""
    codes = ("lab-manager", "approver")
    roles = [RoleDefinition.objects.get(code=code) for code in codes]
    begun = clock_now() - timedelta(days=1)
    for place, resource in enumerate(resources):
        RoleGrant.objects.create(
            user=user,
            role=roles[place % len(roles)],
            scope_kind=ScopeKind.RESOURCE,
            scope_id=resource.pk,
            granted_at=begun,
        )
    user.refresh_from_db()


def _warm(user: User, resource: Resource, grants: int, plan: Plan) -> Iterator[Figure]:
    where = Where(resource_id=resource.pk, type_id=resource.resource_type_id)
    known = {(CODE, resource.pk): True}
    if not may(user, CODE, where):
        raise RuntimeError("the role is not there")
    with watch_statements() as again:
        may(user, CODE, where)
    found = compare(
        {
            "may": lambda: _repeat(lambda: may(user, CODE, where)),
            "lookup": lambda: _repeat(lambda: known[CODE, resource.pk]),
        },
        runs=plan.runs,
    )
    ours, lookup = (found[name].wall_ms * 1000 / _BATCH for name in ("may", "lookup"))
    yield Figure(
        name=f"may, {grants} granted, asked before: statements",
        value=again.count,
        most=0,
        firm=True,
    )
    yield Figure(name="  time", value=ours, unit="us")
    yield Figure(name="  a lookup in a dict", value=lookup, unit="us")
    yield Figure(name="  may : lookup", value=ours / lookup)


def _repeat(call: Callable[[], object]) -> None:
    for _time in range(_BATCH):
        call()


def _cold(user: User, resource: Resource, plan: Plan) -> Iterator[Figure]:
    where = Where(resource_id=resource.pk, type_id=resource.resource_type_id)
    versions = itertools.count(user.grants_version + 1)

    def ask(version: int = user.grants_version) -> bool:
        # Somebody new to this process, as every request begins.
        return may(User(pk=user.pk, role=user.role, grants_version=version), CODE, where)

    def ask_unkept() -> bool:
        # As after a grant: nobody has asked under this number.
        return ask(next(versions))

    def raw() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT scope_id FROM accounts_rolegrant WHERE user_id = %s", [user.pk])
            return cursor.fetchall()

    with watch_statements() as seen:
        ask_unkept()
    with watch_statements() as kept:
        ask()
    found = compare({"kept": ask, "cold": ask_unkept, "raw": raw}, runs=max(plan.runs * 5, 50))
    ms = {name: timing.wall_ms for name, timing in found.items()}
    yield Figure(
        name="may, nothing kept: statements", value=seen.count, most=COLD_QUERIES, firm=True
    )
    yield Figure(name="  time", value=ms["cold"], unit="ms")
    yield Figure(name="  one raw statement", value=ms["raw"], unit="ms")
    yield Figure(name="  may : raw statement", value=ms["cold"] / ms["raw"])
    yield Figure(
        name="may, a new request, kept in Redis: statements", value=kept.count, most=0, firm=True
    )
    yield Figure(name="  time", value=ms["kept"], unit="ms")


def _pages(user: User, few: dict[str, int]) -> Iterator[Figure]:
    for page in PAGES:
        many = _statements(user, page)
        yield Figure(name=f"{page}: statements with {FEW} role", value=few[page], least=1)
        yield Figure(name=f"  with {MANY}: more of them", value=many - few[page], most=0, firm=True)


def _statements(user: User, page: str) -> int:
    """How many a page makes when it was asked before."""
    client = Client(headers={"authorization": f"Bearer {token_of(user)}"})
    if not page.startswith("/api/"):
        client = Client()
        client.force_login(user)
    for _time in range(_WARM):
        with watch_statements() as seen:
            answer = client.get(page)
        if answer.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{page}: {answer.status_code}")
    return seen.count
