"""The path to a resource: asked, confirmed step by step, granted; or rejected and asked again."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection

from accounts.models import User
from audit.models import AuditLog
from booking.enums import (
    AccessLevel,
    AssessmentKind,
    AssessmentState,
    RequestState,
    ResponsibleKind,
    RiskLevel,
    StepKind,
)
from booking.errors import ActionRefused, BookingError, NotAllowed
from booking.models import (
    AccessRequest,
    AccessRequirement,
    AccessStep,
    Attachment,
    Course,
    OutboxEvent,
    Qualification,
    Resource,
    ResourceAccess,
    ResponsiblePerson,
    RiskAssessment,
    Supervision,
)
from booking.queries.access import path_of, waiting_requests
from booking.services import _uploads
from booking.services.access_jobs import escalate_requests, remind_of_ends
from booking.services.access_requests import (
    AccessWish,
    Evidence,
    ask_for_access,
    confirm_step,
    reject_access,
    withdraw_access_request,
)
from booking.services.access_requirements import Requirement, set_requirements
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PDF = b"%PDF-1.4\n%a small one\n%%EOF\n"


@pytest.fixture
def nmr(db: None) -> Resource:
    """Restricted, with an induction and a training before it."""
    resource = make_resource("NMR 600", requires_access=True)
    course = Course.objects.create(title="NMR for users")
    AccessRequirement.objects.create(resource=resource, kind=StepKind.INDUCTION, position=0)
    AccessRequirement.objects.create(
        resource=resource, kind=StepKind.TRAINING, course=course, position=1
    )
    return resource


def ask(user: User, resource: Resource, now: datetime, **more: object) -> AccessRequest:
    wish = AccessWish(level=AccessLevel.BOOK, justification="Structures of peptides", **more)  # type: ignore[arg-type]
    return ask_for_access(actor=user, resource_id=resource.public_id, wish=wish, now=now)


def step(request: AccessRequest, kind: StepKind) -> AccessStep:
    return request.steps.get(kind=kind)


def qualify(user: User, now: datetime) -> None:
    Qualification.objects.create(
        user=user,
        course=Course.objects.get(),
        passed_on=now.date(),
        certificate="C-1",
        created_at=now,
    )


def told(kind: str) -> list[list[int]]:
    events = OutboxEvent.objects.filter(kind=kind).order_by("id")
    return [event.payload["people"] for event in events]


def test_a_student_goes_the_whole_way(
    eve: User, ben: User, chris: User, nmr: Resource, now: datetime
) -> None:
    asked = ask(eve, nmr, now, supervisor_id=ben.public_id, wanted_until=date(2026, 12, 31))
    kinds = [each.kind for each in asked.steps.all()]
    assert kinds == ["supervisor", "induction", "training", "approval"]
    assert told("access.requested") == [sorted([ben.pk, chris.pk])]

    confirm_step(actor=ben, step_id=step(asked, StepKind.SUPERVISOR).public_id, now=now)
    assert Supervision.objects.get(user=eve).supervisor == ben
    confirm_step(
        actor=chris,
        step_id=step(asked, StepKind.INDUCTION).public_id,
        now=now,
        note="Magnet and quench",
        evidence=Evidence(name="induction.pdf", content=PDF),
    )
    induction = step(asked, StepKind.INDUCTION)
    assert (induction.confirmed_by, induction.confirmation) == (chris, "Magnet and quench")
    assert induction.evidence is not None
    with storages["private"].open(str(induction.evidence.file.name)) as kept:
        assert kept.read() == PDF

    # Training is passed, not confirmed: until then nobody can approve.
    with pytest.raises(ActionRefused, match=r"access\.step_order"):
        confirm_step(actor=chris, step_id=step(asked, StepKind.APPROVAL).public_id, now=now)
    path = path_of(asked, viewer=eve, now=now)
    assert path.next_step is not None
    assert path.next_step.step.kind == StepKind.TRAINING
    qualify(eve, now)
    confirm_step(actor=chris, step_id=step(asked, StepKind.APPROVAL).public_id, now=now)

    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == (RequestState.GRANTED, chris)
    access = ResourceAccess.objects.get(user=eve, resource=nmr)
    assert access.level == AccessLevel.BOOK
    assert access.expires_at == datetime.fromisoformat("2027-01-01T00:00:00+01:00")
    assert told("access.granted") == [[eve.pk]]
    acts = set(AuditLog.objects.values_list("action", flat=True))
    assert acts >= {"access.requested", "access.step_confirmed", "access.granted"}


def test_staff_need_no_supervisor(ben: User, nmr: Resource, now: datetime) -> None:
    kinds = [each.kind for each in ask(ben, nmr, now).steps.all()]
    assert kinds == ["induction", "training", "approval"]


def test_to_see_it_takes_an_approval_only(ben: User, nmr: Resource, now: datetime) -> None:
    wish = AccessWish(level=AccessLevel.VIEW, justification="To plan")
    asked = ask_for_access(actor=ben, resource_id=nmr.public_id, wish=wish, now=now)
    assert [each.kind for each in asked.steps.all()] == ["approval"]


def test_an_assessment_counts_once_it_is_approved(ben: User, chris: User, now: datetime) -> None:
    laser = make_resource("Laser", requires_access=True, requires_assessment=True)
    asked = ask(ben, laser, now)
    assert [each.kind for each in asked.steps.all()] == ["assessment", "approval"]
    approval = step(asked, StepKind.APPROVAL).public_id
    with pytest.raises(ActionRefused, match=r"access\.step_order"):
        confirm_step(actor=chris, step_id=approval, now=now)
    RiskAssessment.objects.create(
        resource=laser,
        user=ben,
        written_by=ben,
        title="Alignment",
        kind=AssessmentKind.LASER,
        level=RiskLevel.HIGH,
        hazards="Eyes",
        controls="Goggles",
        state=AssessmentState.APPROVED,
        written_at=now,
    )
    confirm_step(actor=chris, step_id=approval, now=now)
    assert ResourceAccess.objects.filter(user=ben, resource=laser).exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "access.supervisor"),
        ({"supervisor_id": "eve"}, "access.supervisor"),
        ({"supervisor_id": "ada"}, "access.supervisor"),
        ({"supervisor_id": "ben", "wanted_until": date(2026, 3, 1)}, "access.past"),
        ({"supervisor_id": "ben", "justification": "  "}, "access.justification"),
    ],
)
def test_bad_wishes_are_refused(
    cast: dict[str, User], nmr: Resource, now: datetime, more: dict[str, object], code: str
) -> None:
    if "supervisor_id" in more:
        more = {**more, "supervisor_id": cast[str(more["supervisor_id"])].public_id}
    wish = AccessWish(**{"level": AccessLevel.BOOK, "justification": "x", **more})  # type: ignore[arg-type]
    with pytest.raises(ActionRefused) as refused:
        ask_for_access(actor=cast["eve"], resource_id=nmr.public_id, wish=wish, now=now)
    assert refused.value.refusals[0].code == code
    assert not AccessRequest.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_asked_once_at_a_time(ben: User, nmr: Resource, now: datetime) -> None:
    ask(ben, nmr, now)
    with pytest.raises(ActionRefused, match=r"access\.asked_already"):
        ask(ben, nmr, now)
    assert AccessRequest.objects.count() == 1


def test_who_has_access_or_needs_none_does_not_ask(
    ben: User, nmr: Resource, microscope: Resource, now: datetime
) -> None:
    with pytest.raises(ActionRefused, match=r"access\.open"):
        ask(ben, microscope, now)
    access = ResourceAccess.objects.create(user=ben, resource=nmr)
    with pytest.raises(ActionRefused, match=r"access\.held"):
        ask(ben, nmr, now)
    access.expires_at = now + 30 * DAY
    access.save()
    assert ask(ben, nmr, now).state == RequestState.WAITING


def test_rejected_with_a_reason_and_asked_again(
    ben: User, chris: User, nmr: Resource, now: datetime
) -> None:
    first = ask(ben, nmr, now)
    with pytest.raises(ActionRefused, match=r"access\.reason"):
        reject_access(actor=chris, request_id=first.public_id, reason=" ", now=now)
    reject_access(actor=chris, request_id=first.public_id, reason="Not before May", now=now)
    assert told("access.rejected") == [[ben.pk]]
    assert ask(ben, nmr, now).earlier == first


def test_nobody_decides_for_themselves(
    ada: User, ben: User, chris: User, nmr: Resource, now: datetime
) -> None:
    own = ask(chris, nmr, now)
    induction = step(own, StepKind.INDUCTION).public_id
    for actor in (chris, ada, ben):
        with pytest.raises(NotAllowed):
            confirm_step(actor=actor, step_id=induction, now=now)
        with pytest.raises(NotAllowed):
            reject_access(actor=actor, request_id=own.public_id, reason="x", now=now)
    ResponsiblePerson.objects.create(resource=nmr, user=ben, kind=ResponsibleKind.SAFETY)
    confirm_step(actor=ben, step_id=induction, now=now)
    assert step(own, StepKind.INDUCTION).confirmed_by == ben


def test_what_is_decided_or_withdrawn_stays_so(
    ben: User, chris: User, nmr: Resource, now: datetime
) -> None:
    asked = ask(ben, nmr, now)
    withdraw_access_request(actor=ben, request_id=asked.public_id, now=now)
    assert told("access.withdrawn") == []
    with pytest.raises(ActionRefused, match=r"access\.decided"):
        withdraw_access_request(actor=ben, request_id=asked.public_id, now=now)
    with pytest.raises(ActionRefused, match=r"access\.decided"):
        reject_access(actor=chris, request_id=asked.public_id, reason="x", now=now)
    with pytest.raises(ActionRefused, match=r"access\.decided"):
        confirm_step(actor=chris, step_id=step(asked, StepKind.INDUCTION).public_id, now=now)
    with pytest.raises(AccessRequest.DoesNotExist):
        withdraw_access_request(actor=chris, request_id=asked.public_id, now=now)


def test_a_proof_is_looked_at_before_anything_is_held(
    ben: User, chris: User, nmr: Resource, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    induction = step(ask(ben, nmr, now), StepKind.INDUCTION).public_id
    held: list[bool] = []

    def scan(_content: bytes) -> bool:
        held.append(bool(connection.savepoint_ids))
        return True

    monkeypatch.setattr(_uploads, "scan", scan)
    proof = Evidence(name="proof.pdf", content=b"%PDF-1.4 signed %%EOF")
    confirm_step(actor=chris, step_id=induction, now=now, evidence=proof)
    assert held == [False]
    assert Attachment.objects.get().name == "proof.pdf"


def test_a_file_that_lies_leaves_nothing(
    ben: User, chris: User, nmr: Resource, now: datetime
) -> None:
    asked = ask(ben, nmr, now)
    induction = step(asked, StepKind.INDUCTION).public_id
    for content in (b"MZ\x90\x00 a program", b"%PDF-1.4 cut off"):
        with pytest.raises(BookingError):
            confirm_step(
                actor=chris,
                step_id=induction,
                now=now,
                evidence=Evidence(name="proof.pdf", content=content),
            )
    assert step(asked, StepKind.INDUCTION).confirmed_at is None
    assert not Attachment.objects.exists()


def test_the_queue_is_of_those_who_can_help(
    eve: User, ada: User, ben: User, chris: User, nmr: Resource, now: datetime
) -> None:
    asked = ask(eve, nmr, now, supervisor_id=ben.public_id)
    assert [list(waiting_requests(who)) for who in (eve, ada)] == [[], []]
    assert list(waiting_requests(ben)) == [asked]
    assert list(waiting_requests(chris)) == [asked]
    confirm_step(actor=ben, step_id=step(asked, StepKind.SUPERVISOR).public_id, now=now)
    assert list(waiting_requests(ben)) == []


def test_unanswered_requests_go_up(
    ben: User, chris: User, dora: User, nmr: Resource, now: datetime
) -> None:
    ResponsiblePerson.objects.create(resource=nmr, user=dora, kind=ResponsibleKind.PRIMARY)
    ask(ben, nmr, now)
    assert escalate_requests(now=now + 2 * DAY) == 0
    assert escalate_requests(now=now + 3 * DAY) == 1
    assert escalate_requests(now=now + 4 * DAY) == 0
    # After days without any worker, the steps that were missed are one.
    assert escalate_requests(now=now + 20 * DAY) == 1
    assert escalate_requests(now=now + 30 * DAY) == 0
    assert told("access.waits") == [[dora.pk], sorted([chris.pk, dora.pk])]


def test_the_end_is_told_once_and_anew_after_renewal(
    ben: User, nmr: Resource, now: datetime
) -> None:
    access = ResourceAccess.objects.create(user=ben, resource=nmr, expires_at=now + 14 * DAY)
    assert [remind_of_ends(now=now), remind_of_ends(now=now + DAY)] == [1, 0]
    assert told("access.ends") == [[ben.pk]]
    access.refresh_from_db()
    assert access.reminded_at == now


def test_what_newcomers_do_is_set_by_who_lets_them_in(
    ada: User, chris: User, nmr: Resource, now: datetime
) -> None:
    course = Course.objects.get()
    steps = [
        Requirement(kind=StepKind.TRAINING, course_id=course.public_id),
        Requirement(kind=StepKind.ASSESSMENT, note="Form 7"),
    ]
    with pytest.raises(NotAllowed):
        set_requirements(actor=ada, resource_id=nmr.public_id, steps=steps, now=now)
    set_requirements(actor=chris, resource_id=nmr.public_id, steps=steps, now=now)
    assert [(each.kind, each.note) for each in nmr.requirements.all()] == [
        ("training", ""),
        ("assessment", "Form 7"),
    ]
    for bad in (
        [Requirement(kind=StepKind.TRAINING)],
        [Requirement(kind=StepKind.INDUCTION, course_id=course.public_id)],
        [Requirement(kind=StepKind.INDUCTION), Requirement(kind=StepKind.INDUCTION)],
    ):
        with pytest.raises(ActionRefused, match=r"access\.steps"):
            set_requirements(actor=chris, resource_id=nmr.public_id, steps=bad, now=now)
    assert nmr.requirements.count() == 2
