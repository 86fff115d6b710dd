"""Addresses from which mail came back."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from booking.models import BouncedAddress, Message


def is_dead(address: str) -> bool:
    """Whether nothing is sent there any more."""
    return BouncedAddress.objects.filter(address=address.lower(), is_dead=True).exists()


def dead_address_of(user: User) -> BouncedAddress | None:
    """The person's own address, when nothing is sent there any more."""
    return BouncedAddress.objects.filter(address=user.email.lower(), is_dead=True).first()


def bounced_addresses() -> "QuerySet[BouncedAddress]":
    """All of them, those first to which nothing is sent, with the key and name of their person."""
    owner = User.objects.filter(email__iexact=OuterRef("address"), is_active=True)
    return BouncedAddress.objects.annotate(
        owner_id=Subquery(owner.values("public_id")[:1]),
        owner_name=Subquery(owner.values("username")[:1]),
    ).order_by("-is_dead", "-bounced_at", "pk")


def came_back_since(*, user: User | None, address: str, since: datetime) -> int:
    """How many of the mails that were sent there since then came back."""
    to = {"user": user} if user else {"user": None, "address__iexact": address}
    sent = Message.objects.filter(channel="email", sent_at__gte=since, **to)
    return sent.exclude(last_error="").count()
