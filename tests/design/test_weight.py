"""Public pages stay light: CSS and JS, gzip -9."""

import gzip
from pathlib import Path

import django_htmx

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
REBOOT = STATIC / "vendor/bootstrap-5.3.9/bootstrap-reboot.min.css"
BOOTSTRAP = STATIC / "vendor/bootstrap-5.3.9/bootstrap.min.css"
HTMX = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"


def weight(*files: Path) -> int:
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def htmx() -> Path:
    found = sorted(Path(django_htmx.__file__).parent.glob("static/**/htmx*2*.min.js")) or [HTMX]
    return found[0]


def test_public_pages_weigh_at_most_28_kb() -> None:
    own = [REBOOT, STATIC / "css/base.css", STATIC / "css/citizen.css", STATIC / "js/public.js"]
    assert weight(*own) <= 28_000


def test_staff_pages_weigh_at_most_90_kb() -> None:
    own = [
        BOOTSTRAP,
        STATIC / "css/base.css",
        STATIC / "css/staff.css",
        STATIC / "js/public.js",
        STATIC / "js/staff.js",
    ]
    assert weight(*own, htmx()) <= 90_000


def test_citizens_pages_never_load_the_whole_bootstrap() -> None:
    assert "bootstrap.min.css" not in (ROOT / "templates/base_citizen.html").read_text("utf-8")
