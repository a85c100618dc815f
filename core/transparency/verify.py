"""Is the log what it was? Re-reads events, entries and batches, and compares with what the holders outside keep.

Checked: each leaf from the event's facts, each hash of texts (or its recorded erasure), numbers without gaps, Merkle
roots, the chain, signatures, timestamps (also that none is gone which a holder was given), the roots at the holders,
and that nothing lies in the trail without a number.
The first event that was altered, removed, reordered, added or cut off is named; where a whole batch was computed anew,
the folder holder's list of leaves tells which event it was.
"""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

from django.db import connection, connections
from django.utils.translation import gettext as _

from core.models import AuditBatch, AuditHolder, AuditTimestamp
from core.transparency import holders, keys, leaves, merkle, stamping
from core.transparency.headers import NO_HASH, Header
from core.transparency.holders import HolderAway

GROUP = 10_000  # events read at once
PAGE = 2_000  # batches read at once
ERASURE = "audit.erase"

ENTRIES = """
SELECT seq, event_id, leaf FROM core_auditentry WHERE seq BETWEEN %s AND %s ORDER BY seq
"""
MOMENTS = "SELECT min(at), max(at) FROM core_auditentry WHERE seq BETWEEN %s AND %s"
# The database writes the facts as the JSON text that was hashed (to_json escapes as Python's encoder does): a third of
# the time that twenty columns take. Whatever it answers must lead to a leaf that is sealed outside.
EVENTS = """
SELECT id,
       concat('[', to_json(event), ',', (extract(epoch FROM at) * 1000000)::bigint, ',', to_json(kind), ',',
              coalesce(actor_id::text, 'null'), ',', is_delegated::text, ',', to_json(post_name), ',',
              to_json(unit_name), ',', coalesce(unit_id::text, 'null'), ',', to_json(subject_type), ',', subject_id,
              ',', coalesce(subject_unit_id::text, 'null'), ',', to_json(before), ',', to_json(after), ',"',
              encode(texts_hash, 'hex'), '"]'),
       texts_hash, salt, to_json(note)::text, detail::text,
       concat(',', to_json(actor_name), ',', to_json(on_behalf_of), ',', to_json(coalesce(host(ip), '')), ']'),
       erased_at IS NOT NULL,
       note = '' AND detail = '{}' AND actor_name = '' AND on_behalf_of = '' AND ip IS NULL AND salt = ''
FROM core_auditevent WHERE id = ANY(%s)
"""
WITHIN = " AND at BETWEEN %s AND %s"
COUNTS = """
SELECT (SELECT count(*) FROM core_auditevent), (SELECT count(*) FROM core_auditentry),
       (SELECT count(*) FROM core_auditwaiting)
"""
UNNUMBERED = """
SELECT e.id FROM core_auditevent e
WHERE NOT EXISTS (SELECT FROM core_auditentry n WHERE n.event_id = e.id AND n.at = e.at)
  AND NOT EXISTS (SELECT FROM core_auditwaiting w WHERE w.event_id = e.id AND w.at = e.at)
ORDER BY e.id LIMIT 1
"""
ERASURES = """
SELECT DISTINCT subject_id FROM core_auditevent e
WHERE subject_type = 'core.auditevent' AND subject_id = ANY(%s) AND event = %s
  AND (EXISTS (SELECT FROM core_auditentry n WHERE n.event_id = e.id)
       OR EXISTS (SELECT FROM core_auditwaiting w WHERE w.event_id = e.id))
"""


@dataclass(frozen=True)
class Fault:
    """What was found first. `event` is the number of the event in the trail, where it can be told."""

    kind: str  # altered | removed | reordered | added | cut_off | batch | signature | chain | stamp | holder
    seq: int | None
    event: int | None
    batch: int | None
    what: str

    @property
    def is_exact(self) -> bool:
        """It names an event, or the number of one that is gone; else only the batch in which something is wrong."""
        return self.event is not None or self.kind == "removed"

    @property
    def order(self) -> tuple[bool, bool, int]:
        return (not self.is_exact, self.seq is None, self.seq or 0)


@dataclass
class Report:
    intact: bool = True
    events: int = 0
    batches: int = 0
    first_fault: Fault | None = None
    first_batch: int | None = None
    last_batch: int | None = None
    waiting: int = 0
    timestamps: int = 0
    holders: dict[str, int] = field(default_factory=dict)  # name -> batches that were compared
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class _Part:
    """What one process found in its range of batches."""

    events: int = 0
    batches: int = 0
    compared: int = 0
    stamps: int = 0
    fault: Fault | None = None
    erased: list[tuple[int, int, int]] = field(default_factory=list)  # event, seq, batch
    warnings: set[str] = field(default_factory=set)


def verify(first: int | None = None, last: int | None = None, *, processes: int = 1) -> Report:
    """Check batches `first` to `last` (all, when not given). A range rests on the signature of the batch before it."""
    tops = _tops()  # asked before the database: what is exported meanwhile is then in the database as well
    end = AuditBatch.objects.order_by("-number").first()
    report = Report()
    begin = first or 1
    finish = min(last or end.number, end.number) if end else 0
    faults: list[Fault] = []
    if end and begin <= finish:
        report.first_batch, report.last_batch = begin, finish
        for part in _parts(begin, finish, processes):
            report.events += part.events
            report.batches += part.batches
            report.timestamps += part.stamps
            report.warnings += sorted(part.warnings - set(report.warnings))
            if holders.folder():
                report.holders["folder"] = report.holders.get("folder", 0) + part.compared
            faults += [part.fault] if part.fault else []
            faults += _unrecorded_erasures(part.erased)
        faults += _elsewhere(begin, finish, report)
        faults += _stamps_gone(begin, finish)
        report.warnings += _missing_at_folder(begin, min(finish, tops.get("folder") or 0), report)
    if last is None:
        faults += _cut_off(end, tops)
        if first is None:
            faults += _loose(report) + _last_stamps_gone()
    for name, top in tops.items():
        if top is None:
            report.warnings.append(_("Không hỏi được nơi giữ «%(name)s».") % {"name": name})
    report.warnings += _not_asked(set(tops))
    report.first_fault = min(faults, key=lambda fault: fault.order, default=None)
    report.intact = report.first_fault is None
    return report


# ── ranges and processes ─────────────────────────────────────────────────────────────────────────────────────────────


def _parts(first: int, last: int, processes: int) -> list[_Part]:
    """In order. Several processes take ranges of about the same number of events."""
    ranges = _ranges(first, last, processes)
    if len(ranges) == 1:
        return [_check(first, last)]
    connections.close_all()
    with ProcessPoolExecutor(len(ranges), mp_context=get_context("fork")) as pool:
        return list(pool.map(_check_alone, ranges))


def _check_alone(span: tuple[int, int]) -> _Part:
    try:
        return _check(*span)
    finally:
        connections.close_all()


def _ranges(first: int, last: int, processes: int) -> list[tuple[int, int]]:
    ends = AuditBatch.objects.filter(number__in=[first, last]).values_list("first_seq", "last_seq")
    if processes < 2 or len(ends) < 2:
        return [(first, last)]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    cuts = [
        AuditBatch.objects.filter(first_seq__lte=low + (high - low) * n // processes, number__gte=first, number__lt=last)
        .order_by("-first_seq").values_list("number", flat=True).first()
        for n in range(1, processes)
    ]  # fmt: skip
    bounds = sorted({first - 1, *(cut for cut in cuts if cut is not None), last})
    return [(low + 1, high) for low, high in pairwise(bounds)]


# ── one range ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check(first: int, last: int) -> _Part:
    """Batch by batch until the first event that is wrong. A batch that is wrong as a whole is noted on the way."""
    part = _Part()
    before, part.fault = _ground(first)
    vague: Fault | None = None
    for group in _groups(first, last) if part.fault is None else ():
        entries = _fetched(ENTRIES, [group[0].first_seq, group[-1].last_seq])
        events, position = _events(entries), 0
        for checked, batch in enumerate(group):
            if batch.number != (before.number + 1 if before else 1):
                break  # a hole: the batch that should be here is gone
            until = position
            while until < len(entries) and entries[until][0] <= batch.last_seq:
                until += 1
            fault = _faulty(batch, before, entries[position:until], events, part)
            if fault and fault.is_exact:
                _stamp_fault(group[:checked], part)  # counted; an event that is wrong says more than a stamp
                part.fault = fault
                return part
            vague = vague or fault
            part.events += until - position
            part.batches += 1
            before, position = batch.header, until
        vague = vague or _stamp_fault(group, part)
        if (before.number if before else 0) != group[-1].number:
            break
    reached = before.number if before else first - 1
    if part.fault is None and reached < last:
        what = _("Lô %(number)d không còn trong cơ sở dữ liệu.") % {"number": reached + 1}
        found = _located(reached + 1, before.last_seq + 1 if before else 1, [])
        part.fault = found or Fault("removed", before.last_seq + 1 if before else 1, None, reached + 1, what)
    part.fault = part.fault or vague
    return part


def _ground(first: int) -> tuple[Header | None, Fault | None]:
    """The signed batch that the range rests on; none before the first."""
    if first <= 1:
        return None, None
    batch = AuditBatch.objects.filter(number=first - 1).first()
    if batch is None:
        return None, Fault("batch", None, None, first - 1, _("Thiếu lô đứng trước khoảng kiểm tra."))
    if not _is_signed(batch):
        return None, Fault("signature", batch.first_seq, None, batch.number, _("Chữ ký của lô không đúng."))
    return batch.header, None


def _is_signed(batch: AuditBatch) -> bool:
    return keys.is_signed(batch.header.message, batch.key, bytes(batch.signature))


def _groups(first: int, last: int) -> Iterator[list[AuditBatch]]:
    """Consecutive batches with about GROUP events."""
    group: list[AuditBatch] = []
    size = 0
    rows = AuditBatch.objects.filter(number__gte=first, number__lte=last).order_by("number")
    for batch in rows.iterator(PAGE):
        group.append(batch)
        size += batch.last_seq - batch.first_seq + 1
        if size >= GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _fetched(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _events(entries: Sequence[tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    """The events of these entries by number: first in their months, then (moved by somebody?) anywhere."""
    if not entries:
        return {}
    ids = [entry[1] for entry in entries]
    moments = _fetched(MOMENTS, [entries[0][0], entries[-1][0]])[0]
    found = {row[0]: row for row in _fetched(EVENTS + WITHIN, [ids, *moments])}
    if missing := [event for event in ids if event not in found]:
        found.update((row[0], row) for row in _fetched(EVENTS, [missing]))
    return found


# ── one batch ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _faulty(
    batch: AuditBatch,
    before: Header | None,
    entries: Sequence[tuple[Any, ...]],
    events: dict[int, tuple[Any, ...]],
    part: _Part,
) -> Fault | None:
    """The first fault of a batch. What the folder keeps may show an earlier one than the rows themselves."""
    fault = _entry_fault(batch, before, entries, events, part) or _header_fault(batch, before, part)
    if fault is None:
        return None
    located = _located(batch.number, before.last_seq + 1 if before else 1, entries)
    return min((one for one in (located, fault) if one), key=lambda one: one.order)


def _entry_fault(
    batch: AuditBatch,
    before: Header | None,
    entries: Sequence[tuple[Any, ...]],
    events: dict[int, tuple[Any, ...]],
    part: _Part,
) -> Fault | None:
    """Numbers without gaps, each event as its leaf says, and the root over all of them."""
    seq, number = before.last_seq + 1 if before else 1, batch.number
    hashes = []
    for told, event_id, leaf in entries:
        if told != seq:
            break
        row, leaf = events.get(event_id), bytes(leaf)
        if row is None:
            return Fault("removed", seq, event_id, number, _("Sự kiện đã bị xóa khỏi nhật ký."))
        computed = leaves.hash_facts_text(row[1])
        if computed != leaf:
            moved = computed in {bytes(entry[2]) for entry in entries}
            words = _("Sự kiện đã bị đổi chỗ.") if moved else _("Nội dung sự kiện đã bị sửa.")
            return Fault("reordered" if moved else "altered", seq, event_id, number, words)
        if fault := _text_fault(row, seq, number, part):
            return fault
        hashes.append(merkle.leaf_hash(merkle.entry_input(seq, event_id, leaf)))
        seq += 1
    if seq <= batch.last_seq or len(hashes) < len(entries):
        return Fault("removed", seq, None, number, _("Số thứ tự %(seq)d không còn trong sổ.") % {"seq": seq})
    if merkle.root(hashes) != bytes(batch.root):
        return Fault("batch", batch.first_seq, None, number, _("Gốc Merkle của lô không khớp các sự kiện."))
    return None


def _text_fault(row: tuple[Any, ...], seq: int, number: int, part: _Part) -> Fault | None:
    pk, _facts, texts_hash, salt, note, detail, rest, is_erased, is_blank = row
    if is_erased:
        part.erased.append((pk, seq, number))
        words = _("Nội dung đã xóa lại có chữ.")
        return None if is_blank else Fault("altered", seq, pk, number, words)
    if detail != "{}":
        detail = leaves.canonical(json.loads(detail))
    if leaves.hash_texts_text(bytes(salt), f"[{note},{detail}{rest}") != bytes(texts_hash):
        return Fault("altered", seq, pk, number, _("Nội dung sự kiện đã bị sửa."))
    return None


def _header_fault(batch: AuditBatch, before: Header | None, part: _Part) -> Fault | None:
    """The chain, the signature, and the same header at the folder holder."""
    header, number = batch.header, batch.number
    if (
        header.first_seq != (before.last_seq + 1 if before else 1)
        or header.previous != (before.hash if before else NO_HASH)
        or (before is not None and header.closed_at <= before.closed_at)
        or bytes(batch.hash) != header.hash
    ):
        return Fault("chain", batch.first_seq, None, number, _("Lô không nối tiếp lô trước."))
    if not _is_signed(batch):
        return Fault("signature", batch.first_seq, None, number, _("Chữ ký của lô không đúng."))
    folder = holders.folder()
    if folder is None:
        return None
    try:
        for kept in folder.kept(number, number):
            part.compared += 1
            if kept.header.hash != header.hash:
                return Fault("holder", batch.first_seq, None, number, _("Nơi giữ có bản khác của lô này."))
    except HolderAway as error:
        part.warnings.add(str(error))
    return None


def _stamp_fault(group: list[AuditBatch], part: _Part) -> Fault | None:
    """The timestamps over these batches. Who is not trusted (any more) is told, not held against the log."""
    authority = stamping.authority()
    by_number = {batch.number: batch for batch in group}
    for stamp in AuditTimestamp.objects.filter(batch__in=by_number).order_by("batch") if authority else ():
        batch = by_number[stamp.batch_id]
        try:
            authority.read(bytes(stamp.token), bytes(batch.hash))
            part.stamps += 1
        except stamping.StampBroken as error:
            return Fault("stamp", batch.first_seq, None, batch.number, str(error))
        except stamping.StampRefused as error:
            part.warnings.add(str(error))
    return None


def _located(number: int, seq: int, entries: Sequence[tuple[Any, ...]]) -> Fault | None:
    """The first entry that differs from what the folder keeps of this batch (if that is signed, and whole)."""
    kept = _kept_leaves(number)
    if kept is None:
        return None
    mine = [(entry[1], bytes(entry[2])) for entry in entries]
    ids, kept_ids = {event for event, _leaf in mine}, {event for event, _leaf in kept}
    for index, (event, leaf) in enumerate(kept):
        if index < len(mine) and mine[index] == (event, leaf):
            continue
        at = {"seq": seq + index, "batch": number}
        if event not in ids:
            return Fault("removed", event=event, what=_("Sự kiện đã bị xóa khỏi nhật ký."), **at)
        if mine[index][0] not in kept_ids:
            return Fault("added", event=mine[index][0], what=_("Sự kiện được chèn thêm vào sổ."), **at)
        if mine[index][0] != event:
            return Fault("reordered", event=event, what=_("Sự kiện đã bị đổi chỗ."), **at)
        return Fault("altered", event=event, what=_("Nội dung sự kiện đã bị sửa."), **at)
    if len(mine) > len(kept):
        what = _("Sự kiện được chèn thêm vào sổ.")
        return Fault("added", seq + len(kept), mine[len(kept)][0], number, what)
    return None


def _kept_leaves(number: int) -> list[tuple[int, bytes]] | None:
    """(event, leaf) of a batch from the folder, if they lead to a root that one of our keys has signed."""
    folder = holders.folder()
    if folder is None:
        return None
    try:
        kept = next(folder.kept(number, number), None)
    except HolderAway:
        return None
    found = folder.leaves_of(number)
    if (
        kept is None
        or found is None
        or not keys.is_signed(kept.header.message, kept.header.key, kept.signature)
    ):
        return None
    inputs = (merkle.entry_input(kept.header.first_seq + n, *one) for n, one in enumerate(found))
    return found if merkle.root([merkle.leaf_hash(one) for one in inputs]) == kept.header.root else None


# ── beyond the batches ───────────────────────────────────────────────────────────────────────────────────────────────


def _unrecorded_erasures(erased: list[tuple[int, int, int]]) -> list[Fault]:
    """Texts may go only by an erasure that is itself in the log."""
    recorded: set[int] = set()
    for start in range(0, len(erased), GROUP):
        ids = [event for event, _seq, _batch in erased[start : start + GROUP]]
        recorded.update(row[0] for row in _fetched(ERASURES, [ids, ERASURE]))
    words = _("Nội dung bị xóa mà không có sự kiện xóa.")
    return [
        Fault("altered", seq, event, batch, words) for event, seq, batch in erased if event not in recorded
    ]


def _tops() -> dict[str, int | None]:
    """The highest batch of each holder; None: it does not answer."""
    found: dict[str, int | None] = {}
    for holder in holders.configured():
        try:
            found[holder.name] = holder.last()
        except HolderAway:
            found[holder.name] = None
    return found


def _missing_at_folder(first: int, last: int, report: Report) -> list[str]:
    """Files that the folder has lost: the log may be whole, but one witness less stands for it."""
    missing = last - first + 1 - report.holders.get("folder", 0)
    if missing <= 0 or report.batches < last - first + 1:
        return []
    return [_("Thư mục giữ gốc thiếu %(count)d lô.") % {"count": missing}]


def _elsewhere(first: int, last: int, report: Report) -> list[Fault]:
    """Holders other than the folder: the same hash for every batch they keep."""
    faults = []
    for holder in holders.configured():
        if isinstance(holder, holders.Folder):
            continue
        hashes = dict(
            AuditBatch.objects.filter(number__gte=first, number__lte=last).values_list("number", "hash")
        )
        try:
            for kept in holder.kept(first, last):
                number = kept.header.number
                report.holders[holder.name] = report.holders.get(holder.name, 0) + 1
                if kept.header.hash != bytes(hashes.get(number) or b""):
                    words = _("Nơi giữ «%(name)s» có bản khác của lô này.") % {"name": holder.label}
                    located = _located(number, kept.header.first_seq, _entries_of(kept.header))
                    faults.append(located or Fault("holder", kept.header.first_seq, None, number, words))
                    break
        except HolderAway as error:
            report.warnings.append(str(error))
    return faults


def _stamps_gone(first: int, last: int) -> list[Fault]:
    """The first timestamp that the folder keeps and the database no longer has.

    The folder is listed before the table is read: what is stamped meanwhile is in the table first. Names only, by
    shelf, so that thousands of batches take milliseconds.
    """
    folder = holders.folder()
    if folder is None:
        return []
    kept = set(folder.stamped(first, last))
    rows = AuditTimestamp.objects.filter(batch__gte=first, batch__lte=last)
    gone = kept - set(rows.values_list("batch_id", flat=True)) if kept else set()
    if not gone:
        return []
    number = min(gone)
    seq = AuditBatch.objects.filter(number=number).values_list("first_seq", flat=True).first()
    words = _(
        "Dấu thời gian của lô này không còn trong cơ sở dữ liệu, nơi giữ vẫn giữ (tất cả %(count)d dấu)."
    )
    return [Fault("stamp", seq, None, number, words % {"count": len(gone)})]


def _last_stamps_gone() -> list[Fault]:
    """A holder's row says that a timestamp was handed over which the table does not know: also without the folder."""
    given = dict(AuditHolder.objects.filter(stamps_to__gt=0).values_list("name", "stamps_to"))
    there = set(AuditTimestamp.objects.filter(pk__in=given.values()).values_list("pk", flat=True))
    words = _("Dấu thời gian đã gửi cho nơi giữ «%(name)s» không còn trong cơ sở dữ liệu.")
    return [
        Fault("stamp", None, None, None, words % {"name": name})
        for name, stamp in sorted(given.items())
        if stamp not in there
    ]


def _not_asked(asked: set[str]) -> list[str]:
    """Holders that were given batches but are not named in this environment: silence would read as agreement."""
    names = AuditHolder.objects.exclude(name__in=asked).order_by("name").values_list("name", flat=True)
    words = _("Nơi giữ «%(name)s» không được cấu hình ở đây nên không được hỏi.")
    return [words % {"name": name} for name in names]


def _entries_of(header: Header) -> list[tuple[Any, ...]]:
    return _fetched(ENTRIES, [header.first_seq, header.last_seq])


def _cut_off(end: AuditBatch | None, tops: dict[str, int | None]) -> list[Fault]:
    """A holder keeps batches that the database no longer has."""
    last = end.number if end else 0
    if max((top or 0 for top in tops.values()), default=0) <= last:
        return []
    kept = _kept_leaves(last + 1)
    words = _("Phần cuối nhật ký, từ lô %(number)d, đã bị cắt.") % {"number": last + 1}
    return [Fault("cut_off", end.last_seq + 1 if end else 1, kept[0][0] if kept else None, last + 1, words)]


def _loose(report: Report) -> list[Fault]:
    """Events that neither have a number nor wait for one: written past the triggers."""
    events, entries, report.waiting = _fetched(COUNTS, [])[0]
    if events == entries + report.waiting:
        return []
    words = _("Sự kiện nằm trong nhật ký mà không được đánh số.")
    return [Fault("added", None, row[0], None, words) for row in _fetched(UNNUMBERED, [])]
