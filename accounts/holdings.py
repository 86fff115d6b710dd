"""What is kept of people, and where: for the copy they may ask for, and for erasure.

Every reference to a person is declared here or by its own app: whether the rows are part of the
copy, and what erasure does with them. A test looks for references that nobody declared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import ResearchGroup, User

# Never part of a copy: what opens an account, or tells nothing to anybody.
SECRET_FIELDS = frozenset(
    {
        "auth",
        "code_hash",
        "credential_id",
        "endpoint",
        "endpoint_hash",
        "extra_data",
        "id",
        "key",
        "p256dh",
        "password",
        "public_key",
        "request_hash",
        "request_key",
        "session_data",
        "session_key",
        "sync_token",
        "token_hash",
    }
)


class Fate(Enum):
    """What erasure does with rows."""

    DELETED = "deleted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Rows of a model that refer to a person by a field.

    `left_out` is the reason for which they are not in the copy; `emptied` are the texts that
    erasure empties in rows that are kept, and `why` the reason for keeping them.
    """

    model: str
    field: str
    fate: Fate
    why: "str | Promise" = ""
    left_out: str = ""
    emptied: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameCopy:
    """A name that was written down next to the number of its person."""

    model: str
    person: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Texts in which somebody may be named; erasure puts other words in the place of the name."""

    model: str
    fields: tuple[str, ...]


# Why somebody cannot be erased now, or an empty text.
Obstacle = Callable[[User, datetime], str]

_holdings: list[Holding] = []
_names: list[NameCopy] = []
_mentions: list[Mentions] = []
_obstacles: list[Obstacle] = []


def declare_holdings(
    *holdings: Holding,
    names: Sequence[NameCopy] = (),
    mentions: Sequence[Mentions] = (),
    obstacles: Sequence[Obstacle] = (),
) -> None:
    """Add what an app keeps of people."""
    _holdings.extend(holdings)
    _names.extend(names)
    _mentions.extend(mentions)
    _obstacles.extend(obstacles)


def holdings() -> Sequence[Holding]:
    """All that refers to people."""
    return _holdings


def name_copies() -> Sequence[NameCopy]:
    """All copies of names."""
    return _names


def mentions() -> Sequence[Mentions]:
    """All texts that may name people."""
    return _mentions


def obstacles_to_erasure(user: User, now: datetime) -> list[str]:
    """What has to be settled before a person can be erased."""
    return [text for obstacle in _obstacles if (text := obstacle(user, now))]


def deleted(model: str, field: str = "user", *, left_out: str = "") -> Holding:
    """Rows that go with the person."""
    return Holding(model=model, field=field, fate=Fate.DELETED, left_out=left_out)


def kept(
    model: str,
    field: str,
    why: "str | Promise",
    *,
    left_out: str = "",
    emptied: tuple[str, ...] = (),
) -> Holding:
    """Rows that stay, under the pseudonym."""
    return Holding(
        model=model, field=field, fate=Fate.KEPT, why=why, left_out=left_out, emptied=emptied
    )


def _leads_a_group(user: User, _now: datetime) -> str:
    led = ResearchGroup.objects.filter(lead=user, is_active=True).order_by("name")
    names = ", ".join(led.values_list("name", flat=True)[:5])
    if not names:
        return ""
    return str(_("Somebody else has to lead first: %(groups)s.") % {"groups": names})


_DECIDED = _("who decided on the request of another person")
_ACT_OF_OTHERS = "what the person decided about others: it is theirs; the audit part tells the act"

declare_holdings(
    deleted("accounts.authenticator"),
    deleted("accounts.passkey"),
    deleted("accounts.backupcode"),
    deleted("accounts.trusteddevice"),
    deleted("accounts.factorreset"),
    kept("accounts.factorreset", "asked_by", _DECIDED, left_out=_ACT_OF_OTHERS),
    kept("accounts.factorreset", "agreed_by", _DECIDED, left_out=_ACT_OF_OTHERS),
    kept("accounts.researchgroup", "lead", _("who led a group that is closed")),
    deleted("accounts.groupmember"),
    deleted("accounts.joinrequest"),
    kept("accounts.joinrequest", "decided_by", _DECIDED, left_out=_ACT_OF_OTHERS),
    deleted("accounts.consent"),
    kept("accounts.privacyrequest", "user", _("that a request was answered, and when")),
    kept("accounts.privacyrequest", "done_by", _DECIDED, left_out=_ACT_OF_OTHERS),
    deleted("accounts.projectmember"),
    deleted("accounts.registration"),
    kept("accounts.registration", "decided_by", _DECIDED, left_out=_ACT_OF_OTHERS),
    deleted("accounts.invitation", "accepted_by"),
    kept("accounts.invitation", "invited_by", _DECIDED, left_out=_ACT_OF_OTHERS),
    deleted("accounts.rolegrant"),
    kept("accounts.rolegrant", "granted_by", _DECIDED, left_out=_ACT_OF_OTHERS),
    deleted("accounts.session"),
    deleted("accounts.passwordrecord"),
    kept("accounts.userprofile", "user", _("an empty profile")),
    kept("accounts.userpreferences", "user", _("preferences as they are at first")),
    deleted("accounts.user_groups", left_out="not used: roles are granted"),
    deleted("accounts.user_user_permissions", left_out="not used: roles are granted"),
    deleted("social_django.usersocialauth"),
    deleted("admin.logentry"),
    names=(
        NameCopy(model="audit.dataaccess", person="viewer_id", name="viewer_name"),
        NameCopy(model="audit.dataaccess", person="subject_id", name="subject_name"),
        NameCopy(model="audit.securityalert", person="handled_by_id", name="handled_by_name"),
    ),
    mentions=(
        Mentions(model="audit.securityalert", fields=("text", "note")),
        Mentions(model="admin.logentry", fields=("object_repr", "change_message")),
        Mentions(model="accounts.factorreset", fields=("reason",)),
        Mentions(model="accounts.joinrequest", fields=("message", "reason")),
        Mentions(model="accounts.privacyrequest", fields=("refused_reason",)),
        Mentions(model="accounts.registration", fields=("message", "reason")),
        Mentions(model="accounts.rolegrant", fields=("reason",)),
    ),
    obstacles=(_leads_a_group,),
)
