"""Two communes, everybody who may come to a door, and records whose every personal field carries a mark of its own."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils import timezone

from core import audit, files
from core.models import AuditEvent, IssuedNumber, Job, NumberSeries, StoredFile
from documents.models import Attachment, CertifiedCopy, Document, DocumentType, DraftVersion, Opinion
from notices.models import Notice
from onecase.choices import BusinessStatus as S
from onecase.choices import CheckState
from onecase.models import Case, CaseFile, ComponentCheck, LegalForm, Party, Rating, SupplementItem
from org import trail_export
from org.choices import AssignmentKind, DelegationKind, OrganizationKind, Role
from org.models import (
    AdminUnit,
    Assignment,
    BreakGlass,
    CitizenIdentity,
    DataCopy,
    DataRequest,
    Delegation,
    GrantRequest,
    Leftover,
    Organization,
    Person,
    Position,
    Restructuring,
    RestructuringStep,
    RoleGrant,
    User,
)
from tests import factories as make
from tests.permissions import incoming_doors, office_doors
from tests.samples import pdf_bytes

YEAR = timedelta(days=365)
UNHANDLED = {S.DRAFT, S.SUBMITTED, S.INTAKE_RETURNED, S.INTAKE_REJECTED, S.ACCEPTED}
RESULT_STATES = {
    S.APPRAISING: "draft", S.AWAITING_APPROVAL: "submitted", S.APPROVED: "signed", S.COMPLETED: "issued", S.RETURNED: "issued",
}  # fmt: skip
TEXTS = (
    "owner", "answer", "file", "address", "note", "item", "paper", "body", "form", "rating", "check", "email", "trail",
)  # fmt: skip


def mark(what: str) -> str:
    """Text that stands nowhere else, says where it came from, and is one word to a search."""
    return (
        f"Zq{hashlib.sha256(what.encode()).hexdigest()[:6]}{what.title().replace(' ', '').replace('_', '')}"
    )


def number(what: str, first: str, length: int) -> str:
    """Digits that stand nowhere else."""
    digits = str(int(hashlib.sha256(what.encode()).hexdigest(), 16))
    return first + digits[: length - len(first)]


@dataclass
class Secret:
    """A record as the doors address it, its marks, and an address of the same shape that leads nowhere."""

    name: str
    at: dict[str, Any]  # arguments of addresses
    nowhere: dict[str, Any]
    marks: list[str] = field(default_factory=list)
    subject: Any = None


class City:
    """The world of all permission tests. `people`: who is who; `secrets`: what not everybody may see."""

    def __init__(self) -> None:
        self.here = make.commune("phường Đây")
        self.there = make.commune("phường Kia")
        self.procedure = make.procedure("9.777001")
        # A catalogue that lists may name before there is anything to hide.
        DocumentType.objects.get_or_create(code="QĐ", defaults={"name": "Quyết định", "abbreviation": "QĐ"})
        self.applicant = make.citizen("Người Nộp Đơn", phone="0900000001")
        self.people: dict[str, User | None] = {
            **dict(self._staff()),
            **dict(self._stand_ins()),
            **self._others(),
        }
        self.secrets: dict[str, Secret] = {}

    def marks(self) -> list[str]:
        return [one for secret in self.secrets.values() for one in secret.marks]

    # --- people -----------------------------------------------------------------------------------------------

    def _staff(self) -> Iterator[tuple[str, User]]:
        here, there, today = self.here.ubnd, self.there.ubnd, timezone.localdate()
        for name in ("counter_officer", "case_officer", "unit_head", "leader", "clerk", "hr_officer"):
            yield name, getattr(self.here, name)
            yield f"{name}_there", getattr(self.there, name)
        for role in (Role.UNIT_ADMIN, Role.REORGANISER, Role.AUDITOR):
            yield str(role), hat(f"Người {role}", here, role, subtree=True)
            yield f"{role}_there", hat(f"Kẻ {role}", there, role, subtree=True)
        city = AdminUnit.objects.create(
            code="99",
            level=1,
            kind="thanh_pho",
            name="Thử",
            full_name="Thành phố Thử",
            valid_from=make.EARLY,
            folded="thu",
        )
        self.city = make.organization(
            "Ủy ban nhân dân thành phố thử", OrganizationKind.COMMITTEE, symbol="UBNDTP", territory=city
        )
        yield "city_leader", hat("Bùi Thành Phố", self.city, Role.LEADER)
        yield "planner", hat("Soạn Sắp Xếp", self.city, Role.REORGANISER)
        yield "head_of_subtree", hat("Lý Cả Cây", here, Role.UNIT_HEAD, subtree=True)
        yield "expired_hat", hat("Hết Chức Vụ", here, Role.LEADER, worn_until=today)
        yield "future_hat", hat("Chưa Nhận Chức", here, Role.LEADER, worn_from=today + YEAR)
        yield "expired_grant", hat("Hết Vai Trò", here, Role.LEADER, until=today)
        yield "future_grant", hat("Chưa Tới Ngày", here, Role.LEADER, since=today + YEAR)
        yield "emergency", hat("Mở Khẩn Cấp", there, Role.LEADER)
        yield "emergency_over", hat("Hết Khẩn Cấp", there, Role.LEADER)
        disabled = hat("Tài Khoản Khóa", here, Role.LEADER)
        disabled.is_active = False
        disabled.save(update_fields=["is_active"])
        yield "disabled_leader", disabled
        two = hat("Hai Chức Vụ", self.there.counter, Role.COUNTER_OFFICER)
        second = Assignment.objects.create(
            person=two.person, organization=here, position=Position.objects.get(code="thu-chung"), rank=1,
            kind=AssignmentKind.CONCURRENT, valid_from=make.EARLY,
        )  # fmt: skip
        RoleGrant.objects.create(
            assignment=second, role=Role.LEADER, organization=here, valid_from=make.EARLY
        )
        yield "other_hat", two

    def _stand_ins(self) -> Iterator[tuple[str, User]]:
        """Who holds nothing but what others handed over."""
        here, today, now = self.here, timezone.localdate(), timezone.now()
        leader, officer = (here.leader, Role.LEADER), (here.case_officer, Role.CASE_OFFICER)
        revoked = {"revoked_at": now, "revoked_by": here.leader}
        for name, (giver, role), how in (
            ("delegate", leader, {}),
            ("delegate_of_other_procedure", leader, {"scope": {"procedures": ["9.999999"]}}),
            ("delegate_revoked", leader, revoked),
            ("delegate_expired", leader, {"valid_from": today - YEAR, "valid_to": today}),
            ("delegate_of_future", leader, {"valid_from": today + timedelta(5)}),
            ("cover_of_officer", officer, {"kind": DelegationKind.DUTY_COVER}),
            ("cover_of_head", (here.unit_head, Role.UNIT_HEAD), {"kind": DelegationKind.DUTY_COVER}),
        ):
            taker = hat(f"Nhận {name}", here.office)
            make.delegation(giver, taker, role, **how)
            yield name, taker

    def _others(self) -> dict[str, User | None]:
        return {
            "applicant": self.applicant,
            "other_citizen": make.citizen("Công Dân Khác"),
            "system_administrator": make.user("Quản Trị Máy", is_staff=True, is_superuser=True),
            "admin_without_rights": make.user("Quản Trị Rỗng", is_staff=True),
            "anonymous": None,
        }

    # --- cases ------------------------------------------------------------------------------------------------

    def hide_secrets(self) -> None:
        """Everything that strangers must not see, count or guess. Called after the lists were read once without it."""
        identity = CitizenIdentity.objects.get(user=self.applicant)
        identity.address, identity.number = mark("identity address"), number("identity", "031", 12)
        identity.save()
        for status in S:
            self._case(status)
        self._emergencies(self.secrets["appraising"].subject)
        self._notices()
        self._posts_and_rights()
        self._data_of_the_applicant()
        self._passkey()
        self._restructuring()
        self._extract_of_the_trail()
        self._outgoing()

    def _outgoing(self) -> None:
        """A draft with a file, a draft about which another commune was asked, and a certified copy."""
        here = self.here
        stored = files.store_bytes(pdf_bytes() + b"%outgoing\n", "application/pdf", pages=1)
        for name, unit in (("paper", None), ("asked_paper", self.there.office)):
            title, body = mark(f"{name} title"), mark(f"{name} body")
            document = Document.objects.create(
                kind="official", type=DocumentType.objects.get(code="QĐ"), agency=here.ubnd, unit=here.office,
                drafter=here.case_officer, title=title, body_html=f"<p>{body}</p>", notation="{n}/QĐ-UBND",
                paper="papers/official.html", check_code=f"VB-{name}",
            )  # fmt: skip
            DraftVersion.objects.create(
                document=document,
                number=1,
                title=title,
                body_sealed=document.body_sealed,
                author=here.case_officer,
            )
            at = {"document_id": document.pk}
            if unit is None:
                file = Attachment.objects.create(
                    document=document,
                    stored=stored,
                    name=mark("paper file"),
                    role="beside",
                    added_by=here.case_officer,
                )
                at["attachment_id"] = file.pk
            else:
                asked = Opinion.objects.create(
                    document=document,
                    unit=unit,
                    revision=1,
                    asked_by=here.case_officer,
                    due_at=timezone.now() + YEAR,
                )
                at["opinion_id"] = asked.pk
            self._keep(name, at, title, body)
        series, _made = NumberSeries.objects.get_or_create(key="thu/BAN-SAO")
        taken = IssuedNumber.objects.create(
            series=series, value=1, subject_type="documents.certifiedcopy", subject_id=0
        )
        printed = mark("copy number")
        copy = CertifiedCopy.objects.create(
            agency=here.ubnd, kind="SY", number=taken, number_printed=printed, dated_on=timezone.localdate(), source_file=stored,
            unsigned_file=stored, made_by=here.clerk,
        )  # fmt: skip
        self._keep("copy", {"copy_id": copy.pk}, printed)
        incoming_doors.hide(self, mark)
        office_doors.hide(self, mark)

    def _case(self, status: S) -> None:
        name = str(status)
        marks = {what: mark(f"{name} {what}") for what in TEXTS}
        phone, personal = number(f"{name} phone", "09", 10), number(name, "031", 12)
        handled = status not in UNHANDLED
        case = make.case(
            self.here, status, of=self.procedure, applicant=self.applicant, owner_name=marks["owner"],
            handling_unit=self.here.office if handled else None,
            handler=self.here.case_officer if handled and status != S.FORWARDED else None,
        )  # fmt: skip
        case.answers = {"applicant_full_name": marks["answer"]}
        case.save(update_fields=["answers_sealed"])
        party = Party.objects.get(case=case)
        if status == S.DRAFT:  # whose case it is, is written down when it is handed in
            party.delete()
            party = Party()
        party.full_name, party.phone, party.address = marks["owner"], phone, marks["address"]
        party.email, party.authority_note, party.number = (
            f"{marks['email']}@example.org",
            marks["note"],
            personal,
        )
        if party.pk:
            party.save()
        stored = files.store_bytes(pdf_bytes() + f"%{name}\n".encode(), "application/pdf", pages=1)
        file = CaseFile.objects.create(
            case=case, component=case.version.components.get(seq=2), stored=stored, name=f"{marks['file']}.pdf",
            added_by=self.applicant,
        )  # fmt: skip
        at = {"code": case.code, "key": case.submission_key, "number": 1, "file_id": file.pk}
        if status != S.DRAFT:
            at["form_id"] = self._worked_on(case, stored, marks).pk
        if status in RESULT_STATES:
            at["document_id"] = self._result(case, stored, marks).pk
        nowhere = {
            "code": "31.99-261120-999999", "key": "00000000-0000-4000-8000-000000000000", "number": 1, "file_id": 10**9,
            "form_id": 10**9, "document_id": 10**9,
        }  # fmt: skip
        own = [*marks.values(), phone, personal, *([case.code] if case.code else [])]
        self.secrets[name] = Secret(name, at, nowhere, own, case)

    def _worked_on(self, case: Case, stored: StoredFile, marks: dict[str, str]) -> LegalForm:
        """What the counter leaves on a case."""
        audit.record("case.submit", actor=self.applicant, subject=case, note=marks["trail"])
        for paper in case.version.components.all():
            ComponentCheck.objects.create(
                case=case, component=paper, state=CheckState.OK, note=marks["check"]
            )
        SupplementItem.objects.create(case=case, round=1, text=marks["item"], reason=marks["note"])
        if case.business_status == S.RETURNED:
            Rating.objects.create(case=case, level=1, comment=marks["rating"])
        return LegalForm.objects.create(
            case=case, form_no="01", snapshot={"owner": marks["form"]}, check_code=f"MAU{case.pk:07d}", stored=stored,
            done_at=timezone.now(),
        )  # fmt: skip

    def _result(self, case: Case, stored: StoredFile, marks: dict[str, str]) -> Document:
        state = RESULT_STATES[S(case.business_status)]
        issued = {}
        if state == "issued":
            series, _made = NumberSeries.objects.get_or_create(key="thu/XN/2026")
            taken = IssuedNumber.objects.create(
                series=series, value=case.pk, subject_type="onecase.case", subject_id=case.pk
            )
            issued = {"number": taken, "number_printed": f"{case.pk}/QĐ-UBND", "issued_at": timezone.now()}
        document = Document.objects.create(
            type=DocumentType.objects.get(code="QĐ"), agency=self.here.ubnd, unit=self.here.office,
            drafter=self.here.case_officer, title=marks["paper"], body_html=f"<p>{marks['body']}</p>", status=state,
            check_code=f"KQ{case.pk:08d}", current_file=stored if state != "draft" else None, unsigned_file=stored, **issued,
        )  # fmt: skip
        case.result_document = document
        case.save(update_fields=["result_document"])
        return document

    # --- everything else --------------------------------------------------------------------------------------

    def _keep(self, name: str, at: dict[str, Any], *marks: str) -> None:
        nowhere = {key: 10**9 if isinstance(value, int) else value for key, value in at.items()}
        self.secrets[name] = Secret(name, at, nowhere, list(marks))

    def _emergencies(self, case: Case) -> None:
        """One reader whose door stands open for an hour, and one whose hour is over."""
        now, why = timezone.now(), mark("emergency reason")
        for name, until in (("emergency_over", -1), ("emergency", 40)):
            opened = BreakGlass.objects.create(
                user=self.people[name], subject_type="onecase.case", subject_id=case.pk, subject_label=f"{case.code} · thử",
                unit=self.here.office, reason=why, opened_at=now - timedelta(hours=1), closes_at=now + timedelta(minutes=until),
            )  # fmt: skip
        self._keep("opening", {"opened_id": opened.pk}, why)
        event = AuditEvent.objects.get(subject_type="onecase.case", subject_id=case.pk, event="case.submit")
        self._keep("event", {"event_id": event.pk})

    def _notices(self) -> None:
        """A message to the applicant and one to the counter officer."""
        for name, to in (
            ("notice_to_citizen", self.applicant),
            ("notice_to_staff", self.here.counter_officer),
        ):
            title, text = mark(f"{name} title"), mark(f"{name} text")
            notice = Notice.objects.create(
                recipient=to, kind="thu", title=title, text=text, url="/thong-bao/"
            )
            self._keep(name, {"notice_id": notice.pk}, title, text)

    def _posts_and_rights(self) -> None:
        """The clerk's post and right, a right that somebody asked for, and a delegation."""
        here, today = self.here, timezone.localdate()
        post = Assignment.objects.get(person=here.clerk.person)
        self._keep("post", {"assignment_id": post.pk, "person_id": post.person_id})
        self._keep("grant", {"grant_id": post.grants.get().pk})
        why = mark("grant reason")
        asked = GrantRequest.objects.create(
            assignment=post, role=Role.CASE_OFFICER, organization=here.office, valid_from=today, reason=why,
            asked_by=here.hr_officer, asked_at=timezone.now(),
        )  # fmt: skip
        self._keep("grant_request", {"request_id": asked.pk}, why)
        paper = mark("delegation paper")
        given = Delegation.objects.get(taker__person__user=self.people["delegate"])
        Delegation.objects.filter(pk=given.pk).update(document_no=paper)
        self._keep("delegation", {"delegation_id": given.pk}, paper)

    def _restructuring(self) -> None:
        """A plan of the city that nobody outside may know of yet, and a line that an owner has to settle."""
        title, label, why = mark("batch title"), mark("leftover label"), mark("leftover why")
        batch = Restructuring.objects.create(
            title=title,
            effective_on=timezone.localdate() + YEAR,
            authority=self.city,
            drafted_by=self.people["planner"],
        )
        step = RestructuringStep.objects.create(batch=batch, seq=1, kind="rename", note=mark("step note"))
        left = Leftover.objects.create(
            batch=batch, kind="case", subject_type="onecase.case", subject_id=self.secrets["submitted"].subject.pk,
            label=label, why=why, owner_unit=self.here.office,
        )  # fmt: skip
        at = {"batch_id": batch.pk, "seq": step.seq, "leftover_id": left.pk}
        nowhere = {"batch_id": 10**9, "seq": 1, "leftover_id": 10**9}
        self.secrets["batch"] = Secret("batch", at, nowhere, [title, label, why, mark("step note")])

    def _extract_of_the_trail(self) -> None:
        """Asked for by the auditor, for himself."""
        content = mark("trail extract")
        stored = files.store_bytes(content.encode(), "text/csv")
        job = Job.objects.create(
            kind=trail_export.TASK, owner=self.people["auditor"], artefact=stored, finished_at=timezone.now()
        )
        self._keep("extract", {"job_id": job.pk}, content)

    def _passkey(self) -> None:
        """Of the leader; what is in it does not matter to whoever may not even know of it."""
        name = mark("passkey")
        made = Authenticator.objects.create(user=self.here.leader, type="webauthn", data={"name": name})
        self._keep("passkey", {"pk": made.pk}, name)

    def _data_of_the_applicant(self) -> None:
        """What he asks to have corrected, and the copy of all that is kept about him."""
        now, words = timezone.now(), mark("data request")
        wanted = DataRequest(user=self.applicant, kind="correction", unit=self.here.ubnd, created_at=now)
        wanted.text = words
        wanted.save()
        self._keep("data_request", {"request_id": wanted.pk}, words)
        content = mark("data copy")
        stored = files.store_bytes(content.encode(), "application/json")
        copy = DataCopy.objects.create(
            user=self.applicant, job=Job.objects.create(kind="copy", owner=self.applicant), as_json=stored, as_pdf=stored,
            as_zip=stored, expires_at=now + YEAR, done_at=now,
        )  # fmt: skip
        self._keep("data_copy", {"copy_id": copy.pk, "part": "json"}, content)


def hat(
    name: str,
    unit: Organization,
    role: Role | None = None,
    *,
    subtree: bool = False,
    since: date = make.EARLY,
    until: date | None = None,
    worn_from: date = make.EARLY,
    worn_until: date | None = None,
) -> User:
    """A new account with a post from one day to another, and a right from one day to another."""
    account = make.user(name)
    person = Person.objects.create(user=account, full_name=name)
    position, _made = Position.objects.get_or_create(code="thu-chung", defaults={"title": "Chức danh thử"})
    worn = Assignment.objects.create(
        person=person, organization=unit, position=position, valid_from=worn_from, valid_to=worn_until
    )
    if role:
        RoleGrant.objects.create(
            assignment=worn,
            role=role,
            organization=unit,
            include_descendants=subtree,
            valid_from=since,
            valid_to=until,
        )
    return account
