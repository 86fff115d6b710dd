"""What a screen that nobody is logged in to may hear of: the pass of its page names it."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.core import signing

from booking.models import WallDisplay
from booking.queries.hints import display_ids, display_topic, hidden_topics

_SALT = "booking.live.pass"
# A screen reloads itself every day.
LASTS = timedelta(days=2)


def make_pass(topics: Iterable[str]) -> str:
    """Sign what the page shows; whoever may see the page may hear that it changed."""
    return signing.dumps(sorted(topics), salt=_SALT, compress=True)


def topics_in(word: str) -> frozenset[str]:
    """What a pass names; nothing for one that is none of ours, or too old."""
    try:
        return frozenset(signing.loads(word, salt=_SALT, max_age=LASTS))
    except signing.BadSignature:
        return frozenset()


def is_of_display(word: str) -> bool:
    """Whether it is the pass of a display's page."""
    return bool(display_ids(topics_in(word)))


def screen_topics(word: str) -> frozenset[str]:
    """What a pass names, unless it is hidden by now; nothing for a display that was taken down."""
    topics = topics_in(word)
    return frozenset() if ended_displays(topics) else topics - hidden_topics(topics)


def ended_displays(topics: Collection[str]) -> frozenset[str]:
    """Those of the topics whose display was taken down, or is gone."""
    asked: dict[UUID, str] = {key: display_topic(key) for key in display_ids(topics)}
    if not asked:
        return frozenset()
    rows = WallDisplay.objects.filter(public_id__in=asked, revoked_at=None)
    hanging = set(rows.values_list("public_id", flat=True))
    return frozenset(topic for key, topic in asked.items() if key not in hanging)
