"""What acts on personal data and its keys read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

PRIVACY = {
    "keys.rotated": (_("%(actor)s put %(rows)s values of %(object)s under the key %(name)s"),),
    "consent.withdrawn": (_("%(actor)s no longer agrees that contact data are kept"),),
    "privacy.copy_taken": (_("%(actor)s took a copy of their data"),),
    "privacy.erasure_asked": (_("%(actor)s asked for the erasure of their data"),),
    "privacy.erasure_withdrawn": (_("%(actor)s took back the request for erasure"),),
    "privacy.erasure_refused": (_("%(actor)s refused to erase the personal data of %(object)s"),),
    "privacy.erased": (_("%(actor)s erased the personal data of a former user"),),
    "retention.changed": (_("%(actor)s changed how long data are kept: %(object)s"),),
    "retention.applied": (_("The retention deleted %(rows)s rows: %(object)s"),),
}

# Where the contact data of somebody are shown to others.
ACCESSES = {
    "person.page": _("Page of the person"),
    "person.sessions": _("Sessions of the person"),
    "person.file": _("List of people taken out as a file"),
    "person.admin": _("Account in the administration"),
    "messages": _("What was sent to the person"),
    "messages.file": _("Log of messages taken out as a file"),
    "person.view_as": _("Looked at the pages as this person"),
}
