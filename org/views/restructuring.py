"""The wizard «Sắp xếp tổ chức»: plan step by step, dry run, approval, application, leftovers, undo."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import RuleError
from core.search import fold
from org.actions import restructuring as actions
from org.choices import OrganizationKind, StepKind
from org.choices import RestructuringStatus as S
from org.models import Organization, Restructuring, RestructuringStep
from org.restructuring import forms, picture, plan, rules
from org.restructuring.running import WORDS
from org.restructuring.workflow import MOVES
from org.step_up import step_up_required

LIVE: Final = {S.DRAFT, S.CHECKED, S.APPROVED}  # what the plan says is read from the units as they stand
STEPS_A_PAGE: Final = 8
FOUND: Final = 12
SHAPES: Final = {
    S.DRAFT: "ring",
    S.CHECKED: "half",
    S.APPROVED: "half",
    S.APPLIED: "done",
    S.CLOSED: "done",
    S.WITHDRAWN: "refused",
}
STAGES: Final = {S.DRAFT: 1, S.CHECKED: 2, S.APPROVED: 4, S.APPLIED: 5, S.CLOSED: 5, S.WITHDRAWN: 1}
View = Callable[..., HttpResponseBase]


def planners(view: View) -> View:
    """Only who plans or leads for the city committee; for everybody else the place does not exist."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not rules.may_open_pages(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _batch(request: HttpRequest, batch_id: int) -> Restructuring:
    found = Restructuring.objects.filter(rules.visible(request.user)).select_related(
        "authority", "legal_basis", "drafted_by", "approved_by", "undo_of", "job"
    )
    return get_object_or_404(found, pk=batch_id)


def crumbs_of(batch: Restructuring | None = None) -> list[tuple[str, str]]:
    crumbs = [(_("Sắp xếp tổ chức"), reverse("org:restructurings"))]
    if batch is not None:
        crumbs.append((batch.title, reverse("org:restructuring", args=[batch.pk])))
    return crumbs


def planning_page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"org/restructuring/{name}.html", context)


# --- list, one batch -----------------------------------------------------------------------------------------


@planners
def batches(request: HttpRequest) -> HttpResponse:
    rows = (
        Restructuring.objects.filter(rules.visible(request.user))
        .select_related("drafted_by", "approved_by", "legal_basis")
        .annotate(
            step_count=Count("steps", distinct=True),
            open_leftovers=Count("leftovers", filter=Q(leftovers__settled_at__isnull=True), distinct=True),
        )
    )[:200]
    listed = [(row, SHAPES[S(row.status)]) for row in rows]
    may_plan = any(
        rules.plans(request.user, Restructuring(authority=one)) for one in rules.authorities(request.user)
    )
    return planning_page(request, "list", {"rows": listed, "may_plan": may_plan})


@planners
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    record = _batch(request, batch_id)
    live = record.status in LIVE
    open_to = {move.verb for move in MOVES.open_to(request.user, record)}
    left = record.leftovers.filter(settled_at__isnull=True)
    context = {
        "batch": record,
        "shape": SHAPES[S(record.status)],
        "stage": STAGES[S(record.status)],
        "stage_title": _stage_title(record),
        "crumbs": crumbs_of(),
        "open_to": open_to,
        "may_edit": "edit" in open_to,
        "groups": _groups(record.report),
        "is_stale": bool(record.digest) and live and plan.digest(record) != record.digest,
        "outcome": [row for row in record.outcome.get("counts", []) if row[1]],
        "leftovers": left.select_related("owner_unit", "owner")[:8],
        "leftover_count": left.count(),
        "leftover_done": record.leftovers.filter(settled_at__isnull=False).count(),
        "undone_by": record.undone_by.exclude(status=S.WITHDRAWN).first(),
        "is_drafter": record.drafted_by_id == request.user.pk,
        "may_undo": record.status in {S.APPLIED, S.CLOSED} and rules.plans(request.user, record),
    }
    return planning_page(request, "batch", context | _pictures(request, record))


def _pictures(request: HttpRequest, record: Restructuring) -> dict[str, Any]:
    """Before and after, step by step, a page of steps at a time."""
    paged = Paginator(list(record.steps.all()), STEPS_A_PAGE).get_page(request.GET.get("trang"))
    steps = list(paged.object_list)
    live = record.status in LIVE
    return {
        "paged": paged,
        "older_url": f"?trang={paged.next_page_number()}" if paged.has_next() else "",
        "newer_url": f"?trang={paged.previous_page_number()}" if paged.has_previous() else "",
        "pictures": picture.draw(record, plan.resolve(record), steps)
        if live
        else picture.recall(record, steps),
    }


def _stage_title(record: Restructuring) -> str:
    return {
        S.DRAFT: _("soạn phương án"),
        S.CHECKED: _("còn vướng mắc, phải sửa")
        if record.report.get("problems")
        else _("đã chạy thử, chờ duyệt"),
        S.APPROVED: _("đã duyệt, chờ áp dụng"),
        S.APPLIED: _("đã áp dụng, xử lý việc còn lại"),
        S.CLOSED: _("đã kết thúc"),
        S.WITHDRAWN: _("đã rút"),
    }[S(record.status)]


def _groups(report: dict[str, Any]) -> list[tuple[str, list[list[Any]]]]:
    return [(WORDS.get(group["name"], group["name"]), group["counts"]) for group in report.get("groups", [])]


@planners
def create(request: HttpRequest) -> HttpResponse:
    form = forms.BatchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create(
                actor=request.user,
                title=form.cleaned_data["title"],
                effective_on=form.cleaned_data["effective_on"],
                legal_basis=form.basis(),
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã lập phương án. Thêm từng bước sắp xếp."))
            return redirect("org:restructuring", made.pk)
    return planning_page(
        request,
        "form",
        {
            "form": form,
            "title": _("Lập phương án sắp xếp"),
            "crumbs": crumbs_of(),
            "verb": _("Lập phương án"),
        },
    )


@planners
def edit(request: HttpRequest, batch_id: int) -> HttpResponse:
    record = _batch(request, batch_id)
    basis = record.legal_basis
    initial = {
        "title": record.title,
        "effective_on": record.effective_on,
        "basis_number": basis.number if basis else "",
        "basis_issuer": basis.issuer if basis else "",
    }
    form = forms.BatchForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit(
                batch_id,
                actor=request.user,
                title=form.cleaned_data["title"],
                effective_on=form.cleaned_data["effective_on"],
                legal_basis=form.basis(),
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã lưu. Chạy thử lại trước khi trình duyệt."))
            return redirect("org:restructuring", batch_id)
    return planning_page(
        request,
        "form",
        {"form": form, "title": _("Sửa thông tin đợt"), "crumbs": crumbs_of(record), "verb": _("Lưu")},
    )


# --- steps of the plan ---------------------------------------------------------------------------------------


@planners
def step(request: HttpRequest, batch_id: int, seq: int | None = None) -> HttpResponse:
    """Kind → units by search → description. All that is chosen stands in the address; no JavaScript is needed."""
    record = _batch(request, batch_id)
    if "edit" not in {move.verb for move in MOVES.open_to(request.user, record)}:
        messages.error(request, _("Phương án ở trạng thái này không sửa được."))
        return redirect("org:restructuring", batch_id)
    standing = get_object_or_404(record.steps, seq=seq) if seq is not None else None
    wanted = request.GET if request.GET or standing is None else _address_of(standing)
    kind = wanted.get("loai", "")
    context: dict[str, Any] = {"batch": record, "crumbs": crumbs_of(record), "seq": seq}
    if kind not in dict((value.value, 0) for value, _words, _hint in forms.KINDS):
        return planning_page(request, "step_kind", context | {"kinds": forms.KINDS})
    olds, targets = _chosen(wanted, "cu"), _chosen(wanted, "toi")
    context |= {
        "kind": kind,
        "kind_words": StepKind(kind).label,
        "olds": olds,
        "targets": targets,
        "wanted": wanted,
    }
    context |= {"takes_targets": kind in forms.TAKES_TARGETS, "target_words": _target_words(kind)}
    if wanted.get("buoc") != "2":
        context |= {"found": _search(wanted.get("tim", "")), "text": wanted.get("tim", "")}
        return planning_page(request, "step_units", context)
    try:
        forms.demand_units(kind, olds, targets)
    except ValidationError as error:
        context |= {"found": [], "text": "", "problem": error.message}
        return planning_page(request, "step_units", context)
    return _described(request, record, standing, kind, olds, targets, context)


def _address_of(standing: RestructuringStep) -> QueryDict:
    wanted = QueryDict(mutable=True)
    wanted["loai"] = standing.kind
    wanted.setlist("cu", [entry["unit"] for entry in standing.old])
    chosen = [entry["unit"] for entry in standing.new if entry.get("exists")]
    if standing.kind == StepKind.CHANGE_PARENT:
        chosen = [entry["parent"] for entry in standing.new if entry.get("parent")]
    wanted.setlist("toi", chosen)
    wanted["buoc"] = "2"
    return wanted


def _chosen(wanted: QueryDict, name: str) -> list[Organization]:
    slugs = [slug for slug in dict.fromkeys(wanted.getlist(name)) if slug not in wanted.getlist(f"bo-{name}")]
    units = {
        unit.slug: unit
        for unit in Organization.objects.filter(slug__in=slugs).select_related(
            "parent", "agency", "territory"
        )
    }
    return [units[slug] for slug in slugs if slug in units]


def _search(text: str) -> list[Organization]:
    """By any part of the name, without marks; the whole path is shown, for names come twice."""
    words = fold(text).split()
    if not words:
        return []
    found = Organization.objects.valid_on().select_related("parent", "territory__parent")
    for word in words:
        found = found.filter(folded__contains=word)
    phrase, committee = Q(folded__contains=" ".join(words)), Q(kind=OrganizationKind.COMMITTEE)
    rank = Case(When(phrase & committee, then=0), When(phrase, then=1), When(committee, then=2), default=3)
    return list(found.annotate(rank=rank).order_by("rank", "kind", "folded")[:FOUND])


def _target_words(kind: str) -> str:
    if kind == StepKind.CHANGE_PARENT:
        return _("Cơ quan quản lý mới")
    return _("Đơn vị đang có nhận chuyển giao")


def _described(
    request: HttpRequest,
    record: Restructuring,
    standing: RestructuringStep | None,
    kind: str,
    olds: list[Organization],
    targets: list[Organization],
    context: dict[str, Any],
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    names = forms.NamesForm(posted, initial=_names(olds[0], standing)) if kind == StepKind.RENAME else None
    blocks = _blocks(posted, standing, kind, olds, targets)
    shown = kind in {StepKind.MERGE, StepKind.SPLIT, StepKind.DISSOLVE, StepKind.TRANSFER}
    listed = [(unit.slug, unit.name) for unit in targets]
    if not targets and blocks:
        listed = [(str(n), _("đơn vị mới thứ %(n)s") % {"n": n}) for n in range(1, len(blocks) + 1)]
    ways = forms.WaysForm(posted, targets=listed, shown=shown)
    if posted is None and standing is not None:
        ways.bring(_by_number(standing) if not targets else standing.rules)
    valid = all(form.is_valid() for form in [ways, *blocks, *([names] if names else [])])
    if posted is not None and valid:
        try:
            _save(request, record, standing, kind, olds, targets, names, blocks, ways)
        except RuleError as error:
            ways.add_error(None, str(error))
        else:
            messages.success(request, _("Đã lưu bước sắp xếp."))
            return redirect("org:restructuring", record.pk)
    again = request.GET.copy()
    again.pop("buoc", None)
    context |= {
        "names": names,
        "blocks": blocks,
        "ways": ways,
        "form": names or (blocks[0] if blocks else ways),
    }
    context |= {"back": f"?{again.urlencode()}" if again else "", "more": _more(blocks, ways)}
    return planning_page(request, "step_form", context)


def _more(blocks: list[Any], ways: Any) -> list[tuple[str, str]]:
    """What else is to mend beside the first form, for the summary."""
    found = [
        (f"#{field.auto_id}", str(error)) for form in blocks[1:] for field in form for error in field.errors
    ]
    return found + [("", str(error)) for error in ways.non_field_errors()]


def _names(unit: Organization, standing: RestructuringStep | None) -> dict[str, str]:
    entry = standing.new[0] if standing is not None and standing.new else {}
    return {name: entry.get(name) or getattr(unit, name) for name in ("name", "short_name", "symbol")}


def _blocks(
    posted: Any,
    standing: RestructuringStep | None,
    kind: str,
    olds: list[Organization],
    targets: list[Organization],
) -> list[Any]:
    if targets or kind not in forms.NEW_ROWS:
        return []
    made = []
    kept = [entry for entry in standing.new if not entry.get("exists")] if standing is not None else []
    for n in range(forms.NEW_ROWS[StepKind(kind)]):
        form = forms.NewUnitForm(posted, prefix=f"moi-{n}", olds=olds, first=n == 0, initial={})
        if posted is None and n < len(kept):
            form.bring(kept[n])
        made.append(form)
    return made


def _by_number(standing: RestructuringStep) -> dict[str, Any]:
    """Rules of a kept step with new units named by their number, as the form names them."""
    number = {entry["unit"]: str(n) for n, entry in enumerate(standing.new, start=1)}
    kept = dict(standing.rules)
    kept["people"] = [number.get(slug, slug) for slug in kept.get("people", [])]
    kept["cases"] = [rule | {"to": number.get(rule["to"], rule["to"])} for rule in kept.get("cases", [])]
    return kept


def _save(
    request: HttpRequest,
    record: Restructuring,
    standing: RestructuringStep | None,
    kind: str,
    olds: list[Organization],
    targets: list[Organization],
    names: Any,
    blocks: list[Any],
    ways: Any,
) -> None:
    if names is not None:
        new = [{"unit": olds[0].slug, **{key: value for key, value in names.cleaned_data.items() if value}}]
    elif kind == StepKind.CHANGE_PARENT:
        new = [{"unit": olds[0].slug, "parent": targets[0].slug}]
    else:
        new = [{"unit": unit.slug, "exists": True} for unit in targets]
        new += [entry for entry in (block.entry() for block in blocks) if entry is not None]
    slugs = [entry["unit"] for entry in new]
    written = (
        ways.written([str(n) for n in range(1, len(slugs) + 1)] if not targets else slugs)
        if ways.fields
        else {}
    )
    written = _by_slug(written, slugs) if not targets else written
    share = "part" if len(new) > 1 else "function" if kind == StepKind.TRANSFER else "whole"
    ends = kind not in {StepKind.TRANSFER, StepKind.RENAME, StepKind.CHANGE_PARENT}
    actions.put_step(
        record.pk,
        actor=request.user,
        kind=kind,
        old=[{"unit": unit.slug, "share": share, "ends": ends} for unit in olds],
        new=new,
        rules=written,
        seq=standing.seq if standing is not None else None,
    )


def _by_slug(written: dict[str, Any], slugs: list[str]) -> dict[str, Any]:
    def slug(number: str) -> str:
        return slugs[int(number) - 1] if number.isdecimal() and int(number) <= len(slugs) else number

    found = dict(written)
    if "people" in found:
        found["people"] = [slug(one) for one in found["people"]]
    if "cases" in found:
        found["cases"] = [rule | {"to": slug(rule["to"])} for rule in found["cases"]]
    return found


@planners
@require_POST
def drop_step(request: HttpRequest, batch_id: int, seq: int) -> HttpResponse:
    record = _batch(request, batch_id)
    return _act(
        request, record, lambda: actions.drop_step(record.pk, seq, actor=request.user), _("Đã bỏ bước.")
    )


# --- dry run, approval, application --------------------------------------------------------------------------


def _act(request: HttpRequest, record: Restructuring, act: Callable[[], Any], done: str) -> HttpResponse:
    try:
        act()
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("org:restructuring", record.pk)


@planners
@require_POST
def check(request: HttpRequest, batch_id: int) -> HttpResponse:
    record = _batch(request, batch_id)
    done = _("Đã chạy thử. Không có gì bị thay đổi; xem số liệu và vướng mắc bên dưới.")
    return _act(request, record, lambda: actions.check(record.pk, actor=request.user), done)


@planners
@step_up_required
def approve(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The second person reads what the dry run found, names the basis, and approves."""
    record = _batch(request, batch_id)
    basis = record.legal_basis
    initial = {"basis_number": basis.number if basis else "", "basis_issuer": basis.issuer if basis else ""}
    if "approve" not in {move.verb for move in MOVES.open_to(request.user, record)}:
        own = _("Người soạn phương án không tự duyệt. Chuyển người khác có thẩm quyền duyệt.")
        early = _("Phương án đang soạn hoặc đã có quyết định; chưa có gì để duyệt.")
        messages.info(request, early if rules.approves(request.user, record) else own)
        return redirect("org:restructuring", record.pk)
    form = forms.ApprovalForm(request.POST or None, initial=initial | {"read": record.digest})
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.approve(
                record.pk,
                actor=request.user,
                legal_basis=form.basis(),
                note=form.cleaned_data["note"],
                read=form.cleaned_data["read"],
            )
        except RuleError as error:
            form.add_error(None, str(error))
            form.data = request.POST.copy()
            form.data["read"] = record.digest  # what this page shows is what is read now
        else:
            messages.success(
                request,
                _("Đã duyệt. Áp dụng lúc 00:00 ngày %(day)s.") % {"day": f"{done.effective_on:%d/%m/%Y}"},
            )
            return redirect("org:restructuring_progress", record.pk)
    return planning_page(
        request,
        "approve",
        _pictures(request, record)
        | {
            "batch": record,
            "form": form,
            "crumbs": crumbs_of(record),
            "groups": _groups(record.report),
            "is_stale": plan.digest(record) != record.digest,
        },
    )


NOTED: Final = {"send_back": actions.send_back, "withdraw": actions.withdraw}


@planners
def noted(request: HttpRequest, batch_id: int, verb: str) -> HttpResponse:
    record = _batch(request, batch_id)
    act = NOTED[verb]
    title = str({move.verb: move.label for move in MOVES}[verb])
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(record.pk, actor=request.user, note=form.cleaned_data["note"])
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            return redirect("org:restructuring", record.pk)
    return planning_page(
        request, "form", {"form": form, "title": title, "crumbs": crumbs_of(record), "verb": title}
    )


@planners
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    record = _batch(request, batch_id)
    running = record.status == S.APPROVED and record.given_up_at is None
    waits_until = record.next_try_at if timezone.localdate() < record.effective_on else None
    context = {
        "batch": record,
        "running": running,
        "waits_until": waits_until,
        "crumbs": crumbs_of(record),
        "here": request.path,
    }
    return planning_page(request, "progress", context)


@planners
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    record = _batch(request, batch_id)
    first = max(timezone.localdate(), record.effective_on + timedelta(days=1))
    form = forms.UndoForm(request.POST or None, initial={"effective_on": first})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.undo(record.pk, actor=request.user, effective_on=form.cleaned_data["effective_on"])
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã lập phương án lập lại. Xem từng bước, chạy thử rồi trình duyệt."))
            return redirect("org:restructuring", made.pk)
    lead = _(
        "Không xóa gì: một đợt mới, có ngày và căn cứ riêng, lập lại các đơn vị và đưa người, hồ sơ về nơi cũ."
    )
    title = _("Lập lại như trước đợt này")
    return planning_page(
        request,
        "form",
        {"form": form, "title": title, "lead": lead, "crumbs": crumbs_of(record), "verb": _("Lập phương án")},
    )


@planners
@require_POST
def close(request: HttpRequest, batch_id: int) -> HttpResponse:
    record = _batch(request, batch_id)
    return _act(
        request, record, lambda: actions.close(record.pk, actor=request.user), _("Đã kết thúc đợt sắp xếp.")
    )


# --- leftovers -----------------------------------------------------------------------------------------------
