"""Who may do what with accounts, and the one function that answers for everything."""

from accounts.permissions.administration import declare_admin
from accounts.permissions.catalogue import (
    BuiltinRole,
    Permission,
    builtin_roles,
    declare,
    declare_role,
    permissions,
)
from accounts.permissions.grants import Places, Where, may, places, rights_key
from accounts.permissions.roles import (
    can_define_roles,
    can_grant_role,
    can_open_roles,
    can_revoke_role,
    can_view_as,
)
from accounts.permissions.scopes import Scope, declare_scope
from accounts.permissions.users import (
    can_change_profile,
    can_create_user,
    can_deactivate_user,
    can_set_role,
)

__all__ = [
    "BuiltinRole",
    "Permission",
    "Places",
    "Scope",
    "Where",
    "builtin_roles",
    "can_change_profile",
    "can_create_user",
    "can_deactivate_user",
    "can_define_roles",
    "can_grant_role",
    "can_open_roles",
    "can_revoke_role",
    "can_set_role",
    "can_view_as",
    "declare",
    "declare_admin",
    "declare_role",
    "declare_scope",
    "may",
    "permissions",
    "places",
    "rights_key",
]
