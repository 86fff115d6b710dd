"""Telling open pages that something changed; what, they ask themselves."""

from django.db import transaction

from booking.models import OutboxEvent
from booking.queries.hints import topics_of
from labitory.lib.hints import publish

# After these somebody may see less than before.
_RIGHTS = ("account.", "access.", "display.")


def tell_pages(*, event: OutboxEvent) -> None:
    """Hint at what an event changed, after the commit of what its other handlers wrote.

    A hint that comes twice costs a page one look more.
    """
    topics = topics_of(event)
    rights = event.kind.startswith(_RIGHTS)
    # robust: pages that hear nothing ask by themselves.
    transaction.on_commit(lambda: publish(topics, rights=rights), robust=True)
