"""What is broken: for its banner, for who mends it, and whose plans it meets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import permissions
from accounts.queries.roles import holders
from booking.enums import OPEN, FaultState, Severity
from booking.models import Booking, Fault, FaultNote, Resource, ResourceLink, ResponsiblePerson
from booking.permissions import where_of
from booking.queries.places import in_places_or, shown_to
from booking.rules.faults import outage_end
from booking.rules.request import FaultFacts

_BY_SEVERITY = Case(
    *(When(severity=each, then=Value(n)) for n, each in enumerate(reversed(Severity))),
    default=Value(len(Severity)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFilters:
    """What the queue is narrowed to: a state, `late`, a severity, a resource, one's own."""

    state: str = ""
    severity: str = ""
    resource_id: UUID | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultCount:
    """One figure above the queue, and the answer in the address that shows its faults."""

    value: str
    label: str
    number: int


def reportable_resources(viewer: User, *, now: datetime) -> "QuerySet[Resource]":
    """Whatever somebody can see they can report a fault of."""
    return Resource.objects.filter(shown_to(viewer, now=now)).select_related("resource_type")


def find_reportable(viewer: User, public_id: UUID, *, now: datetime) -> Resource | None:
    """One resource that the person can see."""
    return reportable_resources(viewer, now=now).filter(public_id=public_id).first()


def visible_faults(viewer: User, *, now: datetime) -> "QuerySet[Fault]":
    """The faults of resources that the person can see, and those they reported or mend."""
    return Fault.objects.filter(
        Q(resource__in=Resource.objects.filter(shown_to(viewer, now=now)).values("pk"))
        | Q(reported_by=viewer)
        | Q(assignee=viewer)
    ).select_related("resource__resource_type", "reported_by", "assignee", "photo", "maintenance")


def find_fault(viewer: User, public_id: UUID, *, now: datetime) -> Fault | None:
    """A fault that the person may read of."""
    return visible_faults(viewer, now=now).filter(public_id=public_id).first()


def faults_of(resource: Resource) -> "QuerySet[Fault]":
    """The faults of one resource: what is open first, the worst on top, then the latest."""
    return (
        Fault.objects.filter(resource=resource)
        .select_related("reported_by", "assignee")
        .order_by(
            Case(When(state=FaultState.RESOLVED, then=Value(1)), default=Value(0)),
            "-blocks_use",
            _BY_SEVERITY,
            "-reported_at",
        )
    )


def followed_faults(viewer: User) -> "QuerySet[Fault]":
    """The faults that the viewer looks after, has to mend, or reported."""
    own = Q(assignee=viewer) | Q(reported_by=viewer)
    return Fault.objects.filter(own | in_places_or(viewer, "fault.manage")).select_related(
        "resource", "reported_by", "assignee", "photo"
    )


def fault_queue(viewer: User, filters: FaultFilters, *, now: datetime) -> "QuerySet[Fault]":
    """The queue: overdue first, then by severity, then what is due soonest; resolved ones last."""
    found = followed_faults(viewer)
    if filters.state == "late":
        found = found.filter(_late(now))
    elif filters.state in FaultState.values:
        found = found.filter(state=filters.state)
    elif filters.state != "all":
        found = found.exclude(state=FaultState.RESOLVED)
    if filters.severity in Severity.values:
        found = found.filter(severity=filters.severity)
    if filters.resource_id is not None:
        found = found.filter(resource__public_id=filters.resource_id)
    if filters.mine:
        found = found.filter(assignee=viewer)
    urgency = Case(
        When(_late(now), then=Value(0)),
        When(state=FaultState.RESOLVED, then=Value(2)),
        default=Value(1),
    )
    return found.order_by(urgency, _BY_SEVERITY, "due_at", "pk")


def fault_counts(viewer: User, *, now: datetime) -> list[FaultCount]:
    """How many are overdue, and how many in each state, in one statement."""
    found = followed_faults(viewer).aggregate(
        late=Count("pk", filter=_late(now)),
        **{state.value: Count("pk", filter=Q(state=state)) for state in FaultState},
    )
    late = FaultCount(value="late", label=_("Overdue"), number=found["late"])
    return [
        late,
        *(
            FaultCount(value=state.value, label=str(state.label), number=found[state.value])
            for state in FaultState
        ),
    ]


def overdue_faults(now: datetime) -> "QuerySet[Fault]":
    """What should have been mended by now and nobody was told of."""
    found = Fault.objects.filter(_late(now), overdue_told_at=None)
    return found.select_related("resource", "assignee").order_by("due_at", "pk")


def outage_facts(resource: Resource, *, now: datetime) -> FaultFacts | None:
    """The fault for which a resource cannot be used now, the one that lasts longest.

    What is linked to it has to work as well.
    """
    needed = ResourceLink.objects.filter(resource=resource).values("linked")
    either = Q(resource=resource) | Q(resource__in=needed)
    found = list(_blocking(now).filter(either).select_related("resource"))
    if not found:
        return None
    longest = max(found, key=lambda each: outage_end(each.back_at, now))
    return FaultFacts(
        public_id=longest.public_id,
        title=longest.title,
        back_at=longest.back_at,
        of_linked="" if longest.resource_id == resource.pk else longest.resource.name,
    )


def with_outage(resources: "QuerySet[Resource]", *, now: datetime) -> "QuerySet[Any]":
    """Each resource with the title of the fault for which it cannot be used now, as `outage`."""
    needed = ResourceLink.objects.filter(resource=OuterRef(OuterRef("pk"))).values("linked")
    either = Q(resource=OuterRef("pk")) | Q(resource__in=needed)
    found = _blocking(now).filter(either).order_by("pk")
    return resources.annotate(outage=Subquery(found.values("title")[:1]))


def with_fault_facts(resources: "QuerySet[Any]", *, now: datetime) -> "QuerySet[Any]":
    """Each resource with what `fault_told` tells of it, without a query of its own.

    The blocking fault that lasts longest, as the facts for rules have it; else the latest. What
    blocks a linked resource blocks the whole; a lesser fault there is nobody's concern here.
    """
    needed = ResourceLink.objects.filter(resource=OuterRef(OuterRef("pk"))).values("linked")
    found = Fault.objects.exclude(state=FaultState.RESOLVED).filter(
        Q(resource=OuterRef("pk")) | Q(resource__in=needed, blocks_use=True)
    )
    # Where nobody knows until when, as `outage_end` counts.
    lasts = Coalesce("back_at", Value(outage_end(None, now)))
    told = JSONObject(
        public_id="public_id", title="title", back_at="back_at", blocks="blocks_use",
        of="resource__name", key="resource_id",
    )  # fmt: skip
    worst = found.order_by("-blocks_use", lasts.desc(), "-pk").values(json=told)
    annotated: QuerySet[Any] = resources.annotate(fault_told=Subquery(worst[:1]))
    return annotated


def fault_told(resource: Resource) -> FaultFacts | None:
    """What is wrong with a resource that came `with_fault_facts`."""
    told = vars(resource)["fault_told"]
    if told is None:
        return None
    return FaultFacts(
        public_id=UUID(told["public_id"]),
        title=told["title"],
        blocks=told["blocks"],
        back_at=datetime.fromisoformat(told["back_at"]) if told["back_at"] else None,
        of_linked="" if told["key"] == resource.pk else told["of"],
    )


def affected_bookings(fault: Fault, *, now: datetime) -> "QuerySet[Booking]":
    """The bookings to come whose time falls into the outage; of a lesser fault there are none.

    Bookings of what needs the broken one are among them.
    """
    if not fault.blocks_use or fault.state == FaultState.RESOLVED:
        return Booking.objects.none()
    needing = ResourceLink.objects.filter(linked=fault.resource_id).values("resource")
    return (
        Booking.objects.filter(
            Q(resource=fault.resource_id) | Q(resource__in=needing),
            status__in=OPEN,
            end_time__gt=now,
            start_time__lt=outage_end(fault.back_at, now),
        )
        .select_related("user", "resource")
        .order_by("start_time", "pk")
    )


def notes_of(fault: Fault) -> list[FaultNote]:
    """The history of a fault, from its report on."""
    return list(fault.history.select_related("author"))


def fault_managers(resource: Resource, *, now: datetime) -> list[int]:
    """Who is told of a fault: who is responsible for the resource, or else all who may mend it."""
    named = ResponsiblePerson.objects.filter(resource=resource, user__is_active=True)
    if keys := sorted(set(named.values_list("user", flat=True))):
        return keys
    return list(menders(resource, now=now).values_list("pk", flat=True))


def menders(resource: Resource, *, now: datetime) -> "QuerySet[User]":
    """Who can be given a fault of the resource: who looks after faults there, or after it."""
    code = "fault.manage"
    granted = holders(code=code, wheres=[where_of(resource)], now=now)
    return (
        User.objects.filter(is_active=True)
        .filter(
            Q(role=permissions()[code].least)
            | Q(pk__in=granted)
            | Q(pk__in=ResponsiblePerson.objects.filter(resource=resource).values("user"))
        )
        .order_by("first_name", "last_name", "username")
    )


def _blocking(now: datetime) -> "QuerySet[Fault]":
    found = Fault.objects.filter(Q(back_at=None) | Q(back_at__gt=now), blocks_use=True)
    return found.exclude(state=FaultState.RESOLVED)


def _late(now: datetime) -> Q:
    return Q(due_at__lt=now) & ~Q(state=FaultState.RESOLVED)
