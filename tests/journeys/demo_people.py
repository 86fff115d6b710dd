"""What the demonstration gets only while people come, go and guard their accounts."""

from datetime import datetime, timedelta
from typing import Any

from social_django.models import UserSocialAuth

from accounts.enums import DataKind, PrivacyRequestKind, RegistrationStatus, Role
from accounts.links import confirm_link, invitation_link
from accounts.models import (
    Authenticator,
    BackupCode,
    Consent,
    FactorReset,
    FactorRule,
    Invitation,
    JoinRequest,
    LoginGuard,
    Passkey,
    PasswordRecord,
    PrivacyRequest,
    Project,
    Registration,
    ResearchGroup,
    RetentionRule,
    RoleDefinition,
    RoleGrant,
    Session,
    TrustedDevice,
    Unit,
    User,
)
from accounts.services.guards import unlock_link
from audit.enums import Severity
from audit.models import AlertRule, DataAccess, SecurityAlert, SecurityEvent
from tests.journeys.routes import Place

DAY = timedelta(days=1)
PROVIDER = "keycloak"


def add_people(people: dict[str, User], now: datetime) -> None:
    """Somebody registers, is invited, asks to be erased; an account has all that guards it."""
    ada, chris, dora = people["ada"], people["chris"], people["dora"]
    later = now + 7 * DAY
    wish = {"first_name": "Fay", "last_name": "New", "asked_at": now, "expires_at": later}
    waiting = RegistrationStatus.WAITING
    Registration.objects.create(username="fay", email="fay@example.org", status=waiting, **wish)
    Registration.objects.create(username="gus", email="gus@example.org", **wish)
    Invitation.objects.create(
        email="hal@example.org", invited_by=chris, invited_at=now, expires_at=later
    )
    PrivacyRequest.objects.create(
        user=ada, kind=PrivacyRequestKind.ERASURE, asked_at=now, due_at=later
    )
    Consent.objects.create(user=ada, purpose="contact", version="1", given_at=now)
    RetentionRule.objects.get_or_create(kind=DataKind.NOTICES, defaults={"days": 90})
    RoleGrant.objects.create(
        user=User.objects.get(username="student02"),
        role=RoleDefinition.objects.earliest("pk"),
        granted_at=now,
    )
    _guard(ada, now)
    FactorRule.objects.get_or_create(
        role=Role.SYSADMIN, defaults={"required_since": now, "grace_days": 30}
    )
    FactorReset.objects.create(
        user=ada, reason="A lost phone", asked_by=dora, asked_at=now, expires_at=later
    )
    LoginGuard.objects.create(
        key="address:203.0.113.9", failures=9, failed_at=now, locked_until=later
    )
    _alarm(ada, chris, now)


def _guard(ada: User, now: datetime) -> None:
    """A key, an app that is not confirmed yet, codes, a known browser, a session elsewhere."""
    later = now + 7 * DAY
    Passkey.objects.create(
        user=ada, name="Laptop", credential_id=b"one", public_key=b"key", added_at=now
    )
    Authenticator.objects.create(
        user=ada, name="Phone", key="JBSWY3DPEHPK3PXP", confirmed=False, added_at=now
    )
    BackupCode.objects.create(user=ada, code_hash="0" * 64, made_at=now)
    TrustedDevice.objects.create(
        user=ada, name="Firefox", token_hash="0" * 64, added_at=now, used_at=now, expires_at=later
    )
    PasswordRecord.objects.create(user=ada, password="!", set_at=now)
    Session.objects.create(
        session_key="elsewhere", user=ada, agent="Firefox", began_at=now, seen_at=now,
        expire_date=later,
    )  # fmt: skip
    UserSocialAuth.objects.create(user=ada, provider=PROVIDER, uid="ada")


def _alarm(ada: User, chris: User, now: datetime) -> None:
    about = {"user_id": ada.pk, "user_name": str(ada), "address": "203.0.113.9"}
    event = SecurityEvent.objects.create(
        at=now, kind="login.failed", severity=Severity.WARNING, **about
    )
    rule = AlertRule.objects.earliest("pk")
    SecurityAlert.objects.create(rule=rule, event=event, at=now, subject="ada", text="Many logins")
    DataAccess.objects.create(
        at=now, viewer_id=chris.pk, viewer_name=str(chris), subject_id=ada.pk,
        subject_name=str(ada), what="person.page",
    )  # fmt: skip


def people_arguments(people: dict[str, User]) -> dict[Place, Any]:
    """One real object for each place of the addresses about people; Ada's and Ben's."""
    ada = people["ada"]
    group = ResearchGroup.objects.get(lead=people["ben"])
    by_public_id: dict[str, Any] = {
        "groups": group,
        "projects": Project.objects.filter(group=group).earliest("pk"),
        "requests": JoinRequest.objects.earliest("pk"),
        "registrations": Registration.objects.get(username="fay"),
        "invitations": Invitation.objects.get(),
        "people": ada,
        "units": Unit.objects.earliest("pk"),
        "roles": RoleDefinition.objects.filter(is_builtin=False).first()
        or RoleDefinition.objects.earliest("pk"),
        "grants": RoleGrant.objects.latest("pk"),
        "apps": Authenticator.objects.get(user=ada),
        "factors": Passkey.objects.get(user=ada),
        "browsers": TrustedDevice.objects.get(user=ada),
        "devices": TrustedDevice.objects.get(user=ada),
        "reset": FactorReset.objects.get(),
        "resets": FactorReset.objects.get(),
        "sessions": Session.objects.get(session_key="elsewhere"),
    }
    newcomer = Registration.objects.get(username="gus")
    return {
        **{(folder, "public_id"): found.public_id for folder, found in by_public_id.items()},
        ("factors", "role"): Role.SYSADMIN.value,
        ("alerts", "pk"): SecurityAlert.objects.get().pk,
        ("confirm", "token"): _token(confirm_link({"registration": str(newcomer.public_id)})),
        ("accept", "token"): _token(
            invitation_link({"invitation": str(by_public_id["invitations"].public_id)})
        ),
        ("unlock", "token"): _token(unlock_link(ada)),
        ("with", "provider"): PROVIDER,
        ("logins", "link_id"): UserSocialAuth.objects.get().pk,
    }


def _token(link: str) -> str:
    """The end of a link that comes by mail."""
    return link.rpartition("/")[2]
