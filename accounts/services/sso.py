"""Logging in elsewhere: whose account it opens, linking and unlinking, and what is refused."""

import calendar
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from social_django.models import Association, Nonce, UserSocialAuth

from accounts.enums import Role
from accounts.errors import AccountRefused
from accounts.locks import lock_link, lock_user
from accounts.models import User
from accounts.queries.sso import links_of, title_of
from accounts.services._sso import (
    fill_profile,
    make_link,
    make_newcomer,
    sync_roles,
    take_receipt,
    tell,
)
from accounts.sso.identity import Identity
from audit.enums import Severity
from audit.services import record
from audit.services.security import record_security
from labitory.lib.db import run_transaction
from labitory.settings.components.providers import is_within

# A login that waits longer than this for its answer has been given up.
_KEPT = timedelta(days=1)
# Signs of somebody who tampers, rather than of somebody who was slow or is not known.
_SUSPICIOUS = {
    "invalid_claim",
    "invalid_signature",
    "malformed_response",
    "nonce_mismatch",
    "response_expired",
    "state_mismatch",
    "sso.replayed",
}


def sign_on(*, identity: Identity, now: datetime) -> User:
    """The person a provider has recognised, ready to be logged in.

    Somebody who comes first is linked to the account with the same address, or gets one, as
    SSO_ACCOUNTS says; in both cases only if the provider says that the address was verified.
    System administrators link their accounts themselves: no provider opens those unasked.
    Raises AccountRefused.
    """

    def work() -> User:
        take_receipt(identity)
        link = lock_link(identity.provider, identity.uid)
        if link is None:
            link = make_link(_owner(identity, now), identity, now)
        user = lock_user(link.user_id)
        if not user.is_active:
            raise AccountRefused(code="sso.closed", text=_("Your account here is closed."))
        fill_profile(user, identity, now)
        sync_roles(link, user, identity.groups, now)
        _note_use(link, identity, now)
        # What a role brings is known by its version, which the database raises.
        user.refresh_from_db(fields=["grants_version"])
        return user

    return run_transaction(work)


def link_identity(*, user: User, identity: Identity, now: datetime) -> None:
    """Let somebody who is logged in log in elsewhere from now on. Raises AccountRefused."""

    def work() -> None:
        take_receipt(identity)
        lock_user(user.pk)
        link = lock_link(identity.provider, identity.uid)
        if link is not None and link.user_id != user.pk:
            raise AccountRefused(
                code="sso.taken", text=_("This login is linked to another account already.")
            )
        if link is None:
            link = make_link(user, identity, now)
        _note_use(link, identity, now)

    run_transaction(work)


def unlink_identity(*, user: User, link_id: int, now: datetime) -> None:
    """Forget one of one's logins elsewhere, with the roles it brought; never the last way in."""

    def work() -> None:
        person = lock_user(user.pk)
        known = next((each for each in links_of(person) if each.pk == link_id), None)
        if known is None:
            raise AccountRefused(code="sso.gone", text=_("This login is not linked any more."))
        if not known.may_unlink:
            text = _("This is your only way in: set a password or link another login first.")
            raise AccountRefused(code="sso.last", text=text)
        link = UserSocialAuth.objects.get(pk=link_id, user=person)
        sync_roles(link, person, frozenset(), now)
        link.delete()
        tell("sso.unlinked", person, known.title, now, actor=person)

    run_transaction(work)


def keep_refusal(
    *, provider: str, code: str, user: User | None = None, now: datetime, step: str = ""
) -> None:
    """Keep that an answer of a provider was not taken, and why."""
    severity = Severity.WARNING if code in _SUSPICIOUS else Severity.NOTICE
    facts = {"provider": title_of(provider), "code": code, "step": step}

    def work() -> None:
        record(
            action="sso.refused",
            actor=None,
            target=user or User(username="?"),
            now=now,
            facts=facts,
        )
        record_security(kind="sso.refused", severity=severity, user=user, facts=facts, now=now)

    run_transaction(work)


def remove_stale_logins(*, now: datetime) -> int:
    """Forget logins that nobody finished, and answers that can no longer be shown again."""
    before = calendar.timegm((now - _KEPT).utctimetuple())

    def work() -> int:
        gone, _kinds = Nonce.objects.filter(timestamp__lt=before).delete()
        more, _kinds = Association.objects.filter(issued__lt=before).delete()
        return gone + more

    return run_transaction(work)


def _owner(identity: Identity, now: datetime) -> User:
    """Whose account somebody gets who comes by this login for the first time."""
    policy = settings.SSO.accounts
    vouched = identity.is_email_verified or _is_believed(identity)
    if policy == "off" or not identity.email or not vouched:
        raise _unknown()
    user = User.objects.filter(email__iexact=identity.email).first()
    if user is not None and user.role == Role.SYSADMIN:
        raise _unknown()
    if user is not None:
        return user
    if policy != "create":
        text = _("There is no account for you here yet. Ask the lab for one.")
        raise AccountRefused(code="sso.no_account", text=text)
    _require_domain(identity.email)
    return make_newcomer(identity, now)


def _is_believed(identity: Identity) -> bool:
    """Whether the operator trusts the provider's word on this address."""
    if identity.provider not in settings.SSO.trusted_mail:
        return False
    provider = settings.SSO.providers.get(identity.provider)
    if provider is None or not provider.mail_domains:
        return True
    return is_within(identity.email, provider.mail_domains)


def _unknown() -> AccountRefused:
    """Whether there is an account with this address is not told."""
    text = _(
        "This login is not linked to an account here. If you have one, log in with it, "
        "then link this login on the page of your account."
    )
    return AccountRefused(code="sso.unknown", text=text)


def _require_domain(email: str) -> None:
    allowed = settings.SSO.domains
    if not allowed or is_within(email, allowed):
        return
    text = _("Accounts are made for addresses of %(domains)s only.")
    raise AccountRefused(code="sso.domain", text=text % {"domains": ", ".join(allowed)})


def _note_use(link: UserSocialAuth, identity: Identity, now: datetime) -> None:
    """Nothing of the provider's tokens is kept."""
    link.extra_data["name"] = identity.email or identity.username
    link.extra_data["used_at"] = now.isoformat()
    link.save(update_fields=["extra_data"])
