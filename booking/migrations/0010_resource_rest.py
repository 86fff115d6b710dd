"""The index of bookings that hold no time, built beside the running system."""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0004_wall"),
        ("booking", "0009_query_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("status__in", ("cancelled", "rejected", "no_show"))),
                fields=["resource"],
                name="booking_resource_rest",
            ),
        ),
    ]
