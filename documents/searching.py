"""Search over documents: what a record is found by, who may find it, and the answer in pages.

One GIN question answers words, filters and rights together, because the rights lie in the vector as lexemes (`qa12`:
the papers of agency 12). The rows that are shown still pass through `visible_to`: a lexeme that has grown old may hide
a row until the next sweep, it never shows one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from core.search import fold
from documents import lexemes
from documents.choices import DocumentKind
from documents.lexemes import Question, Vector, both, either
from documents.models import Document, FileText, IncomingDocument, SearchEntry, SearchWord
from org import succession
from org.choices import Role
from org.models import Organization
from org.powers import archive_units

Record = Document | IncomingDocument
PAGE: Final = 20
COUNT_UP_TO: Final = 1000
HEIRS_MAX: Final = 30
UNITS_MAX: Final = 400  # more units than these are asked by the rule itself, not by lexemes
RECIPIENTS_MAX: Final = 100
SIMILAR_WORDS: Final = 24
# Words of titles that say nothing about what they are about.
LEADS: Final = frozenset(
    lexemes.lexeme_of(word)
    for word in lexemes.words_of(
        "V/v về việc báo cáo kết quả triển khai tại xã phường của và các năm tháng quý"
    )
)
RANKED_MOST: Final = 200  # hits: more of them come newest first
WINDOWS: Final = (2, 13)  # months that are asked first
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)

# --- what a record is found by ----------------------------------------------------------------------------
LONGEST_WORD = 60  # letters of a word that a begun word may go on to


def index(record: Record) -> None:
    """Number, title, people and rights of `record` are found from now on; the text of its files stays. Inside `atomic`."""
    if isinstance(record, Document) and record.kind != DocumentKind.OFFICIAL:
        return
    column = _column(record)
    head = head_of(record)
    _write(column, record.pk, at=_at(record), head=head)


def index_text(record: Record) -> None:
    """The words of its files too."""
    if isinstance(record, Document) and record.kind != DocumentKind.OFFICIAL:
        return
    body = Vector(("C", "D"))
    texts = FileText.objects.filter(stored__in=stored_of(record)).exclude(text="").order_by("stored_id")
    for text in texts.values_list("text", flat=True):
        body.say(text)
    index(record)
    table = SearchEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET body = %s::tsvector, vector = head || %s::tsvector WHERE {_column(record)}_id = %s",  # noqa: S608
            [str(body), str(body), record.pk],
        )
    remember_words(body.words)
    type(record).objects.filter(pk=record.pk).update(text_read_at=timezone.now())


def access_changed(record: Record) -> None:
    """Who may read it has changed (a task, a grant, an opinion, another unit): search must learn of it. Inside `atomic`."""
    index(record)


def forget(record: Record) -> None:
    """It is not found any more: cancelled, or purged for a state secret."""
    SearchEntry.objects.filter(**{_column(record): record}).delete()


def _write(column: str, pk: int, *, at: datetime, head: Vector) -> None:
    table, text = SearchEntry._meta.db_table, str(head)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({column}_id, at, head, vector, indexed_at) "  # noqa: S608
            "VALUES (%s, %s, %s::tsvector, %s::tsvector, now()) "
            f"ON CONFLICT ({column}_id) DO UPDATE SET at = excluded.at, head = excluded.head, "
            f"vector = excluded.head || coalesce({table}.body, ''::tsvector), indexed_at = now()",
            [pk, at, text, text],
        )
    remember_words(head.words)


def remember_words(words: Sequence[str]) -> None:
    """For questions whose last word is only begun. Known words are asked first: a write waits for other writers."""
    new = set(words)
    for sheet in _sheets(sorted(new)):
        new = {word for word in new if len(word) <= LONGEST_WORD}
        new -= set(SearchWord.objects.filter(word__in=sheet).values_list("word", flat=True))
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in sorted(new)], ignore_conflicts=True, batch_size=2000
    )


def _sheets(words: Sequence[str]) -> Iterable[Sequence[str]]:
    return (words[start : start + 2000] for start in range(0, len(words), 2000))


def _column(record: Record) -> str:
    return "document" if isinstance(record, Document) else "incoming"


def _at(record: Record) -> datetime:
    if isinstance(record, IncomingDocument):
        return record.arrived_at
    return record.issued_at or record.created_at


def stored_of(record: Record) -> list[int]:
    """Ids of the files whose words count: not what was superseded, not what is not issued with the document."""
    if isinstance(record, IncomingDocument):
        return list(record.files.filter(superseded_at__isnull=True).values_list("stored_id", flat=True))
    found = [record.current_file_id or record.unsigned_file_id]
    found += record.attachments.values_list("stored_id", flat=True)
    return [pk for pk in dict.fromkeys(found) if pk]


def head_of(record: Record) -> Vector:
    vector = Vector()
    if isinstance(record, IncomingDocument):
        incoming_head(vector, record, successor_names(record.issuer_id))
        vector.fact(*(f"qu{pk}" for pk in record.tasks.values_list("unit_id", flat=True)))
        for unit_id, person_id in record.tasks.filter(person__isnull=False).values_list(
            "unit_id", "person_id"
        ):
            vector.fact(f"qp{person_id}", f"qo{unit_id}.{person_id}")
        if record.files.filter(superseded_at__isnull=True).exists():
            vector.fact("f:file")
    else:
        recipients = [
            str(line)
            for line in record.recipients.select_related("unit", "group").order_by("id")[:RECIPIENTS_MAX]
        ]
        document_head(vector, record, recipients, successor_names(record.agency_id))
        vector.fact(*(f"qi{pk}" for pk in record.opinions.values_list("unit_id", flat=True)))
        if stored_of(record):
            vector.fact("f:file")
    grants = record.grants.filter(ended_at__isnull=True)
    vector.fact(*(f"qg{pk}" for pk in grants.values_list("user_id", flat=True)))
    return vector


def incoming_head(vector: Vector, record: IncomingDocument, successors: Iterable[str]) -> None:
    """All that stands in the row itself."""
    day = record.dated_on or timezone.localdate(record.arrived_at)
    vector.fact("f:in", f"qa{record.agency_id}", f"f:y{day.year}", f"f:u{record.urgency}")
    vector.fact(*_months(record.arrived_at, 1))
    if record.type_id:
        vector.fact(f"f:t{record.type_id}")
    if record.issuer_id:
        vector.fact(f"f:i{record.issuer_id}")
    if record.arrival_number:
        vector.fact(f"n:{record.arrival_number}")
    vector.fact("f:all", *lexemes.number_lexemes(record.number_printed))
    vector.fact(*(f"s:{word}" for word in fold(record.signer_printed).split()))
    for text in (
        record.number_printed,
        record.title,
        f"{record.type_printed or ''}",
        record.issuer_printed,
        *successors,
        record.signer_printed,
        record.handled_by_printed,
        record.document_code,
        record.note,
    ):
        vector.say(text)


def document_head(
    vector: Vector, record: Document, recipients: Iterable[str], successors: Iterable[str]
) -> None:
    day = record.dated_on or timezone.localdate(record.created_at)
    vector.fact(
        "f:out",
        "f:all",
        f"qa{record.agency_id}",
        f"qv{record.unit_id}",
        f"qd{record.drafter_id}",
        f"f:y{day.year}",
        f"f:u{record.urgency}",
        f"f:t{record.type_id}",
        f"f:i{record.agency_id}",
    )
    vector.fact(*_months(_at(record), 1))
    if record.issued_at:
        vector.fact("f:issued")
    number = record.number_printed or record.notation.replace("{n}", "").replace("{year}", "")
    vector.fact(*lexemes.number_lexemes(number))
    vector.fact(*(f"s:{word}" for word in fold(record.signer_printed).split()))
    for text in (
        record.number_printed,
        record.title,
        record.type.name,
        record.issuer_printed or record.agency.name,
        *successors,
        record.signer_printed,
        *recipients,
    ):
        vector.say(text)


def successor_names(unit_id: int | None) -> list[str]:
    """Names of who holds today what a unit that is no more held: its old letters are found under them too."""
    if unit_id is None:
        return []
    unit = Organization.objects.filter(pk=unit_id).values_list("valid_to", flat=True).first()
    if unit is None or unit > timezone.localdate():
        return []
    ids = [heir.id for heir in succession.heirs(unit_id)][:HEIRS_MAX]
    return list(Organization.objects.filter(pk__in=ids).order_by("pk").values_list("name", flat=True))


# --- who may find it ----------------------------------------------------------------------------------------


def rights(user: Any) -> str | None:
    """The rules of `documents.rules.visible` and `incoming_visible` as a tsquery. None: too many units, ask the rules."""
    if not user.is_authenticated:
        return "'q:nobody'"
    own = ["qg", "qd", "qp"] if user.hat is not None else ["qg", "qd"]
    clauses = [either(f"{kind}{user.pk}" for kind in own)]
    units = 0
    for power in user.powers:
        codes = power.scope
        narrowed = ""
        if codes:
            if set(codes) - {"document_types"}:
                continue  # of procedures and fields: no official document has one
            narrowed = either(f"f:t{pk}" for pk in _types(codes["document_types"]))
            if not narrowed:
                continue
        units += len(power.units)
        if units > UNITS_MAX:
            return None
        words = [kind + str(unit) for unit in sorted(power.units) for kind in LEXEMES.get(power.role, ())]
        if not codes:
            words += [
                kind + str(unit) for unit in sorted(power.units) for kind in UNSCOPED.get(power.role, ())
            ]
            if power.role == Role.CASE_OFFICER:
                words += [f"qo{unit}.{power.holder_id or user.pk}" for unit in sorted(power.units)]
        if words:
            clauses.append(f"({both(either(words), narrowed)})" if narrowed else either(words))
    if archives := sorted(archive_units(user)):
        held = either(f"qa{unit}" for unit in archives)
        clauses.append(f"({held} & ('f:in' | 'f:issued'))")
    return f"({' | '.join(clauses)})"


# What a role opens on a unit: papers of its agency, of its unit; tasks given to it, questions put to it. The last two
# never by a power that is narrowed to types, for tasks and opinions have none.
LEXEMES: Final = {
    Role.LEADER: ("qa",),
    Role.CLERK: ("qa",),
    Role.UNIT_HEAD: ("qv",),
    Role.CASE_OFFICER: ("qv",),
}
UNSCOPED: Final = {
    Role.LEADER: ("qu", "qi"),
    Role.UNIT_HEAD: ("qu", "qi"),
    Role.CASE_OFFICER: ("qi",),
}


def _types(codes: Iterable[str]) -> list[int]:
    from documents.models import DocumentType

    return list(DocumentType.objects.filter(code__in=list(codes)).values_list("pk", flat=True))


# --- the answer ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filters:
    """Everything beside the words. `narrow`: what only the records themselves know (stars, deadlines)."""

    kind: str = ""  # "in", "out", "" both
    type_id: int | None = None
    year: int | None = None
    issuer_id: int | None = None
    urgency: int | None = None
    signer: str = ""
    with_file: bool | None = None
    since: datetime | None = None
    narrow: Q | None = None

    def clause(self) -> str:
        parts = [f"'f:{self.kind}'"] if self.kind else []
        if self.type_id:
            parts.append(f"'f:t{self.type_id}'")
        if self.year:
            parts.append(f"'f:y{self.year}'")
        if self.urgency is not None:
            parts.append(either(f"f:u{level}" for level in range(max(self.urgency, 0), 4)))
        if self.issuer_id:
            parts.append(either(f"f:i{pk}" for pk in sorted(forebears(self.issuer_id))))
        parts += [f"'s:{word}'" for word in fold(self.signer).split()[:6]]
        if self.with_file is not None:
            parts.append("'f:file'" if self.with_file else "!'f:file'")
        return both(*parts)


def forebears(unit_id: int) -> set[int]:
    """The unit and those whose work it took over, wholly or in part: their letters are found under its name."""
    from org.models import OrgSuccession

    found, waiting = {unit_id}, {unit_id}
    while waiting and len(found) < 200:
        waiting = set(OrgSuccession.objects.filter(new__in=waiting).values_list("old_id", flat=True)) - found
        found |= waiting
    return found


@dataclass
class Found:
    """One page of entries, best first, and the words for its head."""

    entries: list[SearchEntry] = field(default_factory=list)
    total: int = 0  # COUNT_UP_TO + 1: more than are counted
    older: str = ""
    question: Question = field(default_factory=Question)
    without_marks: bool = False  # nothing was written just so; found without marks

    @property
    def is_capped(self) -> bool:
        return self.total > COUNT_UP_TO


def find(user: Any, text: str, filters: Filters, *, after: str = "", size: int = PAGE) -> Found:
    """Documents and incoming documents that `user` may see and that fit. `after`: the mark of the page before."""
    question = lexemes.ask(text, continuations)
    found = _find(user, question, filters, after, size)
    if not found.total and question.clauses and fold(text) != text.lower():
        plain = lexemes.ask(_without_marks(text), continuations)
        found = _find(user, plain, filters, after, size)
        found.without_marks = bool(found.total)
    return found


def similar(user: Any, record: Record, *, size: int = PAGE) -> list[SearchEntry]:
    """What else `user` may see that says the same things: pairs of words of the title, the more of them the better."""
    title = [lexemes.lexeme_of(word) for word in lexemes.words_of(record.title)][:SIMILAR_WORDS]
    pairs = [
        f"{either([one])} <-> {either([two])}"
        for one, two in pairwise(title)
        if one not in LEADS and two not in LEADS
    ]
    allowed = rights(user)
    if not pairs or allowed is None:
        return []
    any_pair = " | ".join(f"({pair})" for pair in pairs)
    rows = SearchEntry.objects.filter(vector__fits=both(allowed, f"({any_pair})"))
    rows = rows.exclude(**{_column(record): record})
    score = sum(
        (Case(When(vector__fits=pair, then=Value(1)), default=Value(0)) for pair in pairs),
        start=Value(0, output_field=IntegerField()),
    )
    with transaction.atomic(), _by_the_index():
        scored: Any = rows.annotate(score=score)
        hits = list(scored.values_list("score", "at", "pk")[:COUNT_UP_TO])
    least = 2 if len(pairs) > 2 else 1
    best = sorted((hit for hit in hits if hit[0] >= least), reverse=True)[:size]
    return _entries(user, [pk for _score, _at, pk in best])


def continuations(begun: str) -> list[str]:
    """Words that go on from `begun`, short ones first. A word that carries its tone already is whole."""
    if len(begun) < 2 or begun[-1].isdigit():
        return []
    upper = begun + "\U0010ffff"
    words = list(
        SearchWord.objects.filter(word__gte=begun, word__lt=upper).values_list("word", flat=True)[:400]
    )
    if begun.isascii():  # without marks: the folded form stands beside every written one
        words = [
            word for word in words if word.isascii() and not (word[-1] in "12345" and word[:-1].isalpha())
        ]
    return sorted(words, key=lambda word: (len(word), word))[: lexemes.CONTINUATIONS_MAX]


def _without_marks(text: str) -> str:
    return "".join(fold(char) or char for char in text)


def _find(user: Any, question: Question, filters: Filters, after: str, size: int) -> Found:
    allowed, rows = rights(user), SearchEntry.objects.all()
    if allowed is None:
        rows = rows.filter(
            Q(incoming__in=IncomingDocument.objects.visible_to(user))
            | Q(document__in=Document.objects.official().visible_to(user))
        )
    clause = both(allowed or "", filters.clause(), *question.clauses)
    if clause:
        rows = rows.filter(vector__fits=clause)
    if filters.since:
        rows = rows.filter(at__gte=filters.since)
    if filters.narrow is not None:
        rows = rows.filter(filters.narrow)
    tiers = _tiers(question)
    mark = _mark(after)
    with transaction.atomic(), _by_the_index():
        total = list(rows.values_list("pk", flat=True)[: COUNT_UP_TO + 1])
        if len(total) > RANKED_MOST:
            page = _newest_first(rows, tiers[:1], mark, size)
        else:
            page = _best_first(total, tiers, mark, size)
    found = Found(total=len(total), question=question)
    if len(page) > size:
        page = page[:size]
        pk, at, tier = page[-1]
        found.older = f"{tier}.{(at - EPOCH) // MICROSECOND}.{pk}"
    found.entries = _entries(user, [pk for pk, _at, _tier in page])
    return found


def _tiers(question: Question) -> list[str]:
    """Ever wider: the number itself; the words side by side in the head; side by side anywhere; all words in the head."""
    tiers = [question.number] if question.number else []
    if question.phrase:
        tiers += [question.phrase]
    if question.in_head:
        tiers.append(question.in_head)
    return tiers


def _best_first(ids: list[int], tiers: list[str], mark: Any, size: int) -> list[tuple[int, datetime, int]]:
    """Few enough to look at every one: by tier, then newest first."""
    if not ids:
        return []
    whens = [When(vector__fits=clause, then=Value(place)) for place, clause in enumerate(tiers)]
    last = Value(len(tiers), output_field=IntegerField())
    tier = Case(*whens, default=last, output_field=IntegerField()) if whens else last
    rows: Any = SearchEntry.objects.filter(pk__in=ids).annotate(tier=tier)
    hits = sorted(rows.values_list("pk", "at", "tier"), key=_place, reverse=True)
    return [hit for hit in hits if mark is None or _place(hit) < mark][: size + 1]


def _place(hit: tuple[int, datetime, int]) -> tuple[int, datetime, int]:
    pk, at, tier = hit
    return -tier, at, pk


def _newest_first(
    rows: QuerySet[SearchEntry], first: list[str], mark: Any, size: int
) -> list[tuple[int, datetime, int]]:
    """More hits than are ranked: what stands side by side first, then the rest, each newest first."""
    page: list[tuple[int, datetime, int]] = []
    for tier in range(len(first) + 1):
        if mark is not None and tier < -mark[0]:
            continue
        part = rows
        if first:
            part = rows.filter(vector__fits=first[0]) if tier == 0 else rows.exclude(vector__fits=first[0])
        before = mark if mark is not None and tier == -mark[0] else None
        page += [(pk, at, tier) for pk, at in _back_in_time(part, before, size + 1 - len(page))]
        if len(page) > size:
            break
    return page


def _back_in_time(rows: QuerySet[SearchEntry], mark: Any, wanted: int) -> list[tuple[int, datetime]]:
    """The newest ones. The last months are asked first, by the same index: old letters are read only when needed."""
    start = timezone.now() if mark is None else mark[1]
    if mark is not None:
        _tier, at, pk = mark
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    found: list[tuple[int, datetime]] = []
    for months in (*WINDOWS, 0):
        part = rows.filter(vector__fits=either(_months(start, months))) if months else rows
        found = list(part.order_by("-at", "-pk").values_list("pk", "at")[:wanted])
        if len(found) >= wanted:
            break
    return found


def _months(start: datetime, count: int) -> Iterator[str]:
    """«f:m2026-11», «f:m2026-10» …: the months of Viet Nam back from `start`."""
    day = timezone.localdate(start)
    number = day.year * 12 + day.month - 1
    return (f"f:m{one // 12}-{one % 12 + 1:02d}" for one in range(number, number - count, -1))


def _mark(after: str) -> tuple[int, datetime, int] | None:
    parts = after.split(".")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) < 17 for part in parts):
        return None
    return -int(parts[0]), EPOCH + int(parts[1]) * MICROSECOND, int(parts[2])


def _by_the_index() -> Any:
    """Without it the planner may read the whole table when it hopes to find a thousand rows soon."""
    return _planner({"enable_seqscan": "off", "enable_indexscan": "off"})


class _planner:
    """Settings for the statements inside, in this transaction only."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.settings = settings

    def __enter__(self) -> None:
        self._set(self.settings)

    def __exit__(self, *failure: Any) -> None:
        if failure[0] is None:
            self._set(dict.fromkeys(self.settings, "on"))

    def _set(self, settings: dict[str, str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in settings.items()))


def _entries(user: Any, ids: list[int]) -> list[SearchEntry]:
    """The rows of one page, in the order of `ids`: what the rules do not show (any more) is left out."""
    may: dict[str, Callable[[], QuerySet[Any]]] = {
        "incoming": lambda: IncomingDocument.objects.visible_to(user),
        "document": lambda: Document.objects.official().visible_to(user),
    }
    rows = SearchEntry.objects.filter(pk__in=ids).defer("head", "body", "vector")
    rows = rows.select_related(
        "incoming__agency", "incoming__type", "document__agency", "document__type", "document__unit"
    ).defer("incoming__report", "document__body_sealed")
    known = {row.pk: row for row in rows}
    shown: set[tuple[str, int]] = set()
    for column, visible in may.items():
        wanted = [pk for row in known.values() if (pk := getattr(row, f"{column}_id")) is not None]
        if wanted:
            shown |= {(column, pk) for pk in visible().filter(pk__in=wanted).values_list("pk", flat=True)}
    return [
        known[pk]
        for pk in ids
        if pk in known
        and (("incoming", known[pk].incoming_id) in shown or ("document", known[pk].document_id) in shown)
    ]


def address_of(record: Record) -> str:
    """Where staff read the record."""
    return f"/lam-viec/van-ban/{'di' if isinstance(record, Document) else 'den'}/{record.pk}/"


def midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
