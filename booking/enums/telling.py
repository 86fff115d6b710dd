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
