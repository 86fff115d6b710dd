"""What acts on the organisation, on its people and their ways to an account read like."""

from django.utils.translation import gettext_lazy as _

ORGANISATION = {
    "unit.created": (_("%(actor)s added %(object)s to the organisation"),),
    "unit.closed": (_("%(actor)s closed the unit %(object)s"),),
    "unit.opened": (_("%(actor)s opened the unit %(object)s"),),
    "price_class.created": (_("%(actor)s added the price class %(object)s"),),
    "group.created": (
        _("%(actor)s made the group %(object)s, led by %(user)s"),
        _("%(actor)s made the group %(object)s"),
    ),
    "group.closed": (_("%(actor)s closed the group %(object)s"),),
    "group.opened": (_("%(actor)s opened the group %(object)s"),),
    "group.member_added": (
        _("%(own)s joined %(object)s"),
        _("%(actor)s took %(user)s into %(object)s"),
        _("%(actor)s added a member to %(object)s"),
    ),
    "group.member_removed": (
        _("%(actor)s took %(user)s out of %(object)s"),
        _("%(actor)s removed a member of %(object)s"),
    ),
    "group.left": (_("%(actor)s left %(object)s"),),
    "group.manager_appointed": (
        _("%(actor)s let %(user)s manage %(object)s"),
        _("%(actor)s appointed a manager of %(object)s"),
    ),
    "group.manager_dismissed": (
        _("%(actor)s let %(user)s manage %(object)s no longer"),
        _("%(actor)s dismissed a manager of %(object)s"),
    ),
    "group.join_requested": (_("%(actor)s asked to join %(object)s"),),
    "group.join_accepted": (
        _("%(actor)s accepted the request of %(user)s to join %(object)s"),
        _("%(actor)s accepted a request to join %(object)s"),
    ),
    "group.join_declined": (
        _("%(actor)s declined the request of %(user)s to join %(object)s"),
        _("%(actor)s declined a request to join %(object)s"),
    ),
    "group.join_withdrawn": (_("%(actor)s took back the request to join %(object)s"),),
    "project.created": (_("%(actor)s added the project %(object)s"),),
    "project.closed": (_("%(actor)s closed the project %(object)s"),),
    "project.opened": (_("%(actor)s opened the project %(object)s"),),
    "project.member_added": (
        _("%(actor)s took %(user)s into the project %(object)s"),
        _("%(actor)s joined the project %(object)s"),
    ),
    "project.member_removed": (
        _("%(actor)s took %(user)s out of the project %(object)s"),
        _("%(actor)s left the project %(object)s"),
    ),
    "project.resources_chosen": (
        _("%(actor)s chose the instruments that %(object)s may be charged for"),
    ),
    "registration.asked": (_("%(object)s asked for an account"),),
    "registration.confirmed": (_("%(object)s confirmed the e-mail address"),),
    "registration.approved": (_("%(actor)s approved the account of %(object)s"),),
    "registration.declined": (_("%(actor)s declined the registration of %(object)s"),),
    "registration.expired": (_("The registration of %(object)s expired"),),
    "invitation.created": (_("%(actor)s invited %(object)s"),),
    "invitation.withdrawn": (_("%(actor)s took back the invitation of %(object)s"),),
    "invitation.accepted": (_("%(actor)s accepted the invitation for %(object)s"),),
    "user.unit_changed": (_("%(actor)s changed the unit of %(object)s"),),
    "user.merged": (
        _("%(actor)s merged the account %(user)s into that of %(object)s"),
        _("%(actor)s merged an account into that of %(object)s"),
    ),
    "booking.transferred": (
        _("%(actor)s gave the booking of %(resource)s, %(period)s, to %(user)s"),
        _("%(actor)s took over the booking of %(resource)s, %(period)s"),
        _("%(actor)s gave %(object)s to somebody else"),
    ),
    "people.exported": (_("%(actor)s took out the list of people"),),
    "list.exported": (_("%(actor)s took out a list: %(name)s"),),
}
