"""Searching the log and reading one object's history."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from audit.models import AuditLog
from audit.queries.logs import (
    EstimatedPaginator,
    LogFilters,
    estimated_count,
    history_lines,
    object_history,
    search,
)
from audit.services import record
from tests.support.queries import count_queries


@pytest.fixture
def everything(now: datetime) -> LogFilters:
    return LogFilters(since=now - timedelta(days=90), until=now + timedelta(days=1))


@pytest.fixture
def logs(ada: User, chris: User, now: datetime) -> list[AuditLog]:
    """Old, then Ada's login, then Chris's change of Ada."""
    return [
        record(action="user.logged_in", actor=ada, target=ada, now=now - timedelta(days=200)),
        record(action="user.logged_in", actor=ada, target=ada, now=now - timedelta(hours=2)),
        record(
            action="user.role_changed",
            actor=chris,
            target=ada,
            now=now - timedelta(hours=1),
            reason="Finished the thesis",
            facts={"resource": "Confocal 2"},
        ),
    ]


def test_newest_first_within_the_time_asked_for(
    dora: User, logs: list[AuditLog], everything: LogFilters
) -> None:
    assert list(search(viewer=dora, filters=everything)) == [logs[2], logs[1]]


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        ({"actor": "aDA"}, [1]),
        ({"action": "user"}, [2, 1]),
        ({"action": "user.role"}, [2]),
        ({"object_type": "booking.booking"}, []),
        ({"object_type": "accounts.user"}, [2, 1]),
        ({"text": "thesis"}, [2]),
        ({"text": "confocal"}, [2]),
        ({"text": "100%"}, []),
        ({"actor": "chris", "action": "user.logged_in"}, []),
    ],
)
def test_filters(
    dora: User,
    logs: list[AuditLog],
    everything: LogFilters,
    filters: dict[str, Any],
    places: list[int],
) -> None:
    found = search(viewer=dora, filters=replace(everything, **filters))
    assert list(found) == [logs[place] for place in places]


def test_goes_on_after_a_record_even_at_the_same_moment(
    dora: User, ada: User, now: datetime, everything: LogFilters
) -> None:
    made = [record(action="user.logged_in", actor=ada, target=ada, now=now) for _number in range(3)]
    after = replace(everything, before=(now, made[1].pk))
    assert list(search(viewer=dora, filters=after)) == [made[0]]


def test_only_system_administrators_find_anything(
    cast: dict[str, User], logs: list[AuditLog], everything: LogFilters
) -> None:
    found = {name: search(viewer=user, filters=everything).count() for name, user in cast.items()}
    assert found == {"ada": 0, "ben": 0, "chris": 0, "dora": 2, "eve": 0}


def test_history_is_of_one_object_and_limited(
    ada: User, eve: User, logs: list[AuditLog], now: datetime
) -> None:
    record(action="user.logged_in", actor=eve, target=eve, now=now)
    assert list(object_history(ada)) == [logs[2], logs[1], logs[0]]
    with count_queries(1):
        lines = history_lines(ada, limit=2)
    assert [line.sentence for line in lines] == ["Chris changed the role of Ada", "Ada logged in"]
    assert lines[0].reason == "Finished the thesis"
    assert lines[0].at == logs[2].at


def test_count_is_exact_where_it_is_cheap(logs: list[AuditLog]) -> None:
    assert estimated_count(AuditLog.objects.order_by("-at")) == 3
    paginator = EstimatedPaginator(AuditLog.objects.order_by("-at"), 2)
    assert paginator.count == 3
    assert EstimatedPaginator([1, 2], 2).count == 2


def test_count_of_much_is_the_planners_guess(ada: User, now: datetime) -> None:
    made = 12_000
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditlog (at, action, actor_name, object_type, object_id,"
            " object_name, changes, facts, reason, request_id)"
            " SELECT %s, 'user.logged_in', 'Ada', 'accounts.user', '1', 'Ada', '{}', '{}', '', ''"
            " FROM generate_series(1, %s)",
            [now, made],
        )
        cursor.execute("ANALYZE audit_auditlog")
    with count_queries(1):
        assert estimated_count(AuditLog.objects.all()) == pytest.approx(made, rel=0.2)
