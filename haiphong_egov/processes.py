"""The three processes of an installation, the same in the demo, by hand and in the container."""

import sys
from pathlib import Path

BIN = Path(sys.executable).parent

WEB = [str(BIN / "gunicorn"), "--no-control-socket"]  # everything else: gunicorn.conf.py
WORKER = [str(BIN / "celery"), "-A", "haiphong_egov", "worker", "--pool", "prefork", "--loglevel", "INFO",
          "--without-gossip", "--without-mingle"]  # fmt: skip
BEAT = [str(BIN / "celery"), "-A", "haiphong_egov", "beat", "--loglevel", "INFO", "--pidfile="]
