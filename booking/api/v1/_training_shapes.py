"""The shapes of courses, sessions of courses and certificates."""

from typing import Any

from rest_framework import serializers

from booking.api.v1._booking_shapes import PersonShape
from booking.enums import CourseKind, Delivery, SeatState, TrainingState
from booking.models import Course, Qualification, TrainingSeat, TrainingSession
from booking.queries.qualifications import Standing
from labitory.lib.api.fields import LengthField, MomentField, StrictSerializer, write_moment
from labitory.lib.api.paging import LARGEST_PAGE

MOST_NAMED = 100
_PAGE: dict[str, Any] = {"required": False, "min_value": 1}


class PagedQuery(StrictSerializer):
    """A page of a list."""

    page = serializers.IntegerField(**_PAGE)
    page_size = serializers.IntegerField(**_PAGE, max_value=LARGEST_PAGE)


class CourseQuery(PagedQuery):
    """Which courses to list."""

    q = serializers.CharField(required=False, max_length=100)
    kind = serializers.ChoiceField(choices=CourseKind.choices, required=False)


class CourseWish(StrictSerializer):
    """All that is written about a course; what is left out is emptied."""

    title = serializers.CharField(max_length=150)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=CourseKind.choices, required=False)
    delivery = serializers.ChoiceField(choices=Delivery.choices, required=False)
    valid_days = serializers.IntegerField(required=False, allow_null=True)
    decay_days = serializers.IntegerField(required=False, allow_null=True)
    pass_mark = serializers.IntegerField(required=False, allow_null=True)
    seats = serializers.IntegerField(required=False)
    is_active = serializers.BooleanField(required=False)
    prerequisites = serializers.ListField(
        child=serializers.UUIDField(), max_length=MOST_NAMED, required=False
    )
    instructors = serializers.ListField(
        child=serializers.UUIDField(), max_length=MOST_NAMED, required=False
    )
    resources = serializers.ListField(child=serializers.UUIDField(), max_length=500, required=False)
    types = serializers.ListField(
        child=serializers.UUIDField(), max_length=MOST_NAMED, required=False
    )


class StandingShape(serializers.Serializer[Any]):
    """How you stand in a course."""

    state = serializers.ChoiceField(choices=TrainingState.choices)
    until = serializers.DateField(allow_null=True, help_text="The last day; null: for ever.")


class CourseShape(serializers.Serializer[Any]):
    """A course, and how you stand in it."""

    id = serializers.UUIDField(source="public_id")
    title = serializers.CharField()
    description = serializers.CharField()
    kind = serializers.ChoiceField(choices=CourseKind.choices)
    delivery = serializers.ChoiceField(choices=Delivery.choices)
    valid_days = serializers.IntegerField(allow_null=True)
    decay_days = serializers.IntegerField(allow_null=True)
    pass_mark = serializers.IntegerField(allow_null=True)
    seats = serializers.IntegerField()
    is_active = serializers.BooleanField()
    standing = StandingShape()


class TrainingSessionQuery(PagedQuery):
    """Which sessions to come; `mine` are those in which you have a place or wait for one."""

    course = serializers.UUIDField(required=False)
    mine = serializers.BooleanField(required=False)


class TrainingSessionWish(StrictSerializer):
    """A session that is to be planned; on an instrument, that is booked for the instructor."""

    course = serializers.UUIDField()
    instructor = serializers.UUIDField()
    start_time = MomentField()
    end_time = MomentField()
    location = serializers.CharField(max_length=150, required=False, allow_blank=True)
    seats = serializers.IntegerField(required=False)
    resource = serializers.UUIDField(required=False)


class TrainingSessionChange(StrictSerializer):
    """What changes of a session to come; what is left out stays."""

    instructor = serializers.UUIDField(required=False)
    start_time = MomentField(required=False)
    end_time = MomentField(required=False)
    location = serializers.CharField(max_length=150, required=False, allow_blank=True)
    seats = serializers.IntegerField(required=False)


class TrainingSessionShape(serializers.Serializer[Any]):
    """A session with how many places are taken; `my_state` is empty without a place."""

    id = serializers.UUIDField(source="public_id")
    course = serializers.UUIDField(source="course.public_id")
    title = serializers.CharField(source="course.title")
    instructor = PersonShape()
    start_time = MomentField()
    end_time = MomentField()
    location = serializers.CharField()
    seats = serializers.IntegerField()
    taken = serializers.IntegerField()
    waiting = serializers.IntegerField()
    my_state = serializers.CharField()
    is_cancelled = serializers.BooleanField()


class PlaceWish(StrictSerializer):
    """Whose place; yours if left out."""

    user = serializers.UUIDField(required=False)


class PlaceShape(serializers.Serializer[Any]):
    """A person's place in a session."""

    user = PersonShape()
    state = serializers.ChoiceField(choices=SeatState.choices)
    score = serializers.IntegerField(allow_null=True)


class ResultWish(StrictSerializer):
    """What came of one person; with a pass mark the score decides."""

    user = serializers.UUIDField()
    outcome = serializers.ChoiceField(
        choices=[SeatState.PASSED, SeatState.FAILED, SeatState.ABSENT], required=False
    )
    score = serializers.IntegerField(required=False, allow_null=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class ResultsWish(StrictSerializer):
    """What came of people: all of it is recorded, or nothing."""

    results = serializers.ListField(child=ResultWish(), max_length=500)


class QualificationQuery(PagedQuery):
    """Whose certificates: yours, or with `managed` those of the courses that you look after."""

    managed = serializers.BooleanField(required=False)
    q = serializers.CharField(required=False, max_length=100)
    course = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(
        choices=["valid", "ending", "expired", "revoked"], required=False
    )


class QualificationWish(StrictSerializer):
    """A pass without a session."""

    user = serializers.UUIDField()
    course = serializers.UUIDField()
    passed_on = serializers.DateField()
    score = serializers.IntegerField(required=False, allow_null=True)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class QualificationShape(serializers.Serializer[Any]):
    """A certificate."""

    id = serializers.UUIDField(source="public_id")
    user = PersonShape()
    course = serializers.UUIDField(source="course.public_id")
    title = serializers.CharField(source="course.title")
    certificate = serializers.CharField()
    passed_on = serializers.DateField()
    expires_on = serializers.DateField(allow_null=True)
    used_at = MomentField(allow_null=True)
    score = serializers.IntegerField(allow_null=True)
    revoked_at = MomentField(allow_null=True)
    revoked_reason = serializers.CharField()


class SlotsQuery(StrictSerializer):
    """In what, on what, for whom and for how long somebody is to be trained."""

    course = serializers.UUIDField()
    resource = serializers.UUIDField()
    trainer = serializers.UUIDField(required=False)
    user = serializers.UUIDField(required=False)
    length = LengthField(required=False, help_text="ISO 8601, PT1H if left out.")


class SlotShape(serializers.Serializer[Any]):
    """A time at which trainer, instrument and trainee are all free."""

    trainer = PersonShape()
    start_time = MomentField()
    end_time = MomentField()


class MatchWish(StrictSerializer):
    """The chosen time; trainer, instrument and trainee are booked in one step."""

    course = serializers.UUIDField()
    resource = serializers.UUIDField()
    trainer = serializers.UUIDField()
    user = serializers.UUIDField(required=False)
    start_time = MomentField()
    end_time = MomentField()


def course_out(course: Course, standing: Standing) -> dict[str, Any]:
    """A course as the interface tells it."""
    plain = (
        "title",
        "description",
        "kind",
        "delivery",
        "valid_days",
        "decay_days",
        "pass_mark",
        "seats",
        "is_active",
    )
    return {
        "id": str(course.public_id),
        **{name: getattr(course, name) for name in plain},
        "standing": {
            "state": standing.state.value,
            "until": standing.until.isoformat() if standing.until else None,
        },
    }


def session_out(session: TrainingSession) -> dict[str, Any]:
    """A counted session as the interface tells it."""
    counted = vars(session)
    return {
        "id": str(session.public_id),
        "course": str(session.course.public_id),
        "title": session.course.title,
        "instructor": PersonShape(session.instructor).data,
        "start_time": write_moment(session.start_time),
        "end_time": write_moment(session.end_time),
        "location": session.location,
        "seats": session.seats,
        "taken": counted["taken"],
        "waiting": counted["waiting"],
        "my_state": counted["my_state"],
        "is_cancelled": session.cancelled_at is not None,
    }


def place_out(seat: TrainingSeat) -> dict[str, Any]:
    """A place as the interface tells it."""
    return {"user": PersonShape(seat.user).data, "state": str(seat.state), "score": seat.score}


def qualification_out(found: Qualification) -> dict[str, Any]:
    """A certificate as the interface tells it."""
    shown: dict[str, Any] = dict(QualificationShape(found).data)
    return shown
