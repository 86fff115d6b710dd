"""Risk assessments: written, handed in, reviewed; they gate booking."""

from datetime import date, datetime, timedelta

import pytest

from accounts.models import User
from booking.enums import AssessmentKind, AssessmentState, ResponsibleKind, RiskLevel
from booking.errors import ActionRefused, BookingRefused, NotAllowed
from booking.models import OutboxEvent, Resource, ResponsiblePerson, RiskAssessment
from booking.queries.assessments import submitted_assessments, visible_assessments
from booking.services.assessments import (
    AssessmentDetails,
    change_assessment,
    remind_of_reviews,
    review_assessment,
    write_assessment,
)
from booking.services.bookings import create_booking
from labitory.lib.periods import Period
from tests.factories.resources import make_resource

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DETAILS = AssessmentDetails(
    title="Alignment of the beam",
    kind=AssessmentKind.LASER,
    level=RiskLevel.HIGH,
    hazards="Eyes",
    controls="Goggles, closed door",
    protection=["goggles"],
)


@pytest.fixture
def laser(db: None) -> Resource:
    """It asks everybody for a risk assessment."""
    return make_resource("Laser", requires_assessment=True)


def hand_in(author: User, resource: Resource, now: datetime) -> RiskAssessment:
    return write_assessment(
        actor=author, resource_id=resource.public_id, details=DETAILS, now=now, submit=True
    )


def told(kind: str) -> list[list[int]]:
    return [each.payload["people"] for each in OutboxEvent.objects.filter(kind=kind).order_by("id")]


def test_approved_it_opens_the_instrument_up_to_its_review(
    ada: User, chris: User, laser: Resource, now: datetime
) -> None:
    def book(day: int) -> None:
        start = now + timedelta(days=day)
        create_booking(
            actor=ada,
            user=ada,
            resource_ids=[laser.public_id],
            period=Period(start, start + HOUR),
            now=now,
        )

    with pytest.raises(BookingRefused, match=r"assessment\.required"):
        book(1)
    written = hand_in(ada, laser, now)
    with pytest.raises(BookingRefused, match=r"assessment\.required"):
        book(1)
    review_assessment(
        actor=chris,
        assessment_id=written.public_id,
        approve=True,
        review_on=date(2026, 3, 20),
        now=now,
    )
    book(1)
    with pytest.raises(BookingRefused, match=r"assessment\.required"):
        book(19)
    assert told("assessment.submitted") == [[chris.pk]]
    assert told("assessment.approved") == [[ada.pk]]


def test_sent_back_it_is_changed_and_handed_in_again(
    ada: User, chris: User, laser: Resource, now: datetime
) -> None:
    written = hand_in(ada, laser, now)
    with pytest.raises(ActionRefused, match=r"assessment\.state"):
        change_assessment(actor=ada, assessment_id=written.public_id, details=DETAILS, now=now)
    with pytest.raises(ActionRefused, match=r"assessment\.note"):
        review_assessment(actor=chris, assessment_id=written.public_id, approve=False, now=now)
    review_assessment(
        actor=chris,
        assessment_id=written.public_id,
        approve=False,
        note="Who is called in an emergency?",
        now=now,
    )
    changed = change_assessment(
        actor=ada, assessment_id=written.public_id, details=DETAILS, submit=True, now=now
    )
    assert changed.state == AssessmentState.SUBMITTED
    with pytest.raises(RiskAssessment.DoesNotExist):
        change_assessment(actor=chris, assessment_id=written.public_id, details=DETAILS, now=now)


def test_nobody_reviews_their_own_and_outsiders_nothing(
    ada: User, ben: User, chris: User, laser: Resource, now: datetime
) -> None:
    of_chris, of_ada = hand_in(chris, laser, now), hand_in(ada, laser, now)
    for actor, each in ((chris, of_chris), (ada, of_ada), (ben, of_ada)):
        with pytest.raises(NotAllowed):
            review_assessment(actor=actor, assessment_id=each.public_id, approve=True, now=now)
    ResponsiblePerson.objects.create(resource=laser, user=ben, kind=ResponsibleKind.SAFETY)
    review_assessment(actor=ben, assessment_id=of_chris.public_id, approve=True, now=now)
    with pytest.raises(ActionRefused, match=r"assessment\.reviewed"):
        review_assessment(actor=ben, assessment_id=of_chris.public_id, approve=True, now=now)


def test_who_reads_what(
    ada: User, ben: User, chris: User, eve: User, laser: Resource, now: datetime
) -> None:
    own = hand_in(ada, laser, now)
    shared = write_assessment(
        actor=chris, resource_id=laser.public_id, details=DETAILS, of_resource=True, now=now
    )
    assert list(visible_assessments(ada)) == [own]
    assert list(visible_assessments(eve)) == []
    assert list(submitted_assessments(chris)) == [own]
    assert list(submitted_assessments(ada)) == []
    RiskAssessment.objects.filter(pk=shared.pk).update(state=AssessmentState.APPROVED)
    assert list(visible_assessments(eve)) == [shared]
    with pytest.raises(NotAllowed):
        write_assessment(
            actor=ben, resource_id=laser.public_id, details=DETAILS, of_resource=True, now=now
        )


def test_a_review_in_the_past_is_none(
    ada: User, chris: User, laser: Resource, now: datetime
) -> None:
    written = hand_in(ada, laser, now)
    with pytest.raises(ActionRefused, match=r"assessment\.past"):
        review_assessment(
            actor=chris,
            assessment_id=written.public_id,
            approve=True,
            review_on=now.date(),
            now=now,
        )
    written.refresh_from_db()
    assert written.state == AssessmentState.SUBMITTED


def test_its_end_is_told_once(ada: User, chris: User, laser: Resource, now: datetime) -> None:
    written = hand_in(ada, laser, now)
    review_assessment(
        actor=chris,
        assessment_id=written.public_id,
        approve=True,
        review_on=date(2026, 5, 1),
        now=now,
    )
    told_on = [remind_of_reviews(now=now + timedelta(days=days)) for days in (0, 31, 32)]
    assert told_on == [0, 1, 0]
    assert told("assessment.ends") == [[ada.pk]]
