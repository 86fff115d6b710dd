"""Writing resources with their types, limits and responsible persons, and lab-wide closures."""

from copy import copy
from typing import Any

from django.utils.translation import gettext as _

from audit.services import record
from booking.enums import ClaimKind
from booking.models import BookingPolicy, Closure, Resource, ResourceType, ResponsiblePerson
from booking.services._blocks import claim_whole, require_capacity, require_free
from booking.services.imports.plan import RowOutcome, WantedClosure, WantedResource
from booking.services.imports.writing import Done, Lab, require_short, say_changes, set_values
from labitory.lib.periods import Period


def write_resource(lab: Lab, wanted: WantedResource) -> Done:
    """Make a resource or bring it up to date; it is known by its name, whatever its case."""
    known = lab.resources.get(wanted.resource_name.lower())
    is_new = known is None
    # A copy: what a bad row sets must not reach the rows after it.
    resource = copy(known) if known else Resource(name=wanted.resource_name, created_at=lab.now)
    changes = _set_fields(lab, resource, wanted, is_new=is_new)
    if is_new:
        _claim_closures(lab, resource)
    changes |= _write_limits(lab, resource, wanted)
    changes |= _write_responsible(lab, resource, wanted)
    if not changes and not is_new:
        return RowOutcome.UNCHANGED, ""
    record(
        action="resource.created" if is_new else "resource.changed",
        actor=None,
        target=resource,
        now=lab.now,
        changes=changes,
    )
    lab.resources[resource.name.lower()] = resource
    if is_new:
        return RowOutcome.NEW, resource.resource_type.name
    return RowOutcome.CHANGED, say_changes(changes)


def write_closure(lab: Lab, wanted: WantedClosure) -> Done:
    """Close the whole lab for a time; what is over closes nothing any more."""
    if wanted.period.end <= lab.now:
        return RowOutcome.SKIPPED, _("It is over.")
    times = {"start_time": wanted.period.start, "end_time": wanted.period.end}
    if Closure.objects.filter(resource=None, **times).exists():
        return RowOutcome.UNCHANGED, ""
    resources = list(Resource.objects.order_by("pk"))
    require_free(resources, wanted.period, now=lab.now)
    closure = Closure(reason=wanted.reason, created_at=lab.now, **times)
    closure.clean_fields(exclude=["created_by"])
    closure.save(force_insert=True)
    claim_whole(resources, wanted.period, ClaimKind.CLOSURE, closure=closure, now=lab.now)
    record(
        action="resource.closure_added",
        actor=None,
        target=closure,
        now=lab.now,
        reason=closure.reason,
        facts={"resource": _("the whole lab"), **times},
    )
    return RowOutcome.NEW, ""


def _set_fields(
    lab: Lab, resource: Resource, wanted: WantedResource, *, is_new: bool
) -> dict[str, tuple[Any, Any]]:
    """Set and save what differs, checked as a form would."""
    values: dict[str, Any] = dict(wanted.values)
    require_short(values.get("description", ""), "description")
    capacity = int(values.get("capacity", resource.capacity))
    if not is_new and capacity < resource.capacity:
        require_capacity(resource, capacity, now=lab.now)
    if values.get("is_active") is True:
        values["closed_reason"] = ""
    # A reason that somebody wrote here says more than 'closed' in a file.
    elif values.get("is_active") is False and not resource.is_active:
        values.pop("closed_reason", None)
    changes = set_values(resource, values)
    if is_new or wanted.type_name:
        kind = _type_named(wanted.type_name or _("Other"))
        if is_new or resource.resource_type_id != kind.pk:
            before = None if is_new else resource.resource_type.name
            resource.resource_type = kind
            changes["resource_type"] = (before, kind.name)
    if is_new or changes:
        resource.clean_fields()
        resource.save()
    return changes


def _type_named(name: str) -> ResourceType:
    found = ResourceType.objects.filter(name__iexact=name).first()
    if found is None:
        found = ResourceType(name=name)
        found.clean_fields()
        found.save(force_insert=True)
    return found


def _claim_closures(lab: Lab, resource: Resource) -> None:
    """A new resource is closed as well when the whole lab is."""
    for closure in Closure.objects.filter(resource=None, end_time__gt=lab.now):
        period = Period(closure.start_time, closure.end_time)
        claim_whole([resource], period, ClaimKind.CLOSURE, closure=closure, now=lab.now)


def _write_limits(
    lab: Lab, resource: Resource, wanted: WantedResource
) -> dict[str, tuple[Any, Any]]:
    """The limits that the file names, for everybody on this resource."""
    if not wanted.limits:
        return {}
    known = {
        policy.limit: policy for policy in BookingPolicy.objects.filter(resource=resource, role="")
    }
    changes: dict[str, tuple[Any, Any]] = {}
    for limit, value in wanted.limits.items():
        policy = known.get(limit) or BookingPolicy(limit=limit, resource=resource)
        if policy.pk is not None and policy.value == value:
            continue
        changes[str(limit.label)] = (policy.value, value)
        policy.value = value
        policy.clean_fields()
        policy.save()
        record(
            action="policy.changed",
            actor=None,
            target=policy,
            now=lab.now,
            changes={"value": changes[str(limit.label)]},
            facts={"limit": str(limit.label), "role": "", "resource": resource.name, "type": ""},
        )
    return changes


def _write_responsible(
    lab: Lab, resource: Resource, wanted: WantedResource
) -> dict[str, tuple[Any, Any]]:
    """Add the responsible persons of the file; whom somebody named here stays."""
    if wanted.responsible is None:
        return {}
    people = [(lab.user(username), kind) for username, kind in dict.fromkeys(wanted.responsible)]
    known = {(each.user_id, each.kind) for each in resource.responsible.all()}
    missing = [(user, kind) for user, kind in people if (user.pk, kind) not in known]
    if not missing:
        return {}
    ResponsiblePerson.objects.bulk_create(
        ResponsiblePerson(resource=resource, user=user, kind=kind) for user, kind in missing
    )
    return {"responsible": (None, ", ".join(user.full_name for user, _kind in missing))}
