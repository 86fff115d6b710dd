"""Mails become messages by any channel, in the table they are in; people choose what they hear."""

import datetime as dt

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0010_resource_rest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # First the table's name by hand, so that the model's new name does not touch it: workers
        # of the release before go on sending.
        migrations.AlterModelTable(name="emailmessage", table="booking_emailmessage"),
        migrations.RenameModel(old_name="EmailMessage", new_name="Message"),
        migrations.AlterModelOptions(
            name="message",
            options={"ordering": ["-created_at", "-id"], "verbose_name": "message"},
        ),
        migrations.AddField(
            model_name="message",
            name="channel",
            field=models.CharField(
                db_default="email", default="email", max_length=20, verbose_name="channel"
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="receipt",
            field=models.CharField(blank=True, db_default="", default="", max_length=255),
        ),
        migrations.AddField(
            model_name="message",
            name="digest",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="gathered",
                to="booking.message",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="event",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="booking.outboxevent",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "Waiting"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("held", "Kept for the digest"),
                    ("gathered", "In a digest"),
                ],
                default="pending",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="message", name="email_once"),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("event", "user", "address", "channel"),
                name="message_once",
                nulls_distinct=False,
            ),
        ),
        migrations.CreateModel(
            name="NotificationPreference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("channel", models.CharField(max_length=20, verbose_name="channel")),
                (
                    "timing",
                    models.CharField(
                        choices=[
                            ("now", "At once"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                            ("off", "Never"),
                        ],
                        max_length=6,
                        verbose_name="when",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "notification preference",
                "ordering": ["kind", "channel"],
            },
        ),
        migrations.CreateModel(
            name="NotificationSchedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                (
                    "quiet_until",
                    models.TimeField(blank=True, null=True, verbose_name="quiet until"),
                ),
                (
                    "digest_at",
                    models.TimeField(default=dt.time(7, 0), verbose_name="digest at"),
                ),
                (
                    "digest_weekday",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(6)],
                        verbose_name="weekly digest on",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_schedule",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "notification schedule",
            },
        ),
        migrations.CreateModel(
            name="ResourceWatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("follow", "Follow"), ("mute", "Mute")],
                        max_length=6,
                        verbose_name="how",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to="booking.resource",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="resource_watches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "watched resource",
                "ordering": ["resource__name"],
            },
        ),
        migrations.AddConstraint(
            model_name="notificationpreference",
            constraint=models.UniqueConstraint(
                fields=("user", "kind", "channel"),
                name="notification_preference_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationpreference",
            constraint=models.CheckConstraint(
                condition=models.Q(("timing__in", ["now", "daily", "weekly", "off"])),
                name="notification_preference_timing",
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quiet_from", None), ("quiet_until", None)),
                    models.Q(
                        ("quiet_from__isnull", False),
                        ("quiet_until__isnull", False),
                        models.Q(("quiet_from", models.F("quiet_until")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="notification_schedule_quiet_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest_weekday__lte", 6)), name="notification_schedule_weekday"
            ),
        ),
        migrations.AddConstraint(
            model_name="resourcewatch",
            constraint=models.UniqueConstraint(
                fields=("user", "resource"), name="resource_watch_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="resourcewatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["follow", "mute"])), name="resource_watch_mode"
            ),
        ),
    ]
