"""What acts on risk assessments read like."""

from django.utils.translation import gettext_lazy as _

ASSESSMENTS = {
    "assessment.written": (_("%(actor)s wrote the risk assessment %(object)s"),),
    "assessment.changed": (_("%(actor)s changed the risk assessment %(object)s"),),
    "assessment.submitted": (_("%(actor)s handed in the risk assessment %(object)s"),),
    "assessment.approved": (_("%(actor)s approved the risk assessment %(object)s"),),
    "assessment.sent_back": (_("%(actor)s sent the risk assessment %(object)s back"),),
}
