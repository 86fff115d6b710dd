"""Asking for access, confirming each step, and deciding."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions.people import works_under_supervision
from audit.services import record
from booking.enums import AccessLevel, RequestState, StepKind
from booking.errors import ActionRefused, NotAllowed
from booking.events import post_notice
from booking.locks import lock_access_request
from booking.models import AccessRequest, AccessStep, Resource, Supervision
from booking.permissions import where_of
from booking.queries.access import (
    confirms,
    deciders_of_access,
    granted_level,
    looks_after,
    renewable,
    steps_ahead,
    steps_taken,
)
from booking.services._access import end_of_day, write_access
from booking.services._uploads import check_file, keep_file
from labitory.lib.db import constraint_of, run_transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A file that proves a step."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessWish:
    """What somebody asks for: see or book, why, until when, and who answers for them."""

    level: AccessLevel
    justification: str
    wanted_until: date | None = None
    supervisor_id: UUID | None = None


def ask_for_access(
    *, actor: User, resource_id: UUID, wish: AccessWish, now: datetime
) -> AccessRequest:
    """Ask to see or to book a resource for oneself; a rejected request may be asked anew.

    The steps are those that the resource asks of newcomers, and at the end somebody's approval.
    Raises `Resource.DoesNotExist` and `ActionRefused` (422: has access, no supervisor; 409: asked
    already).
    """

    def work() -> AccessRequest:
        resource = Resource.objects.select_related("resource_type").get(public_id=resource_id)
        _require_sense(actor, resource, wish, now)
        supervisor = _supervisor(actor, wish)
        earlier = (
            AccessRequest.objects.filter(user=actor, resource=resource, state=RequestState.REJECTED)
            .order_by("-asked_at")
            .first()
        )
        request = AccessRequest.objects.create(
            user=actor,
            resource=resource,
            level=wish.level,
            justification=wish.justification.strip(),
            wanted_until=wish.wanted_until,
            supervisor=supervisor,
            earlier=earlier,
            asked_at=now,
        )
        steps = _lay_out(request, supervised=works_under_supervision(actor))
        _record(request, "access.requested", actor, now)
        people = deciders_of_access(resource, now=now)
        if supervisor is not None and any(each.kind == StepKind.SUPERVISOR for each in steps):
            people = [*people, supervisor.pk]
        _tell(request, "access.requested", people, actor, now)
        return request

    try:
        return run_transaction(work)
    except IntegrityError as error:
        if constraint_of(error) != "accessrequest_one_open":
            raise
        raise ActionRefused(
            code="access.asked_already",
            text=_("You have asked already: look at how far your request has come."),
        ) from error


def confirm_step(
    *,
    actor: User,
    step_id: UUID,
    now: datetime,
    note: str = "",
    evidence: Evidence | None = None,
) -> AccessRequest:
    """Confirm one step of somebody else's request; the last one lets them in.

    Steps are taken in order. Raises `AccessStep.DoesNotExist`, `NotAllowed`, `ActionRefused`.
    """
    checked = (
        check_file(content=evidence.content, name=evidence.name, field="evidence")
        if evidence
        else None
    )

    def work() -> AccessRequest:
        step = AccessStep.objects.select_related("request").get(public_id=step_id)
        request = lock_access_request(step.request.public_id)
        _require_waiting(request)
        steps = list(request.steps.select_related("course"))
        today = now.astimezone(request.resource.zone).date()
        taken = steps_taken(request, steps, today)
        _require_turn(actor, request, step, steps, taken)
        step.confirmed_at, step.confirmed_by = now, actor
        step.confirmation = note.strip()[:500]
        if checked is not None:
            step.evidence = keep_file(actor=actor, checked=checked, now=now)
        step.save(update_fields=["confirmed_at", "confirmed_by", "confirmation", "evidence"])
        if step.kind == StepKind.SUPERVISOR:
            Supervision.objects.update_or_create(
                user=request.user, defaults={"supervisor": actor, "since": now}
            )
        _record(request, "access.step_confirmed", actor, now, step=step)
        if {each.pk for each in steps} == taken | {step.pk}:
            _grant(request, actor, now)
        else:
            _tell(request, "access.step_confirmed", [request.user_id], actor, now, step=step)
        return request

    return run_transaction(work)


def reject_access(*, actor: User, request_id: UUID, reason: str, now: datetime) -> AccessRequest:
    """Say no with a reason; the person may ask again.

    Raises `AccessRequest.DoesNotExist`, `NotAllowed`, `ActionRefused`.
    """
    if not reason.strip():
        raise ActionRefused(
            code="access.reason",
            text=_("Say why, so that the person can do better next time."),
            field="reason",
            status=422,
        )

    def work() -> AccessRequest:
        request = lock_access_request(request_id)
        _require_waiting(request)
        if not may_reject(actor, request):
            raise _not_yours(request)
        return _close(request, RequestState.REJECTED, "access.rejected", actor, now, reason.strip())

    return run_transaction(work)


def withdraw_access_request(*, actor: User, request_id: UUID, now: datetime) -> AccessRequest:
    """Take one's own request back. Raises `AccessRequest.DoesNotExist`, `ActionRefused`."""

    def work() -> AccessRequest:
        request = lock_access_request(request_id)
        if request.user_id != actor.pk:
            raise AccessRequest.DoesNotExist
        _require_waiting(request)
        return _close(request, RequestState.WITHDRAWN, "access.withdrawn", actor, now, "")

    return run_transaction(work)


def may_reject(actor: User, request: AccessRequest) -> bool:
    """Who looks after the resource, or is the named supervisor; nobody for themselves."""
    if actor.pk == request.user_id:
        return False
    return actor.pk == request.supervisor_id or looks_after(actor, request.resource)


def _require_sense(actor: User, resource: Resource, wish: AccessWish, now: datetime) -> None:
    if not wish.justification.strip():
        raise _refused("access.justification", _("Say what you need it for."), "justification")
    if wish.wanted_until is not None and end_of_day(resource, wish.wanted_until) <= now:
        raise _refused(
            "access.past",
            _("That day has passed: choose a later one, or leave it empty."),
            "wanted_until",
        )
    if not (resource.requires_access or resource.is_hidden):
        raise _refused("access.open", _("Everybody may book it: no access is needed."))
    held = granted_level(actor, resource, now)
    enough = held is not None and (held == AccessLevel.BOOK or wish.level == AccessLevel.VIEW)
    if enough and not renewable(actor, resource, now):
        raise _refused("access.held", _("You have access already."))


def _supervisor(actor: User, wish: AccessWish) -> User | None:
    if wish.supervisor_id is None:
        if works_under_supervision(actor):
            raise _refused("access.supervisor", _("Name who supervises your work."), "supervisor")
        return None
    found = User.objects.filter(public_id=wish.supervisor_id, is_active=True).first()
    if found is None or found.pk == actor.pk or works_under_supervision(found):
        raise _refused(
            "access.supervisor",
            _("A supervisor is somebody else of the staff: write their user name or e-mail."),
            "supervisor",
        )
    return found


def _lay_out(request: AccessRequest, *, supervised: bool) -> list[AccessStep]:
    """The steps of a request, as the resource asks for them now."""
    steps = steps_ahead(
        request.resource,
        level=AccessLevel(request.level),
        supervised=supervised,
        has_supervisor=request.supervisor_id is not None,
    )
    for step in steps:
        step.request = request
    return AccessStep.objects.bulk_create(steps)


def _require_waiting(request: AccessRequest) -> None:
    if request.state != RequestState.WAITING:
        raise ActionRefused(
            code="access.decided",
            text=_("This request no longer waits: it is %(state)s.")
            % {"state": request.get_state_display().lower()},
        )


def _require_turn(
    actor: User, request: AccessRequest, step: AccessStep, steps: list[AccessStep], taken: set[int]
) -> None:
    if step.pk in taken:
        raise ActionRefused(
            code="access.step_done", text=_("This step is done: look at what comes next.")
        )
    allowed = actor.pk != request.user_id and confirms(
        step.kind, request, actor, looks_after=looks_after(actor, request.resource)
    )
    if not allowed:
        raise _not_yours(request)
    before = next(each for each in steps if each.pk not in taken)
    if before.pk != step.pk:
        raise ActionRefused(
            code="access.step_order",
            text=_("Before that comes: %(step)s.") % {"step": before.get_kind_display()},
        )


def _grant(request: AccessRequest, actor: User, now: datetime) -> None:
    resource = request.resource
    until = end_of_day(resource, request.wanted_until) if request.wanted_until else None
    write_access(
        actor=actor,
        user=request.user,
        resource=resource,
        expires_at=until,
        level=AccessLevel(request.level),
        now=now,
    )
    _close(request, RequestState.GRANTED, "access.granted", actor, now, "")


def _close(
    request: AccessRequest,
    state: RequestState,
    action: str,
    actor: User,
    now: datetime,
    reason: str,
) -> AccessRequest:
    before = request.state
    request.state, request.decided_at, request.decided_by = state, now, actor
    request.reason = reason[:500]
    request.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    _record(request, action, actor, now, reason=reason, changes={"state": (before, state)})
    if state != RequestState.WITHDRAWN:
        _tell(request, action, [request.user_id], actor, now)
    return request


def _record(
    request: AccessRequest,
    action: str,
    actor: User,
    now: datetime,
    *,
    reason: str = "",
    step: AccessStep | None = None,
    changes: dict[str, tuple[object, object]] | None = None,
) -> None:
    record(
        action=action,
        actor=actor,
        target=request,
        now=now,
        reason=reason,
        changes=changes,
        facts={
            "user": request.user.full_name,
            "resource": request.resource.name,
            "step": _said(step),
        },
    )


def _tell(
    request: AccessRequest,
    kind: str,
    people: list[int],
    actor: User,
    now: datetime,
    *,
    step: AccessStep | None = None,
) -> None:
    post_notice(
        kind=kind,
        people=people,
        actor=actor,
        now=now,
        path=_address(request),
        facts={
            "user": request.user.full_name,
            "resource": request.resource.name,
            "reason": request.reason,
            "step": _said(step),
        },
    )


def _address(request: AccessRequest) -> str:
    """Where the news leads: who has been let in goes straight to what they may book."""
    if request.state == RequestState.GRANTED:
        return reverse("booking:resource_detail", args=[request.resource.public_id])
    return reverse("booking:access_request", args=[request.public_id])


def _said(step: AccessStep | None) -> str:
    return str(step.get_kind_display()) if step else ""


def _not_yours(request: AccessRequest) -> NotAllowed:
    return NotAllowed(
        code="permission.access",
        text=_("Others decide on this step, and nobody on their own."),
        needs="resource.grant_access",
        where=where_of(request.resource),
    )


def _refused(code: str, text: str, field: str = "") -> ActionRefused:
    return ActionRefused(code=code, text=text, field=field, status=422)
