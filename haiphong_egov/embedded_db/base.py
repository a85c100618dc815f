"""PostgreSQL as always; only the first connection of a process finds or starts the embedded server."""

import os
from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from django.db.utils import OperationalError
from psycopg2 import OperationalError as ConnectionFailed

from haiphong_egov import embedded

_holder = 0  # the process that already holds a handle; a forked child takes its own


def ensure_server() -> None:
    global _holder
    try:
        embedded.postgres(settings.DATA_DIR).use()
    except embedded.EmbeddedServerError as error:
        raise OperationalError(str(error)) from error
    _holder = os.getpid()


class DatabaseClient(PostgresClient):
    def runshell(self, parameters: Any) -> None:
        ensure_server()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if _holder != os.getpid():
            ensure_server()
        try:
            return super().get_new_connection(conn_params)
        except ConnectionFailed:  # the server died under us: bring it back, once
            ensure_server()
            return super().get_new_connection(conn_params)
