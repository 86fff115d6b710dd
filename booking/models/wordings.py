"""The lab's own words for what people are told."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Wording(models.Model):
    """One version of the words of one kind of event in one language; the highest counts.

    A version without words gives the kind its first words back.
    """

    kind = models.CharField(_("kind"), max_length=60)
    language = models.CharField(_("language"), max_length=10)
    version = models.PositiveIntegerField(_("version"))
    # Both with the facts of the kind as %(name)s; both empty: as the catalogue says.
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"), max_length=4000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("wording")
        ordering = ["kind", "language", "-version"]
        constraints = [
            # Two authors who begin from the same version cannot both be the next.
            models.UniqueConstraint(fields=["kind", "language", "version"], name="wording_version"),
            models.CheckConstraint(
                name="wording_whole",
                condition=models.Q(subject="", text="")
                | ~models.Q(subject="") & ~models.Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language}) {self.version}"
