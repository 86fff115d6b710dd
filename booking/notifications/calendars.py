"""What people are told of their own calendar server."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from booking.notifications.kinds import NamedWords

CALENDAR_WORDS: Mapping[str, NamedWords] = {
    "calendar.moved": NamedWords(
        subject=_("Moved in your calendar only: %(resource)s"),
        text=_(
            "In your own calendar the booking of %(resource)s, %(was)s, lies at another time now: "
            "%(when)s. The booking itself is as it was. Move it too, or take the lab's time:"
        ),
    ),
    "calendar.deleted": NamedWords(
        subject=_("Deleted in your calendar only: %(resource)s"),
        text=_(
            "In your own calendar the booking of %(resource)s, %(was)s, was deleted. The booking "
            "itself stands. Cancel it, or put it back:"
        ),
    ),
    "calendar.refused": NamedWords(
        subject=_("Cannot follow your calendar: %(resource)s"),
        text=_(
            "You moved or deleted %(resource)s, %(was)s, in your own calendar. The booking cannot "
            "follow: %(reason)s Choose here what counts:"
        ),
    ),
    "calendar.stopped": NamedWords(
        subject=_("Your calendar is no longer written to"),
        text=_(
            "Your calendar server could not be reached or does not let the lab in any more: "
            "%(reason)s Your bookings stand; connect it again here:"
        ),
    ),
}
