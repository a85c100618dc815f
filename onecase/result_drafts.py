"""The first draft of a result, from the procedure's template and the applicant's answers.

An administrator edits these templates, so they run in an engine of their own that sees plain texts only.
"""

import re
from html import unescape
from typing import Any, ClassVar

from django.core.exceptions import ObjectDoesNotExist
from django.template import Context, Engine, TemplateSyntaxError
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.translation import gettext as _

from core import wording
from core.errors import RuleError
from onecase import papers
from onecase.choices import Channel, PartyRole
from onecase.models import Case, ResultTemplate
from onecase.result_words import DOTS
from org.letterhead import head_title, letterhead

LETTER = "papers/letter.html"
REFUSAL = {"type_code": "CV", "paper": LETTER, "series": "", "notation": "{n}/UBND"}
TOO_LONG = 200_000  # characters
# «<h1>…</h1>» at the start of a template is the title of the draft, not a part of its body.
TITLE = re.compile(r"\A\s*<h1>(?P<title>.*?)</h1>\s*", re.DOTALL)
SPACE = re.compile(r"\s+")
# Kind of a legal text by the end of its number.
KINDS = [
    (re.compile(r"/NĐ-CP$"), "Nghị định"),
    (re.compile(r"/(TT|TTLT)-"), "Thông tư"),
    (re.compile(r"/NQ-"), "Nghị quyết"),
    (re.compile(r"/QĐ-"), "Quyết định"),
    (re.compile(r"/QH\d+$"), "Luật"),
]


class _PlainEngine(Engine):
    """No loaders, no libraries, none of Django's built-in tags."""

    default_builtins: ClassVar[list[str]] = ["onecase.result_words"]


_ENGINE = _PlainEngine(loaders=[], libraries={}, autoescape=True)


def result_draft(case: Case) -> tuple[str, str]:
    """Title and body. A procedure without a template gets an empty letter to the applicant."""
    template = _template_of(case)
    context = _context(case, template)
    if template is None:
        return str(case.procedure.name), _letter_to(case, format_html("<p>{}</p>", DOTS))
    html = fill(template.body_template, context)
    found = TITLE.match(html)
    if found is None:
        return f"{template.name} – {case.owner_name}", html
    return _plain(found["title"]), html[found.end() :]


def refusal_draft(case: Case) -> tuple[str, str]:
    """A letter that declines: the reason is the officer's to write."""
    text = format_html(
        "<p>{agency} nhận được hồ sơ mã {code} đề nghị giải quyết thủ tục «{procedure}».</p>"
        "<p>Sau khi thẩm định, {agency} không giải quyết hồ sơ này vì lý do: {dots}</p>"
        "<p>Căn cứ: {dots}</p>"
        "<p>{agency} thông báo để ông/bà được biết./.</p>",
        agency=case.agency.name if case.agency else DOTS,
        code=case.code or DOTS,
        procedure=case.procedure.name,
        dots=DOTS,
    )
    return f"không giải quyết hồ sơ {case.code or ''}".strip(), _letter_to(case, text)


def layout(case: Case, *, refuses: bool = False) -> dict[str, str]:
    """Type, paper, series and notation of the document, as documents.services.create_draft takes them."""
    template = _template_of(case)
    if refuses or template is None:
        symbol = case.handling_unit.symbol if case.handling_unit else ""
        own = case.handling_unit_id != case.agency_id and symbol
        agency = (case.agency.symbol if case.agency else "") or "UBND"
        return {**REFUSAL, "notation": f"{{n}}/{agency}-{symbol}" if own else f"{{n}}/{agency}"}
    return {
        "type_code": template.document_type,
        "paper": template.paper,
        "series": template.series,
        "notation": template.notation,
    }


def fill(source: str, context: dict[str, Any]) -> str:
    """A template filled in. RuleError: it uses something that templates of results may not, or grows too long."""
    try:
        html = _ENGINE.from_string(source).render(Context(context))
    except TemplateSyntaxError as error:
        raise RuleError(
            _("Mẫu kết quả có lỗi: %(error)s. Báo quản trị hệ thống.") % {"error": error}
        ) from error
    if len(html) > TOO_LONG:
        raise RuleError(_("Mẫu kết quả cho ra văn bản quá dài. Báo quản trị hệ thống."))
    return html


def basis_lines(text: str) -> list[str]:
    """«123/2015/NĐ-CP;60/2014/QH13» as «Luật số 60/2014/QH13», «Nghị định số 123/2015/NĐ-CP»; laws first."""
    named = []
    for number in (part.strip() for part in re.split(r"[;\n]", text)):
        kind = next((kind for pattern, kind in KINDS if pattern.search(number)), "")
        if number:
            named.append(f"{kind} số {number}" if kind else number)
    order = {"Luật": 0, "Nghị quyết": 1, "Nghị định": 2, "Thông tư": 3}
    return sorted(named, key=lambda line: order.get(" ".join(line.split(" số ")[0].split()), 4))


def _template_of(case: Case) -> ResultTemplate | None:
    try:
        return case.procedure.result_template
    except ObjectDoesNotExist:
        return None


def _context(case: Case, template: ResultTemplate | None) -> dict[str, Any]:
    """Plain texts, lists and dicts: no model reaches a template."""
    form = papers.electronic_form(case)
    owner = next((party for party in case.parties.all() if party.role == PartyRole.OWNER), None)
    agency = case.agency
    name = owner.full_name if owner else case.owner_name
    return {
        "title": template.name if template else case.procedure.name,
        "answers": _answers(form.schema if form else {}, case.answers),
        "owner": {
            "full_name": name,
            "number": owner.number if owner else "",
            "birth_on": wording.day_short(owner.birth_on) if owner else "",
            "address": owner.address if owner else "",
            "phone": owner.phone if owner else "",
            "honorific": papers.honorific(owner.number if owner else "").lower(),
        },
        "agency": {
            "name": agency.name if agency else "",
            "short": agency.name.replace("Ủy ban nhân dân", "UBND") if agency else "",
            "symbol": agency.symbol if agency else "",
            "place": letterhead(agency).place if agency else "",
            "head": head_title(agency) if agency else "",
        },
        "unit": {
            "name": case.handling_unit.name if case.handling_unit else "",
            "symbol": case.handling_unit.symbol if case.handling_unit else "",
        },
        "case": {
            "code": case.code or "",
            "procedure": case.procedure.name,
            "channel": str(Channel(case.channel).label),
            "submitted_on": wording.day_short(case.submitted_at) if case.submitted_at else "",
            "received_on": wording.day_short(case.received_at) if case.received_at else "",
        },
        "validity": template.validity if template else "",
        "basis": basis_lines(case.version.legal_basis),
    }


def _answers(schema: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as printed: days as dd/mm/yyyy, repeated groups as lists of dicts, files left out."""
    shown: dict[str, Any] = {
        key: str(value) for key, value in answers.items() if isinstance(value, str | int | float)
    }
    for field in papers.fields_of(schema):
        value = answers.get(field["name"])
        if field["type"] == "repeat":
            rows = [row for row in value or [] if isinstance(row, dict)]
            shown[field["name"]] = [
                {
                    part["name"]: papers.answer_in_words(part, row.get(part["name"]))
                    for part in field.get("fields", ())
                }
                for row in rows
            ]
        elif field["type"] != "file":
            shown[field["name"]] = papers.answer_in_words(field, value)
    return shown


def _letter_to(case: Case, text: str) -> str:
    lines = ["Như trên;", f"Lưu: VT{', ' + case.handling_unit.symbol if case.handling_unit else ''}."]
    receivers = format_html_join("", "<li>{}</li>", ([line] for line in lines))
    return format_html(
        '<p class="to">Kính gửi: {}</p>{}<p><strong>Nơi nhận:</strong></p><ul>{}</ul>',
        case.owner_name,
        text,
        receivers,
    )


def _plain(html: str) -> str:
    return SPACE.sub(" ", unescape(strip_tags(html))).strip()
