"""The security report as a page."""

import pytest

from accounts.models import User
from audit.services.security import record_security
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.support.queries import count_queries

PAGE = "/audit/security/report"


def test_it_shows_the_figures_of_the_command(as_user: LogIn, dora: User, ada: User) -> None:
    client = as_user(dora)
    for _n in range(3):
        record_security(kind="login.failed", user=ada, now=clock_now())
    page = client.get(PAGE).content.decode()
    assert "A login failed: wrong name or password" in page
    assert "Accounts that logins failed for" in page
    assert "30 days" in page
    for days in ("7", "365", "-1", "x", "9" * 30):
        assert client.get(PAGE, {"days": days}).status_code == 200
    assert PAGE in client.get("/audit/security").content.decode()


def test_more_events_cost_no_more_queries(as_user: LogIn, dora: User, ada: User) -> None:
    client = as_user(dora)
    client.get(PAGE)
    for more in (1, 3):
        for _n in range(more):
            record_security(kind="login.failed", user=ada, now=clock_now())
        # The reader, six figures, the navigation.
        with count_queries(8):
            client.get(PAGE)


@pytest.mark.parametrize("name", ["ada", "ben", "chris"])
def test_others_see_nothing(cast: dict[str, User], as_user: LogIn, name: str) -> None:
    assert as_user(cast[name]).get(PAGE).status_code == 403
