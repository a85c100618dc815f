"""The real product in a real browser: one stack for all journeys, people who sign in, and a strict eye on every page.

With E2E_BASE_URL (and E2E_DATA_DIR, or DATA_DIR) the journeys run against an installation that is already up; else
`manage.py demo` is started with a database, a data folder, a broker prefix and ports of its own.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, Response, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests" / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM_ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 300
PATIENCE_MS = 20_000
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 812},
    "device_scale_factor": 2,
    "has_touch": True,
}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "device_scale_factor": 2}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


# --- the stack ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    email: str
    password: str
    pin: str
    name: str
    post: str
    totp_secret: str = ""


@dataclass
class Stack:
    """A running installation with its demo data."""

    address: str
    data_dir: Path
    people: dict[str, Person] = field(default_factory=dict)
    codes_used: dict[str, set[int]] = field(default_factory=dict)  # mail → periods whose code was given

    def __post_init__(self) -> None:
        rows = json.loads((self.data_dir / "demo_people.json").read_text())
        known = {
            key: [row.get(key, "") for row in rows]
            for key in ("email", "password", "pin", "name", "post", "totp_secret")
        }
        self.people = {
            email.split("@")[0]: Person(email, *rest) for email, *rest in zip(*known.values(), strict=True)
        }

    def code_of(self, person: Person) -> str:
        """What the authenticator app of this person shows. Each code serves once, so the next one may be awaited."""
        used = self.codes_used.setdefault(person.email, set())
        while True:
            period = int(time.time() // 30)
            for one in (period, period + 1):
                if one > max(used, default=0):
                    used.add(one)
                    return format_hotp_value(hotp_value(person.totp_secret, one))
            time.sleep(1)

    def code_sent_to(self, contact: str, *, seconds: float = 30) -> str:
        """The last code that came by SMS (a file in the demo) or by mail."""
        until = time.monotonic() + seconds
        while True:
            if "@" in contact:
                texts = [str(letter.get_payload(decode=True).decode()) for letter in self.mails_to(contact)]
            else:
                telephone = self.data_dir / "sms" / f"{contact}.txt"
                texts = telephone.read_text().splitlines() if telephone.exists() else []
            codes = [found.group() for text in texts if (found := re.search(r"\b\d{6}(\d\d)?\b(?!:)", text))]
            if codes:
                return codes[-1]
            assert time.monotonic() < until, f"no code came to {contact}"
            time.sleep(0.5)

    def mails_to(self, address: str) -> list[EmailMessage]:
        """Mails in the demo's folder, oldest first."""
        parser = BytesParser(policy=policy.default)
        letters = []
        for path in sorted((self.data_dir / "mail").glob("*"), key=lambda path: path.stat().st_mtime):
            for part in path.read_bytes().split(b"\n" + b"-" * 79 + b"\n"):
                letter = parser.parsebytes(part.lstrip())
                if isinstance(letter, EmailMessage) and address in str(letter["To"]):
                    letters.append(letter)
        return letters

    def verdict(self, path: Path) -> dict[str, Any]:
        """What `manage.py verify_pdf` says about a file, trusting the demo's root and nothing else."""
        command = [sys.executable, "manage.py", "verify_pdf", str(path), "--json"]
        command += ["--trust", str(self.data_dir / "pki" / "root.pem")]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        found: list[dict[str, Any]] = json.loads(run.stdout)
        return found[0]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if address := os.environ.get("E2E_BASE_URL", "").rstrip("/"):
        yield Stack(address, Path(os.environ.get("E2E_DATA_DIR") or os.environ["DATA_DIR"]))
        return
    data_dir = tmp_path_factory.mktemp("demo")
    environment = _environment(data_dir)
    log = data_dir / "demo.log"
    with log.open("wb") as sink:
        demo = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
            stdout=sink, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{environment['PORT']}"
    try:
        _until_ready(address, demo, log)
        yield Stack(address, data_dir)
    finally:
        demo.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            demo.wait(60)
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGKILL)
        if "DATABASE_URL" in environment:
            _drop(environment["DATABASE_URL"])


def _environment(data_dir: Path) -> dict[str, str]:
    """The tester's own, with everything that two installations must not share replaced."""
    mine = f"e2e_{os.getpid()}"
    environment = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "PORT": str(_free_port()),
        "PKI_PORT": str(_free_port()),
        "OIDC_PORT": str(_free_port()),
    }
    environment |= {
        "BROKER_PREFIX": f"{mine}-",
        "WEB_WORKERS": "1",
        "WORKER_CONCURRENCY": "1",
        "PYTHONUTF8": "1",
    }
    for name in (
        "SITE_URL",
        "FILE_STORE",
        "PKI_DIR",
        "EMAIL_FILE_PATH",
        "EMAIL_BACKEND",
        "TSA_URL",
        "PYTEST_CURRENT_TEST",
    ):
        environment.pop(name, None)
    if url := environment.get("DATABASE_URL"):
        parts = urlsplit(url)
        environment["DATABASE_URL"] = parts._replace(path=f"/hp_{mine}").geturl()
    return environment


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_ready(address: str, demo: "subprocess.Popen[bytes]", log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + START_SECONDS
    while True:
        with suppress(urllib.error.URLError, OSError), opener.open(f"{address}/readyz", timeout=20):
            return
        if demo.poll() is not None or time.monotonic() > until:
            raise AssertionError(f"the demo did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.5)


def _drop(url: str) -> None:
    import environ
    import psycopg2

    parts = environ.Env.db_url_config(url)
    link = psycopg2.connect(
        host=parts["HOST"] or None, port=parts["PORT"] or None, user=parts["USER"], password=parts["PASSWORD"] or None,
        dbname="postgres",
    )  # fmt: skip
    try:
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{parts["NAME"]}" WITH (FORCE)')
    finally:
        link.close()


# --- the browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Per module: while it runs, its event loop would keep Django's database away from other tests."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = next(
        filter(
            None, map(shutil.which, ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"))
        ),
        None,
    )
    if program is None:
        pytest.skip("no Chromium on this machine")
    started = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGS)
    yield started
    started.close()


class Visitor:
    """One person at one screen. Whatever the browser complains about is remembered and fails the journey."""

    def __init__(self, context: BrowserContext, stack: Stack) -> None:
        context.set_default_timeout(PATIENCE_MS)
        self.context, self.stack = context, stack
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def _said(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"console at {self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        if not response.url.startswith(self.stack.address):
            if response.url.startswith("http"):
                self.troubles.append(f"{self.page.url} loads from outside: {response.url}")
        elif response.status >= 500 or (
            response.status >= 400 and response.request.resource_type != "document"
        ):
            self.troubles.append(f"{response.status} for {response.url} on {self.page.url}")

    def go(self, path: str, *, status: int = 200, look: bool = True) -> Page:
        """Open an address, and look at it closely."""
        answer = self.page.goto(path if path.startswith("http") else self.stack.address + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        if look:
            self.look()
        return self.page

    def press(self, name: str, *, role: Any = "button", exact: bool = False, look: bool = True) -> Page:
        """Press a button (or follow a link) and look at what comes."""
        self.page.get_by_role(role, name=name, exact=exact).first.click()
        self.page.wait_for_load_state("load")
        if look:
            self.look()
        return self.page

    def follow(self, name: str, *, exact: bool = False) -> Page:
        return self.press(name, role="link", exact=exact)

    def arrives(self, path: str) -> None:
        """Wait until the address is below this path."""
        self.page.wait_for_url(lambda url: urlsplit(url).path.startswith(path))
        self.look()

    def look(self) -> None:
        """No sideways scrolling, no axe violation. Each state of a page counts, so it is looked at every time."""
        self.page.wait_for_load_state("load")
        wide = self.page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], f"{self.page.url} scrolls sideways: {wide[0]} > {wide[1]}"
        axe(self.page)
        self.calm()

    def calm(self) -> None:
        assert not self.troubles, "\n".join(self.troubles)

    def fill(self, **answers: str) -> None:
        """By the names of the fields, with underscores as in the form."""
        for name, value in answers.items():
            self.page.locator(f"#id_{name}").fill(value)

    def choose(self, name: str, label: str) -> None:
        """A choice, whether drawn as circles, boxes or a list."""
        box = self.page.locator(f'select[name="{name}"]')
        if box.count():
            box.select_option(label=label)
        else:
            self.tick(self.page.locator(f'input[name="{name}"][value="{label}"]'))

    def tick(self, box: Locator) -> None:
        """A circle or box; its label lies over it, and takes the press."""
        box.first.check(force=True)

    def sees(self, *texts: str) -> None:
        seen = self.page.locator("body").inner_text().replace("\u00a0", " ")
        for text in texts:
            assert text in seen, f"«{text}» is not on {self.page.url}:\n{seen[:3000]}"

    def until(self, text: str, *, seconds: float = 60) -> None:
        """Reload until the background work shows."""
        ends = time.monotonic() + seconds
        while text not in self.page.locator("body").inner_text():
            assert time.monotonic() < ends, (
                f"«{text}» did not come up on {self.page.url}:\n{self.page.locator('main').inner_text()[:3000]}"
            )
            time.sleep(1)
            self.page.reload()

    def download(self, path: str, to: Path) -> Path:
        """A file behind this person's rights."""
        answer = self.context.request.get(path if path.startswith("http") else self.stack.address + path)
        assert answer.ok, f"{path}: {answer.status}"
        to.write_bytes(answer.body())
        return to

    def sign_in(self, person: Person) -> None:
        self.page.goto(f"{self.stack.address}/tai-khoan/login/")
        self.page.fill('input[name="login"]', person.email)
        self.page.fill('input[name="password"]', person.password)
        self.page.locator('main button[type="submit"]').first.click()
        self.page.wait_for_url(lambda url: "/login/" not in url)
        if person.totp_secret:
            self.page.fill('input[name="code"]', self.stack.code_of(person))
            self.page.locator('main button[type="submit"]').first.click()
            self.page.wait_for_url(lambda url: "/2fa/" not in url)

    def confirm(self, person: Person) -> None:
        """The second factor once more, before an act that binds."""
        self.arrives("/tai-khoan/2fa/reauthenticate/")
        self.fill(code=self.stack.code_of(person))
        self.press("Xác nhận", look=False)


def axe(page: Page) -> None:
    """axe-core through the debugger, so that the page's own CSP stays on. Any violation fails.

    The window is as tall as the page meanwhile: a bar that sticks to its bottom must not count as covering anything.
    """
    session = page.context.new_cdp_session(page)
    size = page.viewport_size
    try:
        if size:
            tall = page.evaluate("document.scrollingElement.scrollHeight")
            page.set_viewport_size(
                {"width": size["width"], "height": max(size["height"], min(int(tall), 12_000))}
            )
        session.send("Runtime.evaluate", {"expression": AXE.read_text()})
        options = json.dumps(
            {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "iframes": False}
        )
        wanted = f"axe.run(document, {options}).then(found => JSON.stringify(found.violations))"
        answer = session.send(
            "Runtime.evaluate", {"expression": wanted, "awaitPromise": True, "returnByValue": True}
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        violations = json.loads(answer["result"]["value"])
    finally:
        session.detach()
        if size:
            page.set_viewport_size(size)
    lines = [
        f"{one['id']} ({one['impact']}): {one['help']}\n    {node['target']} {node['html'][:200]}\n    {node.get('failureSummary', '')}"
        for one in violations
        for node in one["nodes"]
    ]
    assert not lines, f"axe at {page.url}, {size and size['width']} px:\n" + "\n".join(lines)


@pytest.fixture
def visitor(browser: Browser, stack: Stack) -> Iterator[Callable[..., Visitor]]:
    """`visitor(PHONE)` is somebody unknown; `visitor(DESK, "motcua.nq")` is signed in."""
    contexts: list[BrowserContext] = []

    def come(screen: dict[str, Any], who: str = "", **more: Any) -> Visitor:
        context = browser.new_context(
            locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", reduced_motion="reduce", **screen, **more
        )
        contexts.append(context)
        person = Visitor(context, stack)
        if who:
            person.sign_in(stack.people[who])
        return person

    yield come
    for context in contexts:
        context.close()
