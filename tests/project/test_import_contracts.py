"""The lists in `.importlinter` are complete: a new module is behind the door unless it is the door."""

from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOORS = {"services", "signals", "choices", "__init__", "apps", "migrations", "management", "urls"}


@pytest.mark.parametrize("app", ["documents", "signing", "notices"])
def test_every_module_but_the_door_is_protected(app: str) -> None:
    config = ConfigParser()
    config.read(ROOT / ".importlinter")
    protected = set(config[f"importlinter:contract:{app}"]["protected_modules"].split())
    modules = {
        path.stem
        for path in (ROOT / app).iterdir()
        if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
    }
    assert protected == {f"{app}.{name}" for name in modules - DOORS}
