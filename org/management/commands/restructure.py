"""`manage.py restructure`: the same acts as the pages, for administrators and testers; each also as JSON."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import RuleError
from org.actions import restructuring
from org.choices import Role
from org.models import LegalBasis, Restructuring, User
from org.restructuring import plan_2025
from org.restructuring.forms import basis_of


class Command(BaseCommand):
    help = (
        "Sắp xếp tổ chức theo đợt: list, show, plan-2025, check, approve, apply, undo. Người làm ghi bằng --as (thư điện "
        "tử); mặc định là người có vai trò tương ứng. apply chỉ áp dụng đợt đã duyệt và đã tới ngày."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "verb", choices=["list", "show", "plan-2025", "check", "approve", "apply", "undo"]
        )
        parser.add_argument("id", nargs="?", type=int, help="số của đợt sắp xếp")
        parser.add_argument("--as", dest="email", default="", help="thư điện tử của người làm")
        parser.add_argument("--basis", default="", help="số, ký hiệu căn cứ (approve)")
        parser.add_argument("--on", default="", help="ngày lập lại, YYYY-MM-DD (undo)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, verb: str, id: int | None, **options: Any) -> None:
        try:
            answer = getattr(self, f"_{verb.replace('-', '_')}")(id, options)
        except RuleError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, default=str, indent=1))
            return
        for row in answer if isinstance(answer, list) else [answer]:
            self._print(row)

    def _print(self, row: dict[str, Any]) -> None:
        self.stdout.write(f"{row['id']:>5}  {row['effective_on']}  {row['status']:<10}  {row['title']}")
        for problem in row.get("problems", []):
            self.stdout.write(f"       ✗ {problem}")
        for label, number in row.get("counts", []):
            self.stdout.write(f"       {number:>9,}  {label}".replace(",", "."))
        if row.get("last_error"):
            self.stdout.write(f"       {row['last_error']}")

    # --- the verbs --------------------------------------------------------------------------------------------

    def _list(self, id: int | None, options: Any) -> list[dict[str, Any]]:
        return [_short(batch) for batch in Restructuring.objects.all()]

    def _show(self, id: int | None, options: Any) -> dict[str, Any]:
        return _whole(_batch(id))

    def _plan_2025(self, id: int | None, options: Any) -> dict[str, Any]:
        actor = _actor(options, Role.REORGANISER)
        basis = LegalBasis.objects.filter(number="NQ 202/2025/QH15").first()
        batch = restructuring.create(
            actor=actor, title=plan_2025.TITLE, effective_on=plan_2025.TWO_LEVELS, legal_basis=basis
        )
        restructuring.put_steps(batch.pk, actor=actor, steps=plan_2025.steps())
        return _whole(batch)

    def _check(self, id: int | None, options: Any) -> dict[str, Any]:
        return _whole(restructuring.check(_batch(id).pk, actor=_actor(options, Role.REORGANISER)))

    def _approve(self, id: int | None, options: Any) -> dict[str, Any]:
        batch = _batch(id)
        actor = _actor(options, Role.LEADER, Role.REORGANISER, without=batch.drafted_by_id)
        return _whole(
            restructuring.approve(batch.pk, actor=actor, legal_basis=basis_of(options["basis"], ""))
        )

    def _apply(self, id: int | None, options: Any) -> dict[str, Any]:
        batch = _batch(id)
        if not restructuring.apply_due(batch.pk):
            batch.refresh_from_db()
            raise CommandError(batch.last_error or "Đợt này chưa duyệt hoặc chưa tới ngày có hiệu lực.")
        batch.refresh_from_db()
        return _whole(batch)

    def _undo(self, id: int | None, options: Any) -> dict[str, Any]:
        try:
            on = date.fromisoformat(options["on"])
        except ValueError as error:
            raise CommandError("--on: viết ngày theo YYYY-MM-DD.") from error
        return _whole(
            restructuring.undo(_batch(id).pk, actor=_actor(options, Role.REORGANISER), effective_on=on)
        )


def _batch(pk: int | None) -> Restructuring:
    found = Restructuring.objects.filter(pk=pk or 0).first()
    if found is None:
        raise CommandError("Không có đợt sắp xếp số này; xem restructure list.")
    return found


def _actor(options: Any, *roles: Role, without: int | None = None) -> User:
    """The named person, else the first whose hat has one of the roles; acting in the hat that has it."""
    users = (
        User.objects.filter(email=options["email"])
        if options["email"]
        else User.objects.filter(person__assignments__grants__role__in=roles)
    )
    for user in users.exclude(pk=without or 0).order_by("pk").distinct():
        for hat in user.hats:
            user.hat = hat
            if user.units_as(*roles):
                return user
    raise CommandError("Không có người giữ vai trò cần cho việc này; ghi rõ bằng --as.")


def _short(batch: Restructuring) -> dict[str, Any]:
    return {
        "id": batch.pk,
        "title": batch.title,
        "effective_on": batch.effective_on,
        "status": batch.status,
        "steps": batch.steps.count(),
        "undo_of": batch.undo_of_id,
        "last_error": batch.last_error,
    }


def _whole(batch: Restructuring) -> dict[str, Any]:
    counts = batch.outcome.get("counts") or [
        row for group in batch.report.get("groups", []) for row in group["counts"]
    ]
    return _short(batch) | {
        "problems": batch.report.get("problems", []),
        "counts": counts,
        "leftovers": batch.leftovers.filter(settled_at__isnull=True).count(),
        "seconds": batch.outcome.get("seconds"),
    }
