"""The people of the lab in the admin."""

from accounts.admin.factors import (
    AuthenticatorAdmin,
    BackupCodeAdmin,
    FactorResetAdmin,
    FactorRuleAdmin,
    PasskeyAdmin,
    TrustedDeviceAdmin,
)
from accounts.admin.groups import (
    InvitationAdmin,
    JoinRequestAdmin,
    PriceClassAdmin,
    ProjectAdmin,
    RegistrationAdmin,
    ResearchGroupAdmin,
    UnitAdmin,
)
from accounts.admin.privacy import ConsentAdmin, PrivacyRequestAdmin, RetentionRuleAdmin
from accounts.admin.roles import RoleDefinitionAdmin, RoleGrantAdmin
from accounts.admin.sessions import LoginGuardAdmin, PasswordRecordAdmin, SessionAdmin
from accounts.admin.sso import SignOnLinkAdmin
from accounts.admin.users import UserAdmin

__all__ = [
    "AuthenticatorAdmin",
    "BackupCodeAdmin",
    "ConsentAdmin",
    "FactorResetAdmin",
    "FactorRuleAdmin",
    "InvitationAdmin",
    "JoinRequestAdmin",
    "LoginGuardAdmin",
    "PasskeyAdmin",
    "PasswordRecordAdmin",
    "PriceClassAdmin",
    "PrivacyRequestAdmin",
    "ProjectAdmin",
    "RegistrationAdmin",
    "ResearchGroupAdmin",
    "RetentionRuleAdmin",
    "RoleDefinitionAdmin",
    "RoleGrantAdmin",
    "SessionAdmin",
    "SignOnLinkAdmin",
    "TrustedDeviceAdmin",
    "UnitAdmin",
    "UserAdmin",
]
