"""The log of messages by time, by failure and by endpoint: built beside the running system."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("booking", "0013_telling_further")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(fields=["-created_at", "-id"], name="message_newest"),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("status", "failed")),
                fields=["-created_at"],
                name="message_failed",
            ),
        ),
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                condition=models.Q(("endpoint__isnull", False)),
                fields=["endpoint", "-created_at"],
                name="message_of_endpoint",
            ),
        ),
    ]
