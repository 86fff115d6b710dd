"""Moments in the texts of services: by the clock on the wall beside the instrument."""

from datetime import datetime

from booking.models import Resource
from labitory.lib.formats import say_time, say_wall, with_zone


def clock_at(resource: Resource, moment: datetime, now: datetime) -> str:
    """The time of day there, with its day where it is not today's; as rules write it."""
    local = moment.astimezone(resource.zone)
    same_day = local.date() == now.astimezone(resource.zone).date()
    return with_zone(say_time(local.time()) if same_day else say_wall(local), local)
