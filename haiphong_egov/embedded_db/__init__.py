"""Django's PostgreSQL backend, with a server that starts when the first connection needs it."""
