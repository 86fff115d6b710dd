"""The demonstration lab, loaded once for a whole module, and one real object for each address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    SolarSchedule,
)

from accounts.models import Session, User, UserPreferences, UserProfile
from booking.enums import Outcome, Status
from booking.models import (
    AccessRequest,
    AccessStep,
    ApprovalDelegation,
    ApprovalPolicy,
    Attachment,
    Booking,
    BookingDecision,
    BookingPolicy,
    BookingSeries,
    BookingTemplate,
    Closure,
    Fault,
    Hold,
    MaintenancePlan,
    MaintenanceRecord,
    Message,
    Offer,
    OutboxEvent,
    PolicyTrial,
    Proposal,
    Qualification,
    Question,
    QuotaAccount,
    Resource,
    ResourcePool,
    ResourceType,
    RiskAssessment,
    TrainingSession,
    UndoableAct,
    UsageSession,
    WaitingEntry,
)
from booking.services.demo import load_demo
from tests.journeys.demo_care import add_care
from tests.journeys.demo_people import add_people, people_arguments
from tests.journeys.demo_telling import add_telling, telling_arguments
from tests.journeys.routes import Place
from tests.support.rows import tell_planner

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # Monday, half past ten in the lab
HOUR = timedelta(hours=1)
# Words that stand nowhere but in what is Ada's.
HER_NAME, HER_MAIL = "Quillon", "zibeline@example.org"
HER_TITLE, HER_NOTES = "Cobaltine", "Vermeil"
HER_PHONE, HER_CONTACT = "+49 30 7185293", "Uncle Ambrose"
HERS = (HER_NAME, HER_MAIL, HER_TITLE, HER_NOTES, HER_PHONE, HER_CONTACT)
CAST = ("eve", "ada", "ben", "chris", "dora")


@dataclass(frozen=True, kw_only=True)
class DemoLab:
    """The cast, and what to put into each place of an address."""

    people: dict[str, User]
    arguments: dict[Place, Any]


@contextmanager
def demo_lab() -> Iterator[DemoLab]:
    """The demonstration at `NOW`, where the clock stands still while it is used."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.utils.timezone.now", lambda: NOW)
        with override_settings(DEMO_LOGINS=True):
            load_demo(now=NOW)
        _mark_what_is_hers()
        people = {user.username: user for user in User.objects.filter(username__in=CAST)}
        _add_what_it_lacks(people)
        add_people(people, NOW)
        # Once, and not at the end of each test.
        connection.check_constraints()
        tell_planner()
        with override_settings(REGISTRATION_DOMAINS=["example.org"]):
            yield DemoLab(people=people, arguments=_arguments(people))


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written in the block is rolled back, also what tests within it wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _mark_what_is_hers() -> None:
    """She shows her name to nobody, as everybody may choose."""
    ada = User.objects.filter(username="ada")
    ada.update(last_name=HER_NAME, email=HER_MAIL)
    UserProfile.objects.filter(user__in=ada).update(phone=HER_PHONE, emergency_contact=HER_CONTACT)
    UserPreferences.objects.filter(user__in=ada).update(show_name=False)
    # What others were asked about is told to them: Ben decides on some of hers.
    Booking.objects.filter(user__in=ada, approvals=None).update(purpose=HER_TITLE)
    Booking.objects.filter(pk=adas_booking(ada.get()).pk).update(notes=HER_NOTES)


def _add_what_it_lacks(people: dict[str, User]) -> None:
    """One object of each kind that appears only while people work."""
    ada, booking = people["ada"], adas_booking(people["ada"])
    UndoableAct.objects.create(
        actor=ada, action="booking.rescheduled", booking=booking, sequence=0, at=NOW, until=NOW
    )
    period = {"start_time": booking.start_time, "end_time": booking.end_time}
    about = {"user": ada, "resource": booking.resource, **period}
    Hold.objects.create(**about, expires_at=NOW + HOUR)
    BookingDecision.objects.create(
        **about, at=NOW, outcome=Outcome.ALLOWED, action="create", actor=ada, booking=booking
    )
    Message.objects.create(
        event=OutboxEvent.objects.earliest("pk"), user=ada, kind="booking.created", created_at=NOW
    )
    add_care(people, booking, NOW)
    add_telling(people, booking, NOW)
    Group.objects.create(name="Guests")
    call_command("sync_schedule", verbosity=0)
    IntervalSchedule.objects.create(every=1, period=IntervalSchedule.DAYS)
    CrontabSchedule.objects.create(hour="4")
    ClockedSchedule.objects.create(clocked_time=NOW + HOUR)
    SolarSchedule.objects.create(event="dawn_civil", latitude=52, longitude=13)


def adas_booking(ada: User) -> Booking:
    """The next one that she may still change."""
    coming = Booking.objects.filter(user=ada, status=Status.CONFIRMED, start_time__gt=NOW)
    return coming.select_related("resource").earliest("start_time")


def _arguments(people: dict[str, User]) -> dict[Place, Any]:
    ada, booking = people["ada"], adas_booking(people["ada"])
    # A login would end the token.
    forgetful = User.objects.get(username="student01")
    arguments: dict[Place, Any] = {
        (str(model._meta.model_name), "object_id"): model._default_manager.values_list(
            "pk", flat=True
        ).first()
        for model in admin.site._registry
    }
    arguments["session", "object_id"] = Session.objects.get(session_key="elsewhere").public_id
    account = QuotaAccount.objects.earliest("pk")
    by_public_id = _by_public_id(ada, booking, account)
    step = by_public_id["access-steps"]
    taught = TrainingSession.objects.get(course__title="Laser safety", start_time__gt=NOW)
    paper = Qualification.objects.filter(user=ada).earliest("pk").public_id
    return arguments | {
        ("courses", "public_id"): taught.course.public_id,
        ("training-sessions", "public_id"): taught.public_id,
        ("certificates", "public_id"): paper,
        ("qualifications", "public_id"): paper,
        ("places", "user_id"): ada.public_id,
        **people_arguments(people),
        **telling_arguments(people),
        **{(folder, "public_id"): found.public_id for folder, found in by_public_id.items()},
        ("access", "user_id"): ada.public_id,
        ("policy-sets", "version"): 1,
        ("files", "kind"): "people",
        ("preferences", "topic"): "bookings",
        ("notices", "topic"): "bookings",
        ("steps", "step_id"): step.public_id,
        ("policies", "pk"): BookingPolicy.objects.earliest("pk").pk,
        ("accounts", "pk"): account.pk,
        ("i", "code"): booking.resource.code,
        ("user", "id"): ada.pk,
        ("admin", "app_label"): "booking",
        ("r", "content_type_id"): ContentType.objects.get_for_model(Resource).pk,
        ("<content_type_id>", "object_id"): booking.resource.pk,
        ("reset", "uidb64"): urlsafe_base64_encode(force_bytes(forgetful.pk)),
        ("<uidb64>", "token"): default_token_generator.make_token(forgetful),
    }


def _by_public_id(ada: User, booking: Booking, account: QuotaAccount) -> dict[str, Any]:
    """What stands after the word of its noun in an address."""
    return {
        "resources": booking.resource,
        "bookings": booking,
        "holds": Hold.objects.get(offer=None),
        "waiting": (waits := WaitingEntry.objects.filter(user=ada).earliest("pk")),
        "waiting-list": waits,
        "offers": Offer.objects.filter(user=ada).earliest("pk"),
        "templates": BookingTemplate.objects.filter(user=ada).earliest("pk"),
        "proposals": Proposal.objects.filter(proposed_by=ada).earliest("pk"),
        "undo": UndoableAct.objects.latest("pk"),
        "types": ResourceType.objects.earliest("name"),
        "pools": ResourcePool.objects.earliest("pk"),
        "closures": Closure.objects.earliest("pk"),
        "questions": Question.objects.earliest("pk"),
        "sessions": UsageSession.objects.filter(user=ada).latest("started_at"),
        "approval-policies": ApprovalPolicy.objects.earliest("pk"),
        "delegations": ApprovalDelegation.objects.earliest("pk"),
        "quotas": account.quota,
        "policy-trials": PolicyTrial.objects.earliest("pk"),
        "maintenance": MaintenanceRecord.objects.latest("start_time"),
        "plans": (plan := MaintenancePlan.objects.latest("pk")),
        "maintenance-plans": plan,
        "faults": Fault.objects.filter(reported_by=ada).latest("pk"),
        "files": Attachment.objects.get(uploaded_by=ada),
        "series": BookingSeries.objects.filter(user=ada).latest("pk"),
        # Of the two that are on their way, Ada's is Ben's to confirm.
        "access": (asked := AccessRequest.objects.get(user=ada)),
        "access-requests": asked,
        "access-steps": AccessStep.objects.get(request=asked),
        "assessments": RiskAssessment.objects.get(user=ada),
    }
