"""Work files: the list, one file with its papers in order, the catalogue of the year, transfer, destruction."""

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core import files, paper
from core.errors import RuleError
from core.forms import DateField, SpeakingForm, UploadField, UploadWidget
from core.models import Job
from core.search import fold
from documents import filing, links, rules
from documents.actions import catalogues
from documents.actions import filing as acts
from documents.actions import lists as list_acts
from documents.choices import FileState, ListState
from documents.models import (
    CatalogueEntry,
    DestructionList,
    Document,
    FileCatalogue,
    IncomingDocument,
    RetentionPeriod,
    TransferList,
    WorkFile,
)
from documents.views.doors import deliver, staff_only
from org.choices import Role
from org.letterhead import letterhead
from org.models import Organization

PAGE = 50
STATES: Final = {
    "mo": FileState.OPEN,
    "ket-thuc": FileState.CLOSED,
    "nop": FileState.SUBMITTED,
    "luu": FileState.TRANSFERRED,
    "huy": FileState.DESTROYED,
}


class FileForm(SpeakingForm):
    title = forms.CharField(
        label=gettext_lazy("Tiêu đề hồ sơ"), max_length=500, widget=forms.Textarea({"rows": 2})
    )
    retention = forms.ModelChoiceField(
        RetentionPeriod.objects.filter(is_active=True),
        label=gettext_lazy("Thời hạn bảo quản"),
        empty_label=gettext_lazy("– chọn thời hạn –"),
    )
    notation = forms.CharField(
        label=gettext_lazy("Số, ký hiệu hồ sơ"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Để trống: hệ thống lấy số tiếp theo."),
    )
    is_construction = forms.BooleanField(
        label=gettext_lazy("Hồ sơ xây dựng cơ bản"),
        required=False,
        help_text=gettext_lazy("Thời hạn nộp lưu ngắn hơn, tính từ khi quyết toán."),
    )


class RenameForm(SpeakingForm):
    title = forms.CharField(
        label=gettext_lazy("Tiêu đề hồ sơ"), max_length=500, widget=forms.Textarea({"rows": 2})
    )
    retention = forms.ModelChoiceField(
        RetentionPeriod.objects.filter(is_active=True),
        label=gettext_lazy("Thời hạn bảo quản"),
        empty_label=gettext_lazy("– chọn thời hạn –"),
    )
    note = forms.CharField(label=gettext_lazy("Ghi chú"), max_length=500, required=False)


class UploadForm(SpeakingForm):
    file = UploadField(
        widget=UploadWidget({"accept": ".pdf,.docx,.xlsx,.odt,image/jpeg,image/png"}),
        label=gettext_lazy("Tệp"),
        help_text=gettext_lazy("PDF, ảnh, DOCX, XLSX, ODT. Không đưa tài liệu có dấu mật."),
    )
    title = forms.CharField(label=gettext_lazy("Tên tài liệu"), max_length=500)
    dated_on = DateField(label=gettext_lazy("Ngày tài liệu"), required=False)


class KeepForm(SpeakingForm):
    until = DateField(label=gettext_lazy("Giữ lại đến ngày"))
    basis = forms.CharField(label=gettext_lazy("Văn bản đồng ý cho giữ lại"), max_length=300)


class EntryForm(SpeakingForm):
    unit = forms.ModelChoiceField(
        Organization.objects.none(), label=gettext_lazy("Đơn vị"), empty_label=gettext_lazy("– chọn đơn vị –")
    )
    heading = forms.CharField(label=gettext_lazy("Đề mục"), max_length=200, required=False)
    notation = forms.CharField(label=gettext_lazy("Số, ký hiệu hồ sơ"), max_length=40)
    title = forms.CharField(label=gettext_lazy("Tiêu đề hồ sơ"), max_length=500)
    retention = forms.ModelChoiceField(
        RetentionPeriod.objects.filter(is_active=True),
        label=gettext_lazy("Thời hạn bảo quản"),
        empty_label=gettext_lazy("– chọn thời hạn –"),
    )
    keeper = forms.CharField(label=gettext_lazy("Người lập hồ sơ"), max_length=200, required=False)


# --- the list --------------------------------------------------------------------------------------------------


@staff_only
def work_files(request: HttpRequest) -> HttpResponse:
    user, query = request.user, request.GET
    found = WorkFile.objects.visible_to(user)
    whose = query.get("ai", "")
    if whose == "toi":
        found = found.filter(keeper=user.pk)
    state = STATES.get(query.get("trang-thai", ""))
    if state:
        found = found.filter(state=state)
    year = query.get("nam", "")
    if year.isdecimal() and len(year) == 4:
        found = found.filter(year=int(year))
    text = (query.get("q") or "").replace("\x00", "").strip()[:100]
    for word in fold(text).split():
        found = found.filter(folded__contains=word)
    before = query.get("truoc", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.select_related("unit", "keeper", "retention").order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    practices = {pk: filing.practice_of(pk) for pk in {row.agency_id for row in rows}}
    kept = {name: query.get(name, "") for name in ("ai", "trang-thai", "nam", "q") if query.get(name)}
    today = timezone.localdate()
    context = {
        "rows": [
            {
                "file": row,
                "due": (due := filing.transfer_due(row, practices[row.agency_id])),
                "late": bool(due and due < today),
            }
            for row in rows
        ],
        "whose": whose,
        "state": query.get("trang-thai", ""),
        "states": [(key, value.label) for key, value in STATES.items()],
        "years": list(range(today.year, today.year - 10, -1)),
        "year": year,
        "q": text,
        "older_url": f"?{urlencode(kept | {'truoc': rows[-1].pk})}" if more else "",
        "is_filtered": bool(kept),
        "may_keep": user.holds(Role.CLERK),
        "may_decide": user.holds(Role.LEADER),
    }
    return render(request, "documents/filing/files.html", context)


@staff_only
def new_file(request: HttpRequest) -> HttpResponse:
    unit = request.user.hat.organization
    agency = unit.agency or unit
    entries = CatalogueEntry.objects.filter(
        catalogue__agency=agency,
        catalogue__issued_at__isnull=False,
        catalogue__year=timezone.localdate().year,
    )
    asked, brought = request.GET.get("dong", ""), request.GET.get("van-ban", "")
    record = _record(request, brought) if brought else None
    entry = (
        entries.filter(pk=int(asked)).select_related("catalogue", "retention").first()
        if asked.isdecimal() and len(asked) < 19
        else None
    )
    initial = {"title": entry.title, "retention": entry.retention} if entry else {}
    form = FileForm(request.POST if request.method == "POST" else None, initial=initial)
    if entry is not None:
        del form.fields["notation"]
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                file = acts.open_file(
                    unit=unit,
                    title=data["title"],
                    retention=data["retention"],
                    notation=data.get("notation", ""),
                    is_construction=data["is_construction"],
                    entry=entry,
                    actor=request.user,
                )
                if record is not None:
                    acts.add_record(file.pk, record, actor=request.user)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            if record is None:
                return redirect("documents:work_file", file.pk)
            messages.success(request, _("Đã đưa vào hồ sơ «%(file)s».") % {"file": file})
            return redirect(links.of(record))
    own = [one for one in entries.filter(unit=unit).order_by("notation")[:200]] if entry is None else []
    context = {
        "form": form,
        "entry": entry,
        "entries": own,
        "unit": unit,
        "record": record,
        "brought": f"&{urlencode({'van-ban': brought})}" if brought else "",
    }
    return render(request, "documents/filing/new.html", context)


# --- one file --------------------------------------------------------------------------------------------------


def file_of(request: HttpRequest, file_id: int) -> WorkFile:
    found = WorkFile.objects.visible_to(request.user)
    return get_object_or_404(
        found.select_related("agency", "unit", "keeper", "retention", "entry"), pk=file_id
    )


@staff_only
def work_file(request: HttpRequest, file_id: int) -> HttpResponse:
    file = file_of(request, file_id)
    return _file_page(request, file)


def _file_page(request: HttpRequest, file: WorkFile, **bound: Any) -> HttpResponse:
    items = list(filing.items_of(file))
    practice = filing.practice_of(file.agency_id)
    keeps = rules.keeps_file(request.user, file)
    due = filing.transfer_due(file, practice)
    context = {
        "file": file,
        "items": [{"item": item, "href": _item_url(file, item)} for item in items],
        "keeps": keeps,
        "is_open": file.state == FileState.OPEN,
        "is_closed": file.state == FileState.CLOSED,
        "doubts": filing.doubts_about(items) if keeps and file.state == FileState.OPEN else [],
        "due": due,
        "late": bool(due and due < timezone.localdate()),
        "archived": filing.goes_to_archive(file),
        "upload": bound.get("upload") or UploadForm(),
        "rename": bound.get("rename")
        or RenameForm(initial={"title": file.title, "retention": file.retention, "note": file.note}),
        "keep": bound.get("keep") or KeepForm(),
        "form": next((form for form in bound.values() if form is not None), None),
        "lists": list(file.transfer_lists.order_by("-pk")[:3]),
    }
    return render(request, "documents/filing/file.html", context)


def _item_url(file: WorkFile, item: Any) -> str:
    if item.incoming_id:
        return links.incoming(item.incoming_id)
    if item.document_id:
        return links.outgoing(item.document_id)
    return reverse("documents:work_file_paper", args=[file.pk, item.pk])


@staff_only
def work_file_paper(request: HttpRequest, file_id: int, item_id: int) -> HttpResponseBase:
    file = file_of(request, file_id)
    item = get_object_or_404(file.items.select_related("stored"), pk=item_id, stored__isnull=False)
    assert item.stored is not None
    back = reverse("documents:work_file", args=[file.pk])
    return deliver(request, item.stored, name=item.title, back=back)


@staff_only
@require_POST
def work_file_act(request: HttpRequest, file_id: int, verb: str) -> HttpResponse:
    """One act on a file. What needs more than a button comes back with its form and its errors."""
    file = file_of(request, file_id)
    if verb in FORMS:
        return _by_form(request, file, verb)
    act = BUTTONS.get(verb)
    if act is None:
        raise Http404
    try:
        act(request, file)
    except RuleError as error:
        messages.error(request, str(error))
    return redirect("documents:work_file", file.pk)


def _close(request: HttpRequest, file: WorkFile) -> None:
    acts.close_file(file.pk, sure=bool(request.POST.get("sure")), actor=request.user)
    messages.success(request, _("Đã kết thúc hồ sơ."))


def _submit(request: HttpRequest, file: WorkFile) -> None:
    list_acts.submit_files([file.pk], actor=request.user)
    messages.success(request, _("Đã nộp lưu, chờ văn thư nhận."))


def _item(request: HttpRequest) -> int:
    value = request.POST.get("item", "")
    return int(value) if value.isdecimal() and len(value) < 19 else 0


BUTTONS: Final[dict[str, Any]] = {
    "ket-thuc": _close,
    "mo-lai": lambda request, file: acts.reopen_file(
        file.pk, note=request.POST.get("note", ""), actor=request.user
    ),
    "len": lambda request, file: acts.move_item(file.pk, _item(request), up=True, actor=request.user),
    "xuong": lambda request, file: acts.move_item(file.pk, _item(request), up=False, actor=request.user),
    "bo": lambda request, file: acts.remove_item(file.pk, _item(request), actor=request.user),
    "xep": lambda request, file: acts.sort_items(file.pk, actor=request.user),
    "nop": _submit,
}


def _upload(request: HttpRequest, file: WorkFile, data: dict[str, Any]) -> None:
    acts.add_upload(file.pk, data["file"], title=data["title"], dated_on=data["dated_on"], actor=request.user)


FORMS: Final[dict[str, tuple[str, Any, Any]]] = {
    "tai-len": ("upload", UploadForm, _upload),
    "sua": (
        "rename",
        RenameForm,
        lambda request, file, data: acts.rename_file(file.pk, **data, actor=request.user),
    ),
    "giu-lai": (
        "keep",
        KeepForm,
        lambda request, file, data: acts.keep_back(file.pk, **data, actor=request.user),
    ),
}


def _by_form(request: HttpRequest, file: WorkFile, verb: str) -> HttpResponse:
    name, form_class, act = FORMS[verb]
    form = form_class(request.POST, request.FILES)
    if form.is_valid():
        try:
            act(request, file, form.cleaned_data)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            return redirect("documents:work_file", file.pk)
    return _file_page(request, file, **{name: form})


def _record(request: HttpRequest, key: str) -> Document | IncomingDocument:
    """«den:12», «di:7»; what the present hat does not see does not exist: 404."""
    kind, _colon, pk = key.partition(":")
    if kind not in {"den", "di"} or not pk.isdecimal() or len(pk) > 18:
        raise Http404
    source: Any = IncomingDocument.objects if kind == "den" else Document.objects.official()
    found: Document | IncomingDocument = get_object_or_404(
        source.visible_to(request.user).distinct(), pk=int(pk)
    )
    return found


@staff_only
@require_POST
def file_into(request: HttpRequest) -> HttpResponse:
    """«Đưa vào hồ sơ» of a document page: `record` («den:12», «di:7») goes into `file`, back to `next`."""
    file_id = request.POST.get("file", "")
    if not file_id.isdecimal() or len(file_id) > 18:
        raise Http404
    record = _record(request, request.POST.get("record", ""))
    file = get_object_or_404(WorkFile.objects.visible_to(request.user), pk=int(file_id))
    try:
        acts.add_record(file.pk, record, actor=request.user)
        messages.success(request, _("Đã đưa vào hồ sơ «%(file)s».") % {"file": file})
    except RuleError as error:
        messages.error(request, str(error))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else links.of(record))


# --- export ----------------------------------------------------------------------------------------------------


@staff_only
@require_POST
def export(request: HttpRequest, file_id: int) -> HttpResponse:
    job = acts.request_export(file_of(request, file_id), actor=request.user)
    return redirect("documents:work_file_export", job.pk)


def _job(request: HttpRequest, job_id: int) -> Job:
    return get_object_or_404(
        Job.objects.select_related("artefact"), pk=job_id, kind=acts.EXPORT, owner=request.user
    )


@staff_only
def export_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    job = _job(request, job_id)
    return render(
        request, "documents/filing/export.html", {"job": job, "file": file_of(request, job.params["file"])}
    )


@staff_only
def export_file(request: HttpRequest, job_id: int) -> HttpResponseBase:
    job = _job(request, job_id)
    file = file_of(request, job.params["file"])
    if job.artefact is None:
        raise Http404
    return files.response(job.artefact, name=f"ho-so-{file.year}-{file.pk}.zip", inline=False)


@staff_only
def contents_pdf(request: HttpRequest, file_id: int) -> HttpResponse:
    """Mục lục văn bản trong hồ sơ."""
    from documents import filing_export

    file = file_of(request, file_id)
    made = paper.render(
        "papers/file_contents.html", filing_export.contents_of(file, list(filing.items_of(file)))
    )
    return _pdf(made.data, f"muc-luc-{file.pk}.pdf")


def _pdf(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


# --- catalogue -------------------------------------------------------------------------------------------------


def _catalogue(request: HttpRequest) -> tuple[Organization, int, FileCatalogue | None]:
    home = request.user.hat.organization
    agency = home.agency or home
    this_year = timezone.localdate().year
    asked = (request.POST if request.method == "POST" else request.GET).get("nam", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else this_year
    year = min(max(year, 2020), this_year + 1)
    return agency, year, FileCatalogue.objects.filter(agency=agency, year=year).first()


@staff_only
def catalogue(request: HttpRequest) -> HttpResponse:
    agency, year, found = _catalogue(request)
    user = request.user
    is_clerk = user.serves_as(Role.CLERK, agency.pk)
    may_propose = is_clerk or user.holds(Role.UNIT_HEAD)
    form = EntryForm(request.POST if request.method == "POST" and request.POST.get("act") == "them" else None)
    units = Organization.objects.valid_on().filter(agency=agency)
    if not is_clerk:
        units = units.filter(pk__in=user.units_as(Role.UNIT_HEAD))
    form.fields["unit"].queryset = units.order_by("name")  # type: ignore[attr-defined]
    if request.method == "POST":
        answer = _catalogue_act(request, agency, year, form)
        if answer is not None:
            return answer
    entries = (
        list(found.entries.select_related("unit", "retention").order_by("heading", "notation"))
        if found
        else []
    )
    context = {
        "agency": agency,
        "year": year,
        "years": range(timezone.localdate().year + 1, 2019, -1),
        "catalogue": found,
        "entries": entries,
        "form": form,
        "is_clerk": is_clerk,
        "may_propose": may_propose and not (found and found.issued_at),
        "may_issue": user.serves_as(Role.LEADER, agency.pk)
        and bool(entries)
        and not (found and found.issued_at),
        "may_edit": is_clerk and not (found and found.issued_at),
    }
    return render(request, "documents/filing/catalogue.html", context)


def _catalogue_act(
    request: HttpRequest, agency: Organization, year: int, form: EntryForm
) -> HttpResponse | None:
    """None: the form has errors and is shown again."""
    user, act = request.user, request.POST.get("act", "")
    entry = request.POST.get("entry", "")
    try:
        if act == "them":
            if not form.is_valid():
                return None
            catalogues.add_entry(agency, year, **form.cleaned_data, actor=user)
        elif act == "lay":
            count = catalogues.import_last_year(agency, year, actor=user)
            messages.success(request, _("Đã lấy %(n)s dòng của năm trước.") % {"n": count})
        elif act == "ban-hanh":
            catalogues.issue_catalogue(
                agency, year, document_no=request.POST.get("document_no", "")[:120], actor=user
            )
        elif act in {"nhan", "bo"} and entry.isdecimal():
            get_object_or_404(CatalogueEntry, pk=int(entry), catalogue__agency=agency)
            (catalogues.accept_entry if act == "nhan" else catalogues.drop_entry)(int(entry), actor=user)
    except RuleError as error:
        if act == "them":
            form.add_error(None, str(error))
            return None
        messages.error(request, str(error))
    return redirect(f"{reverse('documents:file_catalogue')}?nam={year}")


@staff_only
def catalogue_pdf(request: HttpRequest) -> HttpResponse:
    agency, year, found = _catalogue(request)
    if found is None:
        raise Http404
    entries = (
        found.entries.filter(is_proposed=False)
        .select_related("unit", "retention")
        .order_by("heading", "notation")
    )
    context = {
        "head": letterhead(agency).as_dict(),
        "place_date": "",
        "year": year,
        "document_no": found.document_no,
        "issued_on": f"{timezone.localtime(found.issued_at):%d/%m/%Y}" if found.issued_at else "",
        "rows": [
            {
                "heading": one.heading,
                "notation": one.notation,
                "title": one.title,
                "retention": one.retention.name,
                "keeper": ", ".join(part for part in (one.unit.name, one.keeper_printed) if part),
            }
            for one in entries
        ],
    }
    return _pdf(paper.render("papers/file_catalogue.html", context).data, f"danh-muc-ho-so-{year}.pdf")


# --- transfer and destruction ----------------------------------------------------------------------------------


def _ids(request: HttpRequest) -> list[int]:
    return [int(pk) for pk in request.POST.getlist("chon")[:500] if pk.isdecimal() and len(pk) < 19]


@staff_only
def transfers(request: HttpRequest) -> HttpResponse:
    """Files of one's own or one's unit that are ready, and the lists that were handed in."""
    user = request.user
    if request.method == "POST":
        try:
            made = list_acts.submit_files(_ids(request), actor=user)
            messages.success(request, _("Đã nộp %(n)s mục lục, chờ văn thư nhận.") % {"n": len(made)})
        except RuleError as error:
            messages.error(request, str(error))
        return redirect("documents:file_transfers")
    mine = (
        WorkFile.objects.visible_to(user)
        .filter(state=FileState.CLOSED)
        .select_related("unit", "retention", "keeper")
    )
    ready = [
        file
        for file in mine.order_by("closed_on", "pk")[:200]
        if rules.keeps_file(user, file) and filing.goes_to_archive(file)
    ]
    practices = {pk: filing.practice_of(pk) for pk in {file.agency_id for file in ready}}
    seen = TransferList.objects.filter(rules.books_visible(user)) | TransferList.objects.filter(
        proposed_by=user.pk
    )
    context = {
        "ready": [
            {"file": file, "due": filing.transfer_due(file, practices[file.agency_id])} for file in ready
        ],
        "lists": seen.distinct().order_by("-pk")[:PAGE],
    }
    return render(request, "documents/filing/transfers.html", context)


@staff_only
def transfer(request: HttpRequest, list_id: int) -> HttpResponse:
    seen = TransferList.objects.filter(rules.books_visible(request.user)) | TransferList.objects.filter(
        proposed_by=request.user.pk
    )
    found = get_object_or_404(seen.distinct(), pk=list_id)
    if request.method == "POST":
        try:
            list_acts.receive_files(
                found.pk,
                accept=request.POST.get("act") == "nhan",
                note=request.POST.get("note", "")[:500],
                actor=request.user,
            )
        except RuleError as error:
            messages.error(request, str(error))
        return redirect("documents:file_transfer", found.pk)
    context = {
        "list": found,
        "files": found.files.select_related("unit", "retention").order_by("year", "notation"),
        "may_receive": found.state == ListState.PROPOSED and rules.keeps_archive(request.user, found),
    }
    return render(request, "documents/filing/transfer.html", context)


@staff_only
def destructions(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not user.holds(Role.CLERK, Role.LEADER):
        raise Http404
    home = user.hat.organization
    agency = home.agency or home
    if request.method == "POST":
        try:
            made = list_acts.propose_destruction(
                agency, _ids(request), note=request.POST.get("note", "")[:500], actor=user
            )
            return redirect("documents:file_destruction", made.pk)
        except RuleError as error:
            messages.error(request, str(error))
        return redirect("documents:file_destructions")
    is_clerk = user.serves_as(Role.CLERK, agency.pk)
    expired = (
        WorkFile.objects.filter(agency=agency).expired(timezone.localdate())
        if is_clerk
        else WorkFile.objects.none()
    )
    context = {
        "agency": agency,
        "expired": expired.select_related("unit", "retention").order_by("year", "notation")[:200],
        "lists": DestructionList.objects.filter(rules.books_visible(user)).order_by("-pk")[:PAGE],
        "is_clerk": is_clerk,
    }
    return render(request, "documents/filing/destructions.html", context)


@staff_only
def destruction(request: HttpRequest, list_id: int) -> HttpResponse:
    found = get_object_or_404(DestructionList.objects.filter(rules.books_visible(request.user)), pk=list_id)
    if request.method == "POST":
        act, note = request.POST.get("act", ""), request.POST.get("note", "")[:500]
        try:
            if act == "huy":
                list_acts.destroy(found.pk, actor=request.user)
            else:
                list_acts.decide_destruction(found.pk, agree=act == "duyet", note=note, actor=request.user)
        except RuleError as error:
            messages.error(request, str(error))
        return redirect("documents:file_destruction", found.pk)
    context = {
        "list": found,
        "files": found.files.select_related("unit", "retention").order_by("year", "notation"),
        "may_decide": found.state == ListState.PROPOSED and rules.decides_lists(request.user, found),
        "may_destroy": found.state == ListState.APPROVED and rules.keeps_archive(request.user, found),
    }
    return render(request, "documents/filing/destruction.html", context)
