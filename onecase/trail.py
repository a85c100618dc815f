"""Cases and their results in the audit trail: who may see which, and how they are called (core/audit_subjects.py)."""

from collections.abc import Callable, Collection
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.audit_subjects import Seen, Subject
from documents.services import DocumentStatus
from onecase import rules
from onecase.choices import BusinessStatus
from onecase.models import Case
from onecase.timeline import INNER

FIELDS = ("pk", "code", "applicant_id", "result_document_id")


def _visible(user: Any, **wanted: Any) -> list[Case]:
    """Cases of the present post, and one's own."""
    rule = rules.own(user) | rules.at_work(user) if user.hat else rules.own(user)
    return list(Case.objects.filter(rule, **wanted).only(*FIELDS))


def _told(user: Any, case: Case) -> Seen:
    """One's own case never shows the inner life, in whatever post one sits."""
    is_own = case.applicant_id == user.pk
    page = "onecase:own_case" if is_own else "onecase:case"
    return Seen(str(case), reverse(page, args=[case.code]) if case.code else "", whole=not is_own)


def seen_cases(user: Any, ids: Collection[int]) -> dict[int, Seen]:
    return {case.pk: _told(user, case) for case in _visible(user, pk__in=ids)}


def seen_results(user: Any, ids: Collection[int]) -> dict[int, Seen]:
    """Documents by way of the case whose result they are."""
    cases = _visible(user, result_document__in=ids)
    return {case.result_document_id: _told(user, case) for case in cases if case.result_document_id}


def codes(ids: Collection[int]) -> dict[int, str]:
    """A code tells what a case is called, not what is in it or whose it is."""
    rows = Case.objects.filter(pk__in=ids).exclude(code=None)
    return {pk: code or "" for pk, code in rows.values_list("pk", "code")}


def numbers(ids: Collection[int]) -> dict[int, str]:
    """Results by their printed number; before they have one, by the case."""
    rows = Case.objects.filter(result_document__in=ids)
    found = rows.values_list("result_document_id", "result_document__number_printed", "code")
    return {pk: number or _("kết quả của hồ sơ %(code)s") % {"code": code} for pk, number, code in found}


def find_case(code: str) -> int | None:
    return Case.objects.filter(code=code).values_list("pk", flat=True).first()


def words_of(statuses: Any) -> Callable[[str], str]:
    return lambda value: str(statuses(value).label) if value in statuses.values else value


CASES = Subject(
    seen=seen_cases, inner=frozenset(INNER), find=find_case, status=words_of(BusinessStatus), plain=codes
)
RESULTS = Subject(seen=seen_results, inner=frozenset(INNER), status=words_of(DocumentStatus), plain=numbers)
