"""The catalogue as a page of the documentation."""

from booking.enums import Timing
from booking.notifications.catalogue import CATALOGUE, Audience
from booking.notifications.channels import CHANNELS
from booking.notifications.facts import FACTS, fact_names

_HEAD = """# Events

Written to the outbox with what they tell of. One message a person and user action, however many
bookings it touched.

What is urgent waits for no quiet hours and no digest. The channels are those by which people hear
of a kind who chose nothing (`/notices/preferences`), in a lab that chose nothing
(`/manage/notices`) and has set the channel up. Facts may be named in the lab's own words
(`/manage/wordings`) as `%(name)s`; what each means stands below.

| Kind | Who hears of it | Channels | Urgent | Calendar file | Facts | Subject |
|---|---|---|---|---|---|---|
"""


def events_reference() -> str:
    """Every kind in the order of the catalogue, and what its facts mean."""
    rows = []
    for name, kind in CATALOGUE.items():
        told = kind.audience is not Audience.NOBODY
        if kind.audience is Audience.ACCOUNT:
            channels = kind.channel
        else:
            usual = (each.name for each in CHANNELS if each.default(kind) is not Timing.OFF)
            channels = "all" if kind.everywhere else ", ".join(usual)
        facts = ", ".join(f"`{each}`" for each in sorted(fact_names(name))) if told else ""
        cells = (
            f"`{name}`",
            kind.audience.value,
            (channels if told else "") or "none",
            "yes" if kind.urgent else "no",
            kind.calendar or "none",
            facts or "none",
            str(kind.subject),
        )
        rows.append(f"| {' | '.join(cells)} |")
    meanings = [f"| `{name}` | {fact.meaning} |" for name, fact in sorted(FACTS.items())]
    facts_table = ["\n## Facts\n", "| Fact | Means |", "|---|---|", *meanings]
    return _HEAD + "\n".join([*rows, *facts_table]) + "\n"
