"""Every kind of security event: how much it matters, and what it says, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.enums import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityKind:
    """One kind: its usual severity and its words."""

    severity: Severity
    words: "str | Promise"


def _info(words: "str | Promise") -> SecurityKind:
    return SecurityKind(severity=Severity.INFO, words=words)


def _notice(words: "str | Promise") -> SecurityKind:
    return SecurityKind(severity=Severity.NOTICE, words=words)


def _warning(words: "str | Promise") -> SecurityKind:
    return SecurityKind(severity=Severity.WARNING, words=words)


def _critical(words: "str | Promise") -> SecurityKind:
    return SecurityKind(severity=Severity.CRITICAL, words=words)


_LOGINS = {
    "login.succeeded": _info(_("Logged in")),
    "login.failed": _notice(_("A login failed: wrong name or password")),
    "login.refused": _notice(_("A login was refused: too many failures before")),
    "account.locked": _warning(_("Logins to the account have to wait: too many failures")),
    "account.unlocked": _notice(_("The login of the account was unlocked")),
    "address.unlocked": _notice(_("The logins from an address were unlocked")),
    "token.given": _info(_("A program was given a token")),
    "break_glass.used": _critical(_("An emergency account logged in")),
    "session.ended": _notice(_("Sessions were ended")),
    "session.expired": _info(_("A session had run out")),
    "device.forgotten": _notice(_("A known browser was forgotten")),
}

_PASSWORDS = {
    "password.changed": _notice(_("The password was changed")),
    "password.set": _notice(_("The password was set by an administrator")),
    "password.reset_requested": _info(_("A link to reset the password was asked for")),
}

_FACTORS = {
    "factor.app_added": _notice(_("An authenticator app was added")),
    "factor.passkey_added": _notice(_("A passkey was added")),
    "factor.renamed": _info(_("A second factor was renamed")),
    "factor.removed": _warning(_("A second factor was removed")),
    "factor.failed": _warning(_("A second factor was wrong")),
    "factor.backup_codes_made": _notice(_("New backup codes were made")),
    "factor.backup_code_used": _warning(_("A backup code was used")),
    "factor.browser_trusted": _notice(_("A browser is no longer asked for the second factor")),
    "factor.browser_forgotten": _info(_("A browser is asked for the second factor again")),
    "factor.rule_set": _notice(_("A role was required to have a second factor")),
    "factor.rule_lifted": _warning(_("A role is no longer required to have a second factor")),
    "factor.reset_asked": _warning(_("The reset of second factors was asked for")),
    "factor.reset_withdrawn": _notice(_("The reset of second factors was taken back")),
    "factor.reset": _critical(_("The second factors were reset")),
}

_ROLES = {
    "role.granted": _notice(_("A role was granted")),
    "role.revoked": _notice(_("A role was taken away")),
    "role.expired": _info(_("A role had run out")),
    "user.role_changed": _notice(_("The standing role was changed")),
    "permission.missing": _info(_("A page was refused for want of a permission")),
    "view_as.started": _notice(_("Somebody began to look as this person")),
    "view_as.ended": _notice(_("Somebody no longer looks as this person")),
}

_DATA = {
    "data.exported": _notice(_("Data of people were exported")),
    "privacy.copied": _notice(_("A copy of all data of the account was taken")),
    "privacy.erased": _warning(_("The personal data of an account were erased")),
}

_SIGN_ON = {
    "sso.linked": _notice(_("A login elsewhere was linked")),
    "sso.unlinked": _notice(_("A login elsewhere was unlinked")),
    "sso.refused": _notice(_("The answer of a login elsewhere was refused")),
}

SECURITY_KINDS: Mapping[str, SecurityKind] = {
    **_LOGINS,
    **_PASSWORDS,
    **_FACTORS,
    **_ROLES,
    **_SIGN_ON,
    **_DATA,
}


def kind_words(kind: str) -> str:
    """What a kind says; one that is no longer in the catalogue stands for itself."""
    known = SECURITY_KINDS.get(kind)
    return kind if known is None else str(known.words)
