"""/lam-viec/van-ban/tim/: one box, filters in the address, saved views, stars, the found list to take along."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core import audit, pdf
from core.search import fold
from documents import found_rows, searching
from documents.choices import Urgency
from documents.models import Document, DocumentType, IncomingDocument, SavedView, Star, Task
from documents.searching import Filters
from documents.views.doors import staff_only
from org.choices import OrganizationKind
from org.models import Organization, User

LIST: Final = "tim"
LISTS: Final = {LIST: "documents:search", "den": "documents:incoming_list", "di": "documents:outgoing"}
PAGING: Final = frozenset({"sau", "truoc"})
SAVED_MAX: Final = 30
WAYS: Final = {"den": ("in", gettext_lazy("văn bản đến")), "di": ("out", gettext_lazy("văn bản đi"))}
QUICK: Final[dict[str, Any]] = {
    "toi": gettext_lazy("Của tôi"),
    "sao": gettext_lazy("Có dấu sao"),
    "qua-han": gettext_lazy("Quá hạn"),
    "khan": gettext_lazy("Khẩn"),
    "tuan": gettext_lazy("Tuần này"),
}
URGENCIES: Final[dict[str, Any]] = {
    "1": gettext_lazy("từ Khẩn trở lên"),
    "2": gettext_lazy("từ Thượng khẩn trở lên"),
    "3": gettext_lazy("Hỏa tốc"),
}
COLUMNS: Final[dict[str, Any]] = {
    "so-den": gettext_lazy("Số đến"),
    "loai": gettext_lazy("Loại"),
    "nguoi-ky": gettext_lazy("Người ký"),
    "noi-giu": gettext_lazy("Nơi nhận, nơi soạn"),
    "trang-thai": gettext_lazy("Trạng thái"),
}
SHOWN_FIRST: Final = ("trang-thai",)
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
FIRST_YEAR: Final = 2015


@dataclass(frozen=True)
class Wanted:
    """What the address asks for. Unknown values count as «everything»."""

    text: str = ""
    way: str = ""
    type_code: str = ""
    year: str = ""
    issuer: str = ""
    urgency: str = ""
    signer: str = ""
    file: str = ""
    quick: str = ""
    columns: tuple[str, ...] = SHOWN_FIRST

    NAMES = {
        "text": "q",
        "way": "huong",
        "type_code": "loai",
        "year": "nam",
        "issuer": "cq",
        "urgency": "khan",
        "signer": "ky",
        "file": "tep",
        "quick": "nhanh",
    }

    @classmethod
    def read(cls, query: Any) -> "Wanted":
        def one(name: str, most: int, known: Mapping[str, Any] | None = None) -> str:
            value = str(query.get(name) or "").replace("\x00", "").strip()[:most]
            return value if known is None or value in known else ""

        chosen = tuple(name for name in query.getlist("cot") if name in COLUMNS)
        year = one("nam", 4)
        return cls(
            text=one("q", 200),
            way=one("huong", 4, WAYS),
            type_code=one("loai", 20),
            year=year if year.isdecimal() and len(year) == 4 else "",
            issuer=one("cq", 120),
            urgency=one("khan", 1, URGENCIES),
            signer=one("ky", 80),
            file=one("tep", 5, {"co": 1, "khong": 1}),
            quick=one("nhanh", 10, QUICK),
            columns=chosen or SHOWN_FIRST,
        )

    def parts(self, **changed: str) -> list[tuple[str, str]]:
        found = [(name, changed.get(field, getattr(self, field))) for field, name in self.NAMES.items()]
        kept = [(name, value) for name, value in found if value]
        if self.columns != SHOWN_FIRST:
            kept += [("cot", name) for name in self.columns]
        return kept

    def address(self, **changed: str) -> str:
        return f"?{urlencode(self.parts(**changed))}"

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, field) for field in self.NAMES)


@staff_only
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    wanted, user = Wanted.read(request.GET), cast(User, request.user)
    context: dict[str, Any] = {
        "wanted": wanted,
        "types": DocumentType.objects.filter(is_active=True).order_by("name"),
        "years": range(timezone.localdate().year, FIRST_YEAR - 1, -1),
        "urgencies": URGENCIES.items(),
        "ways": [(key, words) for key, (_kind, words) in WAYS.items()],
        "columns": [(key, words, key in wanted.columns) for key, words in COLUMNS.items()],
        "shown": wanted.columns,
        "quick": [
            (words, wanted.address(quick="" if wanted.quick == key else key), wanted.quick == key)
            for key, words in QUICK.items()
        ],
        "saved": SavedView.objects.filter(user=user, list_name=LIST),
        "more_words": _more_words(wanted),
        "query": urlencode(wanted.parts()),
        "here": request.get_full_path(),
    }
    if like := _record(user, request.GET.get("giong", "")):
        rows = found_rows.rows_of(searching.similar(user, like), (), user)
        context |= {"like": like, "like_url": searching.address_of(like), "rows": rows, "found": True}
    elif wanted.text and not fold(wanted.text):
        context["nothing_asked"] = True
    elif not wanted.is_empty:
        context |= _answer(request, wanted)
    return render(request, "documents/search.html", context)


def _answer(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    filters, unit, unknown = _filters(request.user, wanted)
    after = request.GET.get("sau", "")
    found = searching.find(request.user, wanted.text, filters, after=after)
    rows = found_rows.rows_of(found.entries, found.question.words, request.user)
    return {
        "rows": rows,
        "found": found,
        "issuer": unit,
        "unknown_issuer": unknown,
        "count_words": _count_words(found),
        "older_url": f"{wanted.address()}&{urlencode({'sau': found.older})}" if found.older else "",
        "first_url": wanted.address() if after else "",
        "exports": [
            (kind, f"{reverse('documents:search_export')}{wanted.address()}&dang={kind}") for kind in KINDS
        ],
    }


def _more_words(wanted: Wanted) -> str:
    """What is chosen inside the closed menu."""
    parts = [
        str(URGENCIES.get(wanted.urgency, "")),
        _("người ký: %(name)s") % {"name": wanted.signer} if wanted.signer else "",
        {"co": _("có tệp"), "khong": _("không có tệp")}.get(wanted.file, ""),
    ]
    return ", ".join(part for part in parts if part)


def _count_words(found: searching.Found) -> str:
    if found.is_capped:
        return _("hơn 1.000 văn bản, khớp nhất và mới nhất trước")
    return _("%(count)s văn bản") % {"count": f"{found.total:,}".replace(",", ".")}


def _filters(user: Any, wanted: Wanted) -> tuple[Filters, Organization | None, bool]:
    """The filters, the issuing agency that the words name, and whether they name none."""
    unit = _agency(wanted.issuer) if wanted.issuer else None
    kind = DocumentType.objects.filter(code=wanted.type_code).first() if wanted.type_code else None
    urgency = (
        int(wanted.urgency) if wanted.urgency else int(Urgency.URGENT) if wanted.quick == "khan" else None
    )
    since = None
    if wanted.quick == "tuan":
        today = timezone.localdate()
        since = searching.midnight(today - timedelta(days=today.weekday()))
    filters = Filters(
        kind=WAYS[wanted.way][0] if wanted.way else "",
        type_id=kind.pk if kind else None,
        year=int(wanted.year) if wanted.year else None,
        issuer_id=unit.pk if unit else None,
        urgency=urgency,
        signer=wanted.signer,
        with_file={"co": True, "khong": False}.get(wanted.file),
        since=since,
        narrow=_narrow(user, wanted.quick),
    )
    return filters, unit, bool(wanted.issuer) and unit is None


def _narrow(user: Any, quick: str) -> Q | None:
    if quick == "toi":
        mine = Task.objects.filter(person=user)
        return Q(document__drafter=user) | Q(incoming__in=mine.values("incoming"))
    if quick == "sao":
        stars = Star.objects.filter(user=user)
        return Q(incoming__in=stars.values("incoming")) | Q(document__in=stars.values("document"))
    if quick == "qua-han":
        late = IncomingDocument.objects.visible_to(user).overdue(timezone.now())
        return Q(incoming__in=late.values("pk"))
    return None


def _agency(words: str) -> Organization | None:
    """The unit that is called so: by its whole name or short name first, then by words of it; living ones first."""
    folded = fold(words)
    if not folded:
        return None
    asked = Q()
    for word in folded.split()[:8]:
        asked &= Q(folded__contains=word)
    found = list(Organization.objects.filter(asked).order_by("name")[:200])
    return min(
        found,
        key=lambda unit: (
            folded not in (fold(unit.name), fold(unit.short_name)),
            unit.agency_id not in (None, unit.pk),
            unit.kind not in (OrganizationKind.COMMITTEE, OrganizationKind.DEPARTMENT),
            unit.valid_to is not None,
            len(unit.name),
        ),
        default=None,
    )


# --- the list to take along -------------------------------------------------------------------------------


@staff_only
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The found list as a file, at most as many rows as are counted. The trail notes who took what along."""
    wanted, kind = Wanted.read(request.GET), request.GET.get("dang", "")
    if kind not in KINDS or wanted.is_empty:
        raise Http404
    user: Any = request.user
    filters, _unit, _unknown = _filters(user, wanted)
    found = searching.find(user, wanted.text, filters, size=searching.COUNT_UP_TO)
    rows = found_rows.rows_of(found.entries, (), user)
    note = _("%(name)s, %(unit)s, lúc %(at)s: %(count)s văn bản") % {
        "name": user.full_name,
        "unit": user.hat.organization.name,
        "at": f"{timezone.localtime():%H:%M %d/%m/%Y}",
        "count": len(rows),
    }
    audit.record(
        "document.export_list",
        actor=user,
        subject=user.hat.organization,
        detail={"rows": len(rows), "kind": kind, "query": urlencode(wanted.parts())[:300]},
    )
    if kind == "csv":
        data = found_rows.as_csv(rows)
    elif kind == "xlsx":
        data = found_rows.as_xlsx(rows, note=note)
    else:
        context = {"heads": found_rows.heads(), "rows": [found_rows.cells(row) for row in rows], "note": note}
        data = pdf.render("papers/found_list.html", context, profile=None).data
    return HttpResponse(
        data,
        content_type=KINDS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="van-ban.{kind}"',
            "Cache-Control": "private, no-store",
        },
    )


# --- stars and saved views --------------------------------------------------------------------------------


@staff_only
@require_POST
def star(request: HttpRequest) -> HttpResponse:
    """Put one's own star on a document, or take it away. What one may not see has no star."""
    user = cast(User, request.user)
    record = _record(user, request.POST.get("van-ban", ""))
    if record is None:
        raise Http404
    is_made = isinstance(record, Document)
    mark: dict[str, Any] = {
        "user": user,
        "incoming": None if is_made else record,
        "document": record if is_made else None,
    }
    if not Star.objects.filter(**mark).delete()[0]:
        Star.objects.bulk_create([Star(**mark)], ignore_conflicts=True)
    return _back(request)


def _record(user: Any, key: str) -> IncomingDocument | Document | None:
    """The record that «den-12» or «di-7» names, if this hat sees it."""
    way, _dash, pk = key.partition("-")
    if way not in WAYS or not pk.isdecimal() or len(pk) > 18:
        return None
    if way == "den":
        return IncomingDocument.objects.visible_to(user).filter(pk=pk).first()
    return Document.objects.official().visible_to(user).filter(pk=pk).first()


@staff_only
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name; the same name again replaces it."""
    name = " ".join(request.POST.get("ten", "").replace("\x00", "").split())[:80]
    pairs = parse_qsl(request.POST.get("bo-loc", "").removeprefix("?"))[:20]
    query = urlencode([pair for pair in pairs if pair[0] not in PAGING])
    user = cast(User, request.user)
    of_list = request.POST.get("danh-sach", LIST)
    of_list = of_list if of_list in LISTS else LIST
    views = SavedView.objects.filter(user=user, list_name=of_list)
    if not name or not query or len(query) > 1000:
        messages.error(request, _("Đặt tên cho bộ lọc và chọn ít nhất một điều kiện."))
    elif views.exclude(name=name).count() >= SAVED_MAX:
        messages.error(request, _("Đã có 30 bộ lọc. Bỏ bớt một bộ lọc rồi lưu."))
    else:
        SavedView.objects.update_or_create(user=user, list_name=of_list, name=name, defaults={"query": query})
        messages.success(request, _("Đã lưu bộ lọc «%(name)s».") % {"name": name})
    return redirect(f"{reverse(LISTS[of_list])}?{query}")


@staff_only
@require_POST
def drop_view(request: HttpRequest, view_id: int) -> HttpResponse:
    kept = get_object_or_404(SavedView, pk=view_id, user=request.user, list_name__in=LISTS)
    kept.delete()
    messages.success(request, _("Đã bỏ bộ lọc «%(name)s».") % {"name": kept.name})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Where one came from, on this site only."""
    there = request.POST.get("ve", "")
    if not url_has_allowed_host_and_scheme(there, allowed_hosts={request.get_host()}):
        there = reverse("documents:search")
    return HttpResponseRedirect(there)
