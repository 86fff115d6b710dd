"""What a channel must say of itself, and do."""

from abc import ABC, abstractmethod
from typing import ClassVar

from django.db.models import Prefetch
from django.utils.functional import Promise

from accounts.models import User
from booking.enums import Timing
from booking.models import Message
from booking.notifications.catalogue import EventKind


class Undeliverable(Exception):
    """Nobody can ever receive it there: it is not tried again."""


class Sender(ABC):
    """What a message leaves the system by, one by one, by the workers."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]

    def secrets(self, _message: Message) -> tuple[str, ...]:
        """What must not stand in a kept error, though the other side may repeat it."""
        return ()

    @abstractmethod
    def send(self, message: Message) -> str:
        """Send one message now; gives the receipt of whoever took it, and raises if nobody did.

        Raises Undeliverable when trying again is in vain.
        """


class Channel(ABC):
    """A way to reach people; the page of preferences has a column for each that is ready."""

    name: ClassVar[str]
    label: ClassVar[str | Promise]
    timings: ClassVar[tuple[Timing, ...]] = (Timing.NOW, Timing.DAILY, Timing.WEEKLY, Timing.OFF)

    def is_ready(self) -> bool:
        """Whether this lab has what the channel needs."""
        return True

    @abstractmethod
    def default(self, kind: EventKind) -> Timing:
        """When people hear of a kind who chose nothing, in a lab that chose nothing."""


class SendingChannel(Channel, Sender):
    """A channel to people whose messages leave the system."""

    # What goes beyond it in an hour is kept for a digest, unless it is urgent.
    most_an_hour: ClassVar[int]
    # What of a person says where they are reached: read for all readers at once, and without
    # secrets: a key that is lost must not keep the others from hearing.
    relations: ClassVar["tuple[Prefetch[str], ...]"] = ()

    @abstractmethod
    def reaches(self, reader: User) -> bool:
        """Whether the person has an address there."""
