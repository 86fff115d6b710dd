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
