"""What the pages of work share: what a form says, and times that would harm less."""

from datetime import datetime

from django import forms

from booking.enums import MaintenanceKind
from booking.forms.maintenance import MaintenanceForm
from booking.models import MaintenanceRecord, Resource
from booking.queries.maintenance_slots import WorkSlot, least_harmful
from booking.services.maintenance import WorkDetails

DAYS = 14


def details_of(form: forms.Form) -> WorkDetails:
    """What a valid form says about the work."""
    values = form.cleaned_data
    return WorkDetails(
        title=values["title"],
        kind=MaintenanceKind(values["kind"] or MaintenanceKind.PLANNED),
        vendor=values["vendor"],
        cost=values["cost"],
        notes=values["notes"],
    )


def alternatives(
    form: MaintenanceForm, resource: Resource, now: datetime, work: MaintenanceRecord | None = None
) -> list[WorkSlot]:
    """Times as long as the asked one that displace the least, within the hours of the form."""
    if not form.is_valid():
        return []
    return least_harmful(
        resource=resource,
        length=form.period.length,
        now=now,
        days=form.cleaned_data["days"] or DAYS,
        hours=form.hours,
        but=work.pk if work else None,
    )
