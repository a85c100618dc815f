"""Writing: the draft in the browser, its recipients, its files, its versions side by side, opinions of other units."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import NotAllowed, RuleError
from core.search import fold
from documents import differences, docx_text, layout, rules, secrecy
from documents.actions import drafts, opinions
from documents.choices import Circulation, RecipientPurpose
from documents.models import Document, IncomingDocument, Opinion, RecipientGroup
from documents.outgoing_forms import AnswerForm, AskForm, DraftForm, FileForm, OpinionForm
from documents.views import pages_of
from documents.views.doors import document_of, incoming_of, open_verbs, staff_only
from documents.workflow import MOVES
from org.letterhead import head_title
from org.models import Organization

FOUND = 12
FETCHES = ("khung", "nhap")
PICKER = ("tim-noi-nhan", "them", "bo", "them-chu")


# --- the draft ------------------------------------------------------------------------------------------------


@staff_only
def new_document(request: HttpRequest) -> HttpResponse:
    if not rules.may_draft(request.user):
        messages.error(request, _("Chức vụ hiện tại không soạn văn bản."))
        return redirect("documents:outgoing")
    beside = _beside(request)
    agency = _issuer(request, beside["answers"] or beside["former"])
    form = _form(request, _first_words(request, beside, agency), agency, _issuers(request.user))
    lines = _lines(request) if request.method == "POST" else beside["lines"]
    if form.is_bound and form.is_valid():
        try:
            words = _words(form, lines, **beside["links"])
            record = drafts.begin(actor=request.user, words=words, agency=agency)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            return _saved(request, record)
    return _write(request, form, lines, None, beside | {"agency": agency})


@staff_only
def edit(request: HttpRequest, document_id: int) -> HttpResponse:
    record = document_of(request, document_id)
    if "edit" not in open_verbs(MOVES, request.user, record) and request.method != "POST":
        messages.info(request, _("Chỉ người soạn sửa, khi văn bản còn là dự thảo."))
        return redirect("documents:document", document_id=document_id)
    if not rules.drafts(request.user, record):
        messages.error(request, str(NotAllowed()))
        return redirect("documents:document", document_id=document_id)
    form = _form(request, _saved_words(record), record.agency)
    lines = _lines(request) if request.method == "POST" else _lines_of(record)
    if form.is_bound and form.is_valid():
        try:
            revision = form.cleaned_data["revision"] or 0
            record = drafts.edit(record.pk, actor=request.user, words=_words(form, lines), revision=revision)
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            return _saved(request, record)
    return _write(request, form, lines, record, {"answers": record.answers, "links": {}})


def _write(
    request: HttpRequest,
    form: DraftForm,
    lines: list[drafts.Line],
    record: Document | None,
    beside: dict[str, Any],
) -> HttpResponse:
    crumbs = [(_("Văn bản đi"), reverse("documents:outgoing"))]
    if record is not None:
        crumbs.append((record.title[:60] or _("Dự thảo"), reverse("documents:document", args=[record.pk])))
    agency = record.agency if record else beside["agency"]
    circulation = request.POST.get("circulation", record.circulation if record else "")
    context = {
        "form": form,
        "document": record,
        "crumbs": crumbs,
        "beside": beside,
        "agency": agency,
        "picker": _picker(request, lines, agency, circulation),
        "pages": pages_of.pictures(record) if record else [],
    }
    return render(request, "documents/outgoing_edit.html", context)


def _form(
    request: HttpRequest,
    initial: dict[str, Any],
    agency: Organization,
    issuers: Sequence[Organization] = (),
) -> DraftForm:
    """Bound when somebody asks to save; the same words without complaints while recipients or a text are fetched."""
    if request.method != "POST":
        return DraftForm(initial=initial, issuers=issuers)
    if not _is_picking(request) and not any(name in request.POST for name in FETCHES):
        return DraftForm(request.POST, issuers=issuers)
    words: dict[str, Any] = {name: request.POST.get(name) for name in DraftForm.base_fields}
    if (body := _fetched(request, agency)) is not None:
        words["body_html"] = body
    return DraftForm(initial=words, issuers=issuers)


def _saved(request: HttpRequest, record: Document) -> HttpResponse:
    messages.success(request, _("Đã lưu bản thứ %(n)s.") % {"n": record.revision})
    if "trinh" in request.POST:
        return redirect("documents:outgoing_move", document_id=record.pk, verb="propose")
    if "xem" in request.POST:
        return redirect("documents:document", document_id=record.pk)
    return redirect("documents:edit", document_id=record.pk)


def _words(form: DraftForm, lines: list[drafts.Line], **links: Any) -> drafts.Words:
    answers = form.cleaned_data
    return drafts.Words(
        type_code=answers["type"].code,
        title=answers["title"],
        body_html=answers["body_html"],
        lines=lines,
        urgency=answers["urgency"],
        circulation=answers["circulation"],
        reply_by=answers["reply_by"],
        for_organ=answers["for_organ"].strip(),
        **links,
    )


def _saved_words(record: Document) -> dict[str, Any]:
    return {
        "type": record.type.code,
        "title": record.title,
        "urgency": record.urgency,
        "circulation": record.circulation,
        "reply_by": record.reply_by,
        "for_organ": record.for_organ,
        "body_html": record.body_html,
        "revision": record.revision,
    }


def _beside(request: HttpRequest) -> dict[str, Any]:
    """What a new draft starts from: an incoming document to answer, an issued one to correct or to replace."""
    links: dict[str, Any] = {}
    lines: list[drafts.Line] = []
    answers, former = None, None
    if pk := _number(request, "tra-loi"):
        answers = incoming_of(request, pk)
        links["answers"] = answers
        lines = _issuer_line(answers)
    for name, column in (("dinh-chinh", "corrects"), ("thay-the", "replaces")):
        if pk := _number(request, name):
            former = document_of(request, pk)
            links[column] = former
            lines = _lines_of(former)
    return {"links": links, "lines": lines, "answers": answers, "former": former}


def _issuer_line(incoming: IncomingDocument) -> list[drafts.Line]:
    issuer = incoming.issuer
    if issuer is not None and (issuer.valid_to is None):
        return [drafts.Line(RecipientPurpose.TO, unit=issuer.agency_id or issuer.pk)]
    name = incoming.issuer_printed
    return [drafts.Line(RecipientPurpose.TO, text=name)] if name else []


def _first_words(request: HttpRequest, beside: dict[str, Any], agency: Organization) -> dict[str, Any]:
    code = request.GET.get("loai", "CV")
    title = ""
    if (answers := beside["answers"]) is not None:
        title = _("trả lời Văn bản số %(number)s") % {"number": answers.number_printed}
    former = beside["former"]
    if former is not None and "corrects" in beside["links"]:
        title = _("đính chính %(type)s số %(number)s") % {
            "type": former.type.name.split(" (")[0],
            "number": former.number_printed,
        }
    if former is not None and "replaces" in beside["links"]:
        return {**_saved_words(former), "agency": agency.pk, "revision": None}
    return {"agency": agency.pk, "type": code, "title": title, "body_html": skeleton(code, agency)}


def skeleton(code: str, agency: Organization) -> str:
    """The parts that the decree's model of this type has, to be filled in."""
    authority = f"{head_title(agency)} {agency.name}".upper()
    return layout.layout_of(code).skeleton.replace("{authority}", authority)


def _fetched(request: HttpRequest, agency: Organization) -> str | None:
    """The frame of the chosen type, or the words of a DOCX, in place of the body; nothing is saved yet."""
    if "khung" in request.POST:
        return skeleton(request.POST.get("type", ""), agency)
    if "nhap" not in request.POST:
        return None
    upload = request.FILES.get("docx")
    if upload is None:
        messages.error(request, _("Chọn tệp DOCX để lấy nội dung."))
        return None
    if not (upload.name or "").lower().endswith(".docx"):
        messages.error(request, _("Chọn tệp DOCX để lấy nội dung. PDF thì thêm làm văn bản chính."))
        return None
    try:
        secrecy.refuse_secret_upload(upload)
        body = docx_text.html_of(upload)
    except RuleError as error:
        messages.error(request, str(error))
        return None
    messages.info(request, _("Đã lấy nội dung từ «%(name)s». Kiểm tra rồi lưu.") % {"name": upload.name})
    return body


# --- recipients -----------------------------------------------------------------------------------------------


def _is_picking(request: HttpRequest) -> bool:
    return request.method == "POST" and any(name in request.POST for name in PICKER)


@staff_only
@require_POST
def recipients(request: HttpRequest) -> HttpResponse:
    """The picker alone, for pages with script; the whole page draws the same part."""
    picker = _picker(request, _lines(request), _issuer(request, None), request.POST.get("circulation", ""))
    return render(request, "documents/_outgoing_recipients.html", {"picker": picker})


def _picker(
    request: HttpRequest, lines: list[drafts.Line], agency: Organization, circulation: str
) -> dict[str, Any]:
    asked = " ".join(request.POST.get("q-noi-nhan", "").replace("\x00", "").split())[:80]
    purpose = request.POST.get("ghi-o", RecipientPurpose.TO)
    purpose = purpose if purpose in RecipientPurpose.values else RecipientPurpose.TO
    units = Organization.objects.in_bulk([one.unit for one in lines if one.unit])
    groups = RecipientGroup.objects.in_bulk([one.group for one in lines if one.group])
    shown = []
    for line in lines:
        name = (
            units[line.unit].name
            if line.unit in units
            else groups[line.group].name
            if line.group in groups
            else line.text
        )
        if name:
            shown.append(
                {
                    "value": _value(line),
                    "name": name,
                    "purpose": RecipientPurpose(line.purpose),
                    "outside": bool(line.text),
                }
            )
    found: list[dict[str, Any]] = []
    if asked and "tim-noi-nhan" in request.POST:
        found = _search(asked, purpose, agency, circulation)
    return {
        "lines": sorted(shown, key=lambda one: one["purpose"] != RecipientPurpose.TO),
        "asked": asked,
        "searched": "tim-noi-nhan" in request.POST and bool(asked),
        "purpose": purpose,
        "purposes": RecipientPurpose.choices,
        "found": found,
        "groups": list(drafts.groups_of(agency).order_by("name")[:30])
        if circulation != Circulation.INTERNAL
        else [],
        "internal": circulation == Circulation.INTERNAL,
    }


def _search(asked: str, purpose: str, agency: Organization, circulation: str) -> list[dict[str, Any]]:
    """By every word, with or without marks; agencies whose name begins so come first."""
    folded = fold(asked)
    rows = drafts.receivers(agency, circulation)
    for word in folded.split():
        rows = rows.filter(folded__contains=word)
    names = list(rows.order_by("folded")[:60])
    names.sort(key=lambda one: (not one.folded.startswith(folded), one.folded))
    return [{"value": f"{purpose}:u:{one.pk}", "name": one.name} for one in names[:FOUND]]


def _value(line: drafts.Line) -> str:
    if line.unit is not None:
        return f"{line.purpose}:u:{line.unit}"
    return f"{line.purpose}:g:{line.group}" if line.group is not None else f"{line.purpose}:t:{line.text}"


def _lines(request: HttpRequest) -> list[drafts.Line]:
    """The lines of the posted page, with what a press of the picker adds or takes away."""
    values = list(dict.fromkeys(request.POST.getlist("noi-nhan")[: drafts.MOST_LINES]))
    if added := request.POST.get("them"):
        values.append(added)
    text = " ".join(request.POST.get("q-noi-nhan", "").split())
    if "them-chu" in request.POST and text:
        values.append(f"{request.POST.get('ghi-o', RecipientPurpose.TO)}:t:{text[:300]}")
    if gone := request.POST.get("bo"):
        values = [value for value in values if value != gone]
    return list(dict.fromkeys(line for value in values if (line := _line(value))))


def _line(value: str) -> drafts.Line | None:
    purpose, _colon, rest = value.partition(":")
    kind, _colon, what = rest.partition(":")
    if purpose not in RecipientPurpose.values or not what:
        return None
    if kind == "t":
        return drafts.Line(purpose, text=what.replace("\x00", ""))
    if kind in ("u", "g") and what.isdecimal() and len(what) < 19:
        number = int(what)
        return drafts.Line(purpose, unit=number) if kind == "u" else drafts.Line(purpose, group=number)
    return None


def _lines_of(record: Document) -> list[drafts.Line]:
    rows = record.recipients.order_by("ordinal", "id")
    return [drafts.Line(one.purpose, unit=one.unit_id, group=one.group_id, text=one.text) for one in rows]


def _issuers(user: Any) -> list[Organization]:
    return drafts.issuers(user.hat.organization)


def _issuer(request: HttpRequest, origin: IncomingDocument | Document | None) -> Organization:
    """In whose name the draft goes: as chosen on the page; as the arrival answered or the paper corrected; the first."""
    possible = {str(one.pk): one for one in _issuers(request.user)}
    asked = str(origin.agency_id) if origin is not None else ""
    wanted = request.POST.get("agency") or asked
    return possible.get(wanted) or next(iter(possible.values()))


def _number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None


# --- files ----------------------------------------------------------------------------------------------------


@staff_only
@require_POST
def attach(request: HttpRequest, document_id: int) -> HttpResponse:
    record = document_of(request, document_id)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
    else:
        uploads = request.FILES.getlist("file") or [form.cleaned_data["file"]]
        for upload in uploads[: drafts.MOST_FILES]:
            try:
                made = drafts.attach(
                    record.pk, actor=request.user, upload=upload, role=form.cleaned_data["role"]
                )
                messages.success(request, _("Đã thêm «%(name)s».") % {"name": made.name})
            except RuleError as error:
                messages.error(request, str(error))
    return redirect(reverse("documents:document", args=[document_id]) + "#tep")


@staff_only
@require_POST
def detach(request: HttpRequest, document_id: int, attachment_id: int) -> HttpResponse:
    record = document_of(request, document_id)
    try:
        drafts.detach(record.pk, actor=request.user, attachment_id=attachment_id)
    except RuleError as error:
        messages.error(request, str(error))
    return redirect(reverse("documents:document", args=[document_id]) + "#tep")


# --- versions -------------------------------------------------------------------------------------------------


@staff_only
def versions(request: HttpRequest, document_id: int) -> HttpResponse:
    """Two versions, word by word; without choice the newest and the one before."""
    record = document_of(request, document_id)
    kept = {one.number: one for one in record.versions.select_related("author")}
    if not kept:
        raise Http404
    newest = max(kept)
    after = _number(request, "den") or newest
    before = _number(request, "tu") or max((one for one in kept if one < after), default=after)
    if after not in kept or before not in kept:
        raise Http404
    old, new = kept[before], kept[after]
    context = {
        "document": record,
        "versions": sorted(kept.values(), key=lambda one: -one.number),
        "old": old,
        "new": new,
        "title_parts": differences.words(old.title, new.title),
        "paragraphs": differences.paragraphs(drafts.text_of(old.body_html), drafts.text_of(new.body_html)),
        "names": differences.names(old.files, new.files),
        "crumbs": [
            (_("Văn bản đi"), reverse("documents:outgoing")),
            (record.title[:60], reverse("documents:document", args=[record.pk])),
        ],
    }
    return render(request, "documents/outgoing_versions.html", context)


# --- opinions -------------------------------------------------------------------------------------------------


@staff_only
def opinions_waiting(request: HttpRequest) -> HttpResponse:
    """Drafts about which one's unit was asked and has not answered."""
    rows = Opinion.objects.waiting_for(request.user).select_related(
        "document__agency", "document__type", "unit", "asked_by"
    )
    return render(request, "documents/outgoing_opinions.html", {"rows": list(rows[:100])})


@staff_only
def ask_opinion(request: HttpRequest, document_id: int) -> HttpResponse:
    """Choose units, a question, a day. Units of the own agency and other agencies of the system."""
    record = document_of(request, document_id)
    if request.method != "POST" and "edit" not in open_verbs(MOVES, request.user, record):
        messages.info(request, _("Chỉ người soạn xin ý kiến, khi văn bản còn là dự thảo."))
        return redirect("documents:document", document_id=document_id)
    form = AskForm(request.POST if "hoi" in request.POST else None)
    asked = " ".join(request.POST.get("q-don-vi", "").split())[:80]
    chosen = [int(one) for one in request.POST.getlist("don-vi") if one.isdecimal() and len(one) < 19]
    if (added := request.POST.get("them", "")).isdecimal():
        chosen.append(int(added))
    if (gone := request.POST.get("bo", "")).isdecimal():
        chosen = [one for one in chosen if one != int(gone)]
    open_to = Organization.objects.valid_on().exclude(pk=record.unit_id)
    units = list(open_to.filter(pk__in=chosen).order_by("name"))
    if "hoi" in request.POST and form.is_valid():
        try:
            opinions.ask(
                record.pk,
                actor=request.user,
                units=units,
                question=form.cleaned_data["question"],
                due_at=form.due_at(),
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã xin ý kiến %(n)s đơn vị.") % {"n": len(units)})
            return redirect(reverse("documents:document", args=[document_id]) + "#y-kien")
    elif request.method == "POST" and "hoi" not in request.POST:
        form = AskForm(
            initial={"question": request.POST.get("question", ""), "due_on": request.POST.get("due_on", "")}
        )
    context = {
        "document": record,
        "form": form,
        "units": units,
        "asked": asked,
        "found": _units_for(asked, record) if asked else [],
        "own": list(
            open_to.filter(agency=record.agency_id).exclude(pk=record.agency_id).order_by("name")[:40]
        ),
        "crumbs": [
            (_("Văn bản đi"), reverse("documents:outgoing")),
            (record.title[:60], reverse("documents:document", args=[record.pk])),
        ],
    }
    return render(request, "documents/outgoing_ask.html", context)


def _units_for(asked: str, record: Document) -> list[Organization]:
    rows = Organization.objects.valid_on().exclude(pk=record.unit_id)
    for word in fold(asked).split():
        rows = rows.filter(folded__contains=word)
    return list(rows.order_by("folded")[:FOUND])


@staff_only
def give_opinion(request: HttpRequest, opinion_id: int) -> HttpResponse:
    opinion = get_object_or_404(Opinion.objects.select_related("document", "unit", "asked_by"), pk=opinion_id)
    record = document_of(request, opinion.document_id)
    if not rules.gives_opinion(request.user, opinion):
        raise Http404
    form = OpinionForm(request.POST or None, initial={"revision": record.revision})
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            opinions.give(
                opinion.pk,
                actor=request.user,
                verdict=answers["verdict"],
                text=answers["text"],
                revision=answers["revision"],
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã gửi ý kiến."))
            return redirect("documents:document", document_id=record.pk)
    context = {"opinion": opinion, "document": record, "form": form, "pages": pages_of.pictures(record)}
    return render(request, "documents/outgoing_opinion.html", context)


@staff_only
@require_POST
def withdraw_question(request: HttpRequest, opinion_id: int) -> HttpResponse:
    opinion = get_object_or_404(Opinion, pk=opinion_id)
    record = document_of(request, opinion.document_id)
    try:
        opinions.withdraw(opinion.pk, actor=request.user)
        messages.success(request, _("Đã thôi hỏi."))
    except RuleError as error:
        messages.error(request, str(error))
    return redirect(reverse("documents:document", args=[record.pk]) + "#y-kien")


@staff_only
def answer_opinion(request: HttpRequest, opinion_id: int) -> HttpResponse:
    opinion = get_object_or_404(Opinion.objects.select_related("unit"), pk=opinion_id)
    record = document_of(request, opinion.document_id)
    form = AnswerForm(request.POST or None, initial={"text": opinion.answer})
    if not rules.drafts(request.user, record):
        messages.error(request, str(NotAllowed()))
        return redirect("documents:document", document_id=record.pk)
    if request.method == "POST" and form.is_valid():
        try:
            opinions.answer(opinion.pk, actor=request.user, text=form.cleaned_data["text"])
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã ghi tiếp thu, giải trình."))
            return redirect(reverse("documents:document", args=[record.pk]) + "#y-kien")
    context = {"opinion": opinion, "document": record, "form": form, "answers": True}
    return render(request, "documents/outgoing_opinion.html", context)
