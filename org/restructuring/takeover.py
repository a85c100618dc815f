"""Who has it now: of a hat, of a record, after a restructuring. For pages that were open while a unit was dissolved."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from org.choices import RestructuringStatus
from org.models import Assignment, MovedRecord, Organization, RoleGrant

HAT = "org.assignment"


@dataclass(frozen=True)
class TakenOver:
    """Since when, by what, from whom to whom. `new` empty: nobody took over."""

    old: Organization
    new: Organization | None
    since: date
    basis: str

    @property
    def sentence(self) -> str:
        words = {
            "old": self.old.name,
            "new": self.new.name if self.new else "",
            "day": f"{self.since:%d/%m/%Y}",
            "basis": self.basis,
        }
        if self.new is None:
            return _("%(old)s kết thúc hoạt động từ %(day)s theo %(basis)s, chưa có đơn vị kế thừa.") % words
        return _("Từ %(day)s, %(old)s chuyển vào %(new)s theo %(basis)s.") % words


def _told(moved: MovedRecord, new: Organization | None = None) -> TakenOver:
    batch = moved.batch
    basis = batch.legal_basis.number if batch.legal_basis else batch.title
    return TakenOver(moved.old_unit, new or moved.new_unit, batch.effective_on, basis)


def _moves(kind: str, ids: list[int]) -> "models.QuerySet[MovedRecord]":
    done = [RestructuringStatus.APPLIED, RestructuringStatus.CLOSED]
    return (
        MovedRecord.objects.filter(kind=kind, record_id__in=ids, batch__status__in=done)
        .select_related("old_unit", "new_unit", "batch__legal_basis")
        .order_by("-id")
    )


def of_hat(hat_id: int, user: Any) -> tuple[TakenOver, Assignment | None] | None:
    """What became of a hat that this person no longer holds, and the hat in which he goes on, if he has it."""
    held = {hat.pk: hat for hat in user.hats}
    known, first = {hat_id}, None
    while (moved := _moves(HAT, [hat_id]).first()) is not None:
        if moved.batch is None or not Assignment.objects.filter(pk=hat_id, person__user=user).exists():
            return None
        first = first or moved
        heir = moved.heir_id
        if heir in held:
            return _told(first, held[heir].organization), held[heir]
        if heir is None or heir in known:
            break
        known.add(heir)
        hat_id = heir
    return (_told(first), None) if first is not None else None


def of_record(record: models.Model, user: Any) -> TakenOver | None:
    """Who has a record now that this person served before. Somebody who never did learns nothing."""
    moved = _moves(record._meta.label_lower, [record.pk]).first()
    if moved is None:
        return None
    units = {pk for name, pk in moved.before.items() if pk and name != "handler"} | {moved.old_unit_id}
    served = RoleGrant.objects.filter(assignment__person__user=user, organization__in=units)
    return _told(moved) if served.exists() else None
