"""Registrations and invitations: from asking to the account."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate

from accounts.enums import RegistrationStatus, Role
from accounts.errors import AccountRefused
from accounts.models import GroupMember, Invitation, JoinRequest, Registration, User
from accounts.services.invitations import (
    Newcomer,
    accept_invitation,
    create_invitation,
    withdraw_invitation,
)
from accounts.services.registrations import (
    NewRegistration,
    approve_registration,
    confirm_registration,
    decline_registration,
    register,
    tidy_registrations,
)
from accounts.signals import account_told
from audit.models import AuditLog
from tests.factories.groups import make_group
from tests.support.race import race

PASSWORD = "quiet-river-stone-42"
WISH: dict[str, Any] = {
    "username": "fay",
    "email": "Fay@Example.org",
    "first_name": "Fay",
    "last_name": "Young",
    "password": PASSWORD,
}
NEWCOMER = Newcomer(username="fay", first_name="Fay", last_name="Young", password=PASSWORD)
Told = list[tuple[str, object]]


@pytest.fixture
def told() -> Iterator[Told]:
    """The mails that were asked for: kind, and the account or the address."""
    heard: Told = []

    def hear(*, kind: str, user_pk: int | None = None, address: str = "", **_rest: Any) -> None:
        heard.append((kind, user_pk or address))

    account_told.connect(hear)
    yield heard
    account_told.disconnect(hear)


@pytest.fixture(autouse=True)
def _open(db: None, settings: LazySettings) -> None:
    settings.REGISTRATION_DOMAINS = ["example.org", ".uni.example"]
    settings.REGISTRATION_APPROVAL = "manager"


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AccountRefused) as raised:
        act()
    return raised.value.code


def ask(now: datetime, **changes: Any) -> Registration:
    """A registration whose address is confirmed."""
    register(wish=NewRegistration(**{**WISH, **changes}), now=now)
    found = Registration.objects.latest("pk")
    return confirm_registration(registration_id=found.public_id, now=now)


def test_from_asking_to_the_account(chris: User, now: datetime, told: Told) -> None:
    registration = ask(now)
    assert registration.status == RegistrationStatus.WAITING
    assert PASSWORD not in registration.password
    assert not User.objects.filter(username="fay").exists()
    user = approve_registration(actor=chris, registration_id=registration.public_id, now=now)
    registration.refresh_from_db()
    assert (registration.status, registration.password) == (RegistrationStatus.APPROVED, "")
    assert (user.role, user.email, user.preferences.theme) == ("student", "Fay@example.org", "auto")
    assert authenticate(username="fay", password=PASSWORD) == user
    assert told == [
        ("account.registration_confirm", "Fay@example.org"),
        ("account.registration_waiting", chris.pk),
        ("account.registration_approved", user.pk),
    ]
    again = lambda: approve_registration(  # noqa: E731
        actor=chris, registration_id=registration.public_id, now=now
    )
    assert refusal(again) == "registration.decided"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"email": "fay@elsewhere.org"}, "registration.domain"),
        ({"email": "fay@evilexample.org"}, "registration.domain"),
        ({"email": "fay@eviluni.example"}, "registration.domain"),
        ({"email": "fay@physics.uni.example"}, ""),
        ({"email": "fay@EXAMPLE.org"}, ""),
        ({"username": "fay@x"}, "user.username_at"),
        ({"username": "fay young"}, "user.invalid"),
        ({"password": "short"}, "user.password"),
        ({"password": "Fay@Example.org"}, "user.password"),
    ],
)
def test_what_anybody_can_see_is_refused(
    now: datetime, change: dict[str, str], code: str, told: Told
) -> None:

    def act() -> None:
        register(wish=NewRegistration(**{**WISH, **change}), now=now)

    if code:
        assert refusal(act) == code
    else:
        act()
    assert Registration.objects.exists() is (code == "")
    assert bool(told) is (code == "")


def test_without_domains_nobody_registers(now: datetime, settings: LazySettings) -> None:
    settings.REGISTRATION_DOMAINS = []
    assert refusal(lambda: register(wish=NewRegistration(**WISH), now=now)) == "registration.closed"


def test_the_known_is_told_by_mail_alone(ada: User, now: datetime, told: Told) -> None:
    register(wish=NewRegistration(**{**WISH, "email": "ADA@example.org"}), now=now)
    register(wish=NewRegistration(**{**WISH, "username": "Ada"}), now=now)
    assert not Registration.objects.exists()
    assert told == [
        ("account.registration_known", "ADA@example.org"),
        ("account.registration_name_taken", "Fay@example.org"),
    ]


def test_a_link_is_too_old_after_two_days(now: datetime) -> None:
    register(wish=NewRegistration(**WISH), now=now)
    found = Registration.objects.get()
    late = now + timedelta(days=2)
    assert (
        refusal(lambda: confirm_registration(registration_id=found.public_id, now=late))
        == "registration.expired"
    )


def test_who_confirms_supersedes_what_others_asked_with_the_address(now: datetime) -> None:
    register(wish=NewRegistration(**{**WISH, "username": "mallory"}), now=now)
    mine = ask(now)
    assert Registration.objects.get() == mine
    confirm_registration(registration_id=mine.public_id, now=now)
    assert Registration.objects.get().status == RegistrationStatus.WAITING


def test_only_those_who_may_decide(cast: dict[str, User], now: datetime) -> None:
    for name in ("ada", "ben", "eve"):
        registration = ask(now, group=None)
        for act in (approve_registration, decline_registration):
            told = {"reason": "No"} if act is decline_registration else {}
            assert (
                refusal(
                    lambda: act(  # noqa: B023
                        actor=cast[name],  # noqa: B023
                        registration_id=registration.public_id,  # noqa: B023
                        now=now,
                        **told,  # noqa: B023
                    )
                )
                == "permission.registration"
            )
    assert not User.objects.filter(username="fay").exists()


def test_the_group_approves_its_own(
    ada: User, ben: User, eve: User, now: datetime, settings: LazySettings, told: Told
) -> None:
    settings.REGISTRATION_APPROVAL = "group"
    optics, other = make_group("Optics", ben), make_group("Other", eve)
    registration = ask(now, group=optics)
    assert told[-1] == ("account.registration_waiting", ben.pk)

    def act(actor: User) -> User:
        return approve_registration(actor=actor, registration_id=registration.public_id, now=now)

    assert refusal(lambda: act(eve)) == "permission.registration"
    user = act(ben)
    assert GroupMember.objects.get().user == user
    assert user.profile.affiliation == "Optics"
    assert not other.members.exists()


def test_without_approval_the_account_is_made_and_the_group_is_asked(
    ben: User, now: datetime, settings: LazySettings, told: Told
) -> None:
    settings.REGISTRATION_APPROVAL = "none"
    ask(now, group=make_group("Optics", ben))
    user = User.objects.get(username="fay")
    assert JoinRequest.objects.get().user == user
    assert not GroupMember.objects.exists()
    assert ("account.join_requested", ben.pk) in told


def test_a_decline_tells_why(chris: User, now: datetime, told: Told) -> None:
    registration = ask(now)
    decline_registration(
        actor=chris, registration_id=registration.public_id, reason="Unknown", now=now
    )
    registration.refresh_from_db()
    assert (registration.status, registration.reason, registration.password) == (
        RegistrationStatus.DECLINED,
        "Unknown",
        "",
    )
    assert told[-1] == ("account.registration_declined", "Fay@example.org")
    assert not User.objects.filter(username="fay").exists()


def test_a_name_taken_meanwhile_is_told_to_who_approves(chris: User, now: datetime) -> None:
    registration = ask(now)
    User.objects.create_user("FAY", "other@example.org")
    act = lambda: approve_registration(  # noqa: E731
        actor=chris, registration_id=registration.public_id, now=now
    )
    assert refusal(act) == "user.username_taken"
    registration.refresh_from_db()
    assert registration.status == RegistrationStatus.WAITING


def test_time_forgets_and_declines(chris: User, now: datetime, told: Told) -> None:
    waiting = ask(now)
    register(wish=NewRegistration(**{**WISH, "email": "gil@example.org", "username": "g"}), now=now)
    assert tidy_registrations(now=now + timedelta(days=1)) == 0
    assert tidy_registrations(now=now + timedelta(days=3)) == 1
    assert Registration.objects.get() == waiting
    assert tidy_registrations(now=now + timedelta(days=31)) == 1
    assert tidy_registrations(now=now + timedelta(days=31)) == 0
    waiting.refresh_from_db()
    assert waiting.status == RegistrationStatus.DECLINED
    assert told[-1][0] == "account.registration_declined"


@pytest.mark.parametrize(
    ("who", "role", "with_group", "allowed"),
    [
        ("ada", Role.STUDENT, False, False),
        ("ada", Role.STUDENT, True, False),
        ("ben", Role.STUDENT, False, False),
        ("ben", Role.STUDENT, True, True),
        ("ben", Role.RESEARCHER, True, True),
        ("ben", Role.ACADEMIC, True, False),
        ("ben", Role.SYSADMIN, True, False),
        ("chris", Role.ACADEMIC, False, True),
        ("chris", Role.LAB_MANAGER, False, False),
        ("dora", Role.LAB_MANAGER, True, True),
        ("eve", Role.STUDENT, True, False),
    ],
)
def test_who_invites_to_what(
    cast: dict[str, User], now: datetime, who: str, role: Role, with_group: bool, allowed: bool
) -> None:
    group = make_group("Optics", cast["ben"], cast["ada"]) if with_group else None

    def act() -> Invitation:
        return create_invitation(
            actor=cast[who], email="fay@example.org", role=role, group=group, now=now
        )

    if allowed:
        assert act().role == role
    else:
        assert refusal(act) == "permission.invitation"
    assert Invitation.objects.exists() is allowed


def invite(actor: User, now: datetime, **changes: Any) -> Invitation:
    plain: dict[str, Any] = {"email": "fay@example.org", "role": Role.STUDENT, "group": None}
    return create_invitation(actor=actor, now=now, **{**plain, **changes})


def test_an_invitation_makes_one_account(chris: User, now: datetime, told: Told) -> None:
    group = make_group("Optics", chris)
    invitation = invite(chris, now, role=Role.RESEARCHER, group=group)

    def accept() -> User:
        return accept_invitation(invitation_id=invitation.public_id, newcomer=NEWCOMER, now=now)

    user = accept()
    assert (user.role, user.email) == (Role.RESEARCHER, "fay@example.org")
    assert authenticate(username="fay", password=PASSWORD) == user
    assert GroupMember.objects.get().user == user
    assert told == [("account.invited", "fay@example.org")]
    assert refusal(accept) == "invitation.void"
    log = AuditLog.objects.get(action="invitation.accepted")
    assert log.actor_name == "Fay Young"


@pytest.mark.parametrize("why", ["old", "withdrawn", "demoted", "closed"])
def test_a_void_invitation_makes_none(chris: User, now: datetime, why: str) -> None:
    invitation = invite(chris, now)
    if why == "withdrawn":
        withdraw_invitation(actor=chris, invitation_id=invitation.public_id, now=now)
    elif why == "demoted":
        User.objects.filter(pk=chris.pk).update(role=Role.STUDENT)
    elif why == "closed":
        User.objects.filter(pk=chris.pk).update(is_active=False)
    then = now + timedelta(days=14) if why == "old" else now
    act = lambda: accept_invitation(  # noqa: E731
        invitation_id=invitation.public_id, newcomer=NEWCOMER, now=then
    )
    assert refusal(act) == "invitation.void"
    assert not User.objects.filter(username="fay").exists()


def test_known_addresses_and_second_invitations_are_refused(
    ada: User, chris: User, now: datetime
) -> None:
    assert refusal(lambda: invite(chris, now, email="ADA@example.org")) == "invitation.known"
    invite(chris, now)
    assert refusal(lambda: invite(chris, now, email="FAY@example.org")) == "invitation.open"


def test_a_taken_name_keeps_the_invitation(ada: User, chris: User, now: datetime) -> None:
    invitation = invite(chris, now)
    taken = Newcomer(username="ADA", first_name="F", last_name="Y", password=PASSWORD)
    act = lambda: accept_invitation(  # noqa: E731
        invitation_id=invitation.public_id, newcomer=taken, now=now
    )
    assert refusal(act) == "user.username_taken"
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_strangers_take_no_invitation_back(
    ada: User, ben: User, chris: User, now: datetime
) -> None:
    invitation = invite(chris, now)
    for user in (ada, ben):
        assert (
            refusal(
                lambda: withdraw_invitation(actor=user, invitation_id=invitation.public_id, now=now)  # noqa: B023
            )
            == "permission.invitation"
        )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_one_makes_the_account(chris: User, now: datetime) -> None:
    invitation = invite(chris, now)

    def accept(name: str) -> User:
        newcomer = Newcomer(username=name, first_name="F", last_name="Y", password=PASSWORD)
        return accept_invitation(invitation_id=invitation.public_id, newcomer=newcomer, now=now)

    results = race([lambda: accept("fay"), lambda: accept("gil")])
    assert sum(isinstance(each, User) for each in results) == 1
    assert User.objects.filter(email="fay@example.org").count() == 1
