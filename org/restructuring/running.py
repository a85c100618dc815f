"""Dry run and application of a batch. What the dry run counts is what the application moves: the same SQL."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import structlog
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.calendar import VIETNAM
from core.errors import RuleError
from core.models import Job
from org.choices import RestructuringStatus as S
from org.models import Leftover, Restructuring
from org.restructuring import hooks, plan, tables, writing

log = structlog.get_logger()
Progress = Callable[[int, int, str], None]


def midnight(day: date) -> datetime:
    """00:00 of that day in Hải Phòng: from then on the new units act."""
    return datetime.combine(day, time.min, tzinfo=VIETNAM)


def told(batch: Restructuring) -> hooks.Move:
    basis = batch.legal_basis.number if batch.legal_basis else batch.title
    return hooks.Move(batch, batch.effective_on, timezone.now(), basis)


def dry_run(batch: Restructuring) -> dict[str, Any]:
    """Conflicts, warnings, and counts of everything touched, by app. Writes nothing that stays."""
    switch = plan.resolve(batch)
    groups = []
    with transaction.atomic():
        tables.fill(switch)
        move = told(batch)
        for mover in hooks.movers():
            counts = mover.count(move)
            groups.append(
                {"name": mover.name, "counts": [[label, number] for label, number in counts.items()]}
            )
        lost = hooks.number("SELECT count(*) FROM switch_hat WHERE new_key = ''")
    problems = list(switch.problems)
    if lost:
        problems.append(
            _("%(n)s chức vụ ở đơn vị kết thúc chưa có nơi đến: chọn đơn vị nhận người trong bước tương ứng.")
            % {"n": lost}
        )
    problems += _standing_in_line(batch, switch)
    units = [
        [_("Đơn vị lập mới"), sum(one.restores is None for one in switch.founded)],
        [_("Đơn vị lập lại"), sum(one.restores is not None for one in switch.founded)],
        [_("Đơn vị kết thúc"), len(switch.ended_ids)],
        [_("Đơn vị đổi tên, đổi cấp trên"), len(switch.revised)],
        [_("Địa bàn lập mới"), len(switch.territories)],
        [_("Địa bàn kết thúc"), len(switch.ended_territories)],
    ]
    groups.insert(0, {"name": "units", "counts": [row for row in units if row[1]]})
    return {"problems": problems, "warnings": switch.warnings, "groups": groups}


def _standing_in_line(batch: Restructuring, switch: plan.Switch) -> list[str]:
    """Another approved batch that has not been applied must not wait for the same units."""
    mine = {route.unit.slug for route in switch.routes.values()}
    problems = []
    for other in (
        Restructuring.objects.filter(status=S.APPROVED).exclude(pk=batch.pk).prefetch_related("steps")
    ):
        theirs = {entry["unit"] for step in other.steps.all() for entry in step.old}
        if mine & theirs:
            problems.append(
                _("Đợt «%(title)s» đã duyệt, áp dụng ngày %(day)s, cũng thay đổi: %(units)s.")
                % {
                    "title": other.title,
                    "day": f"{other.effective_on:%d/%m/%Y}",
                    "units": ", ".join(sorted(mine & theirs)[:5]),
                }
            )
    return problems


def carry_out(batch: Restructuring, *, progress: Progress) -> tuple[dict[str, Any], list[Leftover]]:
    """Everything, in the caller's transaction. RuleError: nothing of it stays."""
    if plan.digest(batch) != batch.digest:
        raise RuleError(_("Phương án hoặc đơn vị đã thay đổi sau lần chạy thử. Chạy thử và duyệt lại."))
    switch = plan.resolve(batch)
    if switch.problems:
        raise RuleError("; ".join(switch.problems[:5]))
    move, movers = told(batch), hooks.movers()
    total = len(movers) + 3
    progress(0, total, _("Khóa các đơn vị sẽ kết thúc"))
    tables.defer_constraints()
    tables.fill(switch)
    tables.lock(switch)
    progress(1, total, _("Lập đơn vị và địa bàn mới"))
    writing.begin(switch, move)
    tables.fill(switch)
    counts: dict[str, int] = {}
    leftovers: list[Leftover] = []
    for done, mover in enumerate(movers, start=2):
        progress(done, total, _("Chuyển: %(what)s") % {"what": WORDS.get(mover.name, mover.name)})
        moved = mover.move(move)
        counts |= moved.counts
        leftovers += moved.leftovers
    progress(total - 1, total, _("Kết thúc đơn vị cũ, đối chiếu"))
    writing.end(switch, move)
    tables.ask_the_database()
    _require_whole(movers, counts)
    Leftover.objects.bulk_create(leftovers, batch_size=1000)
    counts[_("Đơn vị lập mới")] = sum(one.restores is None for one in switch.founded)
    counts[_("Đơn vị kết thúc")] = len(switch.ended_ids)
    return counts, leftovers


def _require_whole(movers: list[hooks.Mover], counts: dict[str, int]) -> None:
    """Nothing in use points at an ended unit, and nobody was lost: else the whole batch is taken back."""
    orphans = {label: number for mover in movers for label, number in mover.orphans().items() if number}
    if orphans:
        found = ", ".join(f"{label}: {number}" for label, number in orphans.items())
        raise RuleError(_("Không áp dụng: còn bản ghi chưa có đơn vị nhận (%(what)s).") % {"what": found})
    before, after = counts.get(_("Người giữ chức vụ trước")), counts.get(_("Người giữ chức vụ sau"))
    if before != after:
        raise RuleError(
            _("Không áp dụng: số người trước %(before)s, sau %(after)s.") % {"before": before, "after": after}
        )


# What movers are called while one waits, and over their figures.
WORDS = {
    "units": gettext_lazy("Đơn vị, địa bàn"),
    "org.people": gettext_lazy("Người, quyền, ủy quyền"),
    "core.books": gettext_lazy("Sổ số"),
    "onecase": gettext_lazy("Hồ sơ một cửa"),
    "documents": gettext_lazy("Văn bản"),
    "signing": gettext_lazy("Chứng thư số"),
    "notices": gettext_lazy("Thông báo"),
}


def reporter(job: Job | None) -> Progress:
    """Writes progress on a connection of its own, so that the page sees it while the batch is not committed."""
    if job is None:
        return lambda done, total, message: None

    def report(done: int, total: int, message: str) -> None:
        beside = connections.create_connection("default")
        try:
            with beside.cursor() as cursor:
                cursor.execute(
                    "UPDATE core_job SET done = %s, total = %s, message = %s WHERE id = %s",
                    [done, total, message[:300], job.pk],
                )
        finally:
            beside.close()

    return report
