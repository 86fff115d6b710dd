"""Where the demonstration's people are reached: a telephone, and addresses that do not work."""

from datetime import datetime

from accounts.models import User
from booking.models import BouncedAddress, PhoneNumber

_BOUNCES = (
    ("5.1.1: 550 5.1.1 User unknown", 1, True),
    ("4.2.2: 452 4.2.2 The mailbox is full", 2, False),
)


def make_addresses(*, cast: dict[str, User], others: list[User], now: datetime) -> None:
    """Ada reads text messages; of the others one has a dead address, and one is watched."""
    PhoneNumber.objects.create(user=cast["ada"], number="+4915123456789", verified_at=now)
    BouncedAddress.objects.bulk_create(
        BouncedAddress(
            address=user.email.lower(),
            reason=reason,
            bounces=bounces,
            is_dead=is_dead,
            bounced_at=now,
        )
        for user, (reason, bounces, is_dead) in zip(others, _BOUNCES, strict=False)
    )
