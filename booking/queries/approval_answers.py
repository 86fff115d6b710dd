"""What was answered to bookings that waited: the list, how often yes, and how fast."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Prefetch,
    Q,
    QuerySet,
)

from accounts.models import User
from booking.enums import Status, VoteState
from booking.models import Approval, ApprovalVote, Booking
from booking.permissions import may_somewhere
from booking.queries.approvals import awaiting_decision, decidable
from booking.queries.places import in_places

_CODE = "booking.approve"
_ANSWERED = (VoteState.APPROVED, VoteState.REJECTED)
MOST_LINES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilters:
    """Which of what waits to list; what is empty does not filter."""

    everything: bool = False
    word: str = ""
    type_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFilters:
    """Which answers to list or to count; what is empty does not filter."""

    since: datetime
    by: UUID | None = None
    resource_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """The answers of one person, or about one resource."""

    public_id: UUID
    name: str
    answers: int
    approved: int
    median: timedelta

    @property
    def percent(self) -> int:
        """How many of a hundred were approved."""
        return round(100 * self.approved / self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStatistics:
    """All answers of a time, by person and by resource; and what waits now."""

    total: AnswerLine | None
    by_person: tuple[AnswerLine, ...]
    by_resource: tuple[AnswerLine, ...]
    waiting: int
    escalated: int


class _Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def inbox(viewer: User, filters: InboxFilters, *, now: datetime) -> "QuerySet[Booking]":
    """What waits for this person's answer, or all they may decide on; soonest first.

    Each has `open_steps`: what it waits for, with who is asked.
    """
    which = decidable if filters.everything else awaiting_decision
    found = which(viewer, now=now)
    for part in filters.word.split()[:4]:
        found = found.filter(
            Q(resource__name__icontains=part)
            | Q(user__first_name__icontains=part)
            | Q(user__last_name__icontains=part)
            | Q(user__username__icontains=part)
        )
    if filters.type_id is not None:
        found = found.filter(resource__resource_type__public_id=filters.type_id)
    steps = Approval.objects.filter(state=VoteState.WAITING).prefetch_related("votes__user")
    return (
        found.select_related("resource__resource_type", "user", "created_by", "project")
        .prefetch_related(Prefetch("approvals", queryset=steps, to_attr="open_steps"))
        .order_by("start_time", "pk")
    )


def answers(viewer: User, filters: AnswerFilters) -> "QuerySet[ApprovalVote]":
    """The answers that this person gave, and all where they may approve, latest first.

    Each has `took`, the time from being asked.
    """
    found = ApprovalVote.objects.filter(
        answered_at__gte=filters.since, state__in=_ANSWERED, approval__asked_at__isnull=False
    )
    own = in_places(viewer, _CODE, resource="approval__booking__resource")
    if own:
        found = found.filter(own | Q(answered_by=viewer))
    if filters.by is not None:
        found = found.filter(answered_by__public_id=filters.by)
    if filters.resource_id is not None:
        found = found.filter(approval__booking__resource__public_id=filters.resource_id)
    took = ExpressionWrapper(
        F("answered_at") - F("approval__asked_at"), output_field=DurationField()
    )
    return (
        found.annotate(took=took)
        .select_related("user", "answered_by", "approval__booking__resource")
        .select_related("approval__booking__user")
        .order_by("-answered_at", "-pk")
    )


def may_see_statistics(viewer: User) -> bool:
    """Whoever may approve anywhere."""
    return may_somewhere(viewer, _CODE)


def approval_statistics(viewer: User, *, since: datetime, now: datetime) -> ApprovalStatistics:
    """How the answers since then went where this person may approve: rate and median time."""
    found = answers(viewer, AnswerFilters(since=since)).order_by()
    waiting = decidable(viewer, now=now)
    escalated = Approval.objects.filter(
        state=VoteState.WAITING, escalated_at__isnull=False, booking__status=Status.PENDING
    )
    total = found.aggregate(**_FIGURES)
    return ApprovalStatistics(
        total=AnswerLine(public_id=viewer.public_id, name="", **total)
        if total["answers"]
        else None,
        by_person=_lines(found, "answered_by", "answered_by__username", people=True),
        by_resource=_lines(
            found, "approval__booking__resource", "approval__booking__resource__name"
        ),
        waiting=waiting.count(),
        escalated=waiting.filter(pk__in=escalated.values("booking")).count(),
    )


_FIGURES = {
    "answers": Count("pk"),
    "approved": Count("pk", filter=Q(state=VoteState.APPROVED)),
    "median": _Median("took", output_field=DurationField()),
}


def _lines(
    found: "QuerySet[ApprovalVote]", way: str, name: str, *, people: bool = False
) -> tuple[AnswerLine, ...]:
    """The figures for each of what the way leads to, the busiest first."""
    names = [f"{way}__first_name", f"{way}__last_name"] if people else []
    keys = [f"{way}__public_id", *names, name]
    rows = (
        found.filter(**{f"{way}__isnull": False})
        .values(*keys)
        .annotate(**_FIGURES)
        .order_by("-answers", name)[:MOST_LINES]
    )
    return tuple(
        AnswerLine(
            public_id=row[f"{way}__public_id"],
            name=" ".join(row[each] for each in names if row[each]) or row[name],
            answers=row["answers"],
            approved=row["approved"],
            median=row["median"],
        )
        for row in rows
    )
