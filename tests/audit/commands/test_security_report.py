"""The report for whoever runs the installation."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from audit.context import request_scope
from audit.services.security import record_security
from labitory.lib import clock


@pytest.fixture
def _events(ada: User, dora: User) -> None:
    now = clock.now()
    with request_scope(request_id="r", address="192.0.2.1"):
        for _n in range(2):
            record_security(kind="login.failed", user=ada, now=now)
        record_security(kind="login.failed", user=ada, now=now - timedelta(days=40))
    record_security(kind="factor.reset", user=ada, actor=dora, now=now)


def report(*options: str) -> str:
    out = StringIO()
    call_command("security_report", *options, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("_events")
def test_it_counts_the_last_days_for_programs() -> None:
    found = json.loads(report("--json"))
    assert found["kinds"] == {"login.failed": 2, "factor.reset": 1}
    assert found["severities"] == {"info": 0, "notice": 2, "warning": 0, "critical": 1}
    assert found["failing_accounts"] == [["Ada", 2]]
    assert found["failing_addresses"] == [["192.0.2.1", 2]]
    assert found["alerts_raised"] == 1
    assert "The second factors of Ada were reset by Dora" in found["alerts_open"][0]
    assert json.loads(report("--json", "--days", "60"))["kinds"]["login.failed"] == 3


@pytest.mark.usefixtures("_events")
def test_it_reads_well_for_people() -> None:
    text = report()
    assert "2  login.failed (A login failed: wrong name or password)" in text
    assert "Alarms nobody has handled: 1" in text


def test_it_says_when_there_is_nothing(db: None) -> None:
    assert "0  none" in report()


@pytest.mark.parametrize("days", ["0", "-1", "99999"])
def test_it_refuses_nonsense(db: None, days: str) -> None:
    with pytest.raises(CommandError, match="--days"):
        report("--days", days)
