"""What a job was asked for: its row says it all, so a sweep can run it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0006_transparency_batches")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="params",
            field=models.JSONField(blank=True, default=dict),
        )
    ]
