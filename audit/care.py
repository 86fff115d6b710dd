"""What acts of instrument care read like: faults and maintenance."""

from django.utils.translation import gettext_lazy as _

CARE = {
    "fault.reported": (_("%(actor)s reported a fault: %(object)s"),),
    "fault.changed": (_("%(actor)s changed the fault %(object)s"),),
    "fault.resolved": (_("%(actor)s resolved the fault %(object)s"),),
    "fault.told": (
        _("%(actor)s told %(n)s people of the fault %(object)s"),
        _("%(actor)s told people of the fault %(object)s"),
    ),
}
