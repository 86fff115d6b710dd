"""The shared steps of logging in elsewhere: receipts, newcomers, roles that groups bring."""

import hashlib
import re
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from social_django.models import Nonce, UserSocialAuth

from accounts.enums import Role, ScopeKind
from accounts.errors import AccountRefused
from accounts.models import RoleDefinition, RoleGrant, Unit, User, UserProfile
from accounts.services._newcomers import make_account
from accounts.signals import account_told
from accounts.sso.identity import Identity
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import LostRace

_NOT_IN_NAMES = re.compile(r"[^\w.+-]+")
_LONGEST_NAME = 100
_TOLD = {"sso.linked": "account.sso_linked", "sso.unlinked": "account.sso_unlinked"}


def take_receipt(identity: Identity) -> None:
    """Refuse an answer of a provider that was shown before; it is remembered until it is void."""
    if identity.receipt is None:
        return
    word, until = identity.receipt
    digest = hashlib.sha256(word.encode()).hexdigest()
    _row, is_new = Nonce.objects.get_or_create(
        server_url=f"receipt:{identity.provider}", timestamp=until, salt=digest
    )
    if not is_new:
        raise AccountRefused(
            code="sso.replayed", text=_("This answer was used before. Please log in again.")
        )


def make_link(user: User, identity: Identity, now: datetime) -> UserSocialAuth:
    """From now on this login elsewhere opens the account; its owner is told."""
    try:
        with transaction.atomic():
            link = UserSocialAuth.objects.create(
                user=user, provider=identity.provider, uid=identity.uid
            )
    except IntegrityError as error:
        # Somebody links the same at the same moment.
        raise LostRace("sign-on link") from error
    tell("sso.linked", user, identity.title, now, actor=user)
    return link


def tell(action: str, user: User, title: str, now: datetime, *, actor: User | None) -> None:
    """Audit, security event and the word to the owner about a link that came or went."""
    facts = {"provider": title}
    record(action=action, actor=actor, target=user, now=now, facts=facts)
    record_security(
        kind=action,
        severity=Severity.NOTICE,
        user=user,
        actor=actor,
        facts=facts,
        now=now,
    )
    account_told.send(sender=User, kind=_TOLD[action], user_pk=user.pk, now=now, facts=facts)


def make_newcomer(identity: Identity, now: datetime) -> User:
    """Make an account for somebody whom the provider vouches for; it has no password."""
    user = User(
        username=_free_name(identity),
        email=identity.email,
        first_name=identity.first_name,
        last_name=identity.last_name,
    )
    return make_account(user, hashed=make_password(None), group=None, role=Role.STUDENT, now=now)


def fill_profile(user: User, identity: Identity, now: datetime) -> None:
    """Write what the provider knows and the person has not said themselves."""
    profile = UserProfile.objects.select_related("unit").get(user=user)
    changes: dict[str, tuple[str | None, str | None]] = {}
    if not profile.affiliation and identity.organisation:
        changes["affiliation"] = ("", identity.organisation)
        profile.affiliation = identity.organisation
    codes = [slugify(word)[:40] for word in identity.units]
    unit = Unit.objects.filter(code__in=codes, is_active=True).first() if codes else None
    if profile.unit is None and unit is not None:
        changes["unit"] = (None, str(unit))
        profile.unit = unit
    if changes:
        profile.save(update_fields=list(changes))
        record(action="user.changed", actor=None, target=user, now=now, changes=changes)


def sync_roles(
    link: UserSocialAuth, user: User, groups: frozenset[str] | None, now: datetime
) -> None:
    """Give the roles that the person's groups bring, and take back those this login gave before.

    What others granted stays. None for `groups` means that the provider did not say; the groups of
    one that is not asked for them bring nothing.
    """
    if not settings.SSO.counts_groups_of(link.provider):
        groups = frozenset()
    kept = link.extra_data.get("roles", {})
    if groups is None or not (settings.SSO.group_roles or kept):
        return
    wanted = {role for group, role in settings.SSO.group_roles if group in groups}
    standing = sorted(
        (Role(word) for word in wanted & set(Role.values)), key=lambda role: role.rank
    )
    _sync_standing(kept, user, standing[-1] if standing else None, now)
    _sync_grants(kept, user, wanted - set(Role.values), link.provider, now)
    link.extra_data["roles"] = kept


def _sync_standing(kept: dict, user: User, wanted: Role | None, now: datetime) -> None:  # type: ignore[type-arg]
    """Raise the standing role, never above lab manager; lower only what was raised here."""
    given, before = kept.get("standing", ("", ""))
    ours = bool(given) and user.role == given
    base = Role(before) if ours else Role(user.role)
    if given and not ours:
        # Somebody has decided otherwise since.
        kept.pop("standing")
    target = base
    if wanted is not None and base.rank < wanted.rank <= Role.LAB_MANAGER.rank:
        target = wanted
    if target == base:
        kept.pop("standing", None)
    else:
        kept["standing"] = (target.value, base.value)
    if user.role == target:
        return
    changes = {"role": (user.role, target.value)}
    user.role = target
    user.save(update_fields=["role"])
    record(action="user.role_changed", actor=None, target=user, now=now, changes=changes)
    record_security(
        kind="user.role_changed",
        severity=Severity.NOTICE,
        user=user,
        facts={"role": target.value, "before": changes["role"][0]},
        now=now,
    )


def _sync_grants(kept: dict, user: User, wanted: set[str], provider: str, now: datetime) -> None:  # type: ignore[type-arg]
    own = set(kept.get("granted", []))
    scope = {"user": user, "scope_kind": ScopeKind.EVERYWHERE, "scope_id": None}
    for grant in RoleGrant.objects.select_related("role").filter(
        **scope, role__code__in=own - wanted, granted_by=None
    ):
        _tell_role("role.revoked", grant, now)
        grant.delete()
    for role in RoleDefinition.objects.filter(code__in=wanted):
        reason = _("Group of %(provider)s") % {"provider": provider}
        grant, is_new = RoleGrant.objects.get_or_create(
            **scope, role=role, defaults={"granted_at": now, "reason": reason}
        )
        if is_new:
            own.add(role.code)
            _tell_role("role.granted", grant, now)
    kept["granted"] = sorted(own & wanted)


def _tell_role(action: str, grant: RoleGrant, now: datetime) -> None:
    facts = {
        "user": grant.user.full_name,
        "role": grant.role.name,
        "where": _("everywhere"),
    }
    record(action=action, actor=None, target=grant.user, now=now, reason=grant.reason, facts=facts)
    record_security(kind=action, severity=Severity.NOTICE, user=grant.user, facts=facts, now=now)


def _free_name(identity: Identity) -> str:
    """A user name nobody has, as near as can be to what the provider calls the person."""
    word = (identity.username or identity.email).partition("@")[0]
    base = _NOT_IN_NAMES.sub(".", word).strip(".")[:_LONGEST_NAME] or "person"
    taken = {
        name.casefold()
        for name in User.objects.filter(username__istartswith=base).values_list(
            "username", flat=True
        )
    }
    if base.casefold() not in taken:
        return base
    return next(
        name for n in range(2, len(taken) + 3) if (name := f"{base}{n}").casefold() not in taken
    )
