"""A keeper of signed roots over HTTP, for tests and the demo: never replaces what it has, and can fail on order.

    python tests/simulators/audit_holder.py FOLDER [--port 0] [--token …]

POST / {"batches": [{"header": …, "signature": …}], "stamps": [{"number": …, "token": …}]} → {"last": n}, or 409 when a
kept batch reads otherwise. GET /?from=&to= → {"batches": […], "last": n}. POST /order {"fail": "500|garbage|hang|drop",
"times": n} makes the next n requests fail. Standard library only. Prints its port when it is ready.
"""

import argparse
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

HANG_SECONDS = 30.0


class Keeper(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path, port: int, token: str) -> None:
        super().__init__(("127.0.0.1", port), Door)
        self.folder, self.token = folder, token
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()
        self.order: dict[str, Any] = {"fail": "", "times": 0}
        self.batches: dict[int, dict[str, Any]] = {}
        for line in self._lines("batches.jsonl"):
            self.batches[line["header"]["number"]] = line

    def _lines(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def keep(self, told: dict[str, Any]) -> bool:
        """False: another version of one of them is kept already, nothing was added."""
        with self.lock:
            fresh = []
            for batch in told["batches"]:
                known = self.batches.get(batch["header"]["number"])
                if known is not None and known != batch:
                    return False
                fresh += [] if known else [batch]
            with (self.folder / "batches.jsonl").open("a") as file:
                for batch in fresh:
                    self.batches[batch["header"]["number"]] = batch
                    file.write(json.dumps(batch) + "\n")
            with (self.folder / "stamps.jsonl").open("a") as file:
                file.writelines(json.dumps(stamp) + "\n" for stamp in told["stamps"])
        return True

    def told(self, first: int, last: int) -> dict[str, Any]:
        with self.lock:
            found = [self.batches[number] for number in range(first, last + 1) if number in self.batches]
            return {"batches": found, "last": max(self.batches, default=0)}

    def take_order(self) -> str:
        with self.lock:
            if not self.order["times"]:
                return ""
            self.order["times"] -= 1
            return str(self.order["fail"])


class Door(BaseHTTPRequestHandler):
    server: Keeper
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if not self._refused():
            asked = parse_qs(urlsplit(self.path).query)
            self._answer(200, self.server.told(int(asked["from"][0]), int(asked["to"][0])))

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/order":
            self.server.order = told
            self._answer(200, {})
        elif not self._refused():
            kept = self.server.keep(told)
            self._answer(200 if kept else 409, {"last": max(self.server.batches, default=0)})

    def _refused(self) -> bool:
        """What was ordered, or a wrong token."""
        match self.server.take_order():
            case "500":
                self._answer(500, {})
            case "garbage":
                self._send(200, b"<html>not json")
            case "hang":
                time.sleep(HANG_SECONDS)
                self.close_connection = True
            case "drop":
                self.close_connection = True
            case _:
                if self.server.token and self.headers.get("Authorization") != f"Bearer {self.server.token}":
                    self._answer(403, {})
                    return True
                return False
        return True

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        self._send(status, json.dumps(told).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="")
    chosen = parser.parse_args()
    with Keeper(chosen.folder, chosen.port, chosen.token) as keeper:
        print(keeper.server_address[1], flush=True)
        keeper.serve_forever()


if __name__ == "__main__":
    main()
