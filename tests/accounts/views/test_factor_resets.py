"""The pages of those who look after security: rules and resets."""

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import FactorReset, FactorRule, User
from accounts.queries.factors import has_factor
from labitory.lib.clock import now as clock_now
from tests.conftest import LogIn
from tests.factories.factors import give_app
from tests.factories.people import make_user
from tests.support.queries import count_queries

RULES, RESETS = "/accounts/security/factors", "/accounts/security/resets"
RESET_QUERIES = 5


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "eve"])
def test_nobody_else_opens_or_sets_anything(
    as_user: LogIn, cast: dict[str, User], who: str
) -> None:
    client = as_user(cast[who])
    assert client.get(RULES).status_code == 403
    assert client.get(RESETS).status_code == 403
    assert client.post(RESETS, {"person": "dora", "reason": "x"}).status_code == 403
    rule = {"role": "student", "grace_days": "3"}
    assert client.post(f"{RULES}/set", rule).status_code == 403
    assert client.post(f"{RULES}/student/lift").status_code == 403
    assert not FactorRule.objects.exists()
    assert not FactorReset.objects.exists()


def test_visitors_log_in_first(client: Client, db: None) -> None:
    for page in (RULES, RESETS):
        assert client.get(page)["Location"] == f"/accounts/login?next={page}"


def test_rules_are_set_changed_and_lifted(as_user: LogIn, dora: User) -> None:
    client = as_user(dora)
    client.post(f"{RULES}/set", {"role": "student", "grace_days": "30"})
    rule = FactorRule.objects.get()
    assert (rule.role, rule.grace_days) == (Role.STUDENT, 30)
    client.post(f"{RULES}/set", {"role": "student", "grace_days": "0"})
    changed = FactorRule.objects.get()
    assert (changed.grace_days, changed.required_since) == (0, rule.required_since)
    page = client.get(RULES).content.decode()
    assert "needs one since" in page
    assert 'value="0"' in page
    client.post(f"{RULES}/student/lift")
    assert not FactorRule.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"role": "pope", "grace_days": "3"}, {"role": "student", "grace_days": "-1"}, {}]
)
def test_nonsense_sets_nothing(as_user: LogIn, dora: User, wrong: dict[str, str]) -> None:
    answer = as_user(dora).post(f"{RULES}/set", wrong, follow=True)
    assert "Choose a role" in answer.content.decode()
    assert not FactorRule.objects.exists()
    assert as_user(dora).post(f"{RULES}/pope/lift").status_code == 302


def test_one_asks_and_another_agrees(as_user: LogIn, dora: User, ada: User, chris: User) -> None:
    give_app(ada, clock_now())
    client = as_user(dora)
    assert client.post(RESETS, {"person": "nobody", "reason": "x"}).status_code == 422
    assert client.post(RESETS, {"person": "dora", "reason": "x"}).status_code == 422
    assert client.post(RESETS, {"person": "ADA", "reason": "Lost her phone"}).status_code == 302
    reset = FactorReset.objects.get()
    page = client.get(RESETS).content.decode()
    assert "Lost her phone" in page
    assert "Agree" not in page
    client.post(f"{RESETS}/{reset.public_id}/agree")
    assert has_factor(ada)
    User.objects.filter(pk=chris.pk).update(role=Role.SYSADMIN)
    other = as_user(chris)
    assert "Agree" in other.get(RESETS).content.decode()
    other.post(f"{RESETS}/{reset.public_id}/agree")
    assert not has_factor(ada)
    assert "Chris agreed." in other.get(RESETS).content.decode()


def test_it_can_be_taken_back(as_user: LogIn, dora: User, ada: User) -> None:
    client = as_user(dora)
    client.post(RESETS, {"person": "ada", "reason": "Lost her phone"})
    reset = FactorReset.objects.get()
    client.post(f"{RESETS}/{reset.public_id}/withdraw")
    assert "It was taken back." in client.get(RESETS).content.decode()
    again = client.post(f"{RESETS}/{reset.public_id}/withdraw", follow=True)
    assert "no longer open" in again.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_more(as_user: LogIn, dora: User, number: int) -> None:
    for n in range(number):
        for over in (None, clock_now()):
            FactorReset.objects.create(
                user=make_user(f"person{n}{over is None}"),
                reason="x",
                asked_by=dora,
                asked_at=clock_now(),
                expires_at=clock_now().replace(year=2100),
                withdrawn_at=over,
            )
    client = as_user(dora)
    client.get(RESETS)
    with count_queries(RESET_QUERIES):
        page = client.get(RESETS).content.decode()
    assert page.count("Take back") == number
