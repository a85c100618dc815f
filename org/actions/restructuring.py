"""Commands on restructurings: plan, dry run, approve, apply, settle, undo (domain/organisation.md §5, §6)."""

from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit, jobs
from core.errors import NotAllowed, RuleError
from core.models import Job
from org import tree
from org.choices import RestructuringStatus as S
from org.choices import StepKind
from org.models import Leftover, LegalBasis, Organization, Restructuring, RestructuringStep
from org.restructuring import hooks, plan, rules, running, undoing
from org.restructuring.workflow import MOVES

log = structlog.get_logger()
LEASE: Final = timedelta(minutes=15)  # much longer than the largest batch takes
APPLY: Final = "org.apply_restructuring"


def take(batch_id: int, verb: str, *, actor: Any, note: str = "", **changes: Any) -> Restructuring:
    """Lock the batch, check the move, set the status and `changes`, write the audit event. Call inside `atomic`."""
    batch = (
        Restructuring.objects.select_for_update(of=("self",)).select_related("legal_basis").get(pk=batch_id)
    )
    move = MOVES.require(verb, batch, actor, note)
    before, batch.status = batch.status, move.target
    for name, value in changes.items():
        setattr(batch, name, value)
    batch.save(update_fields=["status", *changes])
    audit.record(
        f"restructuring.{verb}", actor=actor, subject=batch, before=before, after=batch.status, note=note
    )
    return batch


# --- the plan ------------------------------------------------------------------------------------------------


@transaction.atomic
def create(
    *,
    actor: Any,
    title: str,
    effective_on: date,
    authority: Organization | None = None,
    legal_basis: LegalBasis | None = None,
    undo_of: Restructuring | None = None,
) -> Restructuring:
    """A draft plan. `authority`: the city committee for which the drafter plans, by his present hat."""
    mine = rules.authorities(actor)
    authority = authority or next(iter(mine), None)
    batch = Restructuring(
        title=title.strip(),
        effective_on=effective_on,
        authority=authority,
        legal_basis=legal_basis,
        undo_of=undo_of,
        drafted_by=actor,
    )
    if authority is None or not rules.plans(actor, batch):
        raise NotAllowed
    if not batch.title:
        raise RuleError(_("Nhập tên đợt sắp xếp."))
    batch.save()
    audit.record("restructuring.create", actor=actor, subject=batch, after=batch.status, note=batch.title)
    return batch


@transaction.atomic
def edit(
    batch_id: int, *, actor: Any, title: str, effective_on: date, legal_basis: LegalBasis | None
) -> Restructuring:
    return take(
        batch_id,
        "edit",
        actor=actor,
        title=title.strip(),
        effective_on=effective_on,
        legal_basis=legal_basis,
        report={},
        digest="",
    )


@transaction.atomic
def put_step(
    batch_id: int,
    *,
    actor: Any,
    kind: str,
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    rules: dict[str, Any] | None = None,  # what the model calls it
    note: str = "",
    seq: int | None = None,
) -> RestructuringStep:
    """Add a step, or put another in the place of step `seq`. The plan is a draft again."""
    _demand_sense(kind, old, new)
    batch = take(batch_id, "edit", actor=actor, report={}, digest="")
    if seq is None:
        last = batch.steps.order_by("-seq").first()
        return batch.steps.create(
            seq=last.seq + 1 if last else 1, kind=kind, old=old, new=new, rules=rules or {}, note=note
        )
    step = batch.steps.get(seq=seq)
    step.kind, step.old, step.new, step.rules, step.note = kind, old, new, rules or {}, note
    step.save(update_fields=["kind", "old", "new", "rules", "note"])
    return step


def _demand_sense(kind: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    """What no dry run is needed to see."""
    olds = {entry.get("unit") for entry in old}
    if any(entry.get("exists") and entry.get("unit") in olds for entry in new):
        raise RuleError(_("Đơn vị nhận không thể là chính đơn vị cũ của bước này."))
    if kind == StepKind.RENAME:
        for unit in Organization.objects.filter(slug__in=olds):
            told = {
                name: entry[name]
                for entry in new
                for name in ("name", "short_name", "symbol")
                if entry.get(name)
            }
            if all(getattr(unit, name) == value for name, value in told.items()):
                raise RuleError(_("«%(unit)s» vẫn tên ấy: bước này không đổi gì.") % {"unit": unit.name})


@transaction.atomic
def put_steps(batch_id: int, *, actor: Any, steps: list[RestructuringStep]) -> int:
    """Add many steps at once, numbered in their order (a plan generated from data)."""
    batch = take(batch_id, "edit", actor=actor, report={}, digest="")
    last = batch.steps.order_by("-seq").first()
    for seq, step in enumerate(steps, start=last.seq + 1 if last else 1):
        step.batch, step.seq = batch, seq
    return len(RestructuringStep.objects.bulk_create(steps, batch_size=500))


@transaction.atomic
def drop_step(batch_id: int, seq: int, *, actor: Any) -> None:
    batch = take(batch_id, "edit", actor=actor, report={}, digest="")
    batch.steps.filter(seq=seq).delete()


# --- dry run, approval ---------------------------------------------------------------------------------------


@transaction.atomic
def check(batch_id: int, *, actor: Any) -> Restructuring:
    """Chạy thử: counts and conflicts of the plan as it stands; nothing is moved."""
    batch = take(batch_id, "check", actor=actor, checked_at=timezone.now())
    batch.report = running.dry_run(batch)
    batch.digest = plan.digest(batch)
    batch.save(update_fields=["report", "digest"])
    return batch


@transaction.atomic
def approve(
    batch_id: int, *, actor: Any, legal_basis: LegalBasis | None = None, note: str = "", read: str = ""
) -> Restructuring:
    """Duyệt, by a second person, with the legal basis. From 00:00 of its day the batch is due; backdated: at once.

    `read`: the digest of the plan that the person has read. RuleError when another one stands there now.
    """
    batch = Restructuring.objects.select_for_update().get(pk=batch_id)
    if rules.works_on(actor, batch) and actor.pk == batch.drafted_by_id:
        raise NotAllowed(_("Người soạn phương án không tự duyệt. Chuyển người khác có thẩm quyền duyệt."))
    basis = legal_basis or batch.legal_basis
    if basis is None:
        raise RuleError(_("Nhập căn cứ pháp lý trước khi duyệt."))
    MOVES.require("approve", batch, actor, note)
    if read and read != batch.digest:
        raise RuleError(_("Phương án đã được sửa sau khi bạn mở trang. Đọc lại bản đang hiện rồi duyệt."))
    if batch.report.get("problems"):
        raise RuleError(_("Lần chạy thử còn vướng mắc; sửa phương án rồi chạy thử lại."))
    if plan.digest(batch) != batch.digest:
        raise RuleError(
            _("Phương án hoặc đơn vị đã thay đổi sau lần chạy thử. Chạy thử lại trước khi duyệt.")
        )
    now = timezone.now()
    job = Job.objects.create(kind=APPLY, owner=actor)
    batch = take(
        batch_id,
        "approve",
        actor=actor,
        note=note,
        legal_basis=basis,
        approved_by=actor,
        approved_at=now,
        approval_note=note,
        next_try_at=max(now, running.midnight(batch.effective_on)),
        given_up_at=None,
        last_error="",
        job=job,
    )
    if batch.next_try_at <= now:
        jobs.wake_on_commit(APPLY, batch.pk)
    return batch


@transaction.atomic
def send_back(batch_id: int, *, actor: Any, note: str) -> Restructuring:
    """Back to the drafter, also after the approval as long as it is not applied."""
    return take(
        batch_id,
        "send_back",
        actor=actor,
        note=note,
        approved_by=None,
        approved_at=None,
        report={},
        digest="",
    )


@transaction.atomic
def withdraw(batch_id: int, *, actor: Any, note: str) -> Restructuring:
    return take(batch_id, "withdraw", actor=actor, note=note)


# --- application ---------------------------------------------------------------------------------------------


def apply_due(batch_id: int) -> bool:
    """Lease the row and apply it. False: not due, or another worker has it. A failure says why on the batch's page."""
    waiting = Restructuring.objects.filter(pk=batch_id, status=S.APPROVED)
    if not waiting.exists() or not Restructuring.objects.lease(batch_id, lease=LEASE):
        return False
    try:
        apply(batch_id)
    except RuleError as error:
        _not_applied(batch_id, str(error))
        return False
    except IntegrityError as error:  # the database refuses: two versions on a day, a circle, a name twice
        _not_applied(batch_id, str(error).splitlines()[0])
        return False
    except OperationalError as error:  # a deadlock with somebody's act: nothing stays, try again
        log.warning("restructuring_put_off", batch=batch_id, error=str(error)[:300])
        _put_off(batch_id, str(error))
        return False
    return True


def apply(batch_id: int) -> Restructuring:
    """Áp dụng: all in one transaction, or nothing. RuleError says what stands against it."""
    with transaction.atomic():
        batch = take(batch_id, "apply", actor=None)
        if timezone.localdate() < batch.effective_on:
            raise RuleError(_("Chưa tới ngày có hiệu lực."))
        began = timezone.now()
        counts, leftovers = running.carry_out(batch, progress=running.reporter(batch.job))
        batch.done_at, batch.last_error = timezone.now(), ""
        batch.outcome = {
            "counts": [[label, number] for label, number in counts.items()],
            "leftovers": len(leftovers),
            "seconds": round((batch.done_at - began).total_seconds(), 1),
        }
        # Keys and books carry the moment of the move, by which undo knows them again.
        batch.save(update_fields=["done_at", "last_error", "outcome"])
        if batch.job is not None:
            batch.job.done = batch.job.total = len(hooks.movers()) + 3
            batch.job.finished_at = batch.done_at
            batch.job.save(update_fields=["done", "total", "finished_at"])
        tree.forget()
    log.info("restructuring_applied", batch=batch.pk, seconds=batch.outcome["seconds"])
    return batch


def _not_applied(batch_id: int, reason: str) -> None:
    """A person has to look: the plan does not fit any more."""
    with transaction.atomic():
        batch = Restructuring.objects.select_for_update().get(pk=batch_id)
        batch.given_up_at, batch.last_error = timezone.now(), reason
        batch.save(update_fields=["given_up_at", "last_error"])
        audit.record("restructuring.not_applied", actor=None, subject=batch, note=reason)


def _put_off(batch_id: int, reason: str) -> None:
    wait: datetime = timezone.now() + timedelta(minutes=1)
    Restructuring.objects.filter(pk=batch_id).update(next_try_at=wait, last_error=reason[:2000])


# --- afterwards ----------------------------------------------------------------------------------------------


@transaction.atomic
def settle(leftover_id: int, *, actor: Any, note: str = "", unit_id: int | None = None) -> Leftover:
    """One leftover is decided: a case gets its agency, anything else a note of what was done."""
    leftover = Leftover.objects.select_for_update(of=("self",)).select_related("batch").get(pk=leftover_id)
    if not rules.owns_leftover(actor, leftover):
        raise NotAllowed
    if leftover.settled_at:
        raise RuleError(_("Việc này đã xử lý xong."))
    if unit_id is not None and unit_id not in leftover.options:
        raise RuleError(_("Chọn một trong các đơn vị kế thừa."))
    if leftover.kind == "case" and unit_id is None:
        raise RuleError(_("Chọn đơn vị giải quyết hồ sơ."))
    if leftover.kind != "case" and not note.strip():
        raise RuleError(_("Ghi đã làm gì (số quyết định, người được phân công)."))
    if not any(mover.settle(leftover, unit_id=unit_id, actor=actor) for mover in hooks.movers()):
        raise RuleError(_("Chưa có cách xử lý loại việc này."))
    leftover.settled_at, leftover.settled_by, leftover.settled_note = timezone.now(), actor, note[:300]
    leftover.save(update_fields=["settled_at", "settled_by", "settled_note"])
    audit.record(
        "restructuring.settle",
        actor=actor,
        subject=leftover.batch,
        note=f"{leftover.label} {note}".strip(),
        detail={"leftover": leftover.pk, "unit": unit_id},
    )
    return leftover


@transaction.atomic
def close(batch_id: int, *, actor: Any) -> Restructuring:
    """Kết thúc đợt, when nothing is left over."""
    batch = take(batch_id, "close", actor=actor)
    if batch.leftovers.filter(settled_at__isnull=True).exists():
        raise RuleError(_("Còn việc chưa xử lý xong; xem danh sách việc còn lại."))
    return batch


@transaction.atomic
def undo(batch_id: int, *, actor: Any, effective_on: date, title: str = "") -> Restructuring:
    """A second, dated batch that restores what the first one ended: a draft like any other, with its own approval."""
    first = Restructuring.objects.get(pk=batch_id)
    if first.status not in {S.APPLIED, S.CLOSED}:
        raise RuleError(_("Chỉ lập lại được đợt đã áp dụng."))
    if effective_on <= first.effective_on:
        raise RuleError(
            _("Ngày lập lại phải sau %(day)s: thời gian ở giữa là lịch sử, không xóa được.")
            % {"day": f"{first.effective_on:%d/%m/%Y}"}
        )
    title = title or _("Lập lại như trước đợt: %(title)s") % {"title": first.title}
    batch = create(
        actor=actor, title=title[:200], effective_on=effective_on, authority=first.authority, undo_of=first
    )
    put_steps(batch.pk, actor=actor, steps=undoing.steps_back(first))
    batch.refresh_from_db()
    return batch
