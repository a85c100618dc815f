"""One task and what may be done about it; the list of tasks."""

from contextlib import suppress
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from core import office_calendar, pages
from core.errors import RuleError
from documents import chips, reading, rules
from documents.actions import directives
from documents.actions import tasks as acts
from documents.choices import TASK_OPEN, DocumentStatus, ExtensionState, TaskRole, TaskState
from documents.forms_incoming import ExtensionForm, FinishForm, NoteForm, PassOnForm, ProgressForm
from documents.models import Document, IncomingDocument, Task
from documents.views.doors import open_verbs, staff_only, task_of
from documents.workflow import TASK_MOVES
from org.choices import Role

SHAPES: Final = {
    TaskState.NEW: "ring",
    TaskState.SEEN: "ring",
    TaskState.IN_PROGRESS: "half",
    TaskState.DONE: "done",
    TaskState.RETURNED: "refused",
    TaskState.WITHDRAWN: "refused",
}
PAGE: Final = 50


def found_task(request: HttpRequest, task_id: int) -> Task:
    """One's own by the list rule; the clerk and the leaders of the agency see every task of it."""
    task = (
        Task.objects.select_related(
            "incoming__agency", "unit", "person", "directive__by", "directive__under__unit"
        )
        .filter(pk=task_id)
        .first()
    )
    if task is not None and rules.registers_or_directs(request.user, task.incoming):
        return task
    return task_of(request, task_id)


@staff_only
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    found = found_task(request, task_id)
    if found.state == TaskState.NEW and rules.does(request.user, found) and not found.incoming.is_frozen:
        with suppress(RuleError):  # withdrawn in this moment: the page below says so
            acts.see(found.pk, actor=request.user)
        found = found_task(request, task_id)
    reading.note(request, found.incoming)
    return render(request, "documents/incoming_task.html", context_of(request, found))


def replies_of(task: Task) -> Any:
    """Issued documents of the agency that answer this arrival."""
    return Document.objects.filter(
        answers=task.incoming_id, agency=task.incoming.agency_id, status=DocumentStatus.ISSUED
    ).defer("body_sealed")


def context_of(request: HttpRequest, found: Task, **forms: Any) -> dict[str, Any]:
    user: Any = request.user
    now = timezone.now()
    one: IncomingDocument = found.incoming
    calendar = office_calendar.load(one.agency_id)
    verbs = set() if one.is_frozen else open_verbs(TASK_MOVES, user, found)
    below = [
        {"task": child, "chip": chips.of_task(child, calendar, now)}
        for child in directives.task_children(found).select_related("unit", "person").order_by("pk")
    ]
    asked = found.extensions.filter(state=ExtensionState.ASKED).first()
    does = rules.does(user, found) and not one.is_frozen and found.state in TASK_OPEN
    came = one.files.select_related("stored").filter(superseded_at__isnull=True).first()
    url = f"/lam-viec/van-ban/den/{one.pk}/tep/{came.pk}/" if came else ""
    done_below = next(
        (b["task"] for b in below if b["task"].role == TaskRole.LEAD and b["task"].state == TaskState.DONE),
        None,
    )
    finish = forms.get("finish_form") or FinishForm(
        replies=replies_of(found), initial={"result": done_below.result if done_below else ""}
    )
    return {
        "task": found,
        "one": one,
        "shape": SHAPES[TaskState(found.state)],
        "chip": chips.of_task(found, calendar, now),
        "verbs": verbs,
        "below": below,
        "notes": list(found.notes.order_by("-id")),
        "extensions": list(found.extensions.order_by("-id")),
        "asked": asked,
        "decides": asked is not None and acts.decides_extension(user, found),
        "may_ask": does and asked is None and found.due_at is not None and found.role != TaskRole.INFORM,
        "may_assign": "assign" in verbs
        and found.role != TaskRole.INFORM
        and (found.person_id is None or found.directive.under_id is None),
        "works": does and found.role != TaskRole.INFORM,
        "progress_form": ProgressForm(initial={"progress": found.progress or None}),
        "finish_form": finish,
        "extension_form": ExtensionForm(),
        "may_reply": user.holds(*rules.DRAFTERS) and does,
        "pages": pages.addresses(came.stored, url) if came else [],
        "file_url": url,
        "shown": came,
        "files": [],
        "crumbs": [
            (_("Việc của tôi"), "/lam-viec/van-ban/"),
            (one.number_printed or one.issuer_printed, f"/lam-viec/van-ban/den/{one.pk}/"),
        ],
        **forms,
    }


NOTED: Final[dict[str, tuple[Any, Any, Any]]] = {
    "hand_back": (lazy("Trả lại việc"), lazy("Lý do trả lại"), acts.hand_back),
    "withdraw": (lazy("Rút việc"), lazy("Lý do rút"), acts.withdraw),
}
ADDRESSES: Final = {
    "nhan": "start",
    "bao-cao": "report",
    "hoan-thanh": "finish",
    "tra-lai": "hand_back",
    "rut": "withdraw",
    "xin-gia-han": "ask_extension",
}


@staff_only
def task_move(request: HttpRequest, task_id: int, verb: str) -> HttpResponse:
    """One act on a task; a move that needs a reason has a page that asks for it."""
    name = ADDRESSES.get(verb)
    if name is None:
        raise Http404
    found = found_task(request, task_id)
    if name in NOTED:
        return _noted(request, found, name)
    if request.method != "POST":
        return _back(found)
    user: Any = request.user
    try:
        if name == "start":
            acts.start(found.pk, actor=user)
            messages.success(request, _("Đã nhận việc."))
        elif name == "report":
            form: Any = ProgressForm(request.POST)
            if not form.is_valid():
                return _again(request, found, progress_form=form)
            acts.report_progress(found.pk, actor=user, **form.cleaned_data)
            messages.success(request, _("Đã ghi tiến độ."))
        elif name == "finish":
            form = FinishForm(request.POST, replies=replies_of(found))
            if not form.is_valid():
                return _again(request, found, finish_form=form)
            acts.finish(found.pk, actor=user, **form.cleaned_data)
            messages.success(request, _("Đã hoàn thành việc."))
        else:
            form = ExtensionForm(request.POST)
            if not form.is_valid():
                return _again(request, found, extension_form=form)
            calendar = office_calendar.load(found.incoming.agency_id)
            until = directives.end_of(form.cleaned_data["until"], calendar)
            acts.ask_extension(found.pk, actor=user, reason=form.cleaned_data["reason"], until=until)
            messages.success(request, _("Đã gửi đề nghị gia hạn."))
    except RuleError as error:
        messages.error(request, str(error))
    return _back(found)


def _again(request: HttpRequest, found: Task, **forms: Any) -> HttpResponse:
    return render(request, "documents/incoming_task.html", context_of(request, found, **forms))


def _noted(request: HttpRequest, found: Task, name: str) -> HttpResponse:
    title, label, act = NOTED[name]
    if name not in open_verbs(TASK_MOVES, request.user, found):
        messages.error(
            request, _("Chưa thực hiện được: hiện ở trạng thái «%(s)s».") % {"s": found.get_state_display()}
        )
        return _back(found)
    form = NoteForm(request.POST or None, label=label)
    if request.method == "POST" and form.is_valid():
        try:
            act(found.pk, actor=request.user, note=form.cleaned_data["note"])
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã thực hiện: %(what)s.") % {"what": str(title).lower()})
            return _back(found)
    context = {
        "one": found.incoming,
        "title": title,
        "lead": "",
        "form": form,
        "back": f"/lam-viec/van-ban/viec/{found.pk}/",
    }
    return render(request, "documents/incoming_note.html", context)


@staff_only
def task_assign(request: HttpRequest, task_id: int) -> HttpResponse:
    """The head gives it to his people."""
    found = found_task(request, task_id)
    if "assign" not in open_verbs(TASK_MOVES, request.user, found):
        messages.error(
            request, _("Chưa giao được: hiện ở trạng thái «%(s)s».") % {"s": found.get_state_display()}
        )
        return _back(found)
    form = PassOnForm(request.POST or None, task=found)
    if request.method == "POST" and form.is_valid():
        try:
            directives.pass_on(
                found.pk, actor=request.user, text=form.cleaned_data["text"], assignees=form.assignees()
            )
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Đã giao việc trong đơn vị."))
            return _back(found)
    context = context_of(request, found) | {"form": form}
    return render(request, "documents/incoming_assign.html", context)


@staff_only
@require_POST
def task_extension(request: HttpRequest, task_id: int, extension_id: int) -> HttpResponse:
    found = found_task(request, task_id)
    asked = get_object_or_404(found.extensions, pk=extension_id)
    try:
        acts.decide_extension(
            asked.pk,
            actor=request.user,
            granted=request.POST.get("lam") == "dong-y",
            note=request.POST.get("note", ""),
        )
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Đã quyết định đề nghị gia hạn."))
    return _back(found)


def _back(found: Task) -> HttpResponse:
    return redirect("documents:task", task_id=found.pk)


GROUPS: Final[dict[str, Any]] = {
    "": lazy("đang làm"),
    "qua-han": lazy("quá hạn"),
    "xong": lazy("đã xong"),
    "tat-ca": lazy("tất cả"),
}


@staff_only
def task_list(request: HttpRequest) -> HttpResponse:
    """Tasks of the hat: own ones, and as a head those of the unit. Keyset by id, newest first."""
    user: Any = request.user
    now = timezone.now()
    group = request.GET.get("nhom", "")
    group = group if group in GROUPS else ""
    found = Task.objects.visible_to(user)
    if group == "qua-han":
        found = found.overdue(now)
    elif group == "xong":
        found = found.exclude(state__in=sorted(TASK_OPEN))
    elif not group:
        found = found.open()
    before = request.GET.get("truoc", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.select_related("incoming", "unit", "person").order_by("-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    calendars = office_calendar.Calendars()
    context = {
        "rows": [
            {"task": one, "chip": chips.of_task(one, calendars.of(one.incoming.agency_id), now)}
            for one in rows
        ],
        "groups": [(key, words, key == group) for key, words in GROUPS.items()],
        "older_url": f"?nhom={group}&truoc={rows[-1].pk}" if more else "",
        "is_head": user.holds(Role.UNIT_HEAD, Role.LEADER),
    }
    return render(request, "documents/incoming_tasks.html", context)
