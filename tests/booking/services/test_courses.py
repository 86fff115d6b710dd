"""Writing courses."""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest

from accounts.enums import ScopeKind
from accounts.models import User
from audit.models import AuditLog
from booking.enums import CourseKind
from booking.errors import ActionRefused, NotAllowed
from booking.models import Course, Resource, ResourceType, TrainingRequirement
from booking.services.courses import CourseDetails, change_course, create_course
from tests.factories.resources import make_resource
from tests.factories.roles import give, make_role
from tests.factories.training import make_course

pytestmark = pytest.mark.django_db
PLAIN = CourseDetails(title="Laser safety", kind=CourseKind.SAFETY)


def change(actor: User, course: Course, now: datetime, **values: object) -> Course:
    details = CourseDetails(title=course.title, **values)  # type: ignore[arg-type]
    return change_course(actor=actor, course_id=course.public_id, details=details, now=now)


def test_a_course_with_everything(
    chris: User, ben: User, microscope: Resource, confocals: ResourceType, now: datetime
) -> None:
    before = make_course("First aid")
    course = create_course(
        actor=chris,
        details=replace(
            PLAIN,
            valid_days=365,
            decay_days=90,
            pass_mark=80,
            instructor_ids=(ben.public_id,),
            prerequisite_ids=(before.public_id,),
            resource_ids=(microscope.public_id,),
            type_ids=(confocals.public_id,),
        ),
        now=now,
    )
    assert list(course.instructors.all()) == [ben]
    assert list(course.prerequisites.all()) == [before]
    assert {(need.resource, need.resource_type) for need in course.required_by.all()} == {
        (microscope, None),
        (None, confocals),
    }
    log = AuditLog.objects.get(action="course.created")
    assert log.changes["instructors"] == [None, ["Ben"]]
    assert log.changes["pass_mark"] == [None, 80]


def test_what_is_left_out_asks_no_more(
    chris: User, microscope: Resource, second_microscope: Resource, now: datetime
) -> None:
    course = make_course(asked_by=[microscope])
    kept = change(chris, course, now, resource_ids=(second_microscope.public_id,))
    assert [need.resource for need in kept.required_by.all()] == [second_microscope]
    changed = AuditLog.objects.get(action="course.changed").changes
    assert changed["required_by"] == [["Confocal 1"], ["Confocal 2"]]
    change(chris, course, now)
    assert not TrainingRequirement.objects.exists()


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_nobody_comes_before_themselves(chris: User, now: datetime, steps: int) -> None:
    chain = [make_course("Course 0")]
    for n in range(1, steps):
        chain.append(make_course(f"Course {n}", before=[chain[-1]]))
    with pytest.raises(ActionRefused) as refused:
        change(chris, chain[0], now, prerequisite_ids=(chain[-1].public_id,))
    refusal = refused.value.refusals[0]
    assert (refusal.code, refusal.field) == ("course.circle", "prerequisites")
    assert refusal.text.count("Course 0") == 2
    assert not chain[0].prerequisites.exists()
    assert not AuditLog.objects.exists()


def test_two_ways_to_one_course_are_no_circle(chris: User, now: datetime) -> None:
    first = make_course("First")
    second, third = make_course("Second", before=[first]), make_course("Third", before=[first])
    last = make_course("Last")
    change(chris, last, now, prerequisite_ids=(second.public_id, third.public_id))
    assert last.prerequisites.count() == 2


@pytest.mark.parametrize(
    ("change_", "code"),
    [
        ({"title": "  "}, "course.title"),
        ({"title": "FIRST aid"}, "course.title"),
        ({"pass_mark": 101}, "course.pass_mark"),
        ({"seats": 0}, "course.seats"),
        ({"valid_days": 0}, "course.days"),
        ({"decay_days": 5000}, "course.days"),
        ({"prerequisite_ids": (uuid4(),)}, "course.unknown"),
        ({"instructor_ids": (uuid4(),)}, "course.unknown"),
    ],
)
def test_nonsense_is_refused(
    chris: User, now: datetime, change_: dict[str, object], code: str
) -> None:
    make_course("First aid")
    with pytest.raises(ActionRefused) as refused:
        create_course(actor=chris, details=replace(PLAIN, **change_), now=now)  # type: ignore[arg-type]
    assert refused.value.refusals[0].code == code
    assert refused.value.status == 422
    assert Course.objects.count() == 1
    assert not AuditLog.objects.exists()


def test_only_those_who_look_after_training(cast: dict[str, User], now: datetime) -> None:
    made = []
    for name, user in cast.items():
        try:
            create_course(actor=user, details=replace(PLAIN, title=name), now=now)
        except NotAllowed as error:
            assert error.needs == "training.manage"
        else:
            made.append(name)
    assert made == ["chris", "dora"]


def test_where_one_looks_after_training_and_nowhere_else(
    eve: User, microscope: Resource, now: datetime
) -> None:
    other = make_resource("NMR")
    give(eve, make_role("trainer-here", "training.manage"), ScopeKind.RESOURCE, microscope.pk)
    course = create_course(
        actor=eve, details=replace(PLAIN, resource_ids=(microscope.public_id,)), now=now
    )
    for wrong in ((), (other.public_id,), (microscope.public_id, other.public_id)):
        with pytest.raises(NotAllowed):
            change(eve, course, now, resource_ids=wrong)
    with pytest.raises(NotAllowed):
        change(eve, make_course("Of others", asked_by=[other]), now)
