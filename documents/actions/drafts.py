"""Write an official document: its words, its recipients, its files. Each saving that changes something is a version."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from core import audit, files
from core.errors import NotAllowed, RuleError
from core.gate import PDF, STAFF_TYPES
from documents import numbering_scheme, pdf_text, rendering, rules, secrecy
from documents.actions import indexing
from documents.actions.papers import clean_html, take
from documents.choices import (
    AttachmentRole,
    Circulation,
    DocumentKind,
    DocumentStatus,
    RecipientPurpose,
    Source,
    Urgency,
)
from documents.models import (
    Attachment,
    Document,
    DocumentType,
    DraftVersion,
    IncomingDocument,
    Recipient,
    RecipientGroup,
)
from org import crypto
from org.choices import OrganizationKind
from org.models import Organization
from signing import services as signing

MOST_FILES = 30
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One line of «Kính gửi» or «Nơi nhận» before it is saved. Exactly one of unit, group and text."""

    purpose: str
    unit: int | None = None
    group: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Words:
    """All that the drafter types. `answers`, `replaces`, `corrects` are set once, when the draft is begun."""

    type_code: str
    title: str
    body_html: str
    lines: list[Line] = field(default_factory=list)
    urgency: int = Urgency.NORMAL
    circulation: str = Circulation.OPEN
    reply_by: date | None = None
    for_organ: str = ""
    answers: IncomingDocument | None = None
    replaces: Document | None = None
    corrects: Document | None = None


@transaction.atomic
def begin(*, actor: Any, words: Words, agency: Organization | None = None) -> Document:
    """A new draft of the unit where the actor holds his post, for its agency or for another that it may draft for.

    NotAllowed, SecretRefused: nothing is saved.
    """
    if not rules.may_draft(actor):
        raise NotAllowed
    unit = actor.hat.organization
    possible = issuers(unit)
    agency = agency or possible[0]
    if agency not in possible:
        raise NotAllowed
    title, body = _clean(words)
    kind = _type(words.type_code)
    scheme = numbering_scheme.scheme(kind, agency, unit, words.for_organ)
    document = Document.objects.create(
        kind=DocumentKind.OFFICIAL,
        type=kind,
        agency=agency,
        unit=unit,
        drafter=actor.principal,
        title=title,
        body_sealed=crypto.seal(body),
        paper=rendering.OFFICIAL,
        series=scheme.series,
        notation=scheme.notation,
        check_code=signing.new_code(),
        urgency=int(words.urgency),
        circulation=str(words.circulation),
        reply_by=words.reply_by,
        for_organ=words.for_organ,
        answers=words.answers,
        replaces=_issued(words.replaces),
        corrects=_issued(words.corrects),
    )
    if words.answers is not None and not rules.may_see_incoming(actor, words.answers):
        raise NotAllowed
    _set_lines(document, words.lines)
    _keep_version(document, actor)
    audit.record("document.create", actor=actor, subject=document, after=document.status)
    indexing.touch(document)
    return document


def issuers(unit: Organization) -> list[Organization]:
    """In whose name the unit may draft: its agency; an office (văn phòng) also for the committee or council it serves."""
    own = unit.agency or unit
    above = own.parent if own.kind == OrganizationKind.OFFICE else None
    return [own] if above is None else [above, own]


@transaction.atomic
def edit(document_id: int, *, actor: Any, words: Words, revision: int) -> Document:
    """A new version. `revision` is what the writer had before him: RuleError when somebody saved meanwhile."""
    document = take(document_id, "edit", actor=actor)
    if document.kind != DocumentKind.OFFICIAL:
        raise NotAllowed
    _refuse_changed(document, revision)
    before = _mark(document)
    document.title, body = _clean(words)
    if body != document.body_html:
        document.body_sealed = crypto.seal(body)
    document.type = _type(words.type_code)
    document.urgency, document.circulation = int(words.urgency), str(words.circulation)
    document.reply_by, document.for_organ = words.reply_by, words.for_organ
    document.series, document.notation = numbering_scheme.scheme_of(document)
    _set_lines(document, words.lines)
    if _mark(document) != before:
        document.revision += 1
        _keep_version(document, actor)
    document.save()
    indexing.touch(document)
    return document


@transaction.atomic
def attach(document_id: int, *, actor: Any, upload: UploadedFile, role: str) -> Attachment:
    """A file beside the text, through the gate. A main PDF takes the place of the typed text.

    UploadRefused, SecretRefused: nothing is kept.
    """
    document = take(document_id, "edit", actor=actor)
    types = frozenset({PDF}) if role == AttachmentRole.MAIN else STAFF_TYPES
    if document.attachments.count() >= MOST_FILES:
        raise RuleError(_("Mỗi văn bản kèm tối đa %(most)s tệp. Gộp bớt các phụ lục.") % {"most": MOST_FILES})
    secrecy.refuse_secret((upload.name or "").rsplit(".", 1)[0])
    secrecy.refuse_secret_upload(upload)
    stored = files.receive_upload(upload, types=types)
    name = files.cleaned_name(upload.name or "", media_type=stored.media_type)
    if role == AttachmentRole.MAIN:
        _refuse_signed(stored, name)
        document.attachments.filter(role=AttachmentRole.MAIN).delete()
        document.source = Source.UPLOADED
    made = Attachment.objects.create(
        document=document,
        stored=stored,
        name=name,
        role=role,
        ordinal=document.attachments.filter(role=role).count() + 1,
        added_by=actor,
    )
    _files_changed(document, actor, _("Thêm tệp «%(name)s»") % {"name": name})
    return made


@transaction.atomic
def detach(document_id: int, *, actor: Any, attachment_id: int) -> Document:
    """The draft no longer carries the file; the version before still names it."""
    document = take(document_id, "edit", actor=actor)
    found = document.attachments.filter(pk=attachment_id).first()
    if found is None:
        raise RuleError(_("Tệp này không còn kèm theo dự thảo."))
    if found.role == AttachmentRole.MAIN:
        document.source = Source.TYPED
    found.delete()
    _files_changed(document, actor, _("Bỏ tệp «%(name)s»") % {"name": found.name})
    return document


# --- inside ---------------------------------------------------------------------------------------------------


def _clean(words: Words) -> tuple[str, str]:
    """Composed letters (TCVN 6909:2001), plain elements, single spaces in the title; nothing that bears a secret's mark."""
    title = " ".join(unicodedata.normalize("NFC", words.title).split())
    body = clean_html(unicodedata.normalize("NFC", words.body_html))
    if len(title) > 500:
        raise RuleError(_("Trích yếu dài quá 500 ký tự. Viết một câu ngắn gọn."))
    secrecy.refuse_secret(title, text_of(body))
    return title, body


def text_of(html: str) -> str:
    """The words of a body, one line per paragraph."""
    return strip_tags(re.sub(r"</(p|li|h2|h3|td|th|tr|div)>|<br ?/?>", r"\g<0>\n", html)).strip()


def _type(code: str) -> DocumentType:
    found = DocumentType.objects.filter(code=code, is_active=True, is_specialised=False).first()
    if found is None:
        raise RuleError(_("Chọn loại văn bản trong danh mục."))
    return found


def _issued(document: Document | None) -> Document | None:
    if document is not None and document.status != DocumentStatus.ISSUED:
        raise RuleError(_("Chỉ đính chính, thay thế văn bản đã phát hành. Dự thảo thì sửa trực tiếp."))
    return document


def _set_lines(document: Document, lines: Iterable[Line]) -> None:
    """Replace all lines. A unit stands once: «Kính gửi» wins over «Nơi nhận». Ended units and foreign ones are refused."""
    wanted = list(dict.fromkeys(lines))
    if len(wanted) > MOST_LINES:
        raise RuleError(_("Tối đa %(most)s nơi nhận. Dùng nhóm nơi nhận.") % {"most": MOST_LINES})
    units = {unit.pk: unit for unit in receivers(document.agency, document.circulation).filter(pk__in=[line.unit for line in wanted if line.unit])}  # fmt: skip
    groups = set(groups_of(document.agency).filter(pk__in=[line.group for line in wanted if line.group]).values_list("pk", flat=True))  # fmt: skip
    rows: list[Recipient] = []
    seen: set[int] = set()
    wanted.sort(key=lambda line: line.purpose != RecipientPurpose.TO)
    for place, line in enumerate(wanted, start=1):
        if line.unit is not None:
            if line.unit in seen:
                continue
            seen.add(line.unit)
            if line.unit not in units:
                raise RuleError(_not_a_receiver(line.unit, document))
        elif document.circulation == Circulation.INTERNAL:
            raise RuleError(_("Văn bản lưu hành nội bộ chỉ gửi các đơn vị trong cơ quan."))
        elif line.group is not None and line.group not in groups:
            raise RuleError(_("Nhóm nơi nhận này không còn dùng. Chọn lại."))
        text = " ".join(unicodedata.normalize("NFC", line.text).split())[:300]
        if line.unit is None and line.group is None and not text:
            continue
        rows.append(
            Recipient(
                document=document,
                purpose=line.purpose,
                unit_id=line.unit,
                group_id=line.group,
                text="" if line.unit or line.group else text,
                ordinal=min(place, 32000),
            )
        )
    document.recipients.all().delete()
    Recipient.objects.bulk_create(rows)


def receivers(agency: Organization, circulation: str) -> Any:
    """Who may be named today: agencies; «nội bộ»: units of the own agency."""
    found = Organization.objects.valid_on()
    if circulation == Circulation.INTERNAL:
        return found.filter(agency=agency).exclude(pk=agency.pk)
    return found.filter(rules.is_an_agency()).exclude(pk=agency.pk)


def groups_of(agency: Organization) -> Any:
    """Groups of everybody, and those of the agency itself."""
    return RecipientGroup.objects.filter(rules.groups_open_to(agency))


def _not_a_receiver(unit_id: int, document: Document) -> str:
    unit = Organization.objects.filter(pk=unit_id).first()
    if unit is not None and unit.valid_to is not None:
        return _("«%(unit)s» đã kết thúc hoạt động từ %(day)s. Bỏ khỏi nơi nhận và chọn đơn vị kế thừa.") % {
            "unit": unit.name,
            "day": f"{unit.valid_to:%d/%m/%Y}",
        }
    if document.circulation == Circulation.INTERNAL:
        return _("Văn bản lưu hành nội bộ chỉ gửi các đơn vị trong cơ quan.")
    return _("Nơi nhận phải là cơ quan đang hoạt động; gửi đơn vị bên trong thì ghi tên cơ quan của đơn vị.")


def _files_changed(document: Document, actor: Any, note: str) -> None:
    document.revision += 1
    document.save(update_fields=["revision", "source"])
    _keep_version(document, actor, note)
    indexing.touch(document)


def _keep_version(document: Document, actor: Any, note: str = "") -> None:
    DraftVersion.objects.create(
        document=document,
        number=document.revision,
        title=document.title,
        body_sealed=document.body_sealed,
        files=_named(document),
        author=actor,
        note=note[:300],
    )


def _named(document: Document) -> list[dict[str, str]]:
    """Files and recipients of this version, by name: what a later reader compares."""
    found = [
        {"name": one.name, "sha256": one.stored.sha256, "role": one.role}
        for one in document.attachments.select_related("stored")
    ]
    lines = document.recipients.select_related("unit", "group").order_by("-purpose", "ordinal", "id")
    return found + [{"name": str(line), "role": line.purpose} for line in lines]


def _mark(document: Document) -> str:
    """Two drafts with the same mark say the same."""
    lines = list(
        document.recipients.order_by("ordinal", "id").values_list("purpose", "unit", "group", "text")
    )
    parts = (document.type_id, document.title, document.body_html, document.urgency, document.circulation, document.reply_by, document.for_organ, lines)  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _refuse_changed(document: Document, revision: int) -> None:
    if document.revision != revision:
        raise RuleError(
            _("Người khác đã lưu bản thứ %(n)s trong lúc bạn sửa. Mở bản mới, chép phần của bạn vào.")
            % {"n": document.revision}
        )


def _refuse_signed(stored: Any, name: str) -> None:
    if pdf_text.is_signed(stored):
        raise RuleError(
            _("«%(name)s» đã có chữ ký số: đóng số, ngày lên tệp sẽ làm hỏng chữ ký. Tải bản chưa ký.")
            % {"name": name}
        )
