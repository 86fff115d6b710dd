"""What acts of instrument care read like: faults and maintenance."""

from django.utils.translation import gettext_lazy as _

CARE = {
    "fault.reported": (_("%(actor)s reported a fault: %(object)s"),),
    "fault.changed": (_("%(actor)s changed the fault %(object)s"),),
    "fault.resolved": (_("%(actor)s resolved the fault %(object)s"),),
    "fault.told": (_("%(actor)s told the people whose bookings meet the fault %(object)s"),),
    "maintenance.changed": (_("%(actor)s changed the maintenance %(object)s"),),
    "maintenance.planned": (_("%(actor)s wrote the maintenance plan %(object)s"),),
    "maintenance.plan_changed": (_("%(actor)s changed the maintenance plan %(object)s"),),
    "maintenance.plan_ended": (_("%(actor)s ended the maintenance plan %(object)s"),),
    "booking.displaced": (
        _("%(actor)s took the time of the booking of %(user)s on %(resource)s for maintenance"),
        _("%(actor)s took the time of a booking for maintenance"),
    ),
    "booking.put_back": (
        _("The booking of %(user)s on %(resource)s got its time back"),
        _("A booking got its time back"),
    ),
}
