"""The copy of one's data as a paper to read: one row per fact, one line per item of a list, nothing empty, no codes.

The JSON beside it is whole; here is left out what only machines need (`Holding.codes`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from core import own_data, paper

Words = tuple[str, str]


@dataclass
class Group:
    """A heading with its rows. `depth` 0: named in the list of contents; `count`: how many items a list has."""

    title: str
    depth: int = 0
    count: int | None = None
    rows: list[Words] = field(default_factory=list)


def render(content: Mapping[str, Any]) -> Any:
    sections = [(section["title"], list(groups(section))) for section in content["sections"]]
    return paper.render(
        "papers/own_data.html",
        {
            "sections": sections,
            "person": content["person"],
            "made_at": said(content["made_at"]),
            "site": content["site"],
        },
    )


def groups(section: Mapping[str, Any]) -> Iterator[Group]:
    """The groups of one app that hold anything, in the order of its data."""
    holding = own_data.holding(section["name"])
    drawer = _Drawer(section["labels"], holding.codes, holding.lines)
    for key, value in section["data"].items():
        yield from drawer.group(key, value, 0)


@dataclass(frozen=True)
class _Drawer:
    labels: Mapping[str, str]
    codes: frozenset[str]
    lines: Mapping[str, Callable[[Mapping[str, Any]], Words]]

    def group(self, key: str, value: Any, depth: int) -> Iterator[Group]:
        title = self.labels[key]
        if not value:
            return
        if isinstance(value, Mapping):
            yield from self.thing(title, value, depth)
        elif any(_is_deep(item) for item in value):
            yield Group(title, depth, len(value))
            for item in value:
                name = next((words for _label, words in self.rows(item)), "")
                yield from self.thing(f"{title} {name}", item, depth + 1)
        else:
            line = self.lines.get(key, self.line)
            yield Group(title, depth, len(value), [line(item) for item in value])

    def thing(self, title: str, facts: Mapping[str, Any], depth: int) -> Iterator[Group]:
        """Its plain facts under its own name, then each list and each part under a smaller one."""
        yield Group(title, depth, None, self.rows(facts))
        for key, value in facts.items():
            if isinstance(value, list | Mapping):
                yield from self.group(key, value, depth + 1)

    def rows(self, facts: Mapping[str, Any]) -> list[Words]:
        return [
            (self.labels[key], said(value))
            for key, value in facts.items()
            if key not in self.codes and not isinstance(value, list | Mapping) and not is_empty(value)
        ]

    def line(self, item: Mapping[str, Any]) -> Words:
        """The first fact on the left, the others beside it."""
        first, *others = self.rows(item) or [("", "–")]
        return first[1], "; ".join(f"{label}: {value}" for label, value in others)


def _is_deep(item: Mapping[str, Any]) -> bool:
    return any(isinstance(value, list | Mapping) for value in item.values())


def is_empty(value: Any) -> bool:
    return value is None or value == ""


def said(value: Any) -> str:
    if is_empty(value):
        return "–"
    if value is True or value is False:
        return _("có") if value else _("không")
    text = str(value)
    if len(text) == 10 and text[4:5] == "-" and (day := _try(parse_date, text)):
        return f"{day:%d/%m/%Y}"
    if len(text) > 18 and text[10:11] == "T" and (at := _try(parse_datetime, text)):
        return f"{_local(at):%H:%M:%S %d/%m/%Y}"
    return text


def _try(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return None


def _local(at: datetime) -> datetime:
    return timezone.localtime(at) if timezone.is_aware(at) else at
