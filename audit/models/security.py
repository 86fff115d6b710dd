"""What concerns safety: events, the rules that raise an alarm, who looked at whose data."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.enums import Severity


class SecurityEvent(models.Model):
    """Something that concerns the safety of accounts. Append-only; a trigger refuses changes.

    People are kept by id and name, without foreign keys: the event outlives the account.
    """

    at = models.DateTimeField(_("when"))
    kind = models.CharField(_("kind"), max_length=60)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(_("whose account"), max_length=200, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(_("who"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    agent = models.CharField(_("browser"), max_length=200, blank=True)
    facts = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("security event")
        ordering = ["-at", "-id"]
        indexes = [
            # What happened to one account lately.
            models.Index(fields=["user_id", "-at"], name="securityevent_user"),
            # What came from one address lately.
            models.Index(fields=["address", "-at"], name="securityevent_address"),
            # One kind, newest first: the alert rules count these.
            models.Index(fields=["kind", "-at"], name="securityevent_kind"),
            # Time ranges of the page and the retention.
            BrinIndex(fields=["at"], name="securityevent_at_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind}"


class AlertRule(models.Model):
    """When a security event is worth waking somebody: so many of a kind within some minutes."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    is_on = models.BooleanField(_("on"), default=True)
    threshold = models.PositiveIntegerField(_("from how many"), default=1)
    minutes = models.PositiveIntegerField(_("within minutes"), default=60)
    severity = models.PositiveSmallIntegerField(
        _("severity"), choices=Severity, default=Severity.WARNING
    )

    class Meta:
        verbose_name = _("alert rule")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class SecurityAlert(models.Model):
    """An alarm that a rule raised, until somebody has looked at it."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="alerts")
    event = models.ForeignKey(
        SecurityEvent, models.CASCADE, related_name="alerts", db_constraint=False
    )
    at = models.DateTimeField(_("when"))
    # What makes it the same alarm as before: the account or the address.
    subject = models.CharField(max_length=100)
    text = models.CharField(_("what happened"), max_length=300)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by_id = models.BigIntegerField(null=True, blank=True)
    handled_by_name = models.CharField(max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("security alert")
        ordering = ["-at"]
        constraints = [
            # A storm of events rings once.
            models.UniqueConstraint(
                fields=["rule", "subject"],
                name="securityalert_one_open",
                condition=models.Q(handled_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.text


class DataAccess(models.Model):
    """Somebody looked at or took out the personal data of another."""

    at = models.DateTimeField(_("when"))
    viewer_id = models.BigIntegerField(null=True)
    viewer_name = models.CharField(_("who"), max_length=200, blank=True)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(_("whose data"), max_length=200)
    what = models.CharField(_("what"), max_length=60)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("access to personal data")
        ordering = ["-at", "-id"]
        indexes = [
            # "Who looked at my data" on each person's own page.
            models.Index(fields=["subject_id", "-at"], name="dataaccess_subject"),
            BrinIndex(fields=["at"], name="dataaccess_at_brin"),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_name}: {self.what} of {self.subject_name}"
