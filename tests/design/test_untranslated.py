"""No English on the sign-in screens: allauth ships no Vietnamese, and Django's own is incomplete."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from org.models import User

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(allauth.__file__).parent
PARTS = [
    "account",
    "mfa/base",
    "mfa/totp",
    "mfa/recovery_codes",
    "mfa/webauthn",
    "mfa/internal",
    "mfa/adapter.py",
    "mfa/models.py",
    "usersessions",
]
OWN = ["core", "org", "notices", "signing", "documents", "onecase", "haiphong_egov"]
GETTEXTS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy"}
SCREENS = ["login/", "signup/", "password/reset/", "password/reset/done/", "inactive/", "confirm-email/"]
SIGNED_IN = ["email/", "password/change/", "2fa/", "sessions/", "logout/", "reauthenticate/"]


def said_by(path: Path) -> Iterator[str]:
    """The literal strings that a module hands to gettext."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in GETTEXTS and node.args and isinstance(node.args[-1], ast.Constant):
            yield str(node.args[-1].value)


def catalogue() -> Any:
    return trans_real.translation("vi")


def known(msgid: str) -> bool:
    """Is there an entry for it, even one that reads the same?"""
    found = catalogue()._catalog.get(msgid)
    return bool(found) or bool(catalogue()._catalog.get((msgid, 0)))


def test_allauth_speaks_vietnamese() -> None:
    files = [
        f
        for part in PARTS
        for f in ([PACKAGE / part] if part.endswith(".py") else (PACKAGE / part).rglob("*.py"))
    ]
    said = {text for file in files if "tests" not in file.parts for text in said_by(file)}
    assert len(said) > 50
    assert sorted(text for text in said if not known(text)) == []


@pytest.fixture
def untranslated(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Msgids asked for while rendering that have no Vietnamese and are not our own words."""
    ours = {
        text
        for path in (ROOT / "templates").rglob("*")
        if path.suffix in {".html", ".txt"}
        for text in re.findall(
            r"""{% (?:translate|blocktranslate[^%]*%}) ?["']?([^"'{]+)""", path.read_text("utf-8")
        )
    } | {text for folder in OWN for path in (ROOT / folder).rglob("*.py") for text in said_by(path)}
    missing: set[str] = set()
    real, real_plural = trans_real.gettext, trans_real.ngettext

    def gettext(message: str) -> str:
        if message and message.isascii() and message not in ours and not known(message):
            missing.add(message)
        return real(message)

    def ngettext(singular: str, plural: str, number: int) -> str:
        if singular.isascii() and not known(singular):
            missing.add(singular)
        return real_plural(singular, plural, number)

    monkeypatch.setattr(translation._trans, "gettext", gettext, raising=False)
    monkeypatch.setattr(translation._trans, "ngettext", ngettext, raising=False)
    return missing


@pytest.mark.django_db
@pytest.mark.parametrize("screen", SCREENS)
def test_screens_of_strangers(client: Client, untranslated: set[str], screen: str) -> None:
    page = client.get(f"/tai-khoan/{screen}", follow=True)
    assert page.status_code == 200
    assert untranslated == set()


@pytest.mark.django_db
@pytest.mark.parametrize("screen", SIGNED_IN)
def test_screens_of_the_signed_in(client: Client, untranslated: set[str], screen: str) -> None:
    client.force_login(
        User.objects.create_user("ha@haiphong.example", "mat-khau-dai-lam", full_name="Phạm Thị Hà")
    )
    page = client.get(f"/tai-khoan/{screen}", follow=True)
    assert page.status_code == 200
    assert untranslated == set()


@pytest.mark.django_db
def test_refusals_are_vietnamese(client: Client, untranslated: set[str]) -> None:
    page = client.post("/tai-khoan/login/", {"login": "khong-phai-thu", "password": ""})
    assert page.status_code == 200
    assert untranslated == set()
    assert "Lỗi:" in page.content.decode()
    page = client.post(
        "/tai-khoan/signup/", {"full_name": "Hà", "contact": "a@haiphong.example", "password1": "123"}
    )
    assert "Mật khẩu phải có ít nhất 10 ký tự" in page.content.decode()
    assert untranslated == set()
