"""A dozen cases go on by the real actions, so that they end with really signed and sealed PDFs, made today.

Drafts that only wait for a leader are written at the hour of their history. Signatures are never dated back: they are
made now, with a timestamp of the demo authority.
"""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from documents import services as documents
from documents.models import Document
from haiphong_egov.seeds.cases import Told
from haiphong_egov.seeds.people import PIN, Place
from notices.models import Notice
from onecase import actions
from onecase.actions.forms import owe_form
from onecase.choices import BusinessStatus, FormNo
from onecase.models import Case, ResultTemplate
from onecase.result_drafts import refusal_draft
from onecase.result_words import DOTS
from onecase.tasks import make_form
from signing import demo_pki
from signing.tasks import sign as sign_task

# What an officer writes into the gaps of a letter that no template fills.
REFUSAL = ["địa điểm đăng ký không thuộc địa bàn do cơ quan quản lý.", "hồ sơ đã nộp và kết quả thẩm định."]
APPROVAL = "Hồ sơ đủ điều kiện theo quy định; kết quả được cập nhật trên hệ thống đăng ký (dữ liệu mẫu)."


def go_on(told: list[Told], *, signing: bool) -> int:
    """Take every special case as far as the plan says. Without `signing` all of them stop before the leader."""
    specials = [one for one in told if one.special is not None]
    for one in specials:
        if _then(one):
            _draft(one)
    if not signing:
        return 0
    to_sign = [one for one in specials if _then(one) not in {"", "submit"}]
    with authority():
        for one in specials:
            if one.special is not None and one.special.citizen:
                _sealed_forms(one)
        for one in to_sign:
            _sign(one)
    _quieten(specials)
    return len(to_sign)


def _has_template(case: Case) -> bool:
    return ResultTemplate.objects.filter(procedure=case.procedure_id).exists()


def _then(one: Told) -> str:
    return one.special.then if one.special else ""


def _draft(one: Told) -> None:
    """The result is drafted and submitted at the last hour of the case's history."""
    case = one.case
    refuses = _then(one) == "refuse"
    drafted = one.story.acts[-1].at + timedelta(minutes=35)
    with acting_at(drafted):
        fresh = Case.objects.select_related("procedure", "version", "agency", "handling_unit").get(pk=case.pk)
        title, body = refusal_draft(fresh) if refuses else actions.result_draft(fresh)
        for words in REFUSAL if refuses else [APPROVAL] * (not _has_template(fresh)):
            body = body.replace(DOTS, words, 1)
        actions.draft_result(case.pk, actor=one.officer, title=title, body_html=body, refuses=refuses)
    with acting_at(drafted + timedelta(minutes=6)):
        actions.submit_for_approval(case.pk, actor=one.officer)


def _sign(one: Told) -> None:
    """The leader's signature, the seal, and what the applicant does then: all now."""
    case = Case.objects.get(pk=one.case.pk)
    document = case.result_document
    if document is None:
        raise AssertionError(f"case {case.code} has no draft to sign")
    actions.approve(case.pk, actor=one.leader, pin=PIN, revision=document.revision)
    _finish(document)
    if _then(one) == "sign":
        return
    _seal(document, one.place)
    if _then(one) == "collect" and one.applicant is not None:
        actions.collect_online(case.pk, actor=one.applicant)
        if one.level:
            actions.rate(case.pk, actor=one.applicant, level=one.level, comment=one.comment)


def _seal(document: Document, place: Place) -> None:
    clerk = place.clerk
    if clerk is None:
        raise AssertionError(f"nobody keeps the seal of {place.agency}")
    authorisation = documents.authorise(documents.agency_key(place.agency), PIN, actor=clerk)
    documents.seal(document.pk, actor=clerk, authorisation=authorisation)
    _finish(document)


def _sealed_forms(one: Told) -> None:
    """Form 01 as of the acceptance, Form 02 when more was asked for; the unit's seal is of today."""
    case = Case.objects.select_related("procedure", "version", "procedure_case", "receiving_unit").get(
        pk=one.case.pk
    )
    owed = [owe_form(case, FormNo.RECEIPT, actor=one.counter, at=case.received_at)]
    if case.business_status == BusinessStatus.SUPPLEMENT_REQUIRED:
        owed.append(owe_form(case, FormNo.SUPPLEMENT, actor=one.head, at=one.story.at("request_supplement")))
    for form in owed:
        make_form(form.pk)
        form.refresh_from_db()
        if form.signature_request_id is None:
            raise RuntimeError(f"the demo's form was not made: {form.last_error}")
        sign_task(form.signature_request_id)


def _finish(document: Document) -> None:
    """What the worker would do."""
    document.refresh_from_db()
    sign_task(document.signature_request_id)
    document.refresh_from_db()
    request = document.signature_request
    if request is not None and request.done_at is None:
        raise RuntimeError(f"the demo's signature was not made: {request.last_error}")


def _quieten(specials: list[Told]) -> None:
    """No e-mail goes out for what the seed itself did."""
    ids = [one.case.pk for one in specials]
    Notice.objects.filter(subject_type="onecase.case", subject_id__in=ids, done_at__isnull=True).update(
        done_at=timezone.now()
    )


# --- surroundings -----------------------------------------------------------------------------------------


@contextmanager
def acting_at(moment: datetime) -> Iterator[None]:
    """Let `timezone.now` say `moment`: for drafts of a made-up history only, never around a signature."""
    real = timezone.now
    timezone.now = lambda: moment.astimezone(UTC)
    try:
        yield
    finally:
        timezone.now = real


@contextmanager
def authority() -> Iterator[None]:
    """The demo authority must answer: it runs already, or runs here for as long as the seed signs."""
    if _answers(settings.PKI_PORT):
        yield
        return
    with demo_pki.serving():
        yield


def _answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
