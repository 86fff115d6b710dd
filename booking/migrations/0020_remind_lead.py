from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0019_maintenance_sequence"),
    ]

    operations = [
        migrations.AddField(
            model_name="notificationschedule",
            name="remind_minutes",
            field=models.PositiveSmallIntegerField(
                blank=True,
                choices=[
                    (15, "15 minutes before"),
                    (30, "30 minutes before"),
                    (60, "1 hour before"),
                    (120, "2 hours before"),
                    (240, "4 hours before"),
                    (720, "12 hours before"),
                    (1440, "1 day before"),
                    (2880, "2 days before"),
                ],
                null=True,
                verbose_name="reminded",
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("remind_minutes", None),
                    models.Q(("remind_minutes__gte", 15), ("remind_minutes__lte", 2880)),
                    _connector="OR",
                ),
                name="notification_schedule_remind",
            ),
        ),
    ]
