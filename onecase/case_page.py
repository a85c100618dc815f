"""What the page of one case shows, ready for drawing. No HTTP, no writes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import pages, wording
from core.calendar import said, said_in_full, said_short
from core.wording import day_short
from onecase import actions, clock, eforms, rules, timeline
from onecase.choices import STATUS_SHAPE, CheckState, FormNo
from onecase.choices import BusinessStatus as S
from onecase.models import Case, CaseFile, Component
from onecase.required_papers import components_of
from org import crypto

SHOWN_INLINE: Final = {"application/pdf", "image/jpeg", "image/png"}
MASKED: Final = {
    "citizen_id": crypto.masked,
    "phone": wording.masked_phone,
    "email": wording.masked_email,
}
CHECK_SHAPE: Final = {
    CheckState.UNSEEN: "ring",
    CheckState.OK: "done",
    CheckState.LOOKED_UP: "done",
    CheckState.NOT_NEEDED: "done",
    CheckState.MISSING: "diamond",
    CheckState.WRONG: "refused",
}

# --- the papers ---------------------------------------------------------------------------------------------


@dataclass
class Sheet:
    """Something to look at in the pane. `key` stands in the address."""

    key: str
    title: str
    meta: str = ""
    url: str = ""
    kind: str = "pdf"  # pdf | image | answers | other
    pages: list[str] = field(default_factory=list)


@dataclass
class Paper:
    """A line of «Thành phần hồ sơ»."""

    component: Component | None
    title: str
    sheets: list[Sheet] = field(default_factory=list)
    source: str = ""
    meta: str = ""
    state: str = CheckState.UNSEEN
    note: str = ""
    originals: int = 0
    copies: int = 0

    @property
    def state_words(self) -> str:
        return str(CheckState(self.state).label)

    @property
    def state_shape(self) -> str:
        return CHECK_SHAPE[CheckState(self.state)]

    @property
    def needs(self) -> str:
        """What the procedure asks for: «1 bản chính, 2 bản sao»."""
        if self.component is None:
            return ""
        parts = []
        if self.component.originals:
            parts.append(_("%(count)s bản chính") % {"count": self.component.originals})
        if self.component.copies:
            parts.append(_("%(count)s bản sao") % {"count": self.component.copies})
        return ", ".join(parts)


def papers_of(case: Case) -> list[Paper]:
    """One line per paper that the procedure asks for, then what came besides."""
    files = list(case.files.filter(removed_at__isnull=True).select_related("stored").order_by("pk"))
    checks = {check.component_id: check for check in case.checks.select_related("checked_by")}
    form = form_of(case)
    components, lines = components_of(case), []
    used: set[int] = set()
    declared = _declaration(components) if form is not None else None
    for component in components:
        own = [file for file in files if file.component_id == component.pk]
        used.update(file.pk for file in own)
        paper = Paper(component, component.name, [sheet_of(case, file) for file in own])
        if form is not None and component is declared:
            paper.sheets.insert(0, Sheet("to-khai", form.title, kind="answers"))
            paper.source, paper.meta = _("Người dân nộp"), _("biểu mẫu điện tử")
        elif own:
            paper.source, paper.meta = str(own[-1].get_source_display()), _file_meta(own)
        check = checks.get(component.pk)
        if check is not None:
            paper.state, paper.note = check.state, check.note
            paper.originals, paper.copies = check.originals, check.copies
            if not own and (check.originals or check.copies):
                paper.source = paper.source or _("Bản giấy tại quầy")
            if check.state == CheckState.LOOKED_UP:
                paper.source = _("Tra từ dữ liệu")
        lines.append(paper)
    if form is not None and declared is None:
        lines.insert(
            0,
            Paper(
                None,
                form.title,
                [Sheet("to-khai", form.title, kind="answers")],
                _("Người dân nộp"),
                _("biểu mẫu điện tử"),
            ),
        )
    for file in files:
        if file.pk not in used:
            lines.append(
                Paper(
                    None,
                    _title_of(file, form),
                    [sheet_of(case, file)],
                    str(file.get_source_display()),
                    _file_meta([file]),
                )
            )
    return lines


def sheet_of(case: Case, file: CaseFile) -> Sheet:
    media = file.stored.media_type
    kind = "pdf" if media == "application/pdf" else "image" if media in SHOWN_INLINE else "other"
    length = _("%(count)s trang") % {"count": file.stored.pages} if file.stored.pages else ""
    address = reverse("onecase:staff_file", args=[case.code, file.pk])
    return Sheet(f"tep-{file.pk}", file.name, length, address, kind, pages.addresses(file.stored, address))


def made_sheets(case: Case) -> list[Sheet]:
    """What the office itself made: forms in order, then the result."""
    found = []
    for form in case.forms.select_related("stored", "unsigned_file").all():
        if form.stored_id or form.unsigned_file_id:
            title = _("Mẫu %(no)s – %(name)s") % {"no": form.form_no, "name": FormNo(form.form_no).label}
            url = reverse("onecase:staff_form", args=[case.code, form.pk])
            stored = form.stored or form.unsigned_file
            meta = "" if form.stored_id else _("chưa đóng dấu")
            found.append(Sheet(f"mau-{form.pk}", title, meta, url, pages=pages.addresses(stored, url)))
    document = case.result_document
    if document is not None:
        meta = document.number_printed or _("dự thảo lần %(n)s") % {"n": document.revision}
        url = reverse("onecase:staff_result", args=[case.code])
        stored = document.current_file or document.unsigned_file
        found.append(Sheet("ket-qua", document.title, meta, url, pages=pages.addresses(stored, url)))
    return found


def form_of(case: Case) -> eforms.Form | None:
    """The electronic form of the case, when it was filled in."""
    eform = getattr(case.procedure, "eform", None)
    if eform is None or not case.answers_sealed:
        return None
    return eforms.load(
        {"procedure_code": case.procedure.code, "title": eform.title} | eform.schema,
        components=[component.name for component in components_of(case)],
    )


def answers_of(case: Case, form: eforms.Form, *, revealed: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """(section, lines) of the declaration as a person reads it; numbers of people masked unless `revealed`."""
    answers = case.answers
    sections = []
    for section in form.sections:
        lines = [line for item in section.fields for line in _lines(item, answers.get(item.name), revealed)]
        if lines:
            sections.append((section.title, lines))
    return sections


def _lines(item: eforms.Field, value: Any, revealed: bool) -> Iterable[tuple[str, str]]:
    if item.kind == "file" or value in ("", None, []):
        return
    if item.kind == "repeat":
        for number, row in enumerate(value, start=1):
            parts = [
                f"{part.label}: {_said(part, row.get(part.name), revealed)}"
                for part in item.fields
                if row.get(part.name)
            ]
            yield f"{item.label} {number}", "; ".join(parts)
        return
    yield item.label, _said(item, value, revealed)


def _said(item: eforms.Field, value: Any, revealed: bool) -> str:
    if item.kind in MASKED and not revealed:
        return MASKED[item.kind](str(value))
    return eforms.show(item, value)


def _declaration(components: list[Component]) -> Component | None:
    """The paper that the electronic form stands for: the one made for it, else the declaration of the list."""
    online = (one for one in components if one.electronic_form == "yes" and one.kind == "to_khai")
    return next(online, None) or next((one for one in components if one.kind == "to_khai"), None)


def _title_of(file: CaseFile, form: eforms.Form | None) -> str:
    name = file.form_field.split(".")[0]
    item = form.field(name) if form is not None and name else None
    return item.label if item is not None else file.name


def _file_meta(files: list[CaseFile]) -> str:
    last = files[-1]
    when = timezone.localtime(last.added_at)
    pages = sum(file.stored.pages or 1 for file in files)
    parts = [_("%(count)s trang") % {"count": pages}]
    if len(files) > 1:
        parts.insert(0, _("%(count)s tệp") % {"count": len(files)})
    if last.round:
        parts.append(_("bổ sung lần %(n)s, %(when)s") % {"n": last.round, "when": f"{when:%H:%M %d/%m}"})
    return ", ".join(parts)


# --- time and history ---------------------------------------------------------------------------------------


def why_of(case: Case) -> dict[str, Any] | None:
    """«Vì sao hạn là …?»: lines of date arithmetic, the last one stands apart as the result."""
    explained = clock.explain(case)
    if explained is None:
        return None
    lines = [
        {"words": line.text, "value": line.value, "sure": not line.provisional}
        for line in explained.lines
        if not line.strong
    ]
    frozen = case.due_at or explained.at
    if frozen != explained.at:
        lines.append({"words": _("Theo lịch hôm nay sẽ là"), "value": said(explained.at), "sure": True})
    return {"due_words": said_in_full(frozen), "lines": lines, "result": said(frozen)}


DOTS: Final = {"full": "done", "half": "now", "paused": "paused"}


def history_of(case: Case, *, now: datetime) -> list[dict[str, str]]:
    """Newest first for staff: title; then time · who · where; a due date that moved is said."""
    today = timezone.localdate(now)
    items = []
    for entry in reversed(timeline.of(case)):
        at = timezone.localtime(entry.at)
        when = f"{at:%H:%M}" + ("" if at.date() == today else f" {at:%d/%m/%Y}")
        meta = " · ".join(part for part in (when, entry.by) if part)
        text = ""
        if entry.due_before and entry.due_after and entry.due_before != entry.due_after:
            text = _(", hạn dời %(before)s → %(after)s") % {
                "before": said_short(entry.due_before),
                "after": said_short(entry.due_after),
            }
        elif entry.before and entry.after and entry.before != entry.after:
            meta += " · " + _("%(before)s → %(after)s") % {"before": entry.before, "after": entry.after}
        items.append(
            {
                "state": DOTS.get(entry.state, "done"),
                "title": entry.title,
                "text": text,
                "meta": meta,
                "note": entry.note,
                "proof": reverse("core:event_proof", args=[entry.number]),
            }
        )
    return items


# --- people -------------------------------------------------------------------------------------------------


def parties_of(case: Case, *, revealed: bool) -> list[dict[str, Any]]:
    """Owner, submitter, authorised person as facts; numbers, telephones and mail masked unless the reading was logged."""
    found = []
    for party in case.parties.order_by("pk"):
        facts = [(_("Họ và tên"), party.full_name)]
        if party.number_tail:
            facts.append((_("Số định danh"), party.number if revealed else party.number_masked))
        named = (
            (_("Ngày sinh"), day_short(party.birth_on) if party.birth_on else ""),
            (_("Điện thoại"), party.phone if revealed else wording.masked_phone(party.phone)),
            (_("Thư điện tử"), party.email if revealed else wording.masked_email(party.email)),
            (_("Nơi cư trú"), party.address),
            (_("Giấy ủy quyền"), party.authority_note),
        )
        facts += [(name, value) for name, value in named if value]
        found.append(
            {
                "title": str(party.get_role_display()).capitalize(),
                "facts": facts,
                "has_number": bool(party.number_tail),
            }
        )
    return found


# --- what can be done ---------------------------------------------------------------------------------------

AT_ONCE: Final = {"accept", "take_up"}  # one press, nothing more to say
FIRST: Final = (
    "accept",
    "hand_over",
    "take_up",
    "approve",
    "return_result",
    "agree_withdrawal",
    "supply",
    "resubmit",
    "submit_for_approval",
    "request_supplement",
    "assign",
    "propose_supplement",
    "return_intake",
    "return_draft",
    "decline_supplement",
    "reject_intake",
)
UNDER_MORE: Final = {"stop", "reject_intake", "decline_supplement"}
OF_APPLICANT: Final = {"submit", "collect_online", "request_withdrawal"}
WORDS: Final = {
    "supply": gettext_lazy("Nhận bổ sung tại quầy"),
    "resubmit": gettext_lazy("Nhận bổ sung tại quầy"),
    "approve": gettext_lazy("Đọc và ký"),
}
ASKS_MORE: Final = {"return_intake", "propose_supplement", "request_supplement"}


def bar_of(case: Case, user: Any) -> dict[str, Any]:
    """The action bar from the table of moves: at most three in sight, the rest under «Việc khác»."""
    moves = {move.verb: move for move in actions.open_moves(user, case) if move.verb not in OF_APPLICANT}
    ordered = sorted(moves, key=lambda verb: FIRST.index(verb) if verb in FIRST else len(FIRST))
    buttons, more = [], []
    for verb in ordered:
        words = str(WORDS.get(verb, moves[verb].label))
        if verb == "assign" and case.business_status == S.APPRAISING:
            more.append({"words": _("Giao người khác…"), "href": _move(case, verb)})
        elif verb in AT_ONCE:
            buttons.append({"words": words, "url": _move(case, verb)})
        elif verb == "approve":
            address = reverse("onecase:signing") + f"?xem={case.result_document_id}"
            buttons.append({"words": f"{words}…", "href": address, "icon": "pen"})
        elif verb == "submit_for_approval":
            buttons += _result_buttons(case, words)
        else:
            (more if verb in UNDER_MORE else buttons).append(
                {"words": f"{words}…", "href": _move(case, verb)}
            )
    if not buttons and rules.keeps_seal(user, case) and case.business_status == S.APPROVED:
        buttons.append(
            {"words": _("Đóng dấu…"), "href": reverse("onecase:seal") + f"?xem={case.result_document_id}"}
        )
    note = ""
    if case.supplement_count and ASKS_MORE & moves.keys():
        note = _("Đã yêu cầu bổ sung %(count)s lần. Lần thứ hai bị tính là quá hạn trong bộ chỉ số.") % {
            "count": case.supplement_count
        }
    return {"actions": buttons[:3], "rest": buttons[3:] + more, "note": note, "note_warns": bool(note)}


def _result_buttons(case: Case, words: str) -> list[dict[str, str]]:
    draft = {"words": _("Sửa dự thảo kết quả"), "href": reverse("onecase:result", args=[case.code])}
    if case.result_document_id is None:
        return [draft | {"words": _("Soạn kết quả")}]
    return [{"words": f"{words}…", "href": _move(case, "submit_for_approval")}, draft]


def _move(case: Case, verb: str) -> str:
    return reverse("onecase:move", args=[case.code, verb])


def shape_of(case: Case) -> str:
    return STATUS_SHAPE.get(S(case.business_status), "half")
