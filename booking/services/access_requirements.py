"""What a resource asks of newcomers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from booking.enums import StepKind
from booking.errors import ActionRefused
from booking.models import AccessRequirement, Course, Resource
from booking.permissions import can_grant_access
from booking.services._managers import require_manager
from labitory.lib.db import run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One step: its kind, the course of a training, and what is to be done in words."""

    kind: StepKind
    course_id: UUID | None = None
    note: str = ""


def set_requirements(
    *, actor: User, resource_id: UUID, steps: Sequence[Requirement], now: datetime
) -> list[AccessRequirement]:
    """Say which steps newcomers take, in this order; requests that wait keep theirs.

    Raises `Resource.DoesNotExist`, `NotAllowed`, `ActionRefused` (422).
    """

    def work() -> list[AccessRequirement]:
        resource = Resource.objects.get(public_id=resource_id)
        require_manager(can_grant_access(actor, resource), "resource.grant_access", resource)
        courses = _courses(steps)
        old = AccessRequirement.objects.filter(resource=resource).select_related("course")
        before = [_said(each) for each in old]
        old.delete()
        made = AccessRequirement.objects.bulk_create(
            AccessRequirement(
                resource=resource,
                kind=step.kind,
                course=courses.get(step.course_id) if step.course_id else None,
                note=step.note.strip()[:300],
                position=position,
            )
            for position, step in enumerate(steps)
        )
        record(
            action="access.requirements_set",
            actor=actor,
            target=resource,
            now=now,
            changes={"steps": (before, [_said(each) for each in made])},
        )
        return made

    return run_transaction(work)


def _courses(steps: Sequence[Requirement]) -> dict[UUID, Course]:
    wanted = {step.course_id for step in steps if step.course_id is not None}
    found = {each.public_id: each for each in Course.objects.filter(public_id__in=wanted)}
    trainings = [step for step in steps if step.kind == StepKind.TRAINING]
    if any(step.course_id not in found for step in trainings):
        raise _refused(_("Say which course the training is."))
    if any(step.course_id is not None for step in steps if step.kind != StepKind.TRAINING):
        raise _refused(_("Only a training has a course."))
    if len({(step.kind, step.course_id) for step in steps}) < len(steps):
        raise _refused(_("Each step is asked once: remove the double one."))
    return found


def _refused(text: str) -> ActionRefused:
    return ActionRefused(code="access.steps", text=text, field="kind", status=422)


def _said(step: AccessRequirement) -> str:
    return f"{step.get_kind_display()}: {step.course}" if step.course else step.get_kind_display()
