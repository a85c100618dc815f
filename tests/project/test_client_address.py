"""Behind proxies the client's address is what our own proxy saw, never what the client claims."""

from typing import Any

import pytest
from django.http import HttpResponse

from haiphong_egov.middleware import ClientAddressMiddleware


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.7", "10.0.0.1"),  # no proxy: the header is the client's own invention
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "1.1.1.1, 203.0.113.7", "203.0.113.7"),  # the left part is a claim
        (2, "1.1.1.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.1"),  # came past a proxy: keep what the socket says
        (1, "", "10.0.0.1"),
    ],
)
def test_address(rf: Any, settings: Any, proxies: int, header: str, address: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header)
    ClientAddressMiddleware(lambda request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address
