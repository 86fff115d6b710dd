"""The ways to reach people. One more is a package here and a line in `CHANNELS`."""

from booking.notifications.channels.base import Channel, Sender, SendingChannel
from booking.notifications.channels.chat import ChatSender
from booking.notifications.channels.email import EmailChannel
from booking.notifications.channels.in_app import InAppChannel
from booking.notifications.channels.places import PlaceSender
from booking.notifications.channels.push import PushChannel
from booking.notifications.channels.sms import SmsChannel
from booking.notifications.channels.webhook import WebhookSender

IN_APP = InAppChannel()
EMAIL = EmailChannel()
SMS = SmsChannel()
PUSH = PushChannel()
CHANNELS: tuple[Channel, ...] = (IN_APP, EMAIL, SMS, PUSH)
PERSONAL: dict[str, SendingChannel] = {
    each.name: each for each in CHANNELS if isinstance(each, SendingChannel)
}
# Places outside, which nobody chooses for themselves.
CHAT = ChatSender()
WEBHOOK = WebhookSender()
PLACES: dict[str, PlaceSender] = {each.name: each for each in (CHAT, WEBHOOK)}
SENDERS: dict[str, Sender] = {**PERSONAL, **PLACES}


def ready_channels() -> tuple[Channel, ...]:
    """The channels that this lab has set up."""
    return tuple(each for each in CHANNELS if each.is_ready())
