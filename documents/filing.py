"""When a work file must go to the archive, what is wrong with it before it is closed (NĐ 30/2020/NĐ-CP, art. 28–31).

The times are rows of `AgencyPractice`; only files kept five years or longer are transferred.
"""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from documents.choices import DocumentStatus, FileState
from documents.models import AgencyPractice, WorkFile, WorkFileItem

TRANSFER_FROM_YEARS = 5


def practice_of(agency_id: int) -> AgencyPractice:
    """What the agency decided, else the defaults."""
    return AgencyPractice.objects.filter(agency=agency_id).first() or AgencyPractice(agency_id=agency_id)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError(day)


def goes_to_archive(file: WorkFile) -> bool:
    return file.retention.years is None or file.retention.years >= TRANSFER_FROM_YEARS


def transfer_due(file: WorkFile, practice: AgencyPractice) -> date | None:
    """By when a closed file must be handed to the archive; None: it still runs, or it is not transferred at all."""
    if file.closed_on is None or file.state != FileState.CLOSED or not goes_to_archive(file):
        return None
    months = practice.construction_months if file.is_construction else practice.transfer_months
    due = months_after(file.closed_on, months)
    return max(due, file.keep_until) if file.keep_until else due


def latest_keep_back(file: WorkFile, practice: AgencyPractice) -> date | None:
    """Until when a unit may keep a file back with written consent."""
    if file.closed_on is None:
        return None
    months = practice.construction_months if file.is_construction else practice.transfer_months
    return months_after(file.closed_on, months + practice.keep_back_months)


def items_of(file: WorkFile) -> QuerySet[WorkFileItem]:
    return file.items.select_related(
        "incoming__type", "document__type", "document__current_file", "stored", "added_by"
    ).defer("incoming__report", "document__body_sealed")


def in_time_order(items: list[WorkFileItem]) -> list[WorkFileItem]:
    return sorted(items, key=lambda item: (item.dated_on or date.max, item.ordinal, item.pk))


def doubts_about(items: list[WorkFileItem]) -> list[str]:
    """What the keeper should look at before he closes the file: drafts, doubles, nothing in it."""
    doubts = []
    if not items:
        doubts.append(_("Hồ sơ chưa có tài liệu nào."))
    for item in items:
        if item.document is not None and item.document.status != DocumentStatus.ISSUED:
            doubts.append(
                _("«%(title)s» là dự thảo chưa phát hành; bỏ ra trước khi kết thúc.") % {"title": item.title}
            )
    numbers: Counter[tuple[str, Any]] = Counter(
        (item.incoming.number_printed, item.incoming.dated_on)
        for item in items
        if item.incoming is not None and item.incoming.number_printed
    )
    for (number, _day), count in numbers.items():
        if count > 1:
            doubts.append(
                _("Văn bản số %(number)s có %(count)s bản trùng.") % {"number": number, "count": count}
            )
    stored = Counter(item.stored_id for item in items if item.stored_id)
    for item in items:
        if item.stored_id and stored.get(item.stored_id, 0) > 1:
            doubts.append(_("«%(title)s»: cùng một tệp có nhiều lần.") % {"title": item.title})
            stored[item.stored_id] = 0
    return doubts


def due_for_transfer(files: QuerySet[WorkFile], practice: AgencyPractice, day: date) -> QuerySet[WorkFile]:
    """Closed files whose time to be transferred ends on `day` or before."""
    late = Q(is_construction=True, closed_on__lte=months_after(day, -practice.construction_months)) | Q(
        is_construction=False, closed_on__lte=months_after(day, -practice.transfer_months)
    )
    kept = Q(keep_until__isnull=True) | Q(keep_until__lte=day)
    lasting = Q(retention__years__isnull=True) | Q(retention__years__gte=TRANSFER_FROM_YEARS)
    return files.filter(late, kept, lasting, state=FileState.CLOSED)
