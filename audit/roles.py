"""What acts on roles, and looking as another person, read like."""

from django.utils.translation import gettext_lazy as _

ROLES = {
    "role.granted": (_("%(actor)s gave %(object)s the role %(role)s %(where)s"),),
    "role.revoked": (
        _("%(own)s gave up the role %(role)s %(where)s"),
        _("%(actor)s took the role %(role)s %(where)s from %(object)s"),
    ),
    "role.expired": (_("The role %(role)s %(where)s of %(object)s ended"),),
    "role.defined": (_("%(actor)s composed the role %(object)s"),),
    "role.deleted": (_("%(actor)s deleted the role %(object)s"),),
    "view_as.started": (_("%(actor)s began to look at the pages as %(object)s"),),
    "view_as.ended": (_("%(actor)s no longer looks at the pages as %(object)s"),),
}
