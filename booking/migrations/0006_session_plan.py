"""A session remembers up to when it was booked."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("booking", "0005_quota_ledger")]

    operations = [
        # Nothing was in use before there were sessions: the default is written to no row.
        migrations.AddField(
            model_name="usagesession",
            name="planned_end",
            field=models.DateTimeField(default=timezone.now, verbose_name="booked until"),
            preserve_default=False,
        ),
    ]
