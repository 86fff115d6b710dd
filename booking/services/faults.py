"""Reporting faults, looking after them, and telling whose plans they meet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from booking.enums import DAYS_TO_MEND, FaultState, Severity
from booking.errors import ActionRefused
from booking.events import post_change
from booking.locks import claim_faults, lock_fault
from booking.models import Fault, Resource
from booking.permissions import can_mend_fault
from booking.queries.faults import (
    affected_bookings,
    fault_managers,
    find_reportable,
    menders,
    overdue_faults,
)
from booking.services._faults import (
    give_back,
    note_fault,
    outage_of,
    record_fault,
    require_mender,
    tell_change,
    tell_fault,
    tell_of_bookings,
    tell_who_follow,
    values_of,
    who_waits,
    words_of,
)
from booking.services._uploads import CheckedFile, check_file, keep_file
from labitory.lib.db import run_transaction

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultReport:
    """What somebody reports; `photo` is the name and content of a file."""

    title: str
    description: str = ""
    severity: Severity = Severity.MEDIUM
    blocks_use: bool = False
    photo: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultChange:
    """All that a manager says about a fault: its state, how bad, until when, who mends it."""

    state: FaultState
    severity: Severity
    blocks_use: bool
    back_at: datetime | None = None
    assignee_id: UUID | None = None
    # Needed when it is resolved: what was done.
    note: str = ""


def report_fault(*, actor: User, resource_id: UUID, report: FaultReport, now: datetime) -> Fault:
    """Report what is wrong with a resource; everybody may who can see it.

    It is to be mended within the days of its severity. What cannot be used is out of order at once.
    Raises `Resource.DoesNotExist` and `ActionRefused` (422).
    """
    title = report.title.replace("\0", "").strip()
    if not title:
        raise ActionRefused(
            code="fault.title", text=_("Say what is wrong."), field="title", status=422
        )
    photo = _checked(report)

    def work() -> Fault:
        resource = find_reportable(actor, resource_id, now=now)
        if resource is None:
            raise Resource.DoesNotExist
        fault = Fault.objects.create(
            resource=resource,
            reported_by=actor,
            title=title[:150],
            description=report.description.strip(),
            severity=report.severity,
            blocks_use=report.blocks_use,
            photo=keep_file(actor=actor, checked=photo, now=now) if photo else None,
            reported_at=now,
            due_at=_due(now, report.severity),
        )
        note_fault(fault, actor=actor, now=now, to_state=FaultState.OPEN)
        record_fault(fault, "fault.reported", actor=actor, now=now)
        tell_fault(fault, "fault.reported", fault_managers(resource, now=now), actor=actor, now=now)
        tell_who_follow(fault, "resource.fault", now=now)
        post_change(resource.public_id, now=now)
        return fault

    return run_transaction(work)


def change_fault(*, actor: User, fault_id: UUID, change: FaultChange, now: datetime) -> Fault:
    """Say how far a fault has come, how bad it is, until when it lasts and who mends it.

    Resolved it can be used again, and those hear of it who reported it or have plans there. Raises
    `Fault.DoesNotExist`, `NotAllowed`, and `ActionRefused` (409: it is resolved; 422).
    """

    def work() -> Fault:
        fault = lock_fault(fault_id)
        require_mender(can_mend_fault(actor, fault), fault.resource)
        if fault.state == FaultState.RESOLVED:
            raise ActionRefused(
                code="fault.resolved",
                text=_("It is resolved already: report it anew if it is back."),
            )
        _require_sense(fault, change, now)
        waiting = who_waits(fault, now=now)
        before, was_out = values_of(fault), outage_of(fault, now)
        _write(fault, change, now)
        changed = {
            name: (old, new)
            for (name, old), new in zip(before.items(), values_of(fault).values(), strict=True)
            if old != new
        }
        if changed or change.note.strip():
            moved = FaultState(fault.state) if "state" in changed else None
            text = change.note.strip() or words_of(fault, changed)
            note_fault(fault, actor=actor, now=now, to_state=moved, text=text)
            action = "fault.resolved" if fault.state == FaultState.RESOLVED else "fault.changed"
            record_fault(fault, action, actor=actor, now=now, changes=changed, reason=change.note)
            tell_change(fault, changed, waiting, actor=actor, now=now)
            give_back(fault, was_out, now=now)
            post_change(fault.resource.public_id, now=now)
        return fault

    return run_transaction(work)


def tell_affected(*, actor: User, fault_id: UUID, now: datetime) -> int:
    """Tell everybody whose booking falls into the outage, one message a person; gives how many.

    Raises `Fault.DoesNotExist` and `NotAllowed`.
    """

    def work() -> int:
        fault = lock_fault(fault_id)
        require_mender(can_mend_fault(actor, fault), fault.resource)
        told = tell_of_bookings(fault, affected_bookings(fault, now=now), actor=actor, now=now)
        if told:
            text = _("Told %(n)s people whose bookings fall into the outage.") % {"n": told}
            note_fault(fault, actor=actor, now=now, text=text)
            record_fault(fault, "fault.told", actor=actor, now=now, facts={"n": told})
        return told

    return run_transaction(work)


def tell_overdue(*, now: datetime) -> int:
    """Tell once of each fault that should have been mended by now; gives how many."""

    def work() -> int:
        due = list(overdue_faults(now).values_list("pk", flat=True)[:BATCH])
        found = claim_faults(due)
        for fault in found:
            people = [fault.assignee_id] if fault.assignee_id else []
            people = people or fault_managers(fault.resource, now=now)
            tell_fault(fault, "fault.overdue", people, actor=None, now=now)
        keys = [fault.pk for fault in found]
        Fault.objects.filter(pk__in=keys).update(overdue_told_at=now)
        return len(found)

    told = 0
    while (some := run_transaction(work)) == BATCH:
        told += some
    return told + some


def _due(reported_at: datetime, severity: str) -> datetime:
    return reported_at + timedelta(days=DAYS_TO_MEND[Severity(severity)])


def _checked(report: FaultReport) -> CheckedFile | None:
    if report.photo is None:
        return None
    name, content = report.photo
    return check_file(content=content, name=name, field="photo", picture=True)


def _require_sense(fault: Fault, change: FaultChange, now: datetime) -> None:
    if change.state == FaultState.RESOLVED and not change.note.strip():
        raise ActionRefused(
            code="fault.resolution", text=_("Say what was done."), field="note", status=422
        )
    new = change.back_at is not None and change.back_at != fault.back_at
    if new and change.back_at is not None and change.back_at <= now:
        raise ActionRefused(
            code="fault.back_at",
            text=_("It is expected back in the past: choose a later time, or resolve it."),
            field="back_at",
            status=422,
        )


def _write(fault: Fault, change: FaultChange, now: datetime) -> None:
    fault.state, fault.severity = change.state, change.severity
    fault.blocks_use, fault.back_at = change.blocks_use, change.back_at
    fault.assignee = _assignee(fault, change, now)
    fault.due_at = _due(fault.reported_at, change.severity)
    if fault.due_at > now:
        fault.overdue_told_at = None
    if change.state == FaultState.RESOLVED:
        fault.resolved_at, fault.resolution = now, change.note.strip()[:500]
    fault.save()


def _assignee(fault: Fault, change: FaultChange, now: datetime) -> User | None:
    """Who is to mend it: somebody who may there, or who had it before."""
    if change.assignee_id is None:
        return None
    if fault.assignee is not None and fault.assignee.public_id == change.assignee_id:
        return fault.assignee
    found = menders(fault.resource, now=now).filter(public_id=change.assignee_id).first()
    if found is None:
        raise ActionRefused(
            code="fault.assignee",
            text=_("Choose somebody who looks after %(resource)s.")
            % {"resource": fault.resource.name},
            field="assignee",
            status=422,
        )
    return found
