"""`.env.example` names every variable that the code reads, and no other; each default is the one it shows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["core", "org", "notices", "signing", "documents", "onecase", "haiphong_egov"]
# Set for the commands that `demo --once-ready` runs, or by the shell itself; not configuration.
NOT_CONFIGURATION = {
    "E2E_BASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "PATH",
    "HOME",
    "TMPDIR",
    "LC_ALL",
    "TZ",
    "FONTCONFIG_FILE",
}


def sources() -> Iterator[Path]:
    yield ROOT / "gunicorn.conf.py"
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def variables_read(path: Path) -> Iterator[str]:
    """First arguments of env.…("NAME"), env_flag("NAME"), os.environ.get("NAME") and os.environ["NAME"]."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called in {"env_flag", "os.environ.get", "os.getenv"} or re.fullmatch(r"env\.\w+", called):
                yield str(node.args[0].value)
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield str(ast.literal_eval(node.slice))


def documented() -> set[str]:
    return set(re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    read = {name for path in sources() for name in variables_read(path)} - NOT_CONFIGURATION
    assert documented() == read


def test_containers_get_only_variables_that_exist() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    block = compose.split("environment: &environment")[1].split("\nx-sign-of-life")[0]
    for name in re.findall(r"^    ([A-Z_]+):", block, re.MULTILINE):
        assert {name, name.removesuffix("_FILE")} & documented(), name
