"""Encrypt the texts that lie open, and back."""

from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import migrations


def box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def seal(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("documents", "Document").objects.exclude(body_html="").only("pk", "body_html")
    for row in rows.iterator(chunk_size=500):
        row.body_sealed = box().encrypt(row.body_html.encode()).decode()
        row.save(update_fields=["body_sealed"])


def unseal(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("documents", "Document").objects.exclude(body_sealed="").only("pk", "body_sealed")
    for row in rows.iterator(chunk_size=500):
        row.body_html = box().decrypt(row.body_sealed.encode()).decode()
        row.save(update_fields=["body_html"])


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_room_for_sealed_body")]

    operations = [migrations.RunPython(seal, unseal)]
