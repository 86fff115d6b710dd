"""The path to a resource: what is asked of somebody, how far they have come, who is asked next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import holders
from booking.enums import (
    AccessLevel,
    AssessmentState,
    RequestState,
    ResponsibleKind,
    SeatState,
    StepKind,
)
from booking.models import (
    AccessRequest,
    AccessRequirement,
    AccessStep,
    Qualification,
    Resource,
    ResourceAccess,
    ResponsiblePerson,
    RiskAssessment,
    TrainingSeat,
)
from booking.permissions import can_grant_access, is_responsible_for, where_of
from booking.queries.assessments import visible_assessments
from booking.queries.places import in_places_or

# From so long before its end access may be asked for anew.
RENEWABLE = timedelta(days=60)
# What is passed or written by the person themselves.
_THEIRS = (StepKind.TRAINING, StepKind.ASSESSMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step as its reader sees it: `done`, `next` or `later`, and whether they confirm it."""

    step: AccessStep
    state: str
    # Who is asked for it, in words.
    whose: str
    confirms: bool
    # Whether the person who asks does it.
    is_theirs: bool = False
    # Of the next step: the place in a session, and the assessment that the viewer may read.
    seat: TrainingSeat | None = None
    assessment: RiskAssessment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A request with its steps in order."""

    request: AccessRequest
    steps: tuple[StepView, ...]

    @property
    def next_step(self) -> StepView | None:
        """What has to be done now."""
        return next((each for each in self.steps if each.state == "next"), None)

    @property
    def done(self) -> int:
        """How many steps are taken."""
        return sum(each.state == "done" for each in self.steps)


def visible_requests(viewer: User) -> "QuerySet[AccessRequest]":
    """One's own requests, those one is asked about, and those of the resources one lets in to."""
    return (
        AccessRequest.objects.filter(Q(user=viewer) | Q(supervisor=viewer) | _looks_after(viewer))
        .select_related("user", "resource__resource_type", "supervisor", "decided_by")
        .order_by("-asked_at")
    )


def waiting_requests(viewer: User) -> "QuerySet[AccessRequest]":
    """What waits and the viewer can help on with, never their own; oldest first."""
    supervised = Exists(
        AccessStep.objects.filter(
            request=OuterRef("pk"), kind=StepKind.SUPERVISOR, confirmed_at=None
        )
    )
    return (
        AccessRequest.objects.filter(state=RequestState.WAITING)
        .filter(_looks_after(viewer) | (Q(supervisor=viewer) & Q(supervised)))
        .exclude(user=viewer)
        .select_related("user", "resource", "supervisor")
        .prefetch_related("steps")
        .order_by("asked_at")
    )


def _looks_after(viewer: User) -> Q:
    responsible = ResponsiblePerson.objects.filter(user=viewer).values("resource")
    return in_places_or(viewer, "resource.grant_access") | Q(resource__in=responsible)


def own_access(viewer: User) -> "QuerySet[ResourceAccess]":
    """What the person has been let in to, what ends first on top."""
    return (
        ResourceAccess.objects.filter(user=viewer)
        .select_related("resource", "granted_by")
        .order_by(F("expires_at").asc(nulls_last=True), "resource__name")
    )


def own_requests(viewer: User) -> "QuerySet[AccessRequest]":
    """All that the person has asked for, the latest first."""
    return (
        AccessRequest.objects.filter(user=viewer)
        .select_related("resource", "decided_by")
        .prefetch_related("steps")
        .order_by("-asked_at")
    )


def latest_request(viewer: User, resource: Resource) -> AccessRequest | None:
    """The person's last request for the resource."""
    return (
        AccessRequest.objects.filter(user=viewer, resource=resource).order_by("-asked_at").first()
    )


def requirements_of(resource: Resource) -> "QuerySet[AccessRequirement]":
    """What the resource asks of newcomers, in order."""
    return AccessRequirement.objects.filter(resource=resource).select_related("course")


def steps_ahead(
    resource: Resource, *, level: AccessLevel, supervised: bool, has_supervisor: bool
) -> list[AccessStep]:
    """The steps of a new request, in order and not kept yet; the last is somebody's approval.

    Whoever works under supervision needs their supervisor's consent in any case; where nobody
    supervises, nobody is asked for it.
    """
    found = list(requirements_of(resource)) if level == AccessLevel.BOOK else []
    courses = {each.course_id: each.course for each in found}
    asked: list[tuple[str, int | None, str]] = [
        (each.kind, each.course_id, each.note) for each in found
    ]
    kinds = {kind for kind, _course, _note in asked}
    if supervised and StepKind.SUPERVISOR not in kinds:
        asked.insert(0, (StepKind.SUPERVISOR, None, ""))
    if not has_supervisor:
        asked = [each for each in asked if each[0] != StepKind.SUPERVISOR]
    if resource.requires_assessment and StepKind.ASSESSMENT not in kinds:
        asked.append((StepKind.ASSESSMENT, None, ""))
    if StepKind.APPROVAL not in kinds:
        asked.append((StepKind.APPROVAL, None, ""))
    return [
        AccessStep(kind=kind, course=courses.get(course), note=note, position=position)
        for position, (kind, course, note) in enumerate(asked)
    ]


def path_of(request: AccessRequest, *, viewer: User, now: datetime) -> Path:
    """The steps of a request as the viewer sees them: three queries, and one about the next."""
    steps = list(request.steps.select_related("course", "confirmed_by", "evidence"))
    today = now.astimezone(request.resource.zone).date()
    taken = steps_taken(request, steps, today)
    waits = request.state == RequestState.WAITING
    confirmable = waits and viewer.pk != request.user_id
    looks = confirmable and looks_after(viewer, request.resource)
    found: list[StepView] = []
    is_next = waits
    for step in steps:
        done = step.pk in taken
        found.append(
            StepView(
                step=step,
                state="done" if done else "next" if is_next else "later",
                seat=_seat(step, request, now) if is_next and not done else None,
                assessment=_assessment(step, request, viewer) if is_next and not done else None,
                is_theirs=step.kind in _THEIRS,
                whose=_whose(step, request),
                confirms=confirmable
                and not done
                and is_next
                and confirms(step.kind, request, viewer, looks_after=looks),
            )
        )
        is_next = is_next and done
    return Path(request=request, steps=tuple(found))


def steps_taken(request: AccessRequest, steps: Sequence[AccessStep], today: date) -> set[int]:
    """The keys of the steps that are done: confirmed by somebody, passed, or approved."""
    taken = {step.pk for step in steps if step.confirmed_at is not None}
    courses = {step.course_id for step in steps if step.kind == StepKind.TRAINING}
    if courses:
        passed = valid_courses(request.user, courses, today)
        taken |= {step.pk for step in steps if step.course_id in passed}
    if any(step.kind == StepKind.ASSESSMENT for step in steps) and has_assessment(
        request.user, request.resource, today
    ):
        taken |= {step.pk for step in steps if step.kind == StepKind.ASSESSMENT}
    return taken


def valid_courses(user: User, courses: set[int | None], today: date) -> set[int | None]:
    """Which of the courses the person has passed and may count on today."""
    return set(
        Qualification.objects.filter(user=user, course__in=courses, revoked_at=None)
        .filter(Q(expires_on=None) | Q(expires_on__gte=today))
        .values_list("course_id", flat=True)
    )


def has_assessment(user: User, resource: Resource, today: date) -> bool:
    """Whether the person's own risk assessment of work on the resource is approved and current."""
    return (
        RiskAssessment.objects.filter(user=user, resource=resource, state=AssessmentState.APPROVED)
        .filter(Q(review_on=None) | Q(review_on__gte=today))
        .exists()
    )


def looks_after(viewer: User, resource: Resource) -> bool:
    """Whether somebody lets people in to the resource or is responsible for it."""
    return can_grant_access(viewer, resource) or is_responsible_for(viewer, resource)


def confirms(kind: str, request: AccessRequest, viewer: User, *, looks_after: bool) -> bool:
    """Whether the viewer is the one to confirm such a step; what is passed, nobody confirms."""
    if kind == StepKind.SUPERVISOR:
        return request.supervisor_id == viewer.pk
    if kind in _THEIRS:
        return False
    return looks_after


def deciders_of_access(resource: Resource, *, now: datetime) -> list[int]:
    """Who hears of a request: the responsible persons, or else all who let people in there."""
    named = list(
        ResponsiblePerson.objects.filter(resource=resource, user__is_active=True)
        .exclude(kind=ResponsibleKind.TRAINER)
        .values_list("user", flat=True)
    )
    return named or managers_of_access(resource, now=now)


def managers_of_access(resource: Resource, *, now: datetime) -> list[int]:
    """All who let people in to the resource by permission, but for system administrators."""
    code = "resource.grant_access"
    granted = holders(code=code, wheres=[where_of(resource)], now=now)
    people = User.objects.filter(is_active=True)
    named = people.filter(Q(role=permissions()[code].least) | Q(pk__in=granted))
    return list(named.order_by("pk").values_list("pk", flat=True))


def renewable(viewer: User, resource: Resource, now: datetime) -> bool:
    """Whether the person's access ends so soon that it may be asked for anew."""
    return ResourceAccess.objects.filter(
        user=viewer, resource=resource, expires_at__lte=now + RENEWABLE
    ).exists()


def granted_level(viewer: User, resource: Resource, now: datetime) -> AccessLevel | None:
    """What the person's access opens now, or None without any."""
    level = (
        ResourceAccess.objects.filter(user=viewer, resource=resource)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .values_list("level", flat=True)
        .first()
    )
    return AccessLevel(level) if level else None


def find_visible_request(viewer: User, public_id: UUID) -> AccessRequest | None:
    """A request that the viewer may read."""
    return visible_requests(viewer).filter(public_id=public_id).first()


def _seat(step: AccessStep, request: AccessRequest, now: datetime) -> TrainingSeat | None:
    """The place that the person has in a session to come of the step's course."""
    if step.kind != StepKind.TRAINING:
        return None
    return (
        TrainingSeat.objects.filter(
            user=request.user,
            state__in=(SeatState.ENROLLED, SeatState.WAITING),
            session__course=step.course_id,
            session__cancelled_at=None,
            session__end_time__gt=now,
        )
        .select_related("session")
        .order_by("session__start_time")
        .first()
    )


def _assessment(step: AccessStep, request: AccessRequest, viewer: User) -> RiskAssessment | None:
    """What the person has written so far, where the viewer may read it."""
    if step.kind != StepKind.ASSESSMENT:
        return None
    return (
        visible_assessments(viewer)
        .filter(user=request.user, resource=request.resource)
        .exclude(state=AssessmentState.APPROVED)
        .first()
    )


def _whose(step: AccessStep, request: AccessRequest) -> str:
    if step.kind == StepKind.SUPERVISOR:
        return str(request.supervisor) if request.supervisor else _("a supervisor")
    if step.kind in _THEIRS:
        return str(request.user)
    return _("the people who look after %(resource)s") % {"resource": request.resource.name}
