"""Official documents under load: the list of a clerk with thousands of grants, search over all of them, registration."""

import io
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any, Final

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from core import audit, numbering
from core.copying import copy_in
from documents import lists
from documents.actions import indexing
from documents.lexemes import Vector, number_lexemes
from documents.models import DocumentGrant, DocumentType, IncomingDocument, SearchEntry, SearchWord
from haiphong_egov.bench import world as bench_world
from haiphong_egov.bench.measures import Row, interleaved, p95
from haiphong_egov.bench.world import World
from org import step_up
from org.choices import OrganizationKind, Role
from org.models import Organization, User

GRANTS: Final = 5_000
CHUNK: Final = 20_000
TITLES: Final = 4_000
BODIES: Final = 300
BODY_WORDS: Final = 80
RARE: Final = "hydroxyapatit"
TOPICS: Final = (
    "phòng cháy chữa cháy mùa hanh khô", "giải phóng mặt bằng tuyến đường ven sông", "dự toán ngân sách năm sau", "tuyển sinh lớp đầu cấp",
    "số hóa hồ sơ hộ tịch", "rà soát hộ nghèo", "lịch gieo cấy vụ xuân", "trật tự vỉa hè", "nạo vét kênh nội đồng", "đánh giá công chức",
)  # fmt: skip
LEADS: Final = ("V/v báo cáo", "V/v đôn đốc", "Về việc phê duyệt", "Kế hoạch kiểm tra", "Thông báo kết luận về", "V/v góp ý")  # fmt: skip
QUESTIONS: Final = {
    "từ hiếm": RARE,
    "từ phổ biến": "bao cao",
    "cụm từ": '"giải phóng mặt bằng"',
    "số, ký hiệu": "1415/QĐ-UBND",
    "gõ dở": "ngh",
    "không có": "khongcotunaynhuvay",
}


def clerk_of(world: World) -> User:
    """The clerk of the measured commune."""
    found = User.objects.filter(email=f"{Role.CLERK}@bench.example.org").first()
    return found or bench_world._person("Đo Văn Thư", world.office, Role.CLERK, world.ubnd)


def fill(target: int, world: World) -> None:
    """Incoming documents up to `target`, spread over all agencies, each with its place in search."""
    have = IncomingDocument.objects.count()
    rng = random.Random(have)  # noqa: S311  (invented rows)
    agencies = list(
        Organization.objects.valid_on()
        .filter(kind__in=[OrganizationKind.COMMITTEE, OrganizationKind.DEPARTMENT])
        .order_by("pk")
    )
    types = list(DocumentType.objects.filter(is_specialised=False).order_by("pk"))
    titles = [_title(rng, number) for number in range(TITLES)]
    syllables = sorted({word for title in titles for word in title.split()})
    syllables += ["nghị", "nghiệp", "nghĩa", "nghề", "nghiên", "nghiêm", "nghe", "nghỉ", "nghèo", "nghìn"]
    bodies = [rng.choices(syllables, k=BODY_WORDS) for _number in range(BODIES)]
    heads = [_vector([title, " ".join(bodies[number % BODIES])]) for number, title in enumerate(titles)]
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in sorted({word for vector in heads for word in vector.words})],
        ignore_conflicts=True,
    )
    words = [str(vector) for vector in heads]
    rare = str(_vector([f"Kiểm nghiệm {RARE}", ""]))
    first = (IncomingDocument.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX IF EXISTS search_entry_vector")
    for start in range(have, target, CHUNK):
        records, entries = io.StringIO(), io.StringIO()
        for number in range(start, min(start + CHUNK, target)):
            pk, agency, issuer = first + number - have, rng.choice(agencies), rng.choice(agencies)
            place, kind, at = (
                rng.randrange(TITLES),
                rng.choice(types),
                now - timedelta(minutes=(target - number) // 2),
            )
            is_rare = number % 2000 == 7
            title = f"Kiểm nghiệm {RARE}" if is_rare else titles[place]
            printed = f"{number % 3000 + 1}/{kind.abbreviation}-UBND"
            records.write(
                f"{pk}\t{agency.pk}\tmail\tarrived\t\t{issuer.pk}\t{issuer.name}\t\t{printed}\t\t{at:%Y-%m-%d}\t{kind.pk}\t"
                f"{kind.name}\t{title}\tNguyễn Văn {number % 97}\t0\t\t0\t\t{{}}\t\t{at.isoformat()}\t\t\t\tf\t"
                f"{at.isoformat()}\t{at.isoformat()}\t\n"
            )
            facts = [f"qa{agency.pk}", "f:in", "f:all", f"f:y{at.year}", f"f:m{at:%Y-%m}", "f:u0", f"f:t{kind.pk}", f"f:i{issuer.pk}", *number_lexemes(printed)]  # fmt: skip
            vector = (rare if is_rare else words[place]) + "".join(f" '{fact}'" for fact in facts)
            entries.write(f"{pk}\t{at.isoformat()}\t\t{vector}\t{at.isoformat()}\n")
        _copy("documents_incomingdocument", RECORD_COLUMNS, records)
        _copy("documents_searchentry", ["incoming_id", "at", "head", "vector", "indexed_at"], entries)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE INDEX search_entry_vector ON documents_searchentry USING gin (vector) WITH (fastupdate=off)"
        )
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('documents_incomingdocument', 'id'), max(id)) FROM documents_incomingdocument"
        )
    _grants(clerk_of(world), world)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE documents_incomingdocument")
        cursor.execute("VACUUM ANALYZE documents_searchentry")
        cursor.execute("ANALYZE documents_documentgrant")


RECORD_COLUMNS: Final = [
    "id", "agency_id", "source", "state", "document_code", "issuer_id", "issuer_printed", "issuer_folded", "number_printed",
    "number_folded", "dated_on", "type_id", "type_printed", "title", "signer_printed", "urgency", "circulation", "paper_copies",
    "verdict", "report", "legal_value", "arrived_at", "note", "return_reason", "outcome", "is_frozen", "created_at", "text_read_at",
    "handled_by_printed",
]  # fmt: skip


def _title(rng: random.Random, number: int) -> str:
    return f"{rng.choice(LEADS)} {rng.choice(TOPICS)} đợt {number % 40} khu {rng.randrange(90)}"


def _vector(texts: list[str]) -> Vector:
    vector = Vector()
    for text in texts:
        vector.say(text)
    return vector


def _copy(table: str, columns: list[str], text: io.StringIO) -> None:
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", text)


def _grants(clerk: User, world: World) -> None:
    """Five thousand documents of other agencies, given to the clerk by name, spread over the whole time."""
    have = DocumentGrant.objects.filter(user=clerk).count()
    others = IncomingDocument.objects.exclude(agency=world.ubnd).exclude(grants__user=clerk)
    total = IncomingDocument.objects.count()
    step = max(1, total // GRANTS)
    ids = list(others.order_by("pk").values_list("pk", flat=True)[::step][: GRANTS - have])
    copy_in(DocumentGrant(incoming_id=pk, user=clerk, given_by=clerk) for pk in ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE documents_searchentry SET vector = vector || '''qg{clerk.pk}'''::tsvector WHERE incoming_id = ANY(%s)",  # noqa: S608
            [ids],
        )


# --- measures -----------------------------------------------------------------------------------------------


def _page(user: Any) -> Callable[[], None]:
    """Fifty rows of the list with all that a row shows."""

    def call() -> None:
        branches = list(lists.incoming_branches(user)) if user is not None else [Q()]
        _shown(lists.page_of(IncomingDocument.objects.all(), branches).ids)

    return call


def _deep(user: Any, older_than: int) -> Callable[[], None]:
    def call() -> None:
        branches = list(lists.incoming_branches(user)) if user is not None else [Q()]
        _shown(lists.page_of(IncomingDocument.objects.all(), branches, older_than=older_than).ids)

    return call


def _shown(ids: list[int]) -> None:
    """What a view does with them: the rows with what they show, in order, written out."""
    rows = IncomingDocument.objects.filter(pk__in=ids).defer("report")
    found = {row.pk: row for row in rows.select_related("agency", "type", "issuer")}
    cells = [
        [
            row.number_printed,
            row.title,
            row.issuer_printed,
            row.dated_on,
            row.get_state_display(),
            row.agency.name,
        ]
        for row in (found[pk] for pk in ids)
    ]
    render_to_string("papers/found_list.html", {"heads": [], "rows": cells, "note": ""})


def listing(world: World, size: int, seconds: float) -> Iterator[Row]:
    """As a clerk with 5,000 grants, against somebody who sees everything through the same code."""
    clerk = User.objects.get(pk=clerk_of(world).pk)
    middle = IncomingDocument.objects.order_by("pk").values_list("pk", flat=True)[size // 2]
    times = interleaved(
        seconds,
        clerk=_page(clerk),
        all=_page(None),
        clerk_deep=_deep(clerk, middle),
        all_deep=_deep(None, middle),
    )
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, words in (("", "văn bản đến, 5.000 quyền riêng"), ("_deep", "… trang ở giữa")):
        ratio = median[f"clerk{name}"] / median[f"all{name}"]
        yield Row(
            f"{words}, {size:,}", median[f"clerk{name}"] * 1000, "ms", ratio, "≤ 1.5 × thấy hết", ratio <= 1.5
        )


def searching(world: World, size: int, seconds: float) -> Iterator[Row]:
    """The page of search as that clerk, whole request."""
    with override_settings(ROOT_URLCONF="haiphong_egov.bench.floors", ALLOWED_HOSTS=["*"], DEBUG=False):
        client = Client()
        clerk = clerk_of(world)
        client.force_login(clerk)
        session = client.session
        step_up.whole_sign_in(session, clerk)
        session.save()

        def fetch(words: str) -> Callable[[], None]:
            def call() -> None:
                answer = client.get("/lam-viec/van-ban/tim/", {"q": words})
                if answer.status_code != 200:
                    raise RuntimeError(f"{words}: {answer.status_code}")

            return call

        times = interleaved(seconds * 2, **{name: fetch(words) for name, words in QUESTIONS.items()})
    for name, values in times.items():
        worst = p95(values) * 1000
        limit = "≤ 200 ms" if size <= 100_000 else ""
        yield Row(
            f"tìm văn bản p95: {name}, {size:,}", worst, "ms", None, limit, worst <= 200 if limit else None
        )


def registration(world: World, seconds: float) -> Iterator[Row]:
    """Arrivals with number, trail and place in search, each in a transaction of its own."""
    clerk = clerk_of(world)
    until, done = time.perf_counter() + seconds, 0
    start = time.perf_counter()
    for number in count():
        if time.perf_counter() > until:
            break
        now = timezone.now()
        with transaction.atomic():
            row = IncomingDocument.objects.create(
                agency=world.ubnd, source="paper", title=f"Đăng ký thử {number}", issuer_printed="Sở Tài chính", arrived_at=now
            )  # fmt: skip
            row.number = numbering.take(f"arrival:{world.ubnd.pk}:{now.year}", subject=row, owner=world.ubnd)
            row.arrival_number, row.arrival_year, row.register = row.number.value, now.year, world.ubnd
            row.registered_at, row.registered_by, row.state = now, clerk, "registered"
            row.save()
            audit.record("incoming.receive", actor=clerk, subject=row, before="arrived", after="registered")
            indexing.touch(row)
        done += 1
    rate = done / (time.perf_counter() - start)
    yield Row("đăng ký văn bản đến (ghi đủ, 1 tiến trình)", rate, "/s", rate / 20, "≥ 20 /s", rate >= 20)


def growth(rows: list[Row], sizes: list[int]) -> Iterator[Row]:
    """Search at the largest size against the smallest, question by question."""
    if len(sizes) < 2:
        return
    small, large = f"{sizes[0]:,}", f"{sizes[-1]:,}"
    found = {row.name: row.value for row in rows}
    for name in QUESTIONS:
        ratio = found[f"tìm văn bản p95: {name}, {large}"] / found[f"tìm văn bản p95: {name}, {small}"]
        yield Row(f"… {name}: {large} so với {small}", ratio, "×", ratio, "≤ 1.5", ratio <= 1.5)


def measure(world: World, sizes: list[int], seconds: float, say: Callable[[str], None]) -> list[Row]:
    call_command("load_reference", verbosity=0, stdout=io.StringIO())
    rows: list[Row] = []
    for size in sizes:
        began = time.perf_counter()
        fill(size, world)
        if not SearchEntry.objects.exists():
            raise RuntimeError("nothing is in search")
        say(f"{size:,} văn bản: nạp trong {time.perf_counter() - began:.0f} giây …")
        rows += listing(world, size, seconds)
        rows += searching(world, size, seconds)
    rows += growth(rows, sizes)
    rows += registration(world, seconds)
    return rows
