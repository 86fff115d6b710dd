"""What the acts on the path to a resource read like."""

from django.utils.translation import gettext_lazy as _

ACCESS = {
    "access.requested": (_("%(actor)s asked for access to %(resource)s"),),
    "access.step_confirmed": (
        _("%(actor)s confirmed “%(step)s” for %(user)s's access to %(resource)s"),
        _("%(actor)s confirmed a step to access: %(object)s"),
    ),
    "access.granted": (
        _("%(actor)s granted %(user)s's request for %(resource)s"),
        _("%(actor)s granted a request for access: %(object)s"),
    ),
    "access.rejected": (
        _("%(actor)s rejected %(user)s's request for %(resource)s"),
        _("%(actor)s rejected a request for access: %(object)s"),
    ),
    "access.withdrawn": (_("%(actor)s withdrew the request for %(resource)s"),),
    "access.escalated": (
        _("The request of %(user)s for %(resource)s was brought to others"),
        _("A request for access was brought to others: %(object)s"),
    ),
    "access.requirements_set": (_("%(actor)s set what %(object)s asks of newcomers"),),
}
