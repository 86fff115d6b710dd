"""Cancelling only what somebody looked at before they confirmed it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.errors import BookingRefused, Refusal
from booking.models import Booking


def require_shown(found: Sequence[Booking], shown: Collection[UUID] | None) -> None:
    """Refuse to touch bookings that were made since the asker saw which ones it would be.

    None is who asks for whatever stands there. The refusal names all of them, to be shown again.
    """
    if shown is None:
        return
    new = [each for each in found if each.public_id not in shown]
    if not new:
        return
    text = ngettext(
        "%(n)s booking was not on the list that you confirmed: look at the list, then confirm it.",
        "%(n)s bookings were not on the list that you confirmed: look at the list, then confirm "
        "it.",
        len(new),
    )
    facts = {"bookings": [str(each.public_id) for each in found]}
    raise BookingRefused(
        [
            Refusal(code="block.unseen", text=text % {"n": len(new)}, field=""),
            Refusal(code="block.bookings", text=_("They stand in the way."), facts=facts),
        ]
    )
