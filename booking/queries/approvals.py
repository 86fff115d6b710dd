"""Who is asked about bookings that wait, who may answer, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from accounts.permissions import permissions
from booking.enums import ApproverKind, Status, VoteState
from booking.models import Approval, ApprovalDelegation, ApprovalVote, Booking
from booking.permissions import can_decide_booking
from booking.queries._among import among
from booking.queries._approver_sql import APPROVERS
from booking.queries.places import in_places

_CODE = "booking.approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One step of one booking that looks for its people; without an approver, for stand-ins."""

    booking: Booking
    approver: ApproverKind | None = None
    role: str = ""
    person_id: int | None = None


def approvers_of(asks: Sequence[Ask], *, now: datetime) -> list[list[int]]:
    """The keys of who is asked in each step, in one query however many there are.

    Never the person it is for nor who made it. Where that leaves nobody it is those who may
    approve on the resource.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            APPROVERS,
            {
                "n": list(range(len(asks))),
                "approver": [each.approver or "" for each in asks],
                "role": [each.role for each in asks],
                "person": [each.person_id for each in asks],
                "booker": [each.booking.user_id for each in asks],
                "maker": [each.booking.created_by_id for each in asks],
                "project": [each.booking.project_id for each in asks],
                "resource": [each.booking.resource_id for each in asks],
                "type": [each.booking.resource.resource_type_id for each in asks],
                "unit": [each.booking.resource.unit_id for each in asks],
                "code": _CODE,
                "least": permissions()[_CODE].least,
                "now": now,
            },
        )
        rows = cursor.fetchall()
    found: list[list[int]] = [[] for _ask in asks]
    for place, user_id in rows:
        found[place].append(user_id)
    return found


def castable_votes(actor: User, *, now: datetime) -> "QuerySet[ApprovalVote]":
    """The votes that wait for this person: their own, and of whom they stand in for now."""
    return _waiting_votes().filter(_own_or_delegated(actor, now))


def asked_about(viewer: User) -> Q:
    """Bookings that wait for an answer of this person, or got one; by the database's clock."""
    waiting = _waiting_votes().filter(_own_or_delegated(viewer, Now()))
    answered = ApprovalVote.objects.filter(answered_by=viewer)
    return among("pk", waiting.values("approval__booking")) | among(
        "pk", answered.values("approval__booking")
    )


def awaiting_decision(viewer: User, *, now: datetime) -> "QuerySet[Booking]":
    """Bookings that wait for this person's answer, never their own.

    They are asked, or stand in for somebody who is; or may approve on the resource, where no
    others than the lab's own people are asked, or those have not answered in time. Where nobody in
    particular is asked, responsible persons are.
    """
    step = _open_step()
    others_first = step.exclude(approver=ApproverKind.RESPONSIBLE).filter(escalated_at=None)
    lab = in_places(viewer, _CODE) & ~Q(Exists(others_first))
    return _not_own(viewer).filter(lab | _asked_of(viewer, now) | _responsible(viewer))


def decidable(viewer: User, *, now: datetime) -> "QuerySet[Booking]":
    """All waiting bookings that this person may decide on, whoever is asked first."""
    decides = in_places(viewer, _CODE)
    if not decides:
        return _not_own(viewer)
    return _not_own(viewer).filter(decides | _asked_of(viewer, now) | _responsible(viewer))


def asked_people(bookings: Sequence[Booking], *, now: datetime) -> set[int]:
    """The keys of whose answer the bookings wait for, with who stands in for them now."""
    waiting = _waiting_votes().filter(approval__booking__in=[each.pk for each in bookings])
    rows = waiting.annotate(stand_ins=ArraySubquery(_delegations(now).values("delegate")))
    found: set[int] = set()
    for user_id, others in rows.values_list("user_id", "stand_ins"):
        found |= {user_id, *others}
    return found


def find_step(booking: Booking) -> Approval | None:
    """The step that the booking waits for; None for one that was never asked in steps."""
    return booking.approvals.filter(state=VoteState.WAITING).order_by("position").first()


def steps_of(booking: Booking) -> list[Approval]:
    """The steps of the latest asking, in order, with who was asked and said what."""
    return _latest(booking.approvals.all())


def steps_and_asked(
    viewer: User, booking: Booking, *, now: datetime
) -> tuple[list[Approval], bool]:
    """The steps of the latest asking, and whether this person may decide on the open one now.

    As `steps_of` and `may_decide` in two queries less, for a page that shows both.
    """
    asked = castable_votes(viewer, now=now).filter(approval=OuterRef("pk"))
    steps = _latest(booking.approvals.annotate(is_asked=Exists(asked)))
    waiting = [step for step in steps if step.state == VoteState.WAITING]
    is_asked = bool(waiting) and bool(getattr(waiting[0], "is_asked", False))
    return steps, can_decide_booking(viewer, booking, is_asked=is_asked, in_steps=bool(waiting))


def _latest(approvals: "QuerySet[Approval]") -> list[Approval]:
    votes = ApprovalVote.objects.select_related("user", "answered_by")
    steps = sorted(approvals.prefetch_related(Prefetch("votes", votes)), key=lambda step: step.pk)
    firsts = [place for place, step in enumerate(steps) if step.position == 1]
    return steps[firsts[-1] :] if firsts else []


def may_decide(viewer: User, booking: Booking, *, now: datetime) -> bool:
    """Whether this person may approve or reject the booking now, if it waits."""
    if booking.status != Status.PENDING:
        return False
    step = find_step(booking)
    asked = step is not None and castable_votes(viewer, now=now).filter(approval=step).exists()
    return can_decide_booking(viewer, booking, is_asked=asked, in_steps=step is not None)


def _not_own(viewer: User) -> "QuerySet[Booking]":
    return Booking.objects.filter(status=Status.PENDING).exclude(
        Q(user=viewer) | Q(created_by=viewer)
    )


def _open_step() -> "QuerySet[Approval]":
    return Approval.objects.filter(booking=OuterRef("pk"), state=VoteState.WAITING)


def _waiting_votes() -> "QuerySet[ApprovalVote]":
    return ApprovalVote.objects.filter(state=VoteState.WAITING, approval__state=VoteState.WAITING)


def _asked_of(viewer: User, now: datetime) -> Q:
    return Q(pk__in=castable_votes(viewer, now=now).values("approval__booking"))


def _own_or_delegated(viewer: User, now: datetime | Now) -> Q:
    """Their own, and of those who let them: few, looked at one by one."""
    given = ApprovalDelegation.objects.filter(delegate=viewer, starts_at__lte=now, ends_at__gt=now)
    of_others = _waiting_votes().filter(
        Exists(_delegations(now).filter(delegate=viewer)), user__in=given.values("user")
    )
    return Q(user=viewer) | among("pk", of_others.values("pk"))


def _delegations(now: datetime | Now) -> "QuerySet[ApprovalDelegation]":
    """Of the person of a vote, those that count now for its booking."""
    resource = "approval__booking__resource"
    return ApprovalDelegation.objects.filter(
        Q(resource=None) | Q(resource=OuterRef(resource)),
        Q(resource_type=None) | Q(resource_type=OuterRef(f"{resource}__resource_type")),
        user=OuterRef("user"),
        starts_at__lte=now,
        ends_at__gt=now,
    )


def _responsible(viewer: User) -> Q:
    return Q(resource__in=viewer.responsible_for.values("resource")) & ~Q(Exists(_open_step()))
