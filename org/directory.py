"""The staff directory: who serves where today, found by name, post, unit, telephone or mailbox."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from core.search import fold
from org.choices import Role
from org.models import Assignment, DirectoryLine, Organization, Person

PAGE = 50
COUNT_UP_TO = 1000
PRINTED_AT_MOST = 1000
MOST_WORDS = 8
EXPORT_ROLES = (Role.UNIT_ADMIN, Role.HR_OFFICER)


@dataclass(frozen=True)
class Entry:
    """One person with all posts of the day."""

    person: Person
    posts: list[Assignment]

    @property
    def mailbox(self) -> str:
        return mailbox_of(self.person)

    @property
    def phones(self) -> list[str]:
        """The person's own number, else those of the units."""
        own = [self.person.work_phone] if self.person.work_phone else []
        return own or list(
            dict.fromkeys(post.organization.phone for post in self.posts if post.organization.phone)
        )


@dataclass
class Page:
    entries: list[Entry] = field(default_factory=list)
    after: int | None = None  # person to go on from
    before: int | None = None


@dataclass(frozen=True)
class Wanted:
    """What the page was asked for; unknown values count as «everything»."""

    text: str = ""
    unit: str = ""  # slug

    @classmethod
    def read(cls, query: Any) -> Self:
        text = (query.get("q") or "").replace("\x00", "").strip()[:100]
        unit = (query.get("don-vi") or "").strip()[:80]
        return cls(text, unit)

    def address(self, **extra: Any) -> str:
        parts = {"q": self.text, "don-vi": self.unit, **extra}
        kept = {name: value for name, value in parts.items() if value not in ("", None)}
        return f"?{urlencode(kept)}" if kept else "?"


def mailbox_of(person: Person) -> str:
    return (person.user.email or "") if person.user is not None else ""


def may_export(user: Any) -> frozenset[int]:
    """Units whose people the present hat may hand to the mail server; empty: none."""
    return frozenset(user.units_as(*EXPORT_ROLES)) if user.is_authenticated else frozenset()


def lines(
    text: str = "", *, units: Collection[int] | None = None, on: date | None = None
) -> QuerySet[DirectoryLine]:
    """Posts of the day whose line has all these words. `units`: of these only."""
    found = DirectoryLine.objects.valid_on(on)
    if units is not None:
        found = found.filter(organization_id__in=units)
    if text:
        words = search_words(text)
        found = found.filter(words=fitting(words)) if words else found.none()
    return found


def search_words(text: str) -> list[str]:
    """«Lan VP», «0225.3 842», «vanthu.nq@…»: folded words; behind the @ all mailboxes are alike; +84 is 0."""
    local = re.sub(r"@\S*", " ", text)
    local = re.sub(r"\+84[\s.]?(?=\d)", "0", local)
    joined = re.sub(r"(?<=\d) (?=\d)", "", fold(local))  # a number is one word, however it is grouped
    return joined.split()[:MOST_WORDS]


def fitting(words: list[str]) -> SearchQuery:
    """Whole words; the last one may be a beginning, and a number any part of a number.

    The words hold nothing but 0-9a-z, so quoting them is all the care needed.
    """
    terms = [f"'{word}':*" if word.isdigit() else f"'{word}'" for word in words[:-1]] + [f"'{words[-1]}':*"]
    return SearchQuery(" & ".join(terms), search_type="raw", config="simple")


def count(found: QuerySet[DirectoryLine]) -> int:
    """How many people; never counted further than COUNT_UP_TO + 1."""
    return found.order_by().values("person_id").distinct()[: COUNT_UP_TO + 1].count()


def page_of(
    found: QuerySet[DirectoryLine],
    *,
    after: int | None = None,
    before: int | None = None,
    on: date | None = None,
) -> Page:
    """One keyset page in the order of names: as fast at the end of the alphabet as at its beginning."""
    people = found.values_list("person_id", "sort_key").distinct()
    turn = before or after
    turning = (
        Person.objects.filter(pk=turn).values_list("sort_key", flat=True).first()
        if turn is not None
        else None
    )
    if before and turning is not None:
        rows = list(
            people.filter(sort_key__lte=turning)
            .exclude(sort_key=turning, person_id__gte=before)
            .order_by("-sort_key", "-person_id")[: PAGE + 1]
        )
        more, rows = len(rows) > PAGE, rows[:PAGE][::-1]
        ids = [row[0] for row in rows]
        return Page(entries(ids, on=on), after=ids[-1] if ids else None, before=ids[0] if more else None)
    if after and turning is not None:
        people = people.filter(sort_key__gte=turning).exclude(sort_key=turning, person_id__lte=after)
    rows = list(people.order_by("sort_key", "person_id")[: PAGE + 1])
    more, ids = len(rows) > PAGE, [row[0] for row in rows[:PAGE]]
    turned = after is not None and turning is not None
    return Page(
        entries(ids, on=on), after=ids[-1] if more else None, before=ids[0] if turned and ids else None
    )


def entries(person_ids: Collection[int], *, on: date | None = None) -> list[Entry]:
    """These people in this order, each with every post of the day. One query."""
    posts: dict[int, list[Assignment]] = {}
    for post in (
        Assignment.objects.valid_on(on)
        .filter(person_id__in=person_ids)
        .select_related("person__user", "position", "organization")
        .order_by("rank", "id")
    ):
        posts.setdefault(post.person_id, []).append(post)
    return [Entry(posts[one][0].person, posts[one]) for one in person_ids if one in posts]


def heads_of(unit: Organization, *, on: date | None = None) -> list[Assignment]:
    return list(
        Assignment.objects.valid_on(on)
        .filter(organization=unit, position__is_head=True)
        .select_related("person__user", "position", "organization")
        .order_by("rank", "id")
    )


# --- addresses that stay when people go -----------------------------------------------------------------------


def unit_mailbox(unit: Organization) -> str:
    return _address(unit.slug)


def post_mailbox(post: Assignment) -> str:
    """«vanthu.vp-phuong-ngo-quyen@…»: mail to a post reaches whoever holds it today."""
    return _address(f"{post.position.code.replace('-', '')}.{post.organization.slug}")


def _address(local: str) -> str:
    """RFC 5321 allows 64 characters before the @; in the rare longer name a digest stands for its middle."""
    if len(local) > 64:
        digest = hashlib.sha256(local.encode()).hexdigest()[:8]
        local = f"{local[:27]}-{digest}-{local[-27:]}"
    return f"{local}@{settings.DIRECTORY_MAIL_DOMAIN}"
