"""Transfer to the archive, and destruction of what has no value any more: one proposes, another decides (art. 30, 31)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, files, pages
from core.errors import NotAllowed, RuleError
from core.models import Job, StoredFile
from documents import erasing, filing, rules
from documents.actions.filing import EXPORT
from documents.choices import FileState, ListState
from documents.models import DestructionList, TransferList, WorkFile, WorkFileItem
from documents.people import printed
from notices import services as notices
from org import services as org
from org.choices import Role
from org.models import Organization

LISTS = "/lam-viec/van-ban/ho-so/nop-luu/"


@transaction.atomic
def submit_files(file_ids: Iterable[int], *, actor: Any) -> list[TransferList]:
    """Nộp lưu: closed files on a list; permanent and timed ones on separate lists. RuleError: nothing is submitted."""
    chosen = list(
        WorkFile.objects.select_for_update(of=("self",))
        .filter(pk__in=list(file_ids))
        .select_related("retention", "agency")
        .order_by("pk")
    )
    if not chosen:
        raise RuleError(_("Chọn ít nhất một hồ sơ."))
    for file in chosen:
        if not rules.keeps_file(actor, file):
            raise NotAllowed
        if file.state != FileState.CLOSED:
            raise RuleError(_("«%(file)s» chưa kết thúc nên chưa nộp lưu được.") % {"file": file})
        if not filing.goes_to_archive(file):
            raise RuleError(
                _("«%(file)s» có thời hạn bảo quản dưới 5 năm: giữ tại đơn vị, không nộp lưu.")
                % {"file": file}
            )
    made = []
    for agency_id in sorted({file.agency_id for file in chosen}):
        for permanent in (True, False):
            part = [
                file
                for file in chosen
                if file.agency_id == agency_id and (file.retention.years is None) == permanent
            ]
            if part:
                made.append(_transfer(part, permanent, actor))
    return made


def _transfer(part: list[WorkFile], permanent: bool, actor: Any) -> TransferList:
    kind = _("bảo quản vĩnh viễn") if permanent else _("bảo quản có thời hạn")
    now = timezone.now()
    made = TransferList.objects.create(
        agency=part[0].agency,
        state=ListState.PROPOSED,
        title=_("Mục lục hồ sơ nộp lưu, %(kind)s, %(day)s")
        % {"kind": kind, "day": f"{timezone.localdate(now):%d/%m/%Y}"},
        proposed_by=actor,
        proposed_printed=printed(actor),
        proposed_at=now,
        is_permanent=permanent,
    )
    made.files.set(part)
    WorkFile.objects.filter(pk__in=[file.pk for file in part]).update(state=FileState.SUBMITTED)
    audit.record("transfer.submit", actor=actor, subject=made, detail={"files": [file.pk for file in part]})
    for clerk in org.people_serving(Role.CLERK, made.agency_id):
        notices.tell_inbox(
            recipient=clerk,
            kind="transfer.submit",
            title=_("Hồ sơ nộp lưu chờ nhận"),
            text=_("%(who)s nộp %(n)s hồ sơ.") % {"who": actor.full_name, "n": len(part)},
            url=f"{LISTS}{made.pk}/",
            subject=made,
        )
    return made


@transaction.atomic
def receive_files(list_id: int, *, accept: bool, note: str = "", actor: Any) -> TransferList:
    """The clerk takes the files into the archive, or gives them back with a reason."""
    found = TransferList.objects.select_for_update(of=("self",)).get(pk=list_id)
    if not rules.keeps_archive(actor, found):
        raise NotAllowed
    if found.state != ListState.PROPOSED:
        raise RuleError(_("Mục lục này đã xử lý xong."))
    if not accept and not note.strip():
        raise RuleError(_("Ghi lý do trả lại hồ sơ."))
    found.state = ListState.DONE if accept else ListState.REFUSED
    found.decided_by, found.decided_printed, found.decided_at = actor, printed(actor), timezone.now()
    found.note = note
    found.save(update_fields=["state", "decided_by", "decided_printed", "decided_at", "note"])
    found.files.update(state=FileState.TRANSFERRED if accept else FileState.CLOSED)
    audit.record("transfer.receive" if accept else "transfer.refuse", actor=actor, subject=found, note=note)
    notices.tell_inbox(
        recipient=found.proposed_by,
        kind="transfer.decided",
        title=_("Đã nhận hồ sơ nộp lưu") if accept else _("Hồ sơ nộp lưu bị trả lại"),
        text=note or found.title,
        url=f"{LISTS}{found.pk}/",
        subject=found,
    )
    return found


# --- destruction -----------------------------------------------------------------------------------------------


@transaction.atomic
def propose_destruction(
    agency: Organization, file_ids: Iterable[int], *, note: str = "", actor: Any
) -> DestructionList:
    """The clerk lists files whose retention has run out. RuleError: one of them has not."""
    if not actor.serves_as(Role.CLERK, agency.pk):
        raise NotAllowed
    wanted = WorkFile.objects.filter(agency=agency, pk__in=list(file_ids)).select_related("retention", "unit")
    today = timezone.localdate()
    chosen = list(wanted.order_by("year", "notation"))
    expired = set(wanted.expired(today).values_list("pk", flat=True))
    if not chosen:
        raise RuleError(_("Chọn ít nhất một hồ sơ."))
    for file in chosen:
        if file.pk not in expired:
            raise RuleError(_("«%(file)s» chưa hết thời hạn bảo quản.") % {"file": file})
    if DestructionList.objects.filter(
        files__in=chosen, state__in=[ListState.PROPOSED, ListState.APPROVED]
    ).exists():
        raise RuleError(_("Có hồ sơ đang nằm trong một danh mục hủy khác."))
    now = timezone.now()
    made = DestructionList.objects.create(
        agency=agency,
        state=ListState.PROPOSED,
        title=_("Danh mục tài liệu hết giá trị, %(day)s") % {"day": f"{today:%d/%m/%Y}"},
        proposed_by=actor,
        proposed_printed=printed(actor),
        proposed_at=now,
        note=note,
    )
    made.files.set(chosen)
    audit.record(
        "destruction.propose", actor=actor, subject=made, detail={"files": [file.pk for file in chosen]}
    )
    return made


@transaction.atomic
def decide_destruction(list_id: int, *, agree: bool, note: str = "", actor: Any) -> DestructionList:
    """A leader decides; never who proposed it."""
    found = DestructionList.objects.select_for_update(of=("self",)).get(pk=list_id)
    if not rules.decides_lists(actor, found):
        raise NotAllowed
    if found.state != ListState.PROPOSED:
        raise RuleError(_("Danh mục này đã có quyết định."))
    if not note.strip():
        raise RuleError(_("Ghi số quyết định hủy hoặc lý do không đồng ý."))
    found.state = ListState.APPROVED if agree else ListState.REFUSED
    found.decided_by, found.decided_printed, found.decided_at = actor, printed(actor), timezone.now()
    found.note = note
    found.save(update_fields=["state", "decided_by", "decided_printed", "decided_at", "note"])
    audit.record(
        "destruction.approve" if agree else "destruction.refuse", actor=actor, subject=found, note=note
    )
    return found


@transaction.atomic
def destroy(list_id: int, *, actor: Any) -> DestructionList:
    """Carry out an approved list: contents go, the list with its rows stays for ever.

    A loose file is erased where nothing else links to it; a document itself stays in its register.
    """
    found = DestructionList.objects.select_for_update(of=("self",)).get(pk=list_id)
    if not rules.keeps_archive(actor, found):
        raise NotAllowed
    if found.state != ListState.APPROVED:
        raise RuleError(_("Chỉ hủy được danh mục đã duyệt."))
    chosen = list(
        found.files.select_for_update(of=("self",))
        .select_related("retention", "unit")
        .order_by("year", "notation")
    )
    found.kept_rows = [_kept_row(file) for file in chosen]
    items = WorkFileItem.objects.filter(file__in=chosen)
    loose = list(StoredFile.objects.filter(pk__in=items.filter(stored__isnull=False).values("stored")))
    items.delete()
    gone = 0
    for stored in loose:
        if files.forget(stored):
            pages.forget(stored)
            gone += 1
    exports = Job.objects.filter(
        kind=EXPORT, params__file__in=[file.pk for file in chosen], artefact__isnull=False
    )
    for job in exports.select_related("artefact"):
        if (taken := job.artefact) is not None:
            erasing.forget_everywhere([taken])
    WorkFile.objects.filter(pk__in=[file.pk for file in chosen]).update(
        state=FileState.DESTROYED, destroyed_on=timezone.localdate()
    )
    found.state, found.done_at = ListState.DONE, timezone.now()
    found.save(update_fields=["state", "done_at", "kept_rows"])
    audit.record(
        "destruction.carry_out", actor=actor, subject=found, detail={"files": len(chosen), "erased": gone}
    )
    return found


def _kept_row(file: WorkFile) -> dict[str, Any]:
    return {
        "notation": file.notation,
        "year": file.year,
        "title": file.title,
        "unit": file.unit.name,
        "retention": file.retention.name,
        "closed_on": f"{file.closed_on:%d/%m/%Y}" if file.closed_on else "",
        "items": file.items.count(),
    }


# --- reminders -------------------------------------------------------------------------------------------------


@transaction.atomic
def warn_of_transfer(file_id: int) -> None:
    """Thirty days before a file must go to the archive its keeper is told, once."""
    file = (
        WorkFile.objects.select_for_update(of=("self",)).select_related("retention", "keeper").get(pk=file_id)
    )
    due = filing.transfer_due(file, filing.practice_of(file.agency_id))
    if due is None or file.warned_at is not None:
        return
    file.warned_at = timezone.now()
    file.save(update_fields=["warned_at"])
    heads = org.heads_of(file.unit_id)
    for person in {file.keeper, *heads[:1]}:
        notices.tell_inbox(
            recipient=person,
            kind="work_file.due",
            title=_("Hồ sơ sắp đến hạn nộp lưu"),
            text=_("«%(file)s» phải nộp lưu trước ngày %(day)s.") % {"file": file, "day": f"{due:%d/%m/%Y}"},
            url=f"/lam-viec/van-ban/ho-so/{file.pk}/",
            subject=file,
        )
