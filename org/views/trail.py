"""Auditors' doors: the trail with its filters, one event with its proof, an extract."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import audit, files
from core.models import AuditBatch, AuditEvent, Job
from core.search import alphabetical
from core.transparency import health
from core.views_transparency import proof_file
from org import trail, trail_export, tree
from org.models import User
from org.views.doors import staff_only

View = Callable[..., HttpResponseBase]


def auditors_only(view: View) -> View:
    """A post without this role finds no such page."""

    @wraps(view)
    @staff_only
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not trail.scope_of(cast(User, request.user)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@auditors_only
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """The trail, newest first, within the part that the present post may read. Each look leaves an event itself."""
    user, wanted = cast(User, request.user), trail.Wanted.read(request.GET)
    scope = trail.scope_of(user)
    page = trail.page_of(user, scope, wanted, before=_id(request, "truoc"), after=_id(request, "sau"))
    audit.record_read(user, _hat_unit(user), "audit.read", wanted.words())
    context = {
        "wanted": wanted,
        "lines": page.lines,
        "scope": scope,
        "older_url": wanted.address(truoc=page.older) if page.older else "",
        "newer_url": wanted.address(sau=page.newer) if page.newer else "",
        "range_words": _range_words(page),
        "is_narrowed": bool(set(wanted.as_query()) - {"tu"}),
        "kinds": [("", _("mọi việc")), *trail.KINDS.items()],
        "units": _units(scope),
        "verbs": _verbs(),
        "state": health.state(),
        "trouble": health.sequencer_trouble(),
    }
    return render(request, "org/trail.html", context)


@auditors_only
@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event: all its facts, where it stands in the log, its neighbours on the same record."""
    user, row = cast(User, request.user), _event(request, event_id)
    (line,) = trail.lines_of(user, [row])
    audit.record_read(user, row, "audit.read_event")
    batch = (
        AuditBatch.objects.filter(first_seq__lte=line.seq).order_by("-first_seq").first()
        if line.seq
        else None
    )
    return render(
        request,
        "org/trail_event.html",
        {
            "line": line,
            "event": row,
            "batch": batch,
            "stamp": getattr(batch, "stamp", None) if batch else None,
            "detail": sorted(row.detail.items()) if line.is_open else [],
            "leaf": bytes(row.leaf).hex(),
            "texts_hash": bytes(row.texts_hash).hex(),
            "facts": [
                (name, value) for name, value in audit.facts_of(row).items() if value not in (None, "")
            ],
            "record_url": reverse("org:trail") + trail.Wanted(record=line.record_key).address(),
            "crumbs": [(_("Nhật ký"), reverse("org:trail"))],
        },
    )


@auditors_only
@require_safe
def proof(request: HttpRequest, event_id: int) -> HttpResponse:
    """The proof of any event of one's part; with the texts only where the record may be seen."""
    row = _event(request, event_id)
    (line,) = trail.lines_of(cast(User, request.user), [row])
    return proof_file(request, row, with_texts=line.is_open)


def _event(request: HttpRequest, event_id: int) -> AuditEvent:
    if event_id >= 2**63:
        raise Http404
    scope = trail.scope_of(cast(User, request.user))
    return get_object_or_404(AuditEvent.objects.filter(scope.rule), pk=event_id)


# ── extracts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@auditors_only
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    job = trail_export.ask(trail.Wanted.read(request.POST), actor=cast(User, request.user))
    messages.success(request, _("Đã nhận yêu cầu trích nhật ký."))
    return redirect("org:trail_export_progress", job_id=job.pk)


@auditors_only
@require_safe
def export_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    job = _own_job(request, job_id)
    return render(
        request, "org/trail_export.html", {"job": job, "crumbs": [(_("Nhật ký"), reverse("org:trail"))]}
    )


@auditors_only
@require_safe
def export_file(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """Fetched by the one who asked, and by nobody else; each fetching is an event."""
    job = _own_job(request, job_id)
    if job.artefact is None:
        raise Http404
    user = cast(User, request.user)
    audit.record_read(user, _hat_unit(user), "audit.fetch_export", str(job.pk))
    return files.response(job.artefact, name=f"nhat-ky-{job.pk}.csv", inline=False)


def _own_job(request: HttpRequest, job_id: int) -> Job:
    jobs = Job.objects.select_related("artefact").filter(
        kind=trail_export.TASK, owner=cast(User, request.user)
    )
    return get_object_or_404(jobs, pk=min(job_id, 2**63 - 1))


# ── small questions ──────────────────────────────────────────────────────────────────────────────────────────────────


def _id(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None


def _hat_unit(user: User) -> Any:
    assert user.hat is not None
    return user.hat.organization


def _range_words(page: trail.Page) -> str:
    if not page.lines:
        return ""
    newest, oldest = (f"{line.event.pk:,}".replace(",", ".") for line in (page.lines[0], page.lines[-1]))
    return _("Sự kiện %(newest)s đến %(oldest)s") % {"newest": newest, "oldest": oldest}


def _units(scope: trail.Scope) -> list[tree.Node]:
    """Agencies and their parts that may be chosen: those of the part, city-wide all agencies."""
    nodes = tree.today()
    found = [
        node for node in nodes if (node.agency_id == node.id if scope.everything else node.id in scope.units)
    ]
    return sorted(found, key=lambda node: alphabetical(node.name))


@lru_cache(maxsize=1)
def _verbs() -> list[tuple[str, str]]:
    return sorted(
        ((name, str(words)) for name, words in audit.SENTENCES.items()), key=lambda row: alphabetical(row[1])
    )
