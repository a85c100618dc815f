"""Every address that this build answers, found by walking the URL resolver (the admin registers its own there)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, get_resolver, reverse
from django.urls.resolvers import RegexPattern, RoutePattern


@dataclass(frozen=True)
class Found:
    """One entry of the resolver. `key` is what tests/permissions/doors.py calls it: its name, else its route."""

    key: str
    route: str
    arguments: tuple[str, ...]
    namespaces: tuple[str, ...]

    def address(self, arguments: dict[str, Any]) -> str:
        return reverse(self.key, kwargs=arguments)


@cache
def doors() -> dict[str, Found]:
    """By key. The admin's old addresses without a name (`…/<id>/`, the catch-all) only redirect; one entry for all."""
    return {found.key: found for found in _walk(get_resolver(), (), "", ())}


def _walk(resolver: Any, namespaces: tuple[str, ...], before: str, outer: tuple[str, ...]) -> Iterator[Found]:
    for pattern in resolver.url_patterns:
        route, arguments = before + str(pattern.pattern), (*outer, *_arguments(pattern.pattern))
        if not isinstance(pattern, URLPattern):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern, inner, route, arguments)
            continue
        name = pattern.name or ("-" if "admin" in namespaces else route)
        yield Found(":".join((*namespaces, name)), route, arguments, namespaces)


def _arguments(pattern: Any) -> tuple[str, ...]:
    if isinstance(pattern, RoutePattern):
        return tuple(pattern.converters)
    if isinstance(pattern, RegexPattern):
        return tuple(pattern.regex.groupindex)
    return ()
