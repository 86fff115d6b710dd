"""Second factors: what is taken, how often, and what follows."""

import re
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import Authenticator, BackupCode, FactorRule, Passkey, TrustedDevice, User
from accounts.queries.factors import duty_of, setup_address, trusted_browsers
from accounts.services.authenticators import begin_authenticator, confirm_authenticator
from accounts.services.factor_rules import lift_factor_rule, set_factor_rule
from accounts.services.factors import (
    Shown,
    check_person,
    forget_browser,
    make_backup_codes,
    remove_device,
    rename_device,
)
from audit.catalogue import SENTENCES
from audit.models import AuditLog
from tests.factories.factors import code_of, give_app, give_passkey
from tests.factories.people import PASSWORD
from tests.support.race import race

ROOT = Path(__file__).resolve().parents[3]
HALF_MINUTE = timedelta(seconds=30)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Any:
    """Sets the clock that the waits after wrong codes are counted by."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    set_clock(now)
    return set_clock


def refusal(call: Any) -> str:
    with pytest.raises(AccountRefused) as caught:
        call()
    return caught.value.code


def show(user: User, now: datetime, **shown: Any) -> str:
    return check_person(user=user, shown=Shown(**shown), now=now)


def confirm(user: User, app: Authenticator, code: str, now: datetime) -> list[str]:
    return confirm_authenticator(
        user=user, app_id=app.public_id, name="  My\n phone ", code=code, keep="", now=now
    )


def test_an_app_counts_once_it_has_shown_a_code(ada: User, now: datetime) -> None:
    app = begin_authenticator(user=ada, now=now)
    assert "otpauth://totp/" in setup_address(app)
    assert f"secret={app.key}" in setup_address(app)
    wrong = f"{(int(code_of(app, now)) + 1) % 1_000_000:06d}"
    assert refusal(partial(confirm, ada, app, wrong, now)) == "factor.wrong"
    assert duty_of(ada, now) is None
    code = code_of(app, now)
    typed = f" {code[:3]} {code[3:]}"
    codes = confirm(ada, app, typed, now)
    assert len(set(codes)) == 10
    app.refresh_from_db()
    assert (app.confirmed, app.name, app.used_at) == (True, "My phone", now)
    assert BackupCode.objects.filter(user=ada, code_hash__in=codes).count() == 0
    actions = AuditLog.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["factor.app_added", "factor.backup_codes_made"]


def test_a_second_app_brings_no_new_codes(ada: User, now: datetime) -> None:
    give_app(ada, now)
    second, codes = give_app(ada, now, name="Tablet")
    assert codes == []
    assert Authenticator.objects.filter(user=ada, confirmed=True).count() == 2
    assert show(ada, now, code=code_of(second, now)) == "app"


def test_the_key_is_kept_encrypted(ada: User, now: datetime) -> None:
    from django.db import connection

    app, _codes = give_app(ada, now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM accounts_authenticator")
        ((kept,),) = cursor.fetchall()
    assert app.key not in kept


def test_nobody_confirms_the_app_of_another(ada: User, eve: User, now: datetime) -> None:
    app = begin_authenticator(user=ada, now=now)
    code = code_of(app, now)
    assert refusal(partial(confirm, eve, app, code, now)) == "factor.gone"


def test_a_code_works_once_and_half_a_minute_around(ada: User, now: datetime, clock: Any) -> None:
    app, _codes = give_app(ada, now)
    assert show(ada, now, code=code_of(app, now, -1)) == "app"
    assert refusal(lambda: show(ada, now, code=code_of(app, now, -1))) == "factor.wrong"
    clock(now + HALF_MINUTE)
    assert show(ada, now, code=code_of(app, now, 1)) == "app"
    clock(now + 4 * HALF_MINUTE)
    # An earlier step than the last one taken is over, too.
    assert refusal(lambda: show(ada, now, code=code_of(app, now))) == "factor.wrong"
    clock(now + 8 * HALF_MINUTE)
    assert refusal(lambda: show(ada, now, code=code_of(app, now, 2))) == "factor.wrong"


def test_wrong_codes_wait_longer_and_longer_but_not_for_ever(
    ada: User, now: datetime, clock: Any, told: list[tuple[str, int]]
) -> None:
    app, _codes = give_app(ada, now)
    told.clear()
    moment = now
    for number in range(20):
        clock(moment)
        right = code_of(app, moment)
        assert refusal(partial(show, ada, moment, code="000000")) == "factor.wrong"
        assert refusal(partial(show, ada, moment, code=right)) == "factor.wait"
        moment += timedelta(seconds=min(2**number, 2**12))
    clock(moment)
    assert show(ada, moment, code=code_of(app, moment)) == "app"
    app.refresh_from_db()
    assert app.throttling_failure_count == 0
    assert told == [("account.factor_failing", ada.pk)]
    assert AuditLog.objects.filter(action="factor.failed").count() == 40


def test_waiting_for_the_app_leaves_the_other_ways_open(
    ada: User, now: datetime, clock: Any
) -> None:
    _app, codes = give_app(ada, now)
    assert refusal(lambda: show(ada, now, code="000000")) == "factor.wrong"
    assert show(ada, now, code=codes[0]) == "backup_code"


def test_a_backup_code_works_once(
    ada: User, eve: User, now: datetime, told: list[tuple[str, int]]
) -> None:
    _app, codes = give_app(ada, now)
    give_app(eve, now)
    told.clear()
    assert refusal(lambda: show(eve, now, code=codes[3])) == "factor.wrong"
    assert show(ada, now, code=codes[3].upper().replace("-", " ")) == "backup_code"
    assert refusal(lambda: show(ada, now, code=codes[3])) == "factor.wrong"
    assert told == [("account.backup_code_used", ada.pk)]


def test_new_codes_end_the_old_ones(ada: User, now: datetime) -> None:
    _app, old = give_app(ada, now)
    new = make_backup_codes(user=ada, now=now)
    assert not set(old) & set(new)
    assert refusal(lambda: show(ada, now, code=old[0])) == "factor.wrong"
    assert show(ada, now, code=new[0]) == "backup_code"


def test_codes_alone_are_no_factor(ada: User, now: datetime) -> None:
    assert refusal(lambda: make_backup_codes(user=ada, now=now)) == "factor.none"


def test_a_password_proves_something_only_without_a_factor(ada: User, now: datetime) -> None:
    assert show(ada, now, password=PASSWORD) == "password"
    assert refusal(lambda: show(ada, now, password="guess")) == "factor.password"
    give_app(ada, now)
    assert refusal(lambda: show(ada, now, password=PASSWORD)) == "factor.missing"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_code_one_gets_in(ada: User, now: datetime) -> None:
    app, codes = give_app(ada, now)
    for code in (codes[0], code_of(app, now)):
        found = race([lambda code=code: show(ada, now, code=code)] * 6)  # type: ignore[misc]
        won = [each for each in found if isinstance(each, str)]
        lost = [each for each in found if isinstance(each, AccountRefused)]
        assert (len(won), len(lost)) == (1, 5)


def test_names_and_removal(ada: User, eve: User, now: datetime, told: list[Any]) -> None:
    app, _codes = give_app(ada, now)
    give_passkey(ada, now)
    rename_device(user=ada, device_id=app.public_id, name="Old phone", now=now)
    app.refresh_from_db()
    assert app.name == "Old phone"
    for act in (
        lambda: rename_device(user=eve, device_id=app.public_id, name="Mine", now=now),
        lambda: remove_device(user=eve, device_id=app.public_id, keep="", now=now),
    ):
        assert refusal(act) == "factor.gone"
    told.clear()
    remove_device(user=ada, device_id=app.public_id, keep="", now=now)
    assert told == [("account.factor_removed", ada.pk)]
    assert BackupCode.objects.filter(user=ada).count() == 10
    trusted = trust(ada, now)
    key = Passkey.objects.get(user=ada)
    remove_device(user=ada, device_id=key.public_id, keep="", now=now)
    assert not BackupCode.objects.filter(user=ada).exists()
    trusted.refresh_from_db()
    assert trusted.asks_factor


def test_the_last_one_stays_where_the_role_needs_one(
    ada: User, dora: User, now: datetime, told: list[Any]
) -> None:
    app, _codes = give_app(ada, now)
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=14, now=now)
    told.clear()
    found = refusal(lambda: remove_device(user=ada, device_id=app.public_id, keep="", now=now))
    assert found == "factor.last"
    assert Authenticator.objects.filter(pk=app.pk).exists()
    assert told == []
    assert not AuditLog.objects.filter(action="factor.removed").exists()


def trust(user: User, now: datetime) -> TrustedDevice:
    return TrustedDevice.objects.create(
        user=user,
        token_hash="x" * 64,
        name="Firefox on Linux",
        asks_factor=False,
        added_at=now,
        used_at=now,
        expires_at=now + timedelta(days=30),
    )


def test_a_browser_that_is_trusted_no_longer_stays_known(
    ada: User, eve: User, now: datetime
) -> None:
    device = trust(ada, now)
    assert trusted_browsers(ada, now) == [device]
    assert not trusted_browsers(ada, now + timedelta(days=30))
    found = refusal(partial(forget_browser, user=eve, device_id=device.public_id, now=now))
    assert found == "factor.gone"
    forget_browser(user=ada, device_id=device.public_id, now=now)
    device.refresh_from_db()
    assert device.asks_factor
    assert not trusted_browsers(ada, now)


def test_a_rule_gives_grace(ada: User, dora: User, now: datetime) -> None:
    User.objects.update(date_joined=now - timedelta(days=100))
    ada.refresh_from_db()
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=7, now=now)
    first = duty_of(ada, now)
    assert first is not None
    assert (first.due_at, first.is_over) == (now + timedelta(days=7), False)
    late = duty_of(ada, now + timedelta(days=7))
    assert late is not None
    assert late.is_over
    assert duty_of(dora, now) is None
    give_app(ada, now)
    assert duty_of(ada, now + timedelta(days=7)) is None
    lift_factor_rule(actor=dora, role=Role.STUDENT, now=now)
    assert not FactorRule.objects.exists()


def test_who_comes_later_has_the_days_of_grace_too(ada: User, dora: User, now: datetime) -> None:
    set_factor_rule(actor=dora, role=Role.STUDENT, grace_days=7, now=now - timedelta(days=50))
    User.objects.filter(pk=ada.pk).update(date_joined=now)
    ada.refresh_from_db()
    duty = duty_of(ada, now)
    assert duty is not None
    assert duty.due_at == now + timedelta(days=7)


@pytest.mark.parametrize("who", ["ada", "ben", "chris", "eve"])
def test_only_whoever_looks_after_security_sets_rules(
    cast: dict[str, User], now: datetime, who: str
) -> None:
    found = refusal(
        lambda: set_factor_rule(actor=cast[who], role=Role.STUDENT, grace_days=7, now=now)
    )
    assert found == "factor.rules"
    assert (
        refusal(lambda: lift_factor_rule(actor=cast[who], role=Role.STUDENT, now=now))
        == "factor.rules"
    )
    assert not FactorRule.objects.exists()


def test_every_act_has_a_sentence() -> None:
    paths = [*ROOT.glob("accounts/services/*factor*.py"), *ROOT.glob("accounts/services/_p*.py")]
    paths += [ROOT / "accounts/services/authenticators.py", ROOT / "accounts/services/passkeys.py"]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    named = set(re.findall(r"(?:action=|note\(|factor_added\()\s*\"(factor\.\w+)\"", text))
    assert len(named) > 10
    assert named <= set(SENTENCES)
