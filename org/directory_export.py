"""The directory for a mail server: people, and a group per unit and per post whose members follow the posts.

Distinguished names rest on what does not change (the person's number here, the unit's slug, the post's code), so a
renamed person or a new mailbox changes an entry and never moves it.
"""

import csv
import hashlib
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from org import directory, ldif
from org.models import Assignment, DirectorySnapshot, Organization, Person, User

PEOPLE, UNITS, POSTS = "people", "units", "posts"
PERSON_CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson")
# groupOfNames knows no address of its own; extensibleObject (RFC 4512 §4.3) lets it have `mail`.
GROUP_CLASSES = ("top", "groupOfNames", "extensibleObject")
# What an export says about an entry; in a delta each of them is replaced, so nothing old stays behind.
PERSON_ATTRIBUTES = (
    "cn",
    "sn",
    "givenName",
    "displayName",
    "employeeNumber",
    "mail",
    "telephoneNumber",
    "title",
    "ou",
)
GROUP_ATTRIBUTES = ("description", "ou", "mail", "member")
SNAPSHOTS_KEPT = 90


@dataclass(frozen=True)
class Entry:
    """One object of the directory. `attributes` without object classes and without the name itself."""

    dn: str
    classes: tuple[str, ...]
    name: tuple[str, str]
    attributes: dict[str, list[str]]

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(repr(sorted(self.attributes.items())).encode()).hexdigest()[:20]

    @property
    def lines(self) -> list[tuple[str, str]]:
        told = [("objectClass", one) for one in self.classes] + [self.name]
        return told + [(name, value) for name, values in self.attributes.items() for value in values]


@dataclass(frozen=True)
class Changes:
    """What is to be told since a snapshot, in the order in which a server can take it."""

    added: list[Entry]
    changed: list[Entry]
    gone: list[str]


def person_dn(person_id: int) -> str:
    return f"uid={_uid(person_id)},{_branch(PEOPLE)}"


def tree_entries() -> list[Entry]:
    """The three branches that the entries hang on."""
    return [
        Entry(_branch(name), ("top", "organizationalUnit"), ("ou", name), {"description": [str(words)]})
        for name, words in (
            (PEOPLE, _("Cán bộ, công chức, viên chức")),
            (UNITS, _("Hộp thư chung của đơn vị")),
            (POSTS, _("Hộp thư theo chức vụ")),
        )
    ]


def all_entries(*, units: Collection[int] | None = None, on: date | None = None) -> list[Entry]:
    """People, then units, then posts of the day. `units`: only posts of these."""
    posts = Assignment.objects.valid_on(on)
    if units is not None:
        posts = posts.filter(organization_id__in=units)
    ordered = list(
        posts.select_related("person__user", "position", "organization").order_by(
            "person__sort_key", "person_id", "rank", "id"
        )
    )
    return [*_people(ordered), *_groups(ordered)]


def as_ldif(entries: Iterable[Entry]) -> Iterator[str]:
    yield ldif.VERSION
    for entry in (*tree_entries(), *entries):
        yield ldif.entry(entry.dn, entry.lines)


def changes_as_ldif(changes: Changes) -> Iterator[str]:
    yield ldif.VERSION
    for entry in changes.added:
        yield ldif.added(entry.dn, entry.lines)
    for entry in changes.changed:
        known = GROUP_ATTRIBUTES if entry.classes == GROUP_CLASSES else PERSON_ATTRIBUTES
        yield ldif.replaced(entry.dn, {name: entry.attributes.get(name, []) for name in known})
    for dn in changes.gone:
        yield ldif.deleted(dn)


def changes_since(digests: dict[str, str], entries: list[Entry]) -> Changes:
    """People are added before the groups that name them; groups go before the people."""
    present = {entry.dn for entry in entries}
    return Changes(
        added=[entry for entry in entries if entry.dn not in digests],
        changed=[entry for entry in entries if digests.get(entry.dn, entry.digest) != entry.digest],
        gone=sorted(set(digests) - present, key=lambda dn: (dn.endswith(_branch(PEOPLE)), dn)),
    )


# --- CSV ------------------------------------------------------------------------------------------------------


def as_csv(*, units: Collection[int] | None = None, on: date | None = None) -> str:
    """One line a post, for a spreadsheet: UTF-8 with BOM, no cell that a spreadsheet would take for a formula."""
    posts = Assignment.objects.valid_on(on)
    if units is not None:
        posts = posts.filter(organization_id__in=units)
    ordered = posts.select_related("person__user", "position", "organization").order_by(
        "person__sort_key", "person_id", "rank", "id"
    )
    head = [_("Mã"), _("Họ và tên"), _("Chức vụ"), _("Đơn vị"), _("Điện thoại"), _("Điện thoại đơn vị"),
            _("Hộp thư"), _("Hộp thư chức vụ"), _("Hộp thư đơn vị")]  # fmt: skip
    return _sheet(head, (_post_cells(post) for post in ordered.iterator(chunk_size=2000)))


def changes_as_csv(changes: Changes) -> str:
    """One line an entry: what happened to it and what it says now."""
    words = {True: _("nhóm thư"), False: _("cá nhân")}
    rows = [
        [verb, words[entry.classes == GROUP_CLASSES], entry.dn, *_told(entry)]
        for verb, entries in ((_("thêm"), changes.added), (_("sửa"), changes.changed))
        for entry in entries
    ]
    rows += [[_("bỏ"), words[not dn.endswith(_branch(PEOPLE))], dn, "", "", ""] for dn in changes.gone]
    return _sheet([_("Việc"), _("Loại"), _("DN"), _("Tên"), _("Hộp thư"), _("Thành viên")], rows)


def guarded(cell: str) -> str:
    """A spreadsheet runs what begins like a formula; with an apostrophe in front it shows it."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell


def _sheet(head: list[str], rows: Iterable[list[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _post_cells(post: Assignment) -> list[str]:
    return [
        _uid(post.person_id),
        post.person.full_name,
        post.position.title,
        post.organization.name,
        post.person.work_phone,
        post.organization.phone,
        directory.mailbox_of(post.person),
        directory.post_mailbox(post),
        directory.unit_mailbox(post.organization),
    ]


def _told(entry: Entry) -> list[str]:
    name = entry.attributes.get("cn") or entry.attributes.get("description") or [""]
    members = [dn.split(",")[0].removeprefix("uid=") for dn in entry.attributes.get("member", [])]
    return [name[0], ", ".join(entry.attributes.get("mail", [])), ", ".join(members)]


# --- commands -------------------------------------------------------------------------------------------------


@transaction.atomic
def for_mail_server(*, kind: str, since: str = "", actor: User | None = None) -> str:
    """The text to hand over, whole or since an earlier export, and the note of what was told. RuleError: no such export."""
    entries = all_entries()
    text = (
        _whole(kind, entries) if not since else _delta(kind, changes_since(_snapshot(since).digests, entries))
    )
    snapshot = DirectorySnapshot.objects.create(
        taken_at=timezone.now(), taken_by=actor, digests={entry.dn: entry.digest for entry in entries}
    )
    old = DirectorySnapshot.objects.order_by("-taken_at", "-id").values_list("pk", flat=True)[SNAPSHOTS_KEPT:]
    DirectorySnapshot.objects.filter(pk__in=list(old)).delete()
    audit.record(
        "directory.export",
        actor=actor,
        subject=snapshot,
        note=_("dạng %(kind)s") % {"kind": kind.upper()},
        detail={"entries": len(entries), "since": since},
    )
    return text


@transaction.atomic
def for_units(*, kind: str, units: Collection[int], actor: User, unit: Organization) -> str:
    """What an administrator of these units downloads. Logged under his own unit; no snapshot."""
    audit.record(
        "directory.export",
        actor=actor,
        subject=unit,
        note=_("dạng %(kind)s") % {"kind": kind.upper()},
        detail={"units": len(units)},
    )
    return as_csv(units=units) if kind == "csv" else "".join(as_ldif(all_entries(units=units)))


def _whole(kind: str, entries: list[Entry]) -> str:
    return as_csv() if kind == "csv" else "".join(as_ldif(entries))


def _delta(kind: str, changes: Changes) -> str:
    return changes_as_csv(changes) if kind == "csv" else "".join(changes_as_ldif(changes))


def _snapshot(since: str) -> DirectorySnapshot:
    """The newest export at or before a moment (YYYY-MM-DD or YYYY-MM-DDTHH:MM), or the newest of all for «last»."""
    found = DirectorySnapshot.objects.order_by("-taken_at", "-id")
    if since != "last":
        found = found.filter(taken_at__lte=_moment(since))
    snapshot = found.first()
    if snapshot is None:
        raise RuleError(
            _("Chưa có lần xuất nào tính đến thời điểm này; chạy một lần không có --since trước.")
        )
    return snapshot


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RuleError(
            _("«%(text)s» không phải thời điểm; viết 2026-11-23 hoặc 2026-11-23T08:30.") % {"text": text}
        ) from None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


# --- entries --------------------------------------------------------------------------------------------------


def _branch(name: str) -> str:
    return f"ou={name},{settings.DIRECTORY_BASE_DN}"


def _uid(person_id: int) -> str:
    return f"hp{person_id:06d}"


def _people(ordered: list[Assignment]) -> Iterator[Entry]:
    posts: dict[int, list[Assignment]] = {}
    for post in ordered:
        posts.setdefault(post.person_id, []).append(post)
    for own in posts.values():
        yield _person(own[0].person, own)


def _person(person: Person, posts: list[Assignment]) -> Entry:
    words = person.full_name.split() or [person.full_name]
    phones = directory.Entry(person, posts).phones
    mailbox = directory.mailbox_of(person)
    told: dict[str, Any] = {
        "cn": [person.full_name],
        "sn": [words[0]],
        "givenName": [words[-1]],
        "displayName": [person.full_name],
        "employeeNumber": [_uid(person.pk)],
        "mail": [mailbox] if mailbox else [],
        "telephoneNumber": phones,
        "title": _once(post.position.title for post in posts),
        "ou": _once(post.organization.name for post in posts),
    }
    return Entry(
        person_dn(person.pk),
        PERSON_CLASSES,
        ("uid", _uid(person.pk)),
        {name: own for name, own in told.items() if own},
    )


def _groups(ordered: list[Assignment]) -> Iterator[Entry]:
    """Vacant posts have no group: groupOfNames needs a member, and mail to nobody must bounce, not vanish."""
    by_unit: dict[int, list[Assignment]] = {}
    by_post: dict[tuple[int, int], list[Assignment]] = {}
    for post in ordered:
        by_unit.setdefault(post.organization_id, []).append(post)
        by_post.setdefault((post.organization_id, post.position_id), []).append(post)
    for own in sorted(by_unit.values(), key=lambda posts: posts[0].organization.slug):
        unit = own[0].organization
        yield _group(unit.slug, UNITS, unit.name, unit.name, directory.unit_mailbox(unit), own)
    for own in sorted(
        by_post.values(), key=lambda posts: (posts[0].organization.slug, posts[0].position.code)
    ):
        post = own[0]
        name = f"{post.position.code}.{post.organization.slug}"
        said = f"{post.position.title}, {post.organization.name}"
        yield _group(name, POSTS, said, post.organization.name, directory.post_mailbox(post), own)


def _group(name: str, branch: str, said: str, unit: str, mailbox: str, posts: list[Assignment]) -> Entry:
    members = _once(person_dn(post.person_id) for post in posts)
    told = {"description": [said], "ou": [unit], "mail": [mailbox], "member": sorted(members)}
    return Entry(f"cn={ldif.rdn_value(name)},{_branch(branch)}", GROUP_CLASSES, ("cn", name), told)


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
