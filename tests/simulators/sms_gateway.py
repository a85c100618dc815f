"""An SMS gateway over HTTP, for tests: keeps what it was given, sends the same key once, and can fail on order.

POST / {"to", "from", "text"} with «Authorization: Bearer …» and «Idempotency-Key» → 202 {"id": …}; 422 for a number that
is not in use. `order("500" | "429" | "garbage" | "no_id" | "hang" | "drop", times)` makes the next requests fail.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANG_SECONDS = 30.0


class SmsGateway(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.token = token
        self.lock = threading.Lock()
        self.sent: dict[str, dict[str, str]] = {}  # by idempotency key, in the order of arrival
        self.asked = 0
        self.not_in_use: set[str] = set()
        self._fault, self._times = "", 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def order(self, fault: str, times: int = 1) -> None:
        with self.lock:
            self._fault, self._times = fault, times

    def fault(self) -> str:
        with self.lock:
            self.asked += 1
            if self._times <= 0:
                return ""
            self._times -= 1
            return self._fault

    def to(self, phone: str) -> list[str]:
        """The texts that a telephone got."""
        with self.lock:
            return [one["text"] for one in self.sent.values() if one["to"] == phone]


class Door(BaseHTTPRequestHandler):
    server: SmsGateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.fault()
        if fault == "hang":
            time.sleep(HANG_SECONDS)
        if fault in {"hang", "drop"}:
            self.close_connection = True
            self.connection.close()
            return
        if fault in {"500", "429"}:
            return self._say(int(fault), {"error": "on order"})
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            return self._say(401, {"error": "token"})
        told = json.loads(body)
        if told["to"] in self.server.not_in_use:
            return self._say(422, {"error": "number not in use"})
        key = self.headers["Idempotency-Key"]
        with self.server.lock:
            self.server.sent.setdefault(key, told)
        if fault == "garbage":
            return self._say(202, None)
        self._say(202, {} if fault == "no_id" else {"id": f"sms-{key}"})

    def _say(self, status: int, told: dict[str, Any] | None) -> None:
        body = b"<html>?" if told is None else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def serving(token: str = "thu") -> Iterator[SmsGateway]:
    server = SmsGateway(token)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
