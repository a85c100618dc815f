"""Health check of the web container: asks /healthz of its own process, under the first name it is known by."""

import os
import urllib.request

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".").replace("*", "localhost")
request = urllib.request.Request(
    f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/healthz", headers={"Host": host}
)
with urllib.request.urlopen(request, timeout=4) as answer:
    assert answer.read() == b"ok\n"
