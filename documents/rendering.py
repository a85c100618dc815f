"""A document as PDF/A: header, heading, body, signature block, QR. Layout: NĐ 30/2020/NĐ-CP, Phụ lục I.

Without number and date it is a preview: «Số: …», no day, «DỰ THẢO» across the page, no check code.
"""

import re
from datetime import date
from html import unescape
from typing import Any

import nh3
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core import paper, wording
from core.errors import RuleError
from core.pdf import Rendered
from documents import layout
from documents.choices import Circulation, DocumentKind, RecipientPurpose, Urgency
from documents.models import Document
from org.letterhead import SignerBlock, expected_block, head_title, letterhead, signer_block, wrapped
from org.models import Assignment, Delegation

Box = tuple[int, float, float, float, float]

DECISION, CERTIFICATE, LETTER = "papers/decision.html", "papers/certificate.html", "papers/letter.html"
OFFICIAL = "papers/official.html"  # all types of NĐ 30/2020/NĐ-CP art. 7
PAPERS = {DECISION, CERTIFICATE, LETTER, OFFICIAL}
NAME_MARK = " – "  # «Giấy khai sinh – Nguyễn Minh An»: a certificate's heading ends before it
TAGS = {"p", "br", "b", "strong", "i", "em", "u", "sub", "sup", "ul", "ol", "li", "h2", "h3"} | {
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
CLASSES = {"p": {"to", "centre", "line"}, "td": {"centre"}, "th": {"centre"}}
ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
# «Nơi nhận:» and what follows it at the end of a body belong beside the signature.
RECIPIENTS = re.compile(r"<p[^>]*>(?:\s|<[^>]+>)*Nơi nhận\s*:?(?P<rest>.*)\Z", re.DOTALL)
TYPE_NOTE = re.compile(r"\s*\(.*\)$")  # «Quyết định (cá biệt)» is headed «QUYẾT ĐỊNH»
LINE_ENDS = re.compile(r"</?(?:p|li|br|ul|ol)[^>]*>")


def render_document(
    document: Document,
    *,
    number_text: str | None = None,
    dated_on: date | None = None,
    signer_block: SignerBlock | None = None,
) -> Rendered:
    """The paper. Anchors: `signature`, `seal`, `qr`. RuleError: its layout is not one of ours."""
    if document.paper not in PAPERS:
        raise RuleError(_("Không có mẫu trình bày «%(paper)s».") % {"paper": document.paper})
    if document.kind == DocumentKind.OFFICIAL:
        return _official(document, number_text=number_text, dated_on=dated_on, signer_block=signer_block)
    is_draft = number_text is None or dated_on is None
    body, recipients = split_recipients(printable(document.body_html))
    head = letterhead(document.agency)
    year = timezone.localdate().year
    day = wording.undated(year) if dated_on is None else wording.day_in_words(dated_on)
    context: dict[str, Any] = {
        "document_title": document.title,
        "head": head.as_dict(),
        "place_date": f"{head.place}, {day}",
        "number": draft_number(document, year) if number_text is None else number_text,
        "about": document.title if document.paper == LETTER else "",
        "type_name": _heading(document).upper(),
        "about_line": document.title if document.paper == DECISION else "",
        "body": body,
        "recipients": recipients or _usual_recipients(document),
        "signer": (signer_block or expected_block(document.agency)).as_dict(),
        "is_draft": is_draft,
        "revision": wording.two(document.revision),
    }
    return paper.render(document.paper, context, check_code="" if is_draft else document.check_code)


def _official(
    document: Document, *, number_text: str | None, dated_on: date | None, signer_block: SignerBlock | None
) -> Rendered:
    """Boxes 1–11 of Phụ lục I around the body. Without number and date: a preview."""
    is_draft = number_text is None or dated_on is None
    form = layout.layout_of(document.type.code)
    head = letterhead(document.agency)
    if document.for_organ:
        head_lines = {
            "superior": [*head.lines],
            "lines": wrapped(document.for_organ.upper()),
            "place": head.place,
        }
    else:
        head_lines = head.as_dict()
    year = timezone.localdate().year
    day = wording.undated(year) if dated_on is None else wording.day_in_words(dated_on)
    to, copies = _names(document)
    authority = f"{head_title(document.agency)} {document.agency.name}".upper()
    context: dict[str, Any] = {
        "document_title": document.title,
        "head": head_lines,
        "place_date": f"{head.place}, {day}",
        "number": draft_number(document, year) if number_text is None else number_text,
        "is_letter": form.is_letter,
        "type_name": TYPE_NOTE.sub("", document.type.name).upper(),
        # «V/v phối hợp …», but «Về việc …» under the name of a type.
        "title": document.title if form.is_letter else document.title[:1].upper() + document.title[1:],
        "addressed": form.addressed.format(authority=authority, agency=document.agency.name) if to else "",
        "to": layout.addressed_lines(to),
        "urgency": Urgency(document.urgency).label.upper() if document.urgency else "",
        "circulation": Circulation(document.circulation).label.upper() if document.circulation else "",
        "body": printable(document.body_html),
        "recipients": layout.recipient_lines(
            copies,
            as_above=bool(to),
            kept=layout.keep_line(document.unit.symbol if document.unit_id != document.agency_id else ""),
        ),
        "signer": (signer_block or expected_block(document.agency)).as_dict(),
        "is_draft": is_draft,
        "revision": wording.two(document.revision),
    }
    return paper.render(OFFICIAL, context, check_code="" if is_draft else document.check_code)


def _names(document: Document) -> tuple[list[str], list[str]]:
    """Who is addressed, and who gets it beside: names as they are today."""
    found: dict[str, list[str]] = {RecipientPurpose.TO: [], RecipientPurpose.COPY: []}
    for line in document.recipients.select_related("unit", "group").order_by("ordinal", "id"):
        found[line.purpose].append(str(line))
    return found[RecipientPurpose.TO], found[RecipientPurpose.COPY]


def signature_block(hat: Assignment, delegation: Delegation | None = None) -> SignerBlock:
    """«KT. CHỦ TỊCH / PHÓ CHỦ TỊCH» and the name, for the hat that signs, by itself or under a delegation."""
    return signer_block(hat, delegation)


def signature_box(rendered: Rendered) -> Box:
    """Where the hand signature lands: page from 0, x1, y1, x2, y2 in points."""
    return paper.box_of(rendered, "signature")


def seal_box(rendered: Rendered) -> Box:
    """Where the agency's seal lands, over the left third of the signature."""
    return paper.box_of(rendered, "seal")


def draft_number(document: Document, year: int) -> str:
    """«…/QĐ-UBND»: the notation with the number still open."""
    return (document.notation or "{n}").format(n=wording.UNKNOWN, year=year)


def printable(html: str) -> SafeString:
    """The editor's HTML with plain elements only: no styles, ids, pictures or links reach a paper."""
    cleaned = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, allowed_classes=CLASSES, link_rel=None)
    return mark_safe(cleaned)  # noqa: S308 - cleaned on the line above


def split_recipients(html: SafeString) -> tuple[SafeString, list[str]]:
    """The body without its closing «Nơi nhận:» list, and the lines of that list."""
    found = RECIPIENTS.search(html)
    if found is None:
        return html, []
    pieces = (strip_tags(piece).strip(" \n-–:\N{NO-BREAK SPACE}") for piece in LINE_ENDS.split(found["rest"]))
    return mark_safe(html[: found.start()]), [unescape(piece) for piece in pieces if piece]  # noqa: S308 - a part of it


def _heading(document: Document) -> str:
    """A certificate is headed by its own name, which may be finer than its type's."""
    return (
        document.title.split(NAME_MARK)[0]
        if document.paper == CERTIFICATE
        else TYPE_NOTE.sub("", document.type.name)
    )


def _usual_recipients(document: Document) -> list[str]:
    if document.paper == CERTIFICATE:
        return []
    unit = (
        f", {document.unit.symbol}" if document.unit.symbol and document.unit_id != document.agency_id else ""
    )
    return ["Như trên;", f"Lưu: VT{unit}."] if document.paper == LETTER else [f"Lưu: VT{unit}."]
