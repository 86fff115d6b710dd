"""Indexes of what pages ask, built beside the running system."""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0004_wall"),
        ("booking", "0008_proposal_sequences"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(fields=["start_time", "id"], name="booking_start"),
        ),
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("status", "pending")),
                fields=["start_time"],
                name="booking_pending",
            ),
        ),
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("is_late_cancellation", True)),
                fields=["start_time"],
                name="booking_late",
            ),
        ),
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("created_by", models.F("user")), _negated=True),
                fields=["created_by"],
                name="booking_for_others",
            ),
        ),
        AddIndexConcurrently(
            model_name="usagesession",
            index=models.Index(fields=["-started_at", "-id"], name="usagesession_started"),
        ),
        AddIndexConcurrently(
            model_name="waitingentry",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "offered"])),
                fields=["latest"],
                name="waitingentry_alive",
            ),
        ),
    ]
