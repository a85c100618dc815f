"""No English on a screen in use: pages of every kind of user are opened and each text looked up in the catalogues.

Vietnamese is the source language of our own texts; what third-party packages say must be in `locale/vi`.
"""

import ast
import gettext
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

from tests import factories

ROOT = Path(__file__).resolve().parents[2]
OWN = ["core", "org", "notices", "signing", "documents", "onecase", "haiphong_egov", "templates"]
# Names that are the same in every language.
NAMES = {"PDF", "TOTP", "JSON", "Email", "email", "URL", "CSV", "%(site_name)s"}


@cache
def own_sources() -> str:
    files = [p for top in OWN for p in (ROOT / top).rglob("*") if p.suffix in {".py", ".html", ".txt"}]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def is_ours(text: str) -> bool:
    return re.search(r"""["'>]\s*""" + re.escape(text) + r"""\s*["'<]""", own_sources()) is not None


def looks_english(text: str) -> bool:
    return bool(re.search(r"[A-Za-z]{2}", text)) and text.isascii() and text not in NAMES


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every text that a page asked for and no catalogue had."""
    found: set[str] = set()

    def spy(name: str, texts_of: Callable[..., tuple[str, ...]]) -> None:
        original = getattr(translation._trans, name)

        def looked_up(*arguments: Any) -> str:
            answer = original(*arguments)
            for text in texts_of(*arguments):
                if answer == text and looks_english(text) and not is_ours(text):
                    found.add(text)
            return str(answer)

        monkeypatch.setattr(translation._trans, name, looked_up)

    spy("gettext", lambda message: (message,))
    spy("pgettext", lambda context, message: (message,))
    spy("ngettext", lambda one, many, number: (one, many))
    return found


def addresses() -> Iterator[str]:
    """Every page without arguments in its address."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
        for entry in patterns:
            route = prefix + str(entry.pattern).lstrip("^").rstrip("$").removesuffix("\\Z")
            if isinstance(entry, URLResolver):
                yield from walk(entry.url_patterns, route)
            elif not re.search(r"[<(\\?*]", route):
                yield "/" + route

    return walk(get_resolver().url_patterns, "")


def open_all(client: Client) -> int:
    client.raise_request_exception = False
    opened = 0
    for address in addresses():
        if "logout" in address or "jsi18n" in address:
            continue
        opened += client.get(address).status_code == 200
    return opened


@pytest.mark.django_db
def test_what_strangers_and_citizens_see(client: Client, missing: set[str]) -> None:
    assert open_all(client) >= 5
    for address in ("/tai-khoan/login/", "/tai-khoan/signup/", "/tai-khoan/password/reset/"):
        client.post(address, {})
        client.post(
            address,
            {
                "email": "không phải thư",
                "password": "x",
                "password1": "1",
                "password2": "2",
                "login": "x@y.vn",
            },
        )
    client.force_login(factories.citizen())
    open_all(client)
    client.post("/tai-khoan/password/change/", {"oldpassword": "x", "password1": "1", "password2": "2"})
    client.post("/tai-khoan/2fa/totp/activate/", {"code": "1"})
    assert not missing, "\n".join(sorted(missing))


@pytest.mark.django_db
def test_what_staff_see(client: Client, missing: set[str]) -> None:
    world = factories.commune()
    for person in [value for value in vars(world).values() if isinstance(value, get_user_model())]:
        client.force_login(person)
        open_all(client)
    assert not missing, "\n".join(sorted(missing))


@pytest.mark.django_db
def test_what_administrators_see(client: Client, missing: set[str]) -> None:
    from django.contrib import admin

    boss = factories.user("Đỗ Quản Trị")
    boss.is_staff = boss.is_superuser = True
    boss.save(update_fields=["is_staff", "is_superuser"])
    client.force_login(boss)
    client.raise_request_exception = False
    assert client.get("/quan-tri/").status_code == 200
    for model in admin.site._registry:
        base = f"/quan-tri/{model._meta.app_label}/{model._meta.model_name}/"
        client.get(base)
        client.get(base, {"q": "x"})
        if client.get(base + "add/").status_code == 200:
            client.post(base + "add/", {})
        if row := model._default_manager.first():
            client.get(f"{base}{row.pk}/change/")
            client.get(f"{base}{row.pk}/history/")
            client.get(f"{base}{row.pk}/delete/")
    assert not missing, "\n".join(sorted(missing))


def test_the_compiled_catalogue_is_the_one_in_the_sources() -> None:
    """The .mo is committed, so that a bare machine needs no gettext tools: it must follow its .po."""
    folder = ROOT / "locale" / "vi" / "LC_MESSAGES"
    source = (folder / "django.po").read_text(encoding="utf-8")
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    entries = re.findall(r'^msgid ((?:".*"\n?)+)msgstr ((?:".*"\n?)+)', source, re.MULTILINE)
    assert len(entries) > 100
    for raw_id, raw_text in entries:
        text_id, text = (ast.literal_eval("(" + raw + ")") for raw in (raw_id, raw_text))
        assert text, f"no translation: {text_id}"
        if text_id:
            assert compiled.gettext(text_id) == text, f"compile again (msgfmt): {text_id}"
