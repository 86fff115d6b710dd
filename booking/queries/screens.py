"""What a screen that nobody is logged in to may hear of: the pass of its page names it."""

from collections.abc import Iterable
from datetime import timedelta

from django.core import signing

from booking.queries.hints import hidden_topics

_SALT = "booking.live.pass"
# A screen reloads itself every day.
LASTS = timedelta(days=2)


def make_pass(topics: Iterable[str]) -> str:
    """Sign what the page shows; whoever may see the page may hear that it changed."""
    return signing.dumps(sorted(topics), salt=_SALT, compress=True)


def screen_topics(word: str) -> frozenset[str]:
    """What a pass names, unless it is hidden by now; nothing for one that is none of ours."""
    try:
        topics = frozenset(signing.loads(word, salt=_SALT, max_age=LASTS))
    except signing.BadSignature:
        return frozenset()
    return topics - hidden_topics(topics)
