"""What the ledger of quotas needs to know without looking: whether it knows a booking."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0004_series_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="is_counted",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="quota",
            name="counts_no_shows",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="When nobody comes, what was booked is used up.",
                verbose_name="missed bookings count",
            ),
        ),
        migrations.AddField(
            model_name="quotaaccount",
            name="opened_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
