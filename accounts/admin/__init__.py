"""The people of the lab in the admin."""

from accounts.admin.factors import (
    AuthenticatorAdmin,
    BackupCodeAdmin,
    FactorResetAdmin,
    FactorRuleAdmin,
    PasskeyAdmin,
    TrustedDeviceAdmin,
)
from accounts.admin.roles import RoleDefinitionAdmin, RoleGrantAdmin
from accounts.admin.users import UserAdmin

__all__ = [
    "AuthenticatorAdmin",
    "BackupCodeAdmin",
    "FactorResetAdmin",
    "FactorRuleAdmin",
    "PasskeyAdmin",
    "RoleDefinitionAdmin",
    "RoleGrantAdmin",
    "TrustedDeviceAdmin",
    "UserAdmin",
]
