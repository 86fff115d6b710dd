"""Hanging up displays, taking them down, and noting that they still hang."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.locks import lock_user
from accounts.models import User
from audit.services import record
from booking.errors import ActionRefused
from booking.events import post_event
from booking.locks import lock_display
from booking.models import WallDisplay
from booking.permissions import may_somewhere
from booking.queries.feeds import hash_token
from booking.queries.walls import displays_of, offered_walls, shown_by
from booking.services._managers import require_manager
from labitory.lib.crypto import new_token
from labitory.lib.db import run_transaction

MOST_DISPLAYS = 100
_NOTED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDisplay:
    """A display with the token of its address, which is kept nowhere."""

    display: WallDisplay
    token: str


def create_display(*, actor: User, shows: str, name: str, now: datetime) -> NewDisplay:
    """Make an address that shows a part of the lab to anybody who knows it.

    `shows` is the value of one of `offered_walls`. Raises `NotAllowed`, and `ActionRefused` (422)
    for what the person does not look after, and for more displays than anybody hangs up.
    """
    require_manager(may_somewhere(actor, "resource.manage"), "resource.manage")

    def work() -> NewDisplay:
        lock_user(actor.pk)
        if WallDisplay.objects.filter(created_by=actor, revoked_at=None).count() >= MOST_DISPLAYS:
            text = _("You have %(n)d displays: revoke one that hangs nowhere.")
            raise ActionRefused(
                code="display.too_many", text=text % {"n": MOST_DISPLAYS}, status=422
            )
        wanted = next((each for each in offered_walls(actor) if each.value == shows), None)
        if wanted is None:
            raise ActionRefused(
                code="display.unseen",
                text=_("Choose something that you look after."),
                field="shows",
                status=422,
            )
        token = new_token()
        display = WallDisplay(
            **shown_by(wanted), token_hash=hash_token(token), created_by=actor, created_at=now
        )
        display.name = name.strip() or display.shows[:100]
        display.save(force_insert=True)
        _record(display, "display.created", actor, now)
        return NewDisplay(display=display, token=token)

    return run_transaction(work)


def revoke_display(*, actor: User, display_id: UUID, now: datetime) -> WallDisplay:
    """End a display: its address shows nothing any longer, and its screen hears so at once.

    Raises `DoesNotExist` for one that is revoked already, or that the person may not take down.
    """

    def work() -> WallDisplay:
        found = displays_of(actor).get(public_id=display_id)
        display = lock_display(found.pk)
        display.revoked_at = now
        display.save(update_fields=["revoked_at"])
        _record(display, "display.revoked", actor, now)
        payload = {"displays": [str(display.public_id)], "actor": actor.pk}
        post_event(kind="display.revoked", payload=payload, now=now)
        return display

    return run_transaction(work)


def note_seen(*, display: WallDisplay, now: datetime) -> None:
    """Keep when the display last asked for what it shows, to the hour.

    Reading may write this, as with calendar feeds: it lets managers see which screen still hangs.
    """
    if display.last_seen_at is not None and display.last_seen_at > now - _NOTED:
        return
    stale = Q(last_seen_at=None) | Q(last_seen_at__lte=now - _NOTED)
    WallDisplay.objects.filter(stale, pk=display.pk).update(last_seen_at=now)


def _record(display: WallDisplay, action: str, actor: User, now: datetime) -> None:
    record(action=action, actor=actor, target=display, now=now, facts={"scope": display.shows})
