"""What making, changing and cancelling series reads like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

SERIES = {
    "series.created": (
        _("%(actor)s booked %(resource)s for %(user)s in a series of %(number)s"),
        _("%(actor)s booked %(resource)s in a series of %(number)s"),
        _("%(actor)s booked the series %(object)s"),
    ),
    "series.changed": (
        _("%(actor)s changed %(number)s bookings of %(user)s's series of %(resource)s"),
        _("%(actor)s changed %(number)s bookings of their series of %(resource)s"),
        _("%(actor)s changed the series %(object)s"),
    ),
    "series.cancelled": (
        _("%(actor)s cancelled the last %(number)s bookings of %(user)s's series of %(resource)s"),
        _("%(actor)s cancelled the last %(number)s bookings of their series of %(resource)s"),
        _("%(actor)s cancelled the series %(object)s"),
    ),
}
