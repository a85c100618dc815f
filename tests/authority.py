"""The certificate authority of the tests: made once for a session, served on loopback, in force only where asked for."""

import socket
from types import SimpleNamespace

from django.test import override_settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def in_place(place: SimpleNamespace) -> override_settings:
    """The settings under which the authority works; nothing of them may outlive a test or the making of a fixture."""
    return override_settings(PKI_DIR=place.folder, PKI_PORT=place.port, DEBUG=True, TSA_URL="")
