"""The open text goes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_seal_bodies")]

    operations = [migrations.RemoveField(model_name="document", name="body_html")]
