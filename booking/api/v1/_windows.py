"""The stretch of time that an address asks about."""

from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from labitory.lib.api.fields import MomentField, StrictSerializer
from labitory.lib.periods import Period

USUAL_WINDOW = timedelta(days=7)
LONGEST_WINDOW = timedelta(days=92)


class WindowQuery(StrictSerializer):
    """From when until when; a week from now if left out."""

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of the language: it cannot stand as an attribute."""
        moments = {"from": MomentField(required=False), "to": MomentField(required=False)}
        return {**super().get_fields(), **moments}


def window_of(query: dict[str, Any], *, now: datetime, until: str = "to") -> Period:
    """The asked window, or 400: it must run forward and span at most 92 days."""
    start = query.get("from", now)
    end = query.get(until, start + USUAL_WINDOW)
    if end <= start:
        raise serializers.ValidationError({until: "It must lie after the beginning."}, "order")
    if end - start > LONGEST_WINDOW:
        text = f"At most {LONGEST_WINDOW.days} days at once: ask in parts."
        raise serializers.ValidationError({until: text}, "too_long")
    return Period(start, end)
