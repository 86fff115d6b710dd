"""What acts on sets of policies read like."""

from django.utils.translation import gettext_lazy as _

POLICIES = {
    "policy_set.applied": (
        _("%(actor)s applied version %(version)s of the policies: %(count)s changes"),
        _("%(actor)s applied the policies %(object)s"),
    ),
    "policy_trial.started": (_("%(actor)s tried other limits on past bookings: %(object)s"),),
    "policy_trial.cancelled": (_("%(actor)s stopped the trial of limits %(object)s"),),
}
