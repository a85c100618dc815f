"""Texts of documents hold personal data: room for them encrypted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_field_and_capacity")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="body_sealed",
            field=models.TextField(blank=True, default="", verbose_name="nội dung"),
            preserve_default=False,
        ),
    ]
