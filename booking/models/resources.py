"""What can be booked, in which groups, and by whom."""

import uuid
import zoneinfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Project, Unit
from accounts.models.users import check_time_zone
from booking.enums import AccessLevel, ResponsibleKind
from labitory.lib.text import new_code

GRID_CHOICES = [(n, _("%(n)s minutes") % {"n": n}) for n in (1, 5, 10, 15, 20, 30, 60)]


class ResourceType(models.Model):
    """A kind of resource, such as confocal microscopes."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True, max_length=2000)

    class Meta:
        verbose_name = _("resource type")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="resourcetype_name_unique")]

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    """An instrument, room or robot that people share."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(
        _("short code"),
        max_length=12,
        unique=True,
        default=new_code,
        editable=False,
        help_text=_("Stands on the sticker, after /i/."),
    )
    name = models.CharField(_("name"), max_length=120)
    resource_type = models.ForeignKey(
        ResourceType, models.PROTECT, related_name="resources", verbose_name=_("type")
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resources",
        verbose_name=_("organisation unit"),
    )
    description = models.TextField(_("description"), blank=True, max_length=5000)
    location = models.CharField(_("location"), max_length=120, blank=True)
    image = models.ImageField(_("image"), upload_to="resources/", blank=True)
    is_active = models.BooleanField(_("open for booking"), default=True)
    closed_reason = models.CharField(_("reason for closing"), max_length=300, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, validators=[check_time_zone]
    )
    slot_minutes = models.PositiveSmallIntegerField(
        _("slot grid"),
        choices=GRID_CHOICES,
        default=15,
        help_text=_("Bookings start and end on this grid."),
    )
    setup_minutes = models.PositiveSmallIntegerField(
        _("set-up before"), default=0, validators=[MaxValueValidator(1440)]
    )
    cleanup_minutes = models.PositiveSmallIntegerField(
        _("clean-up after"), default=0, validators=[MaxValueValidator(1440)]
    )
    capacity = models.PositiveSmallIntegerField(
        _("seats"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(200)],
        help_text=_("How many bookings fit at the same time."),
    )
    requires_access = models.BooleanField(
        _("restricted"), default=False, help_text=_("Only people with access may book.")
    )
    requires_approval = models.BooleanField(
        _("needs approval"),
        default=False,
        help_text=_("A booking holds its time and waits for a responsible person."),
    )
    requires_assessment = models.BooleanField(
        _("needs a risk assessment"),
        default=False,
        help_text=_("Each person's own, approved and not past its review."),
    )
    is_hidden = models.BooleanField(
        _("hidden"), default=False, help_text=_("Only people with access see it.")
    )
    open_on_holidays = models.BooleanField(_("open on public holidays"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("resource")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="resource_name_unique"),
            models.CheckConstraint(
                condition=models.Q(capacity__gte=1, capacity__lte=200), name="resource_capacity"
            ),
            models.CheckConstraint(
                condition=models.Q(slot_minutes__in=[n for n, _label in GRID_CHOICES]),
                name="resource_slot_grid",
            ),
            models.CheckConstraint(
                condition=models.Q(setup_minutes__lte=1440, cleanup_minutes__lte=1440),
                name="resource_buffers",
            ),
            models.CheckConstraint(
                condition=models.Q(is_active=True) | ~models.Q(closed_reason=""),
                name="resource_closed_has_reason",
            ),
        ]
        indexes = [
            # The list of what can be booked, by type.
            models.Index(fields=["is_active", "resource_type"], name="resource_availability")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which its days begin."""
        return zoneinfo.ZoneInfo(self.time_zone or settings.LAB_TIME_ZONE)


class ResourceLink(models.Model):
    """Booking `resource` also occupies `linked`, such as a shared laser."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="links")
    linked = models.ForeignKey(Resource, models.CASCADE, related_name="linked_from")

    class Meta:
        verbose_name = _("linked resource")
        constraints = [
            models.UniqueConstraint(fields=["resource", "linked"], name="resourcelink_unique"),
            models.CheckConstraint(
                condition=~models.Q(resource=models.F("linked")), name="resourcelink_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} + {self.linked}"


class ResourcePool(models.Model):
    """Resources of which any one will do: 'any of these six thermocyclers'."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True, max_length=2000)
    resources = models.ManyToManyField(Resource, related_name="pools", verbose_name=_("resources"))

    class Meta:
        verbose_name = _("pool")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="resourcepool_name_unique")]

    def __str__(self) -> str:
        return self.name


class ResponsiblePerson(models.Model):
    """Somebody to ask about a resource."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="responsible")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="responsible_for"
    )
    kind = models.CharField(
        _("as"), max_length=20, choices=ResponsibleKind, default=ResponsibleKind.PRIMARY
    )

    class Meta:
        verbose_name = _("responsible person")
        verbose_name_plural = _("responsible persons")
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "user", "kind"], name="responsibleperson_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"


class ResourceAccess(models.Model):
    """A person's leave to book a restricted resource."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="resource_access"
    )
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="access")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    granted_at = models.DateTimeField(_("granted"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    level = models.CharField(_("for"), max_length=5, choices=AccessLevel, default=AccessLevel.BOOK)
    # When its person was told that it ends soon.
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access")
        constraints = [
            models.UniqueConstraint(fields=["user", "resource"], name="resourceaccess_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.resource}"


class FavouriteResource(models.Model):
    """A resource that a person keeps on top."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="favoured_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "resource"], name="favouriteresource_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.resource}"


class ProjectResource(models.Model):
    """A project may be charged for this resource. A project without any may use them all."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="project_resources")
    resource = models.ForeignKey(Resource, models.CASCADE, related_name="project_resources")

    class Meta:
        verbose_name = _("resource of a project")
        verbose_name_plural = _("resources of projects")
        ordering = ["project", "resource"]
        constraints = [
            models.UniqueConstraint(fields=["project", "resource"], name="projectresource_unique")
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.resource}"
