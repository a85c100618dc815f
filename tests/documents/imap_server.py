"""A real IMAP server (Dovecot) for tests: unprivileged, on a free port of loopback, in a folder of its own."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

USER, PASSWORD = "vanthu", "mat-khau-imap"
CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
mail_location = maildir:{place}/mail
first_valid_uid = 0
first_valid_gid = 0
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home
}}
"""


def found() -> str:
    return shutil.which("dovecot") or "/usr/sbin/dovecot"


@contextmanager
def running(place: Path) -> Iterator[SimpleNamespace]:
    """Started in the foreground, stopped at the end. `put(raw)` delivers one mail as a file of its Maildir."""
    owner = pwd.getpwuid(os.getuid())
    uid, gid, name = owner.pw_uid, owner.pw_gid, owner.pw_name
    run_as: dict[str, object] = {}
    if uid == 0:  # Dovecot serves no mail as root
        other = pwd.getpwnam("nobody")
        uid, gid, name = other.pw_uid, other.pw_gid, other.pw_name
        run_as = {"user": uid, "group": gid, "extra_groups": []}
    for part in ("run", "state", "home", "mail/new", "mail/cur", "mail/tmp"):
        (place / part).mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    import grp

    config = place / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            place=place,
            port=port,
            owner=name,
            group=grp.getgrgid(gid).gr_name,
            uid=uid,
            gid=gid,
            password=PASSWORD,
        )
    )
    if uid != os.getuid():
        for folder in [place, *place.rglob("*")]:
            os.chown(folder, uid, gid)
    server = subprocess.Popen(
        [found(), "-F", "-c", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=place,
        **run_as,  # type: ignore[call-overload]
    )
    try:
        _wait(port, server, place)
        count = iter(range(1, 10_000))

        def put(raw: bytes) -> None:
            number = next(count)
            target = place / "mail" / "new" / f"{1_700_000_000 + number}.M{number}.test"
            target.write_bytes(raw)
            os.chown(target, uid, gid)

        yield SimpleNamespace(port=port, put=put, place=place, server=server)
    finally:
        server.terminate()
        server.wait(10)


def _wait(port: int, server: subprocess.Popen[bytes], place: Path) -> None:
    for _try in range(100):
        if server.poll() is not None:
            said = (server.stderr.read() if server.stderr else b"").decode()
            log = place / "log"
            raise RuntimeError(said + (log.read_text() if log.exists() else ""))
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the IMAP server does not answer")
