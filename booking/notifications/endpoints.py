"""What those who look after chat rooms and webhooks are told of them."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

ENDPOINT_WORDS: Mapping[str, NamedWords] = {
    "endpoint.stopped": NamedWords(
        subject=_("Switched off: %(title)s"),
        text=_(
            "“%(title)s” could not be reached %(n)s times in a row and was switched off. The last "
            "answer: %(reason)s. What happens now is kept for a week. Switch it on again when it "
            "is mended:"
        ),
    ),
}
