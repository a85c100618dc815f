"""An online application, step by step: the draft is kept at every press, whatever the press was."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import RuleError
from onecase import actions, eforms, procedure_page, walk
from onecase.actions.application import DRAFT_DAYS
from onecase.choices import BusinessStatus, ReturnWay
from onecase.citizen_forms import Group, QuestionForm, Row, add_return_way, problems_of
from onecase.models import Case, Procedure
from onecase.walk import LAST, PLACE, Slot, Step, Walk
from org import places
from org.models import Organization

SUGGESTED = 12


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """GET is where one lands after signing in: it shows what comes and changes nothing."""
    procedure = get_object_or_404(Procedure.objects.published(), slug=slug)
    page = procedure_page.of(procedure, for_staff=False)
    if request.method == "POST" and page.is_online:
        try:
            case = actions.start(procedure, actor=request.user)
        except RuleError as error:
            messages.error(request, str(error))
            return redirect("onecase:procedure", slug=slug)
        return redirect("onecase:draft", key=case.submission_key, number=case.form_step)
    draft = (
        Case.objects.own(request.user)
        .filter(procedure=procedure, business_status=BusinessStatus.DRAFT)
        .first()
    )
    return render(
        request,
        "onecase/citizen/start.html",
        {"page": page, "procedure": procedure, "draft": draft, "nav_path": "/thu-tuc/"},
    )


def own_draft(request: HttpRequest, key: UUID) -> Case:
    """The applicant's own case by its key; 404 for everybody else."""
    return get_object_or_404(
        Case.objects.own(request.user).select_related(
            "procedure__eform", "version", "agency", "receiving_unit", "procedure_case"
        ),
        submission_key=key,
    )


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, key: UUID, number: int) -> HttpResponse:
    case = own_draft(request, key)
    if case.business_status != BusinessStatus.DRAFT:  # back, or a second press: the case stands already
        return redirect("onecase:own_case", code=case.code)
    course = Walk(case)
    step = course.step(number)
    if step is None:
        return redirect("onecase:draft", key=key, number=1)
    if request.method == "GET":
        answers = eforms.prefilled(course.fields_of(step), case.answers, account_of(request.user))
        return _page(request, course, step, answers)
    return _press(request, course, step)


def account_of(user: Any) -> dict[str, str]:
    """What the account knows, by the words that eforms.prefilled asks for."""
    identity = getattr(user, "identity", None)
    return {
        "full_name": user.full_name,
        "phone": user.phone,
        "email": user.email or "",
        "citizen_id": identity.number if identity else "",
        "birth_on": eforms.show_date(identity.birth_on) if identity and identity.birth_on else "",
        "address": identity.address if identity else "",
    }


# --- one press --------------------------------------------------------------------------------------------


def _press(request: HttpRequest, course: Walk, step: Step) -> HttpResponse:
    """Keep what was typed and the files that came, then do what the button says."""
    case, do = course.case, request.POST.get("do", "next")
    fields = course.fields_of(step)
    answers = {**case.answers, **eforms.typed(fields, request.POST)}
    anchor = _change_rows(fields, answers, do)
    refused = _take_files(request, course, step, answers)
    try:
        if do.startswith("unfile:"):
            _drop_file(request, case, do.removeprefix("unfile:"))
            anchor = anchor or "giay-to"
        _keep(request, course, step, answers)
    except RuleError as error:
        refused["agency"] = str(error)
    course = Walk(own_draft(request, case.submission_key))  # files and place may have changed
    if course.case.business_status != BusinessStatus.DRAFT:
        return redirect("onecase:own_case", code=course.case.code)
    if refused:
        return _page(request, course, step, answers, refused)
    if step.kind == PLACE and do == "find":
        return _page(request, course, step, answers, find=request.POST.get("xa", ""))
    if do == "later":
        messages.success(
            request,
            _("Đã lưu bản nháp «%(name)s».") % {"name": procedure_page.short_name(case.procedure.name)},
        )
        return redirect("onecase:my_cases")
    if do == "back":
        return redirect("onecase:draft", key=case.submission_key, number=max(1, step.number - 1))
    if do not in {"next", "submit"}:
        return redirect(
            reverse("onecase:draft", args=[case.submission_key, step.number])
            + (f"#{anchor}" if anchor else "")
        )
    outcome = course.check(step, answers)
    if outcome.errors:
        return _page(request, course, step, answers, outcome.errors)
    if step.kind == LAST:
        return _submit(request, course, step, answers)
    return redirect("onecase:draft", key=case.submission_key, number=step.number + 1)


def _change_rows(fields: list[eforms.Field], answers: dict[str, Any], do: str) -> str:
    """«Thêm …» and «Bỏ» of a group. Returns where on the page to go on."""
    verb, _colon, rest = do.partition(":")
    name, _colon, row_id = rest.partition(":")
    item = next((item for item in fields if item.kind == "repeat" and item.name == name), None)
    if item is None or verb not in {"add", "drop"}:
        return ""
    rows = list(answers.get(name) or [])
    if verb == "add" and len(rows) < eforms.ROW_LIMIT:
        rows.append(eforms.new_row())
    if verb == "drop":
        rows = [row for row in rows if row["_id"] != row_id]
    answers[name] = rows
    return f"nhom-{name}"


def _take_files(request: HttpRequest, course: Walk, step: Step, answers: dict[str, Any]) -> dict[str, str]:
    """Every file through the gate; the sentences of those that were refused, by slot."""
    refused: dict[str, str] = {}
    for slot in course.all_slots(step, answers):
        for upload in [
            *request.FILES.getlist(f"tep-{slot.key}"),
            *request.FILES.getlist(f"tep-{slot.key}-photo"),
        ]:
            try:
                _check_size(slot, upload)
                actions.attach(
                    course.case.pk,
                    actor=request.user,
                    upload=upload,
                    component_id=slot.component_id,
                    form_field=slot.form_field,
                )
            except RuleError as error:
                refused[slot.key] = str(error)
    return refused


def _check_size(slot: Slot, upload: UploadedFile) -> None:
    if (upload.size or 0) > slot.max_mb * 1024 * 1024:
        raise RuleError(
            _("«%(name)s» nặng hơn %(limit)s MB. Chụp lại với độ nét thấp hơn, hoặc tách thành nhiều tệp.")
            % {"name": upload.name, "limit": slot.max_mb}
        )


def _drop_file(request: HttpRequest, case: Case, file_id: str) -> None:
    file = case.files.filter(pk=int(file_id) if file_id.isdecimal() else 0, removed_at__isnull=True).first()
    if file is not None:
        actions.detach(file.pk, actor=request.user)


def _keep(request: HttpRequest, course: Walk, step: Step, answers: dict[str, Any]) -> None:
    """Save the draft: cleaned where it was understood, as typed where not."""
    cleaned = eforms.check(course.form, answers, course.situation).answers
    kept: dict[str, Any] = {}
    for item in course.fields_of(step):
        if item.kind == "repeat":  # an empty row that was just added stays on the page
            clean_rows = {row["_id"]: row for row in cleaned.get(item.name) or []}
            kept[item.name] = [clean_rows.get(row["_id"], row) for row in answers.get(item.name) or []]
        elif item.name in cleaned:
            kept[item.name] = cleaned[item.name]
    answers.update(kept)
    where: dict[str, Any] = {}
    if step.kind == PLACE:
        where = _place_of(request, course)
    if step.kind == LAST:
        way: Any = walk.WAYS.get(str(kept.get("result_channel", "")), request.POST.get("return_way", ""))
        if way in ReturnWay.values:
            where["return_way"] = way
        kept["owner_name"] = course.owner_name(answers)
    actions.save_draft(course.case.pk, actor=request.user, answers=kept, step=step.number, **where)


def _place_of(request: HttpRequest, course: Walk) -> dict[str, Any]:
    # The list starts empty, so a choice there is meant even when a box above is marked.
    chosen = request.POST.get("agency-list", "") or request.POST.get("agency", "")
    variant = request.POST.get("variant", "")
    where: dict[str, Any] = {}
    if course.is_of_commune:
        if chosen.isdecimal() and Organization.objects.valid_on().filter(pk=int(chosen)).exists():
            where["agency_id"] = int(chosen)
    elif agency := Organization.objects.valid_on().filter(slug=course.case.procedure.decided_by).first():
        where["agency_id"] = agency.pk
    if variant.isdecimal() and int(variant) in {known.pk for known in course.variants}:
        where["procedure_case_id"] = int(variant)
    return where


def _submit(request: HttpRequest, course: Walk, step: Step, answers: dict[str, Any]) -> HttpResponse:
    """Everything once more, then one case with one code, however often the button was pressed."""
    if course.asks_return_way and request.POST.get("return_way", "") not in ReturnWay.values:
        return _page(request, course, step, answers, {"return_way": _("Chọn một cách nhận kết quả.")})
    if course.problems(answers):
        return _page(request, course, step, answers)
    try:
        case = actions.submit(course.case.pk, actor=request.user)
    except RuleError as error:
        return _page(request, course, step, answers, {"submit": str(error)})
    return redirect("onecase:own_case", code=case.code)


# --- one page ---------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    course: Walk,
    step: Step,
    answers: dict[str, Any],
    errors: dict[str, str] | None = None,
    *,
    find: str = "",
) -> HttpResponse:
    errors = dict(errors or {})
    form = QuestionForm(answers, errors)
    items = [
        _item(form, course, item, answers, errors) for item in course.fields_of(step) if item.kind != "file"
    ]
    slots = [slot for slot in course.all_slots(step, answers) if "." not in slot.key]
    if step.kind == LAST and course.asks_return_way:
        form.initial["return_way"] = request.POST.get("return_way") or course.case.return_way
        items.insert(0, ("field", add_return_way(form)))
    links = problems_of(
        errors,
        groups=[item.name for kind, item in items if kind == "group"],
        slots=_slot_keys(course, step, answers),
    )
    context: dict[str, Any] = {
        "case": course.case,
        "nav_path": "/thu-tuc/",
        "course": course,
        "step": step,
        "total": len(course.steps),
        "procedure_name": procedure_page.short_name(course.case.procedure.name),
        "form": form,
        "items": items,
        "slots": [(slot, errors.get(slot.key, "")) for slot in slots],
        "slot_errors": errors,
        "problems": links,
        "warnings": eforms.check(
            course.form, answers, course.situation, fields=course.fields_of(step)
        ).warnings.values(),
        "keep_until": timezone.localdate(course.case.saved_at or timezone.now()) + timedelta(days=DRAFT_DAYS),
    }
    if step.kind == PLACE:
        context |= _place_context(request, course, errors, find)
    if step.kind == LAST:
        context |= _last_context(course, step, answers)
        context["problems"] = links + context["elsewhere"]
    return render(request, "onecase/citizen/step.html", context)


def _slot_keys(course: Walk, step: Step, answers: dict[str, Any]) -> list[str]:
    return [slot.key for slot in course.all_slots(step, answers)]


def _item(
    form: QuestionForm, course: Walk, item: eforms.Field, answers: dict[str, Any], errors: dict[str, str]
) -> tuple[str, Any]:
    if item.is_computed:
        return "computed", (
            item.label,
            eforms.show(item, eforms.check(course.form, answers, course.situation).answers[item.name]),
            item.help,
        )
    if item.kind != "repeat":
        return "field", form.ask(course.form, item)
    group = Group(
        item.name,
        item.label,
        " ".join(filter(None, [item.help, eforms.hint_of(course.form, item)])),
        errors.get(item.name, ""),
        item.required,
    )
    rows = list(answers.get(item.name) or [])
    if not rows and item.required:
        rows = [{"_id": "00000001"}]  # the first row is there to be filled in
    for number, row in enumerate(rows, start=1):
        parts: list[Any] = []
        for part in item.fields:
            where = eforms.path(item, row, part)
            if part.kind == "file":
                parts.append(("slot", course.row_slot(item, row, part), errors.get(where, "")))
            else:
                parts.append(("field", form.ask(course.form, part, where, row.get(part.name, "")), ""))
        group.rows.append(Row(row["_id"], number, parts))
    return "group", group


def _place_context(request: HttpRequest, course: Walk, errors: dict[str, str], find: str) -> dict[str, Any]:
    """The commune that decides: the one chosen, those that the words typed mean, else those of the address."""
    context: dict[str, Any] = {
        "variants": course.variants,
        "chosen_variant": course.case.procedure_case_id,
        "agency_error": errors.get("agency", ""),
        "variant_error": errors.get("variant", ""),
        "find": find,
    }
    if not course.is_of_commune:
        agency = Organization.objects.valid_on().filter(slug=course.case.procedure.decided_by).first()
        return context | {"fixed_agency": agency}
    answer = places.ask(find) if find else None
    units = answer.units if answer else places.named_in(account_of(request.user)["address"])
    agencies = places.committees(units[:SUGGESTED])
    chosen = course.case.agency
    if chosen is not None and chosen.pk not in {agency.pk for agency in agencies}:
        agencies.insert(0, chosen)
    everything = [
        (agency.pk, agency.territory.full_name)
        for agency in places.committees(places.current())
        if agency.territory
    ]
    return context | {
        "answer": answer,
        "agencies": agencies,
        "chosen_agency": chosen.pk if chosen else None,
        "all_agencies": everything,
    }


def _first_of(step: Step, texts: list[str]) -> str:
    """One line per step: what comes first there, and how much more."""
    line = f"{step.title}: {texts[0]}"
    return (
        line
        if len(texts) == 1
        else line + " " + _("Còn %(count)d chỗ nữa ở bước này.") % {"count": len(texts) - 1}
    )


def _last_context(course: Walk, step: Step, answers: dict[str, Any]) -> dict[str, Any]:
    by_step: dict[Step, list[str]] = {}
    for other, _key, text in course.problems(answers):
        if other.number != step.number:
            by_step.setdefault(other, []).append(text)
    elsewhere = [
        (reverse("onecase:draft", args=[course.case.submission_key, other.number]), _first_of(other, texts))
        for other, texts in by_step.items()
    ]
    papers = next((other for other in course.steps if other.kind == walk.PAPERS), None)
    return {
        "review": course.review(answers),
        "elsewhere": elsewhere,
        "papers_step": papers,
        "place_step": course.steps[0],
        "all_warnings": course.warnings(answers),
    }
