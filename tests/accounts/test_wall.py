"""The second wall, tried as a role that the database does not let through."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.checks import registry
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.checks import check_wall
from accounts.enums import Role
from accounts.models import (
    Authenticator,
    BackupCode,
    PasswordRecord,
    TrustedDevice,
    User,
)
from accounts.queries.factors import devices_of, factor_rules, has_factor, methods_of
from accounts.queries.privacy import copy_of
from accounts.services.factor_resets import reset_factors
from accounts.services.field_keys import rotate_keys
from accounts.services.passwords import change_password
from accounts.services.tidying import tidy_keys
from accounts.wall import (
    GUARDED,
    Opening,
    acting_for,
    acting_for_found,
    is_bypassed,
    is_guarded,
    opened,
)
from labitory.lib.clock import now as clock_now
from tests.accounts.services.test_sessions import log_in
from tests.factories.factors import code_of, give_app, give_passkey
from tests.factories.people import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ROLE = "wall_tester"
Act = Callable[[User], Any]


@pytest.fixture
def plain(request: pytest.FixtureRequest) -> Iterator[None]:
    """From here on the connection is one of a role without privileges, as in production."""
    role = f"{ROLE}_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{role}" NOSUPERUSER NOBYPASSRLS')
        cursor.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
        cursor.execute(f'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        cursor.execute(f'SET ROLE "{role}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(f'DROP OWNED BY "{role}"')
            cursor.execute(f'DROP ROLE "{role}"')


@pytest.fixture
def people(transactional_db: None) -> tuple[User, User]:
    """Two people with all that stands behind the wall."""
    now = clock_now()
    ada, eve = make_user("ada"), make_user("eve")
    for user in (ada, eve):
        give_app(user, now, name=f"Phone of {user.username}")
        give_passkey(user, now)
        PasswordRecord.objects.create(user=user, password="!", set_at=now)
        TrustedDevice.objects.create(
            user=user,
            token_hash=user.username * 9,
            name="Firefox",
            added_at=now,
            used_at=now,
            expires_at=now + timedelta(days=1),
        )
    return ada, eve


def guarded() -> list[Any]:
    return [apps.get_model(label) for label in GUARDED]


def test_what_names_a_person_and_opens_an_account_is_guarded(db: None) -> None:
    """The list in the code and the policies of the database are one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid"
            " WHERE c.relrowsecurity AND c.relforcerowsecurity"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert found == {model._meta.db_table for model in guarded()}
    assert all(is_guarded(model) for model in guarded())
    assert not is_guarded(User)


def test_the_role_of_development_walks_through(db: None) -> None:
    assert is_bypassed()


def test_nobody_is_seen_without_a_word(people: tuple[User, User], plain: None) -> None:
    assert not is_bypassed()
    for model in guarded():
        assert not model.objects.exists(), model


def test_only_ones_own_are_seen(people: tuple[User, User], plain: None) -> None:
    ada, eve = people
    for model in guarded():
        with acting_for(ada.pk):
            assert set(model.objects.values_list("user", flat=True)) == {ada.pk}, model
        with acting_for(eve.pk):
            assert set(model.objects.values_list("user", flat=True)) == {eve.pk}, model
        with opened(Opening.TIDYING):
            found = set(model.objects.values_list("user", flat=True))
        assert found == {ada.pk, eve.pk}
        # The word ended with its transaction.
        assert not model.objects.exists()


def test_rows_of_another_are_neither_changed_nor_deleted(
    people: tuple[User, User], plain: None
) -> None:
    ada, eve = people
    for model in guarded():
        with acting_for(ada.pk):
            assert model.objects.filter(user=eve).update(user=ada) == 0, model
            assert model.objects.filter(user=eve).delete()[0] == 0, model
        with opened(Opening.TIDYING):
            assert model.objects.filter(user=eve).exists()


def test_no_row_is_given_to_another(people: tuple[User, User], plain: None) -> None:
    ada, eve = people
    for model in guarded():
        with acting_for(ada.pk):
            row = model.objects.filter(user=ada).first()
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                model.objects.filter(pk=row.pk).update(user=eve)
            row.pk, row.user = None, eve
            for name in ("public_id", "credential_id", "token_hash", "code_hash"):
                if hasattr(row, name):
                    setattr(row, name, _other(getattr(row, name)))
            with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
                row.save(force_insert=True)


def _other(value: Any) -> Any:
    if isinstance(value, str):
        return "x" + value[1:]
    return bytes(value)[::-1] if isinstance(value, bytes | memoryview) else type(value)(int=1)


def test_owning_the_tables_opens_nothing(people: tuple[User, User], plain: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone() or ("",)
        cursor.execute("RESET ROLE")
        try:
            for model in guarded():
                cursor.execute(f'ALTER TABLE {model._meta.db_table} OWNER TO "{role}"')
            cursor.execute(f'SET ROLE "{role}"')
            assert not any(model.objects.exists() for model in guarded())
        finally:
            cursor.execute("RESET ROLE")
            for model in guarded():
                cursor.execute(f"ALTER TABLE {model._meta.db_table} OWNER TO CURRENT_USER")


def test_words_within_words(people: tuple[User, User], plain: None) -> None:
    ada, eve = people
    with acting_for(ada.pk):
        with acting_for(eve.pk):
            assert BackupCode.objects.filter(user=eve).exists()
        assert not BackupCode.objects.filter(user=eve).exists()
        assert BackupCode.objects.filter(user=ada).exists()
        with pytest.raises(ValueError, match="undone"), opened(Opening.TIDYING):
            raise ValueError("undone")
        assert set(BackupCode.objects.values_list("user", flat=True)) == {ada.pk}
    with transaction.atomic():
        with opened(Opening.TIDYING):
            assert BackupCode.objects.exists()
        assert not BackupCode.objects.exists()
    with acting_for_found(User.objects.filter(username="nobody")) as person:
        assert person is None
        assert not BackupCode.objects.exists()


def test_every_page_asks_only_whether_there_is_a_factor(
    people: tuple[User, User], plain: None
) -> None:
    ada, eve = people
    assert has_factor(ada)
    assert methods_of(eve) == methods_of(ada)
    # What was asked of one person opened nothing for the next statement.
    assert not Authenticator.objects.exists()


def shown(client: Client) -> str:
    return client.get("/accounts/factors").content.decode()


def test_a_login_with_an_app_a_code_and_a_new_app(people: tuple[User, User], plain: None) -> None:
    ada, _eve = people
    client, now = Client(), clock_now()
    given = {"username": "ada", "password": PASSWORD}
    ask = client.post("/accounts/login", given)["Location"]
    with opened(Opening.TIDYING):
        app = Authenticator.objects.get(user=ada)
    assert client.post(ask, {"code": code_of(app, now), "trust": "on"}).status_code == 302
    page = shown(client)
    assert "Phone of ada" in page
    assert "Phone of eve" not in page
    # Enrolment of another app, from the same session.
    new = client.post(reverse("accounts:factor_app_new"))["Location"]
    with acting_for(ada.pk):
        fresh = Authenticator.objects.get(user=ada, confirmed=False)
    answer = client.post(new, {"name": "Tablet", "code": code_of(fresh, now)})
    assert answer.status_code == 302
    assert "Tablet" in shown(client)
    codes = client.post(reverse("accounts:factor_codes_new")).context["codes"]
    # The browser was trusted: the password is enough there from now on.
    client.post("/accounts/logout")
    assert client.post("/accounts/login", given)["Location"] == "/"
    # Another browser, and the phone is lost.
    other = Client()
    ask = other.post("/accounts/login", given)["Location"]
    assert other.post(ask, {"code": codes[0]}).status_code == 302
    assert "Tablet" in shown(other)
    again = Client()
    ask = again.post("/accounts/login", given)["Location"]
    assert again.post(ask, {"code": codes[0]}).status_code == 422


def test_recovery(people: tuple[User, User], plain: None) -> None:
    ada, eve = people
    reset_factors(user=ada, reason="Lost her phone, known in person", now=clock_now())
    assert not has_factor(ada)
    assert has_factor(eve)
    client = log_in(ada)
    assert "Phone of" not in shown(client)
    assert len(devices_of(eve)) == 2


def test_passwords_of_before_are_not_taken_again(
    people: tuple[User, User], plain: None, settings: Any
) -> None:
    ada, _eve = people
    now = clock_now()
    change_password(user=ada, password="another-horse-battery", now=now)
    change_password(user=ada, password="yet-another-battery", now=now + timedelta(minutes=1))
    with acting_for(ada.pk):
        assert PasswordRecord.objects.filter(user=ada).count() == 3
    with pytest.raises(ValidationError, match="one of your last"):
        validate_password("another-horse-battery", User.objects.get(pk=ada.pk))


def test_the_system_does_its_work(people: tuple[User, User], plain: None, settings: Any) -> None:
    ada, _eve = people
    settings.FIELD_KEYS = {"newest": "the-key-of-tomorrow-in-tests-0123", **settings.FIELD_KEYS}
    moved = {each.column: each.moved for each in rotate_keys(now=clock_now())}
    assert moved["accounts_authenticator.key"] == 2
    assert len(copy_of(ada, now=clock_now())["kept"]["accounts.passkey.user"]) == 1
    with_none = {role.value: count for role, _rule, count in factor_rules()}
    assert with_none["student"] == 0
    assert tidy_keys(now=clock_now() + timedelta(days=2)) >= 2
    with opened(Opening.TIDYING):
        assert not TrustedDevice.objects.exists()


def test_administrators_see_lists(people: tuple[User, User], plain: None) -> None:
    dora = make_user("dora", role=Role.SYSADMIN, is_superuser=True)
    for model in guarded():
        path = reverse(f"admin:accounts_{model._meta.model_name}_changelist")
        page = log_in(dora).get(path).content.decode()
        assert "Ada" in page, path


def test_the_check_of_a_deployment_says_it(db: None) -> None:
    assert check_wall in registry.registry.deployment_checks
    assert [found.id for found in check_wall(databases=["default"])] == ["accounts.W001"]
    # Nobody asks a database that may not be there.
    assert check_wall() == []


def test_and_says_nothing_behind_the_wall(people: tuple[User, User], plain: None) -> None:
    assert check_wall(databases=["default"]) == []
