"""`manage.py restructure` does what the pages do, and refuses what they refuse."""

import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.org import restructuring_world as worlds

pytestmark = pytest.mark.django_db


def told(*args: Any, **options: Any) -> Any:
    out = io.StringIO()
    call_command("restructure", *args, "--json", stdout=out, **options)
    return json.loads(out.getvalue())


def test_from_the_dry_run_to_the_undo() -> None:
    town = worlds.city()
    batch = worlds.merge(
        town, [worlds.commune(town, "phường Cầu Tre"), worlds.commune(town, "phường Vạn Mỹ")]
    )
    number = str(batch.pk)
    assert told("list")[0]["status"] == "draft"
    checked = told("check", number)
    assert checked["status"] == "checked" and checked["problems"] == []
    with pytest.raises(CommandError, match="căn cứ pháp lý"):
        told("approve", number)
    with pytest.raises(CommandError, match="chưa duyệt"):
        told("apply", number)
    assert told("approve", number, basis="NQ thử nghiệm 01")["status"] == "approved"
    done = told("apply", number)
    assert done["status"] == "applied" and done["leftovers"] == batch.leftovers.count()
    back = told("undo", number, on="2026-03-01")
    assert back["undo_of"] == batch.pk and back["effective_on"] == date(2026, 3, 1).isoformat()
    with pytest.raises(CommandError, match="Không có đợt"):
        told("show", "999999")
