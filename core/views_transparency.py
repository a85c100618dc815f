"""The log for everybody: latest batches, keys, how to check; the same as JSON; and the proof of one event."""

import base64
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import audit_subjects
from core.models import AuditBatch, AuditEvent, AuditTimestamp
from core.transparency import holders, keys, leaves, proofs

SHOWN = 20
PAGE = 500
SCRIPT = settings.BASE_DIR / "scripts" / "check_proof.py"
FRESH = timedelta(seconds=10)
NUMBERS = range(1, 2**63)


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """For people: what this log is, its latest batches, its keys, how anyone checks it."""
    before = _number(request.GET.get("truoc"))
    rows = AuditBatch.objects.select_related("stamp").order_by("-number")
    batches = list((rows.filter(number__lt=before) if before else rows)[: SHOWN + 1])
    newest = rows.first()
    return render(
        request,
        "core/transparency/log.html",
        {
            "batches": [_line(batch) for batch in batches[:SHOWN]],
            "newest": newest,
            "older_url": f"?truoc={batches[SHOWN - 1].number}" if len(batches) > SHOWN else "",
            "newest_url": request.path if before else "",
            "keys": keys.published().values(),
            "holders": [holder.label for holder in holders.configured()],
            "stamp": AuditTimestamp.objects.order_by("-batch").first(),
        },
    )


def _line(batch: AuditBatch) -> dict[str, Any]:
    return {"batch": batch, "root": bytes(batch.root).hex(), "stamp": getattr(batch, "stamp", None)}


@require_safe
def batch_page(request: HttpRequest, number: int) -> HttpResponse:
    """One batch: all that is signed, in words and as it was signed."""
    batch = get_object_or_404(AuditBatch.objects.select_related("stamp"), pk=_known(number))
    return render(
        request,
        "core/transparency/batch.html",
        _line(batch)
        | {
            "previous": bytes(batch.previous).hex(),
            "hash": bytes(batch.hash).hex(),
            "signature": base64.b64encode(bytes(batch.signature)).decode(),
            "signed_text": leaves.canonical(batch.header.as_json()),
            "next": AuditBatch.objects.filter(pk=number + 1).exists(),
            "crumbs": [(_("Nhật ký minh bạch"), "/du-lieu/nhat-ky/")],
        },
    )


# ── for machines ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _json(told: Any, *, seconds: int) -> JsonResponse:
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(answer, public=True, max_age=seconds)
    return answer


def _told(batch: AuditBatch) -> dict[str, Any]:
    stamp = getattr(batch, "stamp", None)
    token = base64.b64encode(bytes(stamp.token)).decode() if stamp else None
    return holders.signed_json(batch) | {"hash": bytes(batch.hash).hex(), "stamp": token}


@require_safe
def batches_json(request: HttpRequest) -> JsonResponse:
    """Ascending from `tu`, 500 a page; `next` leads on. A mirror asks again from the last number."""
    first = _number(request.GET.get("tu")) or 1
    rows = AuditBatch.objects.select_related("stamp").filter(number__gte=first).order_by("number")[:PAGE]
    found = [_told(batch) for batch in rows]
    last = found[-1]["header"]["number"] if found else 0
    return _json(
        {
            "batches": found,
            "next": f"{request.path}?tu={last + 1}" if len(found) == PAGE else None,
        },
        seconds=5,
    )


@require_safe
def batch_json(request: HttpRequest, number: int) -> JsonResponse:
    batch = get_object_or_404(AuditBatch.objects.select_related("stamp"), pk=_known(number))
    return _json(_told(batch), seconds=60)


@require_safe
def keys_json(request: HttpRequest) -> JsonResponse:
    return _json(
        {
            "keys": [
                {"id": key.id, "algorithm": "Ed25519", "public": key.text, "current": key.is_current}
                for key in keys.published().values()
            ]
        },
        seconds=60,
    )


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The offline check: one file, to be read before it is run."""
    answer = HttpResponse(SCRIPT.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="kiem-tra-nhat-ky.py"'
    return answer


# ── the proof of one event ───────────────────────────────────────────────────────────────────────────────────────────


@login_required
@require_safe
def proof(request: HttpRequest, event_id: int) -> HttpResponse:
    """For whoever may see the event in its record. A stranger does not learn that it exists."""
    event = get_object_or_404(AuditEvent, pk=_known(event_id))
    seen = audit_subjects.seen_one(request.user, event)
    if seen is None:
        raise Http404
    return proof_file(request, event, with_texts=seen.whole)


def proof_file(request: HttpRequest, event: AuditEvent, *, with_texts: bool) -> HttpResponse:
    """The file itself; an event of the last seconds has no number yet, which a page says in words."""
    try:
        told = proofs.proof(event, with_texts=with_texts)
    except proofs.NotNumbered:
        late = timezone.now() - event.at > FRESH
        return render(request, "core/transparency/not_numbered.html", {"late": late}, status=409)
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="chung-minh-{event.pk}.json"'
    return answer


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _known(number: int) -> int:
    if number not in NUMBERS:
        raise Http404
    return number
