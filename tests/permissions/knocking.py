"""Knock at a door as somebody, see what comes back, and leave everything as it was."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from allauth.account.internal.flows import login
from django.core.handlers.base import BaseHandler
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from org.models import User

WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# What any request may write about itself.
OWN_BOOKS = frozenset({"django_session", "usersessions_usersession"})
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|\b\d{1,2}:\d{2}(?::\d{2})?\b')


@dataclass
class Answer:
    status: int
    body: str
    location: str
    headers: str
    writes: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status == 200

    @property
    def asks_to_sign_in(self) -> bool:
        return self.status == 302 and self.location.startswith("/tai-khoan/login/")

    def shows(self, marks: Iterable[str]) -> list[str]:
        said = "\n".join((self.body, self.location, self.headers)).casefold()
        return [mark for mark in marks if mark.casefold() in said]

    def without(self, *said: str) -> tuple[int, str, str]:
        """Status, body and way on, with everything blotted out that the visitor himself typed."""
        body, location = CHANGING.sub("", self.body), self.location
        for text in said:
            for spelling in {text, quote(text), quote(text, safe=""), text.replace("&", "&amp;")}:
                body, location = body.replace(spelling, "…"), location.replace(spelling, "…")
        return self.status, body, location


class Visitors:
    """One signed-in browser for each of the people, kept for all tests of the module."""

    def __init__(self, people: Mapping[str, User | None]) -> None:
        self.people = dict(people)
        self._cookies: dict[str, dict[str, str]] = {}
        self._requests = RequestFactory()
        self._house = BaseHandler()
        self._house.load_middleware()

    def come_in(self) -> None:
        """Everybody signs in, with the second factor; before the tests, so that none of them takes it back."""
        for who, user in self.people.items():
            if user is not None:
                client = Client()
                client.force_login(user)
                session = client.session
                given = [{"method": method, "at": time.time()} for method in ("password", "mfa")]
                session[login.AUTHENTICATION_METHODS_SESSION_KEY] = given
                session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
                session.save()
                self._cookies[who] = {name: morsel.value for name, morsel in client.cookies.items()}

    def ask(
        self,
        who: str,
        address: str,
        method: str = "GET",
        sent: Any = None,
        *,
        with_token: bool = True,
        **headers: str,
    ) -> Answer:
        """One request whose traces in the database are taken back. A bug in the product is raised, not answered."""
        request = self._requests.generic(method, address, **_sent(method, sent), headers=headers or None)
        request.COOKIES.update(self._cookies.get(who, {}))
        request._dont_enforce_csrf_checks = with_token  # type: ignore[attr-defined]
        writes: list[str] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            done = execute(sql, params, many, context)
            if (found := WRITES.match(sql)) and found[1] not in OWN_BOOKS and context["cursor"].rowcount:
                writes.append(found[1])
            return done

        with transaction.atomic():
            with connection.execute_wrapper(watch):
                answer = self._house.get_response(request)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            transaction.set_rollback(True)
        said = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        return Answer(
            answer.status_code, body.decode("utf-8", "replace"), answer.get("Location", ""), said, writes
        )


def _sent(method: str, sent: Any) -> dict[str, Any]:
    if method not in {"POST", "PUT", "PATCH", "DELETE"}:
        return {}
    return {"data": encode_multipart(BOUNDARY, sent or {}), "content_type": MULTIPART_CONTENT}
