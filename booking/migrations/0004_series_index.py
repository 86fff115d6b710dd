"""The one index on the large table is built beside the running system."""

from django.db import migrations, models

CREATE = """
CREATE UNIQUE INDEX CONCURRENTLY booking_occurs_once
ON booking_booking (series_id, occurs_at) WHERE series_id IS NOT NULL
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("booking", "0003_access_to_care")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE, "DROP INDEX CONCURRENTLY booking_occurs_once")
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="booking",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("series__isnull", False)),
                        fields=("series", "occurs_at"),
                        name="booking_occurs_once",
                    ),
                )
            ],
        )
    ]
