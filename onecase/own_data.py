"""What the one-stop mechanism holds about a person: cases, the people and papers in them, ratings."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import audit, files, own_data
from core.models import AuditEvent, EventKind, StoredFile
from core.own_data import Erasure, OwnFile
from onecase import case_page
from onecase.choices import BusinessStatus as S
from onecase.models import Case, CaseFile, LegalForm
from org.choices import IdentityLevel

LABELS = {
    "cases": _("Hồ sơ"),
    "code": _("Mã hồ sơ"),
    "procedure": _("Thủ tục"),
    "procedure_code": _("Mã thủ tục"),
    "status": _("Trạng thái"),
    "channel": _("Cách nộp"),
    "owner_name": _("Chủ hồ sơ"),
    "agency": _("Cơ quan giải quyết"),
    "receiving_unit": _("Nơi tiếp nhận"),
    "created_at": _("Tạo lúc"),
    "submitted_at": _("Nộp lúc"),
    "received_at": _("Tiếp nhận lúc"),
    "due_at": _("Hạn trả kết quả"),
    "finished_at": _("Xong lúc"),
    "return_way": _("Nhận kết quả"),
    "answers": _("Nội dung đã khai"),
    "question": _("Mục"),
    "answer": _("Trả lời"),
    "parties": _("Người liên quan"),
    "role": _("Tư cách"),
    "full_name": _("Họ và tên"),
    "number": _("Số định danh"),
    "birth_on": _("Ngày sinh"),
    "phone": _("Điện thoại"),
    "email": _("Thư điện tử"),
    "address": _("Nơi cư trú"),
    "authority_note": _("Giấy ủy quyền"),
    "files": _("Giấy tờ"),
    "name": _("Tên tệp"),
    "path": _("Chỗ trong tệp nén"),
    "sha256": _("Mã băm SHA-256"),
    "added_at": _("Thêm lúc"),
    "removed_at": _("Bỏ lúc"),
    "supplements": _("Yêu cầu bổ sung"),
    "round": _("Lần"),
    "text": _("Nội dung"),
    "reason": _("Lý do"),
    "ground": _("Căn cứ"),
    "forms": _("Phiếu theo mẫu"),
    "form": _("Mẫu số"),
    "result": _("Kết quả"),
    "title": _("Tên văn bản"),
    "document_number": _("Số, ký hiệu"),
    "rating": _("Đánh giá của bạn"),
    "level": _("Mức"),
    "comment": _("Ý kiến"),
    "rated_at": _("Lúc đánh giá"),
}

# What only machines need: the readable copy leaves it out.
CODES = frozenset({"procedure_code", "sha256"})


def of(user: Any) -> QuerySet[Case]:
    """Cases of the account, and those filed on paper for the number that this account has proven."""
    found = Q(applicant=user)
    identity = getattr(user, "identity", None)
    if identity is not None and identity.level >= IdentityLevel.PROVEN:
        found |= Q(applicant__isnull=True, parties__number_index=identity.number_index)
    return Case.objects.filter(found).distinct()


def collect(user: Any) -> dict[str, Any]:
    cases = of(user).select_related(
        "procedure__eform", "version", "agency", "receiving_unit", "result_document", "rating"
    )
    return {"cases": [_case(case, user) for case in cases.order_by("pk")]}


def _case(case: Case, user: Any) -> dict[str, Any]:
    form = case_page.form_of(case)
    return {
        "code": case.code,
        "procedure": case.procedure.name,
        "procedure_code": case.procedure.code,
        "status": str(case.get_business_status_display()),
        "channel": str(case.get_channel_display()),
        "owner_name": case.owner_name,
        "agency": case.agency.name if case.agency else None,
        "receiving_unit": case.receiving_unit.name if case.receiving_unit else None,
        **{
            name: _moment(getattr(case, name))
            for name in ("created_at", "submitted_at", "received_at", "due_at", "finished_at")
        },
        "return_way": str(case.get_return_way_display()),
        "answers": [
            {"question": question, "answer": answer}
            for _section, lines in (case_page.answers_of(case, form, revealed=True) if form else [])
            for question, answer in lines
        ],
        "parties": [_party(party, case, user) for party in case.parties.order_by("pk")],
        "files": [
            {
                "name": file.name,
                "path": _path(case, file) if case.applicant_id == user.pk else None,
                "sha256": file.stored.sha256,
                "added_at": _moment(file.added_at),
                "removed_at": _moment(file.removed_at),
            }
            for file in case.files.select_related("stored").order_by("pk")
        ],
        "supplements": [
            {"round": item.round, "text": item.text, "reason": item.reason, "ground": item.ground}
            for item in case.supplement_items.all()
        ],
        "forms": [
            {
                "form": form.form_no,
                "created_at": _moment(form.created_at),
                "path": _form_path(case, form) if form.stored_id else None,
            }
            for form in case.forms.order_by("pk")
        ],
        "result": {
            "title": case.result_document.title,
            "document_number": case.result_document.number_printed,
            "path": _result_path(case),
        }
        if case.result_document and case.result_document.current_file_id
        else None,
        "rating": {
            "level": str(case.rating.get_level_display()),
            "comment": case.rating.comment,
            "rated_at": _moment(case.rating.rated_at),
        }
        if hasattr(case, "rating")
        else None,
    }


def _party(party: Any, case: Case, user: Any) -> dict[str, Any]:
    """All that one filed oneself; of a paper case only one's own line, for the others never gave their data to him."""
    identity = getattr(user, "identity", None)
    own = case.applicant_id == user.pk or (
        identity is not None and party.number_index == identity.number_index
    )
    facts = {"role": str(party.get_role_display()), "full_name": party.full_name}
    if not own:
        return facts
    return facts | {
        "number": party.number,
        "birth_on": _moment(party.birth_on),
        "phone": party.phone,
        "email": party.email,
        "address": party.address,
        "authority_note": party.authority_note,
    }


def _moment(at: datetime | date | None) -> str | None:
    return at.isoformat() if at else None


def _folder(case: Case) -> str:
    return f"{own_data.FILES}/ho-so/{case.code or f'ban-nhap-{case.pk}'}"


def _path(case: Case, file: CaseFile) -> str:
    return f"{_folder(case)}/{file.pk}-{files.cleaned_name(file.name, media_type=file.stored.media_type)}"


def _form_path(case: Case, form: LegalForm) -> str:
    return f"{_folder(case)}/mau-{form.form_no}-{form.pk}.pdf"


def _result_path(case: Case) -> str:
    return f"{_folder(case)}/ket-qua.pdf"


def files_of(user: Any) -> Iterable[OwnFile]:
    """Papers that one filed, the sealed forms, and the signed result."""
    for case in of(user).select_related("result_document__current_file").order_by("pk"):
        if case.applicant_id == user.pk:
            for file in case.files.select_related("stored").order_by("pk"):
                yield OwnFile(_path(case, file), file.stored)
        for form in case.forms.filter(stored__isnull=False).select_related("stored"):
            yield OwnFile(_form_path(case, form), _stored(form.stored))
        if case.result_document is not None and case.result_document.current_file is not None:
            yield OwnFile(_result_path(case), case.result_document.current_file)


def _stored(stored: StoredFile | None) -> StoredFile:
    assert stored is not None
    return stored


def subjects(user: Any) -> Iterable[tuple[str, Iterable[int]]]:
    cases = list(of(user).values_list("pk", "result_document_id"))
    yield "onecase.case", [pk for pk, _document in cases]
    yield "documents.document", [document for _pk, document in cases if document]


def names(kind: str, ids: set[int]) -> Mapping[int, str]:
    if kind == "onecase.case":
        rows = Case.objects.filter(pk__in=ids).values_list("pk", "code")
        return {pk: _t("hồ sơ %(code)s") % {"code": code or _t("bản nháp")} for pk, code in rows}
    if kind == "documents.document":
        rows = Case.objects.filter(result_document__in=ids).values_list("result_document_id", "code")
        return {pk: _t("kết quả hồ sơ %(code)s") % {"code": code} for pk, code in rows}
    return {}


READ_FILE, READ_NUMBER = "case.read_file", "case.read_number"
WITH_A_NAME = {"case.read_form", "case.read_result"}  # their note is what the paper is called, not a reason
NUMBER_OF_FILE = re.compile(r"\(\D*(\d+)\)$")  # as reading.words_for ends


def said(
    events: Iterable[AuditEvent], names: Mapping[tuple[str, int], str]
) -> Mapping[int, own_data.Reading]:
    """Readings of cases: which paper, and on which ground. Emergencies and unmaskings have their typed reason."""
    rows = [row for row in events if row.subject_type == "onecase.case"]
    columns = ("receiving_unit_id", "handling_unit_id", "agency_id")
    cases = {
        pk: units
        for pk, *units in Case.objects.filter(pk__in={row.subject_id for row in rows}).values_list(
            "pk", *columns
        )
    }
    papers = _papers(rows)
    found = {}
    for row in rows:
        what, why = own_data.sentence(row, names), row.note
        if row.kind == EventKind.READ and row.event != READ_NUMBER:
            case = names.get((row.subject_type, row.subject_id), "")
            paper = papers.get(row.pk, row.note) if row.event in {READ_FILE, *WITH_A_NAME} else ""
            if paper:
                what = f"{audit.SENTENCES[row.event]} «{paper}», {case}"
            why = _ground(row, case, cases.get(row.subject_id, []))
        found[row.pk] = own_data.Reading(what, why)
    return found


def _ground(row: AuditEvent, case: str, units: list[int | None]) -> str:
    """A case opens to those alone whose post serves it; whether that was to settle it, the units tell."""
    if not row.post_name:
        return ""
    if row.unit_id is not None and row.unit_id in units:
        return _t("để giải quyết %(case)s") % {"case": case}
    return _t("theo quyền của chức vụ khi đó")


def _papers(rows: Iterable[AuditEvent]) -> dict[int, str]:
    """What the files read are called: the paper of the list, else the name that the applicant himself gave."""
    numbers = {
        row.pk: int(match[1])
        for row in rows
        if row.event == READ_FILE and (match := NUMBER_OF_FILE.search(row.note))
    }
    if not numbers:
        return {}
    files_read = CaseFile.objects.filter(pk__in=set(numbers.values())).select_related("component")
    called = {
        file.pk: file.component.name if file.component else file.name
        for file in files_read.filter(Q(component__isnull=False) | Q(case__applicant__isnull=False))
    }
    return {event: called[number] for event, number in numbers.items() if number in called}


def erase(user: Any) -> Erasure:
    """Drafts go with their files. What was submitted is the file of an authority and stays."""
    done = Erasure()
    drafts = Case.objects.select_for_update(of=("self",)).filter(applicant=user, business_status=S.DRAFT)
    for draft in drafts.select_related("procedure"):
        done.erased.append(_t("Bản nháp «%(name)s»") % {"name": draft.procedure.name})
        stored = [file.stored for file in draft.files.select_related("stored")]
        draft.files.all().delete()
        draft.delete()
        for one in stored:
            files.forget(one)  # unless another case holds the same bytes
    submitted = of(user).exclude(business_status=S.DRAFT).count()
    if submitted:
        done.kept.append(
            (
                _t("%(count)s hồ sơ đã nộp, giấy tờ và kết quả") % {"count": submitted},
                _t(
                    "Là tài liệu của cơ quan đã giải quyết, giữ theo quy định về lưu trữ; kết quả đã ký vẫn có hiệu lực."
                ),
            )
        )
    return done


def register() -> None:
    own_data.register(
        "onecase",
        title=_("Hồ sơ"),
        collect=collect,
        labels=LABELS,
        subjects=subjects,
        files=files_of,
        names=names,
        erase=erase,
        codes=CODES,
        said=said,
        lines={"answers": lambda item: (item["question"], item["answer"])},
    )
