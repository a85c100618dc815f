"""«Kiểm tra văn bản»: anyone asks whether a paper is genuine, by its printed code or by the file."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import files
from onecase.limits import spent
from signing import services as signing
from signing.services import SignatureReport, Verdict

UPLOADS, CODES, SECONDS = 20, 60, 600
HEAD = 1024  # a PDF says so within its first kilobyte
MB = 1024 * 1024


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """GET: the two ways. POST: a code leads to its own address, a file is judged and not kept."""
    if request.method == "GET":
        return _ask(request, code=request.GET.get("ma", ""))
    upload, code = request.FILES.get("tep"), request.POST.get("ma", "").strip()
    if upload is None and code:
        paper = signing.find_paper(code)
        if paper is None:
            return _ask(request, code=code, code_error=_unknown(code), status=404)
        return redirect("onecase:check_code", code=signing.printed_code(paper.code))
    if upload is None:
        return _ask(request, file_error=_("Chọn một tệp PDF, hoặc gõ mã in cạnh mã QR."))
    if spent("check-file", most=UPLOADS, seconds=SECONDS):
        return _ask(request, file_error=_("Đã kiểm tra quá nhiều tệp. Chờ 10 phút rồi thử lại."), status=429)
    name = files.cleaned_name(upload.name or "")
    if (upload.size or 0) > settings.UPLOAD_MAX_MB * MB:
        too_big = _("«%(name)s» nặng hơn %(limit)s MB nên chưa kiểm tra được ở đây.")
        return _ask(request, file_error=too_big % {"name": name, "limit": settings.UPLOAD_MAX_MB})
    data = upload.read()
    if b"%PDF-" not in data[:HEAD]:
        return _ask(
            request,
            file_error=_("«%(name)s» không phải tệp PDF. Chọn tệp PDF nhận được từ cơ quan.")
            % {"name": name},
        )
    return _answer(request, signing.verify(data), name=name)


@require_GET
def check_code(request: HttpRequest, code: str) -> HttpResponse:
    """The address inside the QR code of every paper."""
    if spent("check-code", most=CODES, seconds=SECONDS):
        return _ask(
            request, code=code, code_error=_("Đã tra quá nhiều mã. Chờ 10 phút rồi thử lại."), status=429
        )
    paper = signing.find_paper(code)
    if paper is None:
        return _ask(request, code=code, code_error=_unknown(code), status=404)
    return _answer(request, signing.verify_stored(paper.stored_file), code=signing.printed_code(paper.code))


@require_GET
def original(request: HttpRequest, code: str) -> HttpResponseBase:
    """The genuine paper, for whoever holds its code."""
    paper = None if spent("check-code", most=CODES, seconds=SECONDS) else signing.find_paper(code)
    if paper is None:
        raise Http404
    return files.response(paper.stored_file, name=f"{paper.title}.pdf")


def _unknown(code: str) -> str:
    return _(
        "Không có văn bản nào mang mã «%(code)s». Mã có 10 chữ và số, in cạnh mã QR; xem lại từng chữ."
    ) % {"code": code[:40]}


def _ask(
    request: HttpRequest, *, code: str = "", code_error: str = "", file_error: str = "", status: int = 200
) -> HttpResponse:
    problems = [("#id_ma", code_error)] if code_error else []
    problems += [("#tep-kiem-tra", file_error)] if file_error else []
    context = {
        "code": code,
        "code_error": code_error,
        "file_error": file_error,
        "problems": problems,
        "failed": bool(problems),
        "limit": settings.UPLOAD_MAX_MB,
    }
    return render(request, "signing/check.html", context, status=status)


def _answer(request: HttpRequest, verdict: Verdict, *, name: str = "", code: str = "") -> HttpResponse:
    paper = verdict.paper or {}
    context = {
        "name": name,
        "code": code,
        "paper": paper,
        "paper_code": paper.get("code", ""),
        "checked_at": timezone.now(),
        **_headline(verdict, paper),
        "checks": _checks(verdict, paper),
        "reasons": verdict.reasons,
    }
    return render(request, "signing/verdict.html", context)


# --- the verdict in words ---------------------------------------------------------------------------------


def _headline(verdict: Verdict, paper: dict[str, Any]) -> dict[str, str]:
    """`kind` for the component, the heading, the bold sentence and the rest."""
    about = _about(paper)
    if verdict.verdict == "valid" and paper and paper["status"] != "valid":
        withdrawn = (
            _("Giấy tờ thật nhưng đã bị thu hồi")
            if paper["status"] == "revoked"
            else _("Giấy tờ thật nhưng đã được thay thế")
        )
        return {"kind": "bad", "title": withdrawn, "lead": _("Không dùng được nữa."), "text": about}
    if verdict.verdict == "valid" and paper:
        return {
            "kind": "valid",
            "title": _("Văn bản thật, còn nguyên vẹn"),
            "lead": "",
            "text": f"{about} " + _("Văn bản đang có hiệu lực."),
        }
    if verdict.verdict == "valid":
        text = _(
            "Chữ ký do cơ quan được tin cậy chứng thực. Văn bản này không có trong sổ công khai của thành phố."
        )
        return {
            "kind": "valid",
            "title": _("Chữ ký số hợp lệ, nội dung còn nguyên vẹn"),
            "lead": "",
            "text": text,
        }
    if verdict.verdict == "invalid":
        if _is_altered(verdict):
            return {
                "kind": "bad",
                "title": _("Văn bản đã bị sửa sau khi ký"),
                "lead": _("Đừng dùng tệp này."),
                "text": _signed_as(verdict, paper),
            }
        return {
            "kind": "bad",
            "title": _("Chữ ký số không hợp lệ"),
            "lead": _("Đừng dùng tệp này."),
            "text": _first_reason(verdict),
        }
    if verdict.verdict == "none":
        text = _(
            "Không có gì chứng tỏ tệp này do cơ quan nhà nước ban hành. Nếu trên giấy có mã QR, hãy quét mã đó."
        )
        return {"kind": "unknown", "title": _("Tệp không có chữ ký số"), "lead": "", "text": text}
    return {"kind": "unknown", "title": _("Chưa đủ căn cứ"), "lead": "", "text": _first_reason(verdict)}


def _about(paper: dict[str, Any]) -> str:
    if not paper:
        return ""
    issued = _moment(paper.get("issued_at"))
    day = f"{timezone.localtime(issued):%d/%m/%Y}" if issued else ""
    known = {"title": paper["title"][:1].upper() + paper["title"][1:], "day": day, "unit": paper["unit"]}
    if not paper.get("number"):
        return _("%(title)s, ngày %(day)s của %(unit)s.") % known
    return _("%(title)s. Số %(number)s ngày %(day)s của %(unit)s.") % {**known, "number": paper["number"]}


def _is_altered(verdict: Verdict) -> bool:
    return any(not one.intact or (one.verdict == "invalid" and one.trusted) for one in verdict.signatures)


def _signed_as(verdict: Verdict, paper: dict[str, Any]) -> str:
    if not paper:
        return _first_reason(verdict) or _("Nội dung khác với bản đã ký.")
    issued = _moment(paper.get("issued_at"))
    when = f"{timezone.localtime(issued):%H:%M ngày %d/%m/%Y}" if issued else ""
    return _("Nội dung khác với bản mà %(unit)s đã phát hành lúc %(when)s.") % {
        "unit": paper["unit"],
        "when": when,
    }


def _first_reason(verdict: Verdict) -> str:
    reasons = [*verdict.reasons, *(reason for one in verdict.signatures for reason in one.reasons)]
    return reasons[0] if reasons else ""


OK = {"valid": True, "invalid": False}


def _checks(verdict: Verdict, paper: dict[str, Any]) -> list[dict[str, Any]]:
    """One line per thing that was looked at: content, each signature, the timestamps, our register."""
    signatures = [one for one in verdict.signatures if one.kind == "signature"]
    checks: list[dict[str, Any]] = []
    if signatures:
        altered = _is_altered(verdict)
        checks.append(
            {
                "ok": False,
                "strong": _("Nội dung đã đổi"),
                "text": _("sau khi ký"),
                "meta": _("chữ ký không còn khớp với nội dung"),
            }
            if altered
            else {
                "ok": True,
                "strong": _("Nội dung không đổi"),
                "text": _("từ khi ký"),
                "meta": _("toàn bộ tệp nằm trong vùng ký"),
            }
        )
    checks += [_signature_line(one, _signer_of(paper, one)) for one in signatures]
    if signatures and _is_altered(verdict) and all(one.trusted for one in signatures):
        real = {
            "strong": _("Chứng thư của người ký"),
            "text": _("là thật"),
            "meta": _("nhưng không bảo vệ nội dung đã sửa"),
        }
        checks.append({"ok": True, **real})
    stamp = next((one for one in reversed(verdict.signatures) if one.timestamp), None)
    if stamp is not None:
        checks.append(
            {"ok": True, "strong": _("Dấu thời gian"), "text": _("độc lập"), "meta": _when(stamp.timestamp)}
        )
    if paper:
        valid = paper["status"] == "valid"
        meta = _("mã %(code)s") % {"code": paper["code"]}
        if valid and verdict.verdict == "invalid":
            meta = _("%(code)s: bản gốc vẫn còn và đang có hiệu lực") % {"code": meta}
        checks.append(
            {
                "ok": valid,
                "strong": _("Có trong sổ công khai") if valid else _("Đã bị thu hồi hoặc thay thế"),
                "text": _("của thành phố") if valid else _("trong sổ công khai của thành phố"),
                "meta": meta,
            }
        )
    elif signatures:
        checks.append(
            {
                "ok": None,
                "strong": _("Không có trong sổ công khai"),
                "text": _("của thành phố"),
                "meta": _("văn bản của nơi khác thì không có ở đây"),
            }
        )
    return checks


def _signature_line(one: SignatureReport, known: dict[str, Any]) -> dict[str, Any]:
    """Who, for which unit, in which post then, when."""
    name = known.get("name") or one.signer or one.organization or _("Người ký không rõ")
    is_seal = known.get("kind") == "seal" or (bool(one.organization) and one.signer in {"", one.organization})
    what = _("đóng dấu số") if is_seal else _("ký")
    if one.verdict == "invalid":
        what = _("không còn giá trị")
        name = (
            _("Con dấu số của %(name)s") % {"name": name}
            if is_seal
            else _("Chữ ký của %(name)s") % {"name": name}
        )
    post = (
        ", ".join(part for part in (known.get("post", ""), known.get("unit", "")) if part) or one.organization
    )
    parts = [
        _("%(post)s tại thời điểm ký") % {"post": post} if post and not is_seal else "",
        _when(known.get("signed_at") or one.signed_at),
    ]
    parts += (
        one.reasons[:2] if one.verdict != "valid" else [_("chứng thư còn hiệu lực khi ký")] if is_seal else []
    )
    return {
        "ok": OK.get(one.verdict),
        "strong": name,
        "text": what,
        "meta": " · ".join(part for part in parts if part),
    }


def _signer_of(paper: dict[str, Any], one: SignatureReport) -> dict[str, Any]:
    return next((signer for signer in paper.get("signers", ()) if signer.get("field") == one.field), {})


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _when(text: str | None) -> str:
    at = _moment(text)
    return f"{timezone.localtime(at):%H:%M:%S %d/%m/%Y}" if at else ""
