"""How people are told, and how far a message has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeliveryStatus(models.TextChoices):
    """How far a message to one person has come."""

    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    HELD = "held", _("Kept for the digest")
    GATHERED = "gathered", _("In a digest")
    VOID = "void", _("Not needed any more")


class Timing(models.TextChoices):
    """When somebody hears of a kind of event by one channel."""

    NOW = "now", _("At once")
    DAILY = "daily", _("Once a day")
    WEEKLY = "weekly", _("Once a week")
    OFF = "off", _("Never")


class RemindLead(models.IntegerChoices):
    """How long before their bookings begin somebody is reminded, in minutes."""

    QUARTER = 15, _("15 minutes before")
    HALF = 30, _("30 minutes before")
    HOUR = 60, _("1 hour before")
    TWO_HOURS = 120, _("2 hours before")
    FOUR_HOURS = 240, _("4 hours before")
    HALF_DAY = 720, _("12 hours before")
    DAY = 1440, _("1 day before")
    TWO_DAYS = 2880, _("2 days before")


class WatchMode(models.TextChoices):
    """What somebody wants to hear of a resource beyond their own bookings."""

    FOLLOW = "follow", _("Follow")
    MUTE = "mute", _("Mute")


class EndpointKind(models.TextChoices):
    """What listens outside: a server of an integrator, or a chat room."""

    WEBHOOK = "webhook", _("Webhook")
    TEAMS = "teams", _("Microsoft Teams")
    SLACK = "slack", _("Slack")
    MATTERMOST = "mattermost", _("Mattermost")


class FeedScope(models.TextChoices):
    """Whose time a calendar feed shows."""

    MINE = "mine", _("My bookings")
    RESOURCE = "resource", _("One instrument")
    GROUP = "group", _("A research group")
    LAB = "lab", _("The whole lab")


class WallKind(models.TextChoices):
    """What a display on a wall shows."""

    LAB = "lab", _("The whole lab")
    POOL = "pool", _("Pool")
    TYPE = "type", _("Type")
    UNIT = "unit", _("Unit")
    PLACE = "place", _("Place")


class RemotePolicy(models.TextChoices):
    """What happens when a booking was changed in somebody's own calendar."""

    ASK = "ask", _("Ask me")
    LAB = "lab", _("The lab's entry stands")
    MINE = "mine", _("Change the booking, if its rules allow")


class RemoteState(models.TextChoices):
    """How a booking and its copy on somebody's calendar server stand to each other."""

    SYNCED = "synced", _("The same")
    CONFLICT = "conflict", _("Changed on both sides")
    LEFT = "left", _("Left alone")


class ActOutcome(models.TextChoices):
    """What became of an act that a device did without a network."""

    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")
