"""What acts on quotas read like."""

from django.utils.translation import gettext_lazy as _

QUOTAS = {
    "quota.created": (_("%(actor)s set the quota %(object)s: %(gives)s"),),
    "quota.changed": (_("%(actor)s changed the quota %(object)s"),),
    "quota.ended": (_("%(actor)s ended the quota %(object)s"),),
    "quota.resumed": (_("%(actor)s put the quota %(object)s in force again"),),
    "quota.adjusted": (_("%(actor)s adjusted %(holder)s's account of %(object)s by %(amount)s"),),
    "quota.repaired": (_("The ledger of %(object)s was brought in line: %(lines)s lines"),),
}
