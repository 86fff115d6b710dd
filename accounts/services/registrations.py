"""Asking for an account: the address is confirmed, somebody approves, the account is made."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from accounts.enums import RegistrationStatus, RequestStatus, Role
from accounts.errors import AccountRefused
from accounts.links import CONFIRM_LASTS
from accounts.locks import lock_registration
from accounts.models import JoinRequest, Registration, ResearchGroup, User
from accounts.permissions.groups import can_run_group
from accounts.permissions.people import can_decide_registration
from accounts.queries.groups import leaders_of
from accounts.queries.registrations import approvers_of
from accounts.services._memberships import add_to_group
from accounts.services._newcomers import make_account, require_person
from accounts.services._refusals import require
from accounts.signals import account_told
from audit.services import record
from labitory.lib.db import run_transaction

WAITING_LASTS = timedelta(days=30)
BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRegistration:
    """Who asks for an account."""

    username: str
    email: str
    first_name: str
    last_name: str
    password: str
    group: ResearchGroup | None = None
    message: str = ""


def is_open() -> bool:
    """Whether people may register themselves at all."""
    return bool(settings.REGISTRATION_DOMAINS)


def register(*, wish: NewRegistration, now: datetime) -> None:
    """Ask for an account. Nobody learns from the answer whether the address or name is known.

    A new address gets a link to confirm it; a known one a mail that says so. Raises AccountRefused
    for what can be seen by anybody: a closed registration, a foreign domain, a weak password.
    """
    _require_domain(wish.email)
    user = _user_of(wish)
    require_person(user, wish.password)
    # Hashed in every case: the time it takes tells nothing either.
    hashed = make_password(wish.password)

    def work() -> None:
        registration = Registration(
            username=wish.username,
            email=User.objects.normalize_email(wish.email),
            first_name=wish.first_name,
            last_name=wish.last_name,
            password=hashed,
            group=wish.group,
            message=wish.message.strip(),
            asked_at=now,
            expires_at=now + CONFIRM_LASTS,
        )
        kind = "account.registration_confirm"
        if User.objects.filter(email__iexact=wish.email).exists():
            kind = "account.registration_known"
        elif User.objects.filter(username__iexact=wish.username).exists():
            kind = "account.registration_name_taken"
        else:
            registration.save()
        record(action="registration.asked", actor=None, target=registration, now=now)
        _tell(registration, kind, now)

    run_transaction(work)


def confirm_registration(*, registration_id: UUID, now: datetime) -> Registration:
    """Confirm the address by the link of the mail; whoever decides hears of it.

    Without approval the account is made at once. A second click changes nothing. Raises
    Registration.DoesNotExist and AccountRefused.
    """

    def work() -> Registration:
        registration = lock_registration(registration_id)
        if registration.status != RegistrationStatus.UNVERIFIED:
            return registration
        if registration.expires_at <= now:
            raise AccountRefused(
                code="registration.expired", text=_("This link is too old: register again.")
            )
        # The address is theirs: what was asked with it before is superseded.
        Registration.objects.filter(
            email__iexact=registration.email,
            status__in=(RegistrationStatus.UNVERIFIED, RegistrationStatus.WAITING),
        ).exclude(pk=registration.pk).delete()
        registration.status = RegistrationStatus.WAITING
        registration.verified_at, registration.expires_at = now, now + WAITING_LASTS
        registration.save(update_fields=["status", "verified_at", "expires_at"])
        record(action="registration.confirmed", actor=None, target=registration, now=now)
        if settings.REGISTRATION_APPROVAL == "none":
            _approve(registration, None, now)
        else:
            _tell_approvers(registration, now)
        return registration

    return run_transaction(work)


def approve_registration(*, actor: User, registration_id: UUID, now: datetime) -> User:
    """Make the account that was asked for; the person hears of it by mail.

    Their group takes them in at once when those who look after it approve, else it is asked.
    """

    def work() -> User:
        registration = _waiting(actor, registration_id)
        return _approve(registration, actor, now)

    return run_transaction(work)


def decline_registration(
    *, actor: User, registration_id: UUID, reason: str, now: datetime
) -> Registration:
    """Decline what was asked, with a reason that the person is told."""

    def work() -> Registration:
        registration = _waiting(actor, registration_id)
        _close(registration, RegistrationStatus.DECLINED, actor, now, reason.strip()[:500])
        _tell(registration, "account.registration_declined", now)
        record(
            action="registration.declined",
            actor=actor,
            target=registration,
            now=now,
            reason=registration.reason,
        )
        return registration

    return run_transaction(work)


def tidy_registrations(*, now: datetime) -> int:
    """Forget what nobody confirmed in time; decline what nobody decided within 30 days."""

    def forget() -> int:
        old = Registration.objects.filter(status=RegistrationStatus.UNVERIFIED, expires_at__lte=now)
        return old.delete()[0]

    changed = run_transaction(forget)
    late = Registration.objects.filter(status=RegistrationStatus.WAITING, expires_at__lte=now)
    for registration_id in late.values_list("public_id", flat=True)[:BATCH]:
        changed += run_transaction(lambda: _expire(registration_id, now))  # noqa: B023
    return changed


def _require_domain(email: str) -> None:
    if not is_open():
        raise AccountRefused(
            code="registration.closed", text=_("Nobody can register here by themselves.")
        )
    domain = email.rpartition("@")[2].casefold()
    for allowed in (each.casefold() for each in settings.REGISTRATION_DOMAINS):
        # ".example.org" stands for every domain below it.
        if domain == allowed or (allowed.startswith(".") and domain.endswith(allowed)):
            return
    raise AccountRefused(
        code="registration.domain",
        text=_("Register with an address of %(domains)s.")
        % {"domains": ", ".join(settings.REGISTRATION_DOMAINS)},
        field="email",
    )


def _user_of(wish: NewRegistration | Registration) -> User:
    return User(
        username=User.normalize_username(wish.username),
        email=wish.email,
        first_name=wish.first_name,
        last_name=wish.last_name,
    )


def _waiting(actor: User, registration_id: UUID) -> Registration:
    registration = lock_registration(registration_id)
    require(can_decide_registration(actor, registration), "registration")
    if registration.status != RegistrationStatus.WAITING:
        raise AccountRefused(
            code="registration.decided",
            text=_("This registration is %(status)s already.")
            % {"status": registration.get_status_display().lower()},
        )
    return registration


def _approve(registration: Registration, actor: User | None, now: datetime) -> User:
    group = registration.group
    user = make_account(
        _user_of(registration),
        hashed=registration.password,
        group=group,
        role=Role.STUDENT,
        now=now,
    )
    registration.user = user
    _close(registration, RegistrationStatus.APPROVED, actor, now, "")
    record(action="registration.approved", actor=actor, target=registration, now=now)
    if group is not None and group.is_active:
        if actor is not None and can_run_group(actor, group):
            add_to_group(actor=actor, group=group, user=user, now=now)
        else:
            _ask_group(user, group, registration.message, now)
    account_told.send(
        sender=Registration,
        kind="account.registration_approved",
        user_pk=user.pk,
        now=now,
        facts={"user": user.username},
    )
    return user


def _ask_group(user: User, group: ResearchGroup, message: str, now: datetime) -> None:
    JoinRequest.objects.create(
        group=group, user=user, message=message, status=RequestStatus.WAITING, asked_at=now
    )
    for leader in leaders_of(group):
        account_told.send(
            sender=JoinRequest,
            kind="account.join_requested",
            user_pk=leader.pk,
            now=now,
            facts={"group": group.name, "user": user.full_name, "reason": message or "–"},
        )


def _close(
    registration: Registration,
    status: RegistrationStatus,
    actor: User | None,
    now: datetime,
    reason: str,
) -> None:
    registration.status, registration.reason = status, reason
    registration.decided_at, registration.decided_by = now, actor
    # Nobody needs the hash any more.
    registration.password = ""
    registration.save()


def _expire(registration_id: UUID, now: datetime) -> int:
    registration = lock_registration(registration_id)
    if registration.status != RegistrationStatus.WAITING or registration.expires_at > now:
        return 0
    reason = _("Nobody decided in time. Please ask again.")
    _close(registration, RegistrationStatus.DECLINED, None, now, reason)
    _tell(registration, "account.registration_declined", now)
    record(action="registration.expired", actor=None, target=registration, now=now)
    return 1


def _tell_approvers(registration: Registration, now: datetime) -> None:
    for approver in approvers_of(registration, now=now):
        account_told.send(
            sender=Registration,
            kind="account.registration_waiting",
            user_pk=approver.pk,
            now=now,
            facts={"user": str(registration), "group": str(registration.group or "–")},
        )


def _tell(registration: Registration, kind: str, now: datetime) -> None:
    account_told.send(
        sender=Registration,
        kind=kind,
        address=registration.email,
        now=now,
        facts={
            "registration": str(registration.public_id),
            "name": registration.first_name,
            "user": registration.username,
            "reason": registration.reason or "–",
        },
    )
