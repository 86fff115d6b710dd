"""Projects: what work is done for, and the account it is charged to."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.groups import ResearchGroup
from accounts.models.units import PriceClass


class Project(models.Model):
    """A grant or cost centre of a group, valid for a time."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150)
    code = models.CharField(_("account code"), max_length=60, unique=True)
    group = models.ForeignKey(
        ResearchGroup, models.PROTECT, related_name="projects", verbose_name=_("group")
    )
    price_class = models.ForeignKey(
        PriceClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("price class"),
        help_text=_("Leave empty for the group's."),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("project")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["group", "name"], name="project_name_unique"),
            models.CheckConstraint(
                name="project_period",
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class ProjectMember(models.Model):
    """Who may charge work to a project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="project_memberships"
    )
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("project member")
        ordering = ["project", "user"]
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="projectmember_unique")
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.project}"
