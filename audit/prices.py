"""What acts on prices read like."""

from django.utils.translation import gettext_lazy as _

PRICES = {
    "price.created": (_("%(actor)s set the price of %(place)s for %(whom)s: %(said)s"),),
    "price.changed": (_("%(actor)s changed the price of %(place)s for %(whom)s: %(said)s"),),
    "price.removed": (_("%(actor)s removed the price of %(place)s for %(whom)s: %(said)s"),),
}
