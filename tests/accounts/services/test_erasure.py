"""Erasing a person: no personal value is left anywhere but where it must be."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from social_django.models import UserSocialAuth

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.models import (
    Authenticator,
    Invitation,
    JoinRequest,
    LoginGuard,
    PrivacyRequest,
    Registration,
    Session,
    User,
    UserProfile,
)
from accounts.queries.guards import guards_of
from accounts.services._erasing import FORMER
from accounts.services.erasure import erase_person
from accounts.services.privacy import ask_erasure, refuse_erasure, take_copy, withdraw_erasure
from accounts.services.users import ProfileChange, change_profile
from audit.enums import Severity
from audit.models import AlertRule, AuditLog, DataAccess, SecurityAlert, SecurityEvent
from audit.services.data_access import record_access
from booking.enums import Status
from booking.handlers import HANDLERS
from booking.models import Booking, Message, Notification, OutboxEvent, Resource
from booking.services.bookings import cancel_booking
from booking.services.events import dispatch_batch
from tests.factories.bookings import make_booking
from tests.factories.factors import give_app, give_passkey
from tests.factories.groups import make_group, make_project
from tests.factories.people import make_user

WORDS = ("Lovelace", "alovelace", "+49 30 1234 567", "Lord Byron")
# Append-only by a trigger: what law and accounts require; the privacy page says so.
EXCEPTIONS = ("audit_auditlog", "audit_securityevent")


@pytest.fixture
def lady(db: None, now: datetime) -> User:
    """Somebody with an unmistakable name."""
    return make_user("alovelace", last_name="Lovelace")


def ask(user: User, now: datetime) -> PrivacyRequest:
    return ask_erasure(user=user, now=now)


def left() -> list[str]:
    """Every column of every table in which one of the words still stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid"
            " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0"
            " AND NOT a.attisdropped AND (t.typcategory IN ('S', 'A')"
            " OR t.typname IN ('json', 'jsonb', 'bytea'))"
        )
        columns = [row for row in cursor.fetchall() if not row[0].startswith(EXCEPTIONS)]
        assert ("booking_notification", "body") in columns
        found = []
        for table, column in columns:
            quoted = connection.ops.quote_name(column)
            cursor.execute(
                f"SELECT count(*) FROM {table} WHERE {quoted}::text ILIKE ANY(%s)",  # noqa: S608
                [[f"%{word}%" for word in WORDS]],
            )
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
        return found


def live(lady: User, chris: User, resource: Resource, now: datetime) -> None:
    """A life in the lab that leaves traces everywhere."""
    change_profile(actor=lady, user=lady, change=profile(), now=now)
    give_app(lady, now)
    give_passkey(lady, now)
    make_project("Engines", make_group("Analysts", chris, lady), lady)
    other = make_group("Poets", chris)
    JoinRequest.objects.create(group=other, user=lady, message="Lovelace", asked_at=now)
    Registration.objects.create(
        username="alovelace",
        email=lady.email.upper(),
        first_name="Alovelace",
        last_name="Lovelace",
        password="x",
        asked_at=now,
        expires_at=now,
    )
    Invitation.objects.create(
        email=lady.email, invited_by=chris, invited_at=now, expires_at=now, group=other
    )
    UserSocialAuth.objects.create(user=lady, provider="oidc", uid=lady.email, extra_data={})
    record_access(viewer=chris, subjects=[lady], what="person page", now=now)
    record_access(viewer=lady, subjects=[chris], what="person page", now=now)
    rule = AlertRule.objects.get(code="unknown-device")
    text = "Alovelace Lovelace logged in with a browser not seen before"
    event = SecurityEvent.objects.create(at=now, kind="login.succeeded", severity=Severity.INFO)
    SecurityAlert.objects.create(
        rule=rule, event=event, at=now, subject=f"user_id:{lady.pk}", text=text
    )
    LogEntry.objects.create(
        user=chris,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(lady.pk),
        object_repr="Alovelace Lovelace",
        action_flag=CHANGE,
    )
    book(lady, chris, resource, now)


def profile() -> ProfileChange:
    return ProfileChange(
        first_name="Alovelace",
        last_name="Lovelace",
        phone="+49 30 1234 567",
        emergency_contact="Lord Byron",
        affiliation="Lovelace group",
        time_zone="",
        date_format="j M Y",
        time_format="H:i",
        theme="auto",
        language="en",
        show_name=True,
    )


def book(lady: User, chris: User, resource: Resource, now: datetime) -> None:
    """A booking of last week, and one that a manager cancelled, with the mails about it."""
    texts: dict[str, Any] = {"purpose": "Lovelace's sample", "notes": "Call alovelace"}
    make_booking(lady, resource, now - timedelta(days=7), status=Status.COMPLETED, **texts)
    coming = make_booking(lady, resource, now + timedelta(days=1), created_by=chris, **texts)
    cancel_booking(
        actor=chris, booking_id=coming.public_id, now=now, reason="Alovelace Lovelace is away"
    )
    dispatch_batch(handlers=HANDLERS, now=now)
    event = OutboxEvent.objects.filter(kind="booking.cancelled").first()
    assert event is not None
    Notification.objects.create(
        event=event, user=chris, title="For Alovelace Lovelace", body=lady.email, created_at=now
    )


def test_nothing_is_left_but_what_must_be(
    lady: User, chris: User, dora: User, microscope: Resource, now: datetime, client: Client
) -> None:
    live(lady, chris, microscope, now)
    client.force_login(lady)
    assert len(left()) > 15
    request = ask(lady, now)
    dispatch_batch(handlers=HANDLERS, now=now)
    Message.objects.update(last_error=f"550 {lady.email} unknown")
    lift = [guard.key for guard in guards_of(lady)]
    LoginGuard.objects.create(key=lift[0], failed_at=now)

    erase_person(actor=dora, public_id=request.public_id, now=now)

    assert left() == []
    erased = User.objects.get(pk=lady.pk)
    assert (str(erased), erased.is_active, erased.role) == (FORMER, False, Role.STUDENT)
    assert erased.email.startswith("erased-")
    assert erased.email.endswith("@invalid")
    assert not erased.has_usable_password()
    own = UserProfile.objects.get(user=lady)
    assert (own.phone, own.emergency_contact, own.affiliation) == ("", "", "")
    assert not Authenticator.objects.filter(user=lady).exists()
    assert not Session.objects.filter(user=lady).exists()
    assert not LoginGuard.objects.filter(key__in=lift).exists()
    assert client.get("/").status_code == 302


def test_bookings_and_the_log_stay(
    lady: User, chris: User, dora: User, microscope: Resource, now: datetime
) -> None:
    live(lady, chris, microscope, now)
    logs = AuditLog.objects.count()
    request = ask(lady, now)
    erase_person(actor=dora, public_id=request.public_id, now=now)
    kept = Booking.objects.filter(user=lady)
    assert kept.count() == 2
    assert {(each.purpose, each.notes) for each in kept} == {("", "")}
    assert AuditLog.objects.count() > logs
    log = AuditLog.objects.get(action="privacy.erased")
    assert (log.actor_name, log.object_name) == ("Dora", FORMER)
    event = SecurityEvent.objects.get(kind="privacy.erased")
    assert (event.user_id, event.user_name, event.severity) == (lady.pk, FORMER, Severity.WARNING)
    assert set(DataAccess.objects.values_list("viewer_name", "subject_name")) == {
        ("Chris", FORMER),
        (FORMER, "Chris"),
    }
    request.refresh_from_db()
    assert (request.done_at, request.done_by) == (now, dora)


def test_not_while_there_are_bookings_to_come(
    ada: User, dora: User, microscope: Resource, now: datetime
) -> None:
    booking = make_booking(ada, microscope, now + timedelta(days=1))
    request = ask(ada, now)
    with pytest.raises(AccountRefused, match="Bookings to come"):
        erase_person(actor=dora, public_id=request.public_id, now=now)
    assert User.objects.get(pk=ada.pk).email == ada.email
    cancel_booking(actor=ada, booking_id=booking.public_id, now=now)
    erase_person(actor=dora, public_id=request.public_id, now=now)


def test_not_while_the_person_leads_a_group(ben: User, dora: User, now: datetime) -> None:
    group = make_group("Analysts", ben)
    request = ask(ben, now)
    with pytest.raises(AccountRefused, match="lead first: Analysts"):
        erase_person(actor=dora, public_id=request.public_id, now=now)
    group.is_active = False
    group.save()
    assert str(erase_person(actor=dora, public_id=request.public_id, now=now)) == FORMER


def test_namesakes_keep_their_names(ada: User, dora: User, chris: User, now: datetime) -> None:
    adam = make_user("adam", last_name="Smith")
    event = OutboxEvent.objects.create(kind="booking.created", created_at=now)
    notice = Notification.objects.create(
        event=event, user=chris, title="Ada booked for Adam Smith", created_at=now
    )
    erase_person(actor=dora, public_id=ask(ada, now).public_id, now=now)
    notice.refresh_from_db()
    assert notice.title == f"{FORMER} booked for Adam Smith"
    assert User.objects.get(pk=adam.pk).full_name == "Adam Smith"


@pytest.mark.parametrize("name", ["chris", "ada"])
def test_only_others_with_the_right_to_it_erase(
    cast: dict[str, User], now: datetime, name: str
) -> None:
    request = ask(cast["ada"], now)
    with pytest.raises(AccountRefused):
        erase_person(actor=cast[name], public_id=request.public_id, now=now)
    with pytest.raises(AccountRefused):
        refuse_erasure(actor=cast[name], public_id=request.public_id, reason="No", now=now)
    assert User.objects.get(pk=cast["ada"].pk).is_active


def test_nobody_erases_themselves(dora: User, now: datetime) -> None:
    with pytest.raises(AccountRefused):
        erase_person(actor=dora, public_id=ask(dora, now).public_id, now=now)


def test_a_request_is_answered_once(
    ada: User, dora: User, now: datetime, told: list[tuple[str, int]]
) -> None:
    request = ask(ada, now)
    assert request.due_at == now + timedelta(days=30)
    with pytest.raises(AccountRefused, match="asked already"):
        ask(ada, now)
    with pytest.raises(AccountRefused, match="Say why"):
        refuse_erasure(actor=dora, public_id=request.public_id, reason=" ", now=now)
    refuse_erasure(actor=dora, public_id=request.public_id, reason="A dispute", now=now)
    with pytest.raises(AccountRefused, match="meanwhile"):
        erase_person(actor=dora, public_id=request.public_id, now=now)
    again = ask(ada, now)
    withdraw_erasure(user=ada, now=now)
    with pytest.raises(AccountRefused, match="meanwhile"):
        erase_person(actor=dora, public_id=again.public_id, now=now)
    kinds = [kind for kind, _owner in told]
    assert kinds == ["account.erasure_asked", "account.erasure_refused", "account.erasure_asked"]


def test_an_erased_person_has_no_secret_in_the_copy(lady: User, now: datetime) -> None:
    app, codes = give_app(lady, now)
    copy = take_copy(user=lady, now=now)
    values: list[Any] = [app.key, lady.password, *codes]
    assert not [value for value in values if value in copy]
