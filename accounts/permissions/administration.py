"""Which permission opens which part of the Django admin."""

from collections.abc import Mapping

from accounts.models import User
from accounts.permissions.catalogue import permissions
from accounts.permissions.grants import may

# What nobody declared is the system's own.
UNDECLARED = "system.manage"
_opened: dict[str, str] = {}


def declare_admin(models: Mapping[str, str]) -> None:
    """Say which permission opens a model's pages: `app.model` to the permission's code."""
    for label, code in models.items():
        if label in _opened:
            raise ValueError(f"the admin of {label} is declared twice")
        if code not in permissions():
            raise ValueError(f"the admin of {label} needs an unknown permission: {code}")
        _opened[label] = code


def permission_of_model(label: str) -> str:
    """The code that opens the model's pages in the admin."""
    return _opened.get(label, UNDECLARED)


def may_in_admin(user: User, perm: str) -> bool:
    """Answer Django's question `app.action_model`: the admin knows no places, so everywhere."""
    app, _dot, word = perm.partition(".")
    _action, _line, model = word.partition("_")
    return may(user, permission_of_model(f"{app}.{model}"))


def may_in_app(user: User, app_label: str) -> bool:
    """Whether any part of an app in the admin is open to the person."""
    codes = {code for label, code in _opened.items() if label.startswith(f"{app_label}.")}
    return any(may(user, code) for code in (*codes, UNDECLARED))


declare_admin(
    {
        "accounts.user": "user.manage",
        "accounts.userprofile": "user.manage",
        "accounts.userpreferences": "user.manage",
        "accounts.registration": "user.manage",
        "accounts.invitation": "user.manage",
        "accounts.roledefinition": "role.define",
        "accounts.rolegrant": "role.define",
        "accounts.unit": "unit.manage",
        "accounts.priceclass": "unit.manage",
        "accounts.researchgroup": "group.manage",
        "accounts.groupmember": "group.manage",
        "accounts.joinrequest": "group.manage",
        "accounts.project": "group.manage",
        "accounts.projectmember": "group.manage",
        "accounts.authenticator": "security.manage",
        "accounts.backupcode": "security.manage",
        "accounts.factorreset": "security.manage",
        "accounts.factorrule": "security.manage",
        "accounts.passkey": "security.manage",
        "accounts.trusteddevice": "security.manage",
        "accounts.loginguard": "security.manage",
        "accounts.passwordrecord": "security.manage",
        "accounts.session": "security.manage",
        "accounts.consent": "privacy.manage",
        "accounts.privacyrequest": "privacy.manage",
        "accounts.retentionrule": "privacy.manage",
        "audit.auditlog": "audit.view",
        "audit.securityevent": "security.view",
        "audit.securityalert": "security.view",
        "audit.alertrule": "security.manage",
        "audit.dataaccess": "privacy.manage",
    }
)
