"""The people of the lab."""

from accounts.models.factors import (
    Authenticator,
    BackupCode,
    FactorReset,
    FactorRule,
    Passkey,
    TrustedDevice,
)
from accounts.models.groups import GroupMember, JoinRequest, ResearchGroup
from accounts.models.privacy import Consent, PrivacyRequest, RetentionRule
from accounts.models.projects import Project, ProjectMember
from accounts.models.registrations import Invitation, Registration
from accounts.models.roles import RoleDefinition, RoleGrant
from accounts.models.sessions import LoginGuard, PasswordRecord, Session
from accounts.models.units import PriceClass, Unit
from accounts.models.users import User, UserManager, UserPreferences, UserProfile

__all__ = [
    "Authenticator",
    "BackupCode",
    "Consent",
    "FactorReset",
    "FactorRule",
    "GroupMember",
    "Invitation",
    "JoinRequest",
    "LoginGuard",
    "Passkey",
    "PasswordRecord",
    "PriceClass",
    "PrivacyRequest",
    "Project",
    "ProjectMember",
    "Registration",
    "ResearchGroup",
    "RetentionRule",
    "RoleDefinition",
    "RoleGrant",
    "Session",
    "TrustedDevice",
    "Unit",
    "User",
    "UserManager",
    "UserPreferences",
    "UserProfile",
]
