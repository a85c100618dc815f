"""The demo, seeded once for a whole module and rolled back afterwards."""

import json
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from documents.models import Document
from signing import services as signing


@pytest.fixture(scope="class")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The reference data, loaded once for a class and rolled back; loading takes seconds."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """Reference and demo data with real signatures. `demo.facts` was taken while the stored files were at hand."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stores = {
        "DEBUG": True,
        "DATA_DIR": folder,
        "FILE_STORE": folder / "files",
        "PKI_DIR": folder / "pki",
        "PKI_PORT": port,
        "TSA_URL": "",
        "CACHES": {
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "demo"}
        },
    }
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(**stores):
            call_command("load_reference", verbosity=0)
            began = time.monotonic()
            call_command("seed_demo", "--today", timezone.localdate().isoformat())
            seconds = time.monotonic() - began
            began = time.monotonic()
            call_command("seed_demo")
            again = time.monotonic() - began
            signed = Document.objects.filter(status="issued", signature_request__isnull=False)
            issued = list(signed.select_related("current_file"))
            verdicts = [signing.verify_stored(document.current_file).verdict for document in issued]
            people = json.loads((folder / "demo_people.json").read_text(encoding="utf-8"))
        yield SimpleNamespace(seconds=seconds, again=again, verdicts=verdicts, people=people)
        transaction.set_rollback(True)
