"""A step of an approval knows how long it may take."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("booking", "0006_session_plan")]

    operations = [
        migrations.AddField(
            model_name="approval",
            name="answer_hours",
            field=models.PositiveSmallIntegerField(db_default=72, default=72),
        ),
    ]
