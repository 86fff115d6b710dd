"""What acts on approvals, on who stands in and who is asked read like."""

from django.utils.translation import gettext_lazy as _

APPROVALS = {
    "booking.step_approved": (
        _("%(actor)s agreed to %(user)s's booking of %(resource)s, %(period)s"),
        _("%(actor)s agreed to %(object)s"),
    ),
    "booking.escalated": (
        _("Nobody had answered %(user)s about %(resource)s, %(period)s: others were asked"),
        _("Nobody had answered about %(object)s: others were asked"),
    ),
    "approval.delegated": (
        _("%(actor)s lets %(user)s decide in their name"),
        _("%(actor)s lets somebody decide in their name: %(object)s"),
    ),
    "approval.delegation_ended": (
        _("%(actor)s lets %(user)s no longer decide in their name"),
        _("%(actor)s ended %(object)s"),
    ),
    "approval_policy.added": (_("%(actor)s wrote down how bookings are approved: %(object)s"),),
    "approval_policy.changed": (_("%(actor)s changed how bookings are approved: %(object)s"),),
    "approval_policy.removed": (_("%(actor)s removed the approval policy %(object)s"),),
    "user.supervisor_changed": (
        _("%(actor)s made %(user)s the supervisor of %(object)s"),
        _("%(actor)s changed the supervisor of %(object)s"),
    ),
}
