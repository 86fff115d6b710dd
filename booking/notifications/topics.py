"""What the kinds of events are about: the rows of the page on which people choose."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.notifications.catalogue import CATALOGUE, Audience, EventKind
from booking.notifications.facts import FACTS, NAMED_FACT
from booking.permissions import may_somewhere

_UNCHOSEN = (Audience.NOBODY, Audience.DIGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Kinds that people choose for together: those that begin with one of the words."""

    key: str
    label: str | Promise
    hint: str | Promise
    nouns: tuple[str, ...]
    # What only those hear of who may do this.
    needs: str = ""

    @property
    def kinds(self) -> dict[str, EventKind]:
        """The topic's kinds of which somebody hears, in the order of the catalogue."""
        return {
            name: kind
            for name, kind in CATALOGUE.items()
            if kind.audience not in _UNCHOSEN and name.partition(".")[0] in self.nouns
        }


TOPICS: tuple[Topic, ...] = (
    Topic(
        key="bookings",
        label=_("Bookings"),
        hint=_("Made, moved, cancelled, missed; transfers and swaps."),
        nouns=("booking", "proposal"),
    ),
    Topic(
        key="use",
        label=_("At the instrument"),
        hint=_("Time that is over, delays, being checked out."),
        nouns=("session",),
    ),
    Topic(
        key="approvals",
        label=_("Approvals"),
        hint=_("What waits for your decision for too long; decisions in somebody's place."),
        nouns=("approval",),
    ),
    Topic(
        key="access",
        label=_("Access and safety"),
        hint=_("Requests for access, what ends soon, risk assessments."),
        nouns=("access", "assessment"),
    ),
    Topic(
        key="training",
        label=_("Training"),
        hint=_("Sessions, places, results, certificates that end."),
        nouns=("training",),
    ),
    Topic(
        key="waiting",
        label=_("Waiting list"),
        hint=_("Time held for you, and time that is free again."),
        nouns=("offer", "waiting", "hold"),
    ),
    Topic(
        key="care",
        label=_("Faults and maintenance"),
        hint=_("On what you look after or have booked."),
        nouns=("fault", "maintenance"),
    ),
    Topic(
        key="followed",
        label=_("What I follow"),
        hint=_("Faults and maintenance of the instruments you follow."),
        nouns=("resource",),
    ),
    Topic(
        key="quotas",
        label=_("Quotas"),
        hint=_("What is left of them, and what changed."),
        nouns=("quota",),
    ),
    Topic(
        key="calendars",
        label=_("My calendar server"),
        hint=_("What differs between it and the lab, and when it cannot be reached."),
        nouns=("calendar",),
    ),
    Topic(
        key="endpoints",
        label=_("Chat rooms and webhooks"),
        hint=_("For who looks after them: one that could not be reached was switched off."),
        nouns=("endpoint",),
        needs="endpoint.manage",
    ),
    Topic(
        key="announcements",
        label=_("Announcements"),
        hint=_("What the lab tells many at once."),
        nouns=("announcement",),
    ),
    Topic(
        key="emergencies",
        label=_("Emergencies"),
        hint=_("Always by every channel, at once."),
        nouns=("alarm",),
    ),
    Topic(
        key="system",
        label=_("Workers and schedules"),
        hint=_("What system administrators are told when something does not run."),
        nouns=("system",),
        needs="system.watch",
    ),
    Topic(
        key="account",
        label=_("Account and security"),
        hint=_("Always by mail, at once: it protects your account."),
        nouns=("account",),
    ),
)


def topic_of(kind: str) -> Topic | None:
    """The topic of a kind; None for what nobody hears of."""
    noun = kind.partition(".")[0]
    return next((topic for topic in TOPICS if noun in topic.nouns), None)


# What people may choose for; messages about their account always come.
CHOOSABLE: tuple[Topic, ...] = tuple(
    topic for topic in TOPICS if not all(kind.is_required for kind in topic.kinds.values())
)


def choosable_by(user: User | None) -> tuple[Topic, ...]:
    """The topics of which somebody may ever hear; all where the lab chooses for everybody."""
    return tuple(
        topic
        for topic in CHOOSABLE
        if user is None or not topic.needs or may_somewhere(user, topic.needs)
    )


def say_kind(kind: str) -> str:
    """A kind of event in words: its subject, with names in the place of facts."""
    subject = str(CATALOGUE[kind].subject)
    return NAMED_FACT.sub(lambda found: f"[{FACTS[found[1]].label}]", subject)
