"""What choices of how to be told read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

REACH = {
    "notification.timings_chosen": (_("%(actor)s chose what they hear of, and when"),),
    "notification.defaults_chosen": (_("%(actor)s chose what people hear of who did not choose"),),
    "notification.schedule_chosen": (_("%(actor)s set their quiet hours and digest"),),
    "resource.watched": (_("%(actor)s chose what they hear of %(object)s"),),
}
