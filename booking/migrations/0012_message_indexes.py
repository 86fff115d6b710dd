"""The indexes of a table that may be large are built beside the running system."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("booking", "0011_channels")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("status", "held")),
                fields=["next_attempt_at"],
                name="message_held",
            ),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(fields=["user", "created_at"], name="message_of_person"),
        ),
    ]
