"""The web process. gunicorn reads this file by itself when it starts in the project folder."""

import os

wsgi_app = "haiphong_egov.wsgi"
bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_WORKERS") or 2)
worker_class = "gthread"
preload_app = True  # imported once, before the workers fork; nothing opens a connection while it is imported
threads = int(os.environ.get("WEB_THREADS") or 4)
timeout = 60
graceful_timeout = 20
keepalive = 5
# A worker is renewed after so many requests: what a library leaks does not add up for weeks.
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True  # gunicorn 27 would open one in the home folder
accesslog = "-"
access_log_format = (
    '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'  # the path without its query: no personal data
)
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1"
MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes its own file there: a heartbeat must not wait for a disk
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK) else None
