"""Chat rooms: events as cards, in the lab's language, that ping nobody."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.enums import EndpointKind
from booking.models import Message
from booking.notifications.channels.chat.cards import Card, card_of
from booking.notifications.channels.chat.mattermost import mattermost_body
from booking.notifications.channels.chat.slack import slack_body
from booking.notifications.channels.chat.teams import teams_body
from booking.notifications.channels.places import PlaceSender, endpoint_of

BODIES: Mapping[str, Callable[[Card], dict[str, Any]]] = {
    EndpointKind.TEAMS: teams_body,
    EndpointKind.SLACK: slack_body,
    EndpointKind.MATTERMOST: mattermost_body,
}


class ChatSender(PlaceSender):
    """One event to one room, by the room's incoming webhook."""

    name = "chat"
    label = _("Chat room")

    def body(self, message: Message) -> dict[str, Any]:
        """The card in the words of the room's product."""
        return BODIES[endpoint_of(message).kind](card_of(message))
