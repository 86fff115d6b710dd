"""What people are told of risk assessments."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

ASSESSMENT_WORDS: Mapping[str, NamedWords] = {
    "assessment.submitted": NamedWords(
        subject=_("To review: %(title)s"),
        text=_("%(actor)s handed in a risk assessment for %(resource)s, “%(title)s”:"),
    ),
    "assessment.approved": NamedWords(
        subject=_("Approved: %(title)s"),
        text=_("%(actor)s approved your risk assessment for %(resource)s. %(reason)s"),
    ),
    "assessment.sent_back": NamedWords(
        subject=_("Sent back: %(title)s"),
        text=_(
            "%(actor)s sent your risk assessment for %(resource)s back: %(reason)s. Change it and "
            "hand it in again:"
        ),
    ),
    "assessment.ends": NamedWords(
        subject=_("To be reviewed again: %(title)s"),
        text=_("Your risk assessment for %(resource)s counts up to %(ends)s. Write it anew:"),
    ),
}
