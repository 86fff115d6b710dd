"""Writing what somebody chose to hear, or the lab for all who chose nothing."""

from collections.abc import Mapping

from accounts.models import User
from booking.enums import Timing
from booking.models import NotificationPreference
from booking.notifications.catalogue import CATALOGUE
from booking.notifications.channels import ready_channels
from booking.notifications.channels.base import Channel
from booking.queries.reach import Choice, Chosen, chosen_by, lab_choices

Changes = dict[str, tuple[str, str]]


def write_choices(user: User | None, choices: Mapping[Choice, Timing]) -> Changes:
    """Keep the choices of a person, or without one the lab's; gives what changed by `kind:channel`.

    Within a transaction that holds the person who chooses.
    """
    channels = {each.name: each for each in ready_channels()}
    before = Chosen({}, lab_choices()) if user is None else chosen_by([user.pk])[user.pk]
    changes: Changes = {}
    for choice, timing in choices.items():
        was = _effective(before, channels, choice, user)
        if was is timing:
            continue
        changes[":".join(choice)] = (was.value, timing.value)
        _write(before, channels, choice, timing, user)
    return changes


def _effective(
    chosen: Chosen, channels: Mapping[str, Channel], choice: Choice, user: User | None
) -> Timing:
    kind, channel = choice
    default = channels[channel].default(CATALOGUE[kind])
    return chosen.timing(kind, channel, default) if user else chosen.lab.get(choice) or default


def _write(
    chosen: Chosen,
    channels: Mapping[str, Channel],
    choice: Choice,
    timing: Timing,
    user: User | None,
) -> None:
    kind, channel = choice
    default = channels[channel].default(CATALOGUE[kind])
    without = (chosen.lab.get(choice) or default) if user else default
    if timing is without:
        NotificationPreference.objects.filter(user=user, kind=kind, channel=channel).delete()
        return
    NotificationPreference.objects.update_or_create(
        user=user, kind=kind, channel=channel, defaults={"timing": timing}
    )
