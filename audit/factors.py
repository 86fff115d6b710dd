"""What acts on second factors read like; part of the catalogue of sentences."""

from django.utils.translation import gettext_lazy as _

FACTORS = {
    "factor.app_added": (_("%(actor)s added the authenticator app %(device)s"),),
    "factor.passkey_added": (_("%(actor)s added the passkey %(device)s"),),
    "factor.renamed": (_("%(actor)s renamed the second factor %(device)s to %(name)s"),),
    "factor.removed": (_("%(actor)s removed the second factor %(device)s"),),
    "factor.failed": (_("Somebody failed to show the second factor of %(object)s"),),
    "factor.backup_codes_made": (_("%(actor)s made new backup codes"),),
    "factor.backup_code_used": (_("%(actor)s used a backup code; left are: %(left)s"),),
    "factor.browser_trusted": (
        _("%(actor)s trusts %(browser)s: it is not asked for the second factor"),
    ),
    "factor.browser_forgotten": (_("%(actor)s no longer trusts %(browser)s"),),
    "factor.rule_set": (
        _("%(actor)s requires a second factor of: %(object)s, with %(days)s days of grace"),
    ),
    "factor.rule_lifted": (_("%(actor)s no longer requires a second factor of: %(object)s"),),
    "factor.reset_asked": (_("%(actor)s asked to take the second factors of %(object)s away"),),
    "factor.reset_withdrawn": (
        _("%(actor)s took back the request to reset the second factors of %(object)s"),
    ),
    "factor.reset": (_("%(actor)s took the second factors of %(object)s away"),),
}
