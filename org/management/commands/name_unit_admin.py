"""The first administrator of a unit: afterwards administrators name each other, two by two."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from core import audit
from org.choices import Role
from org.models import Assignment, Organization, RoleGrant
from org.serving import people_serving


class Command(BaseCommand):
    help = (
        "Cấp quyền quản trị đơn vị (cả đơn vị trực thuộc) cho người đang giữ chức vụ, khi chưa ai có quyền đó. "
        "Từ người thứ hai, cấp trên trang /lam-viec/quyen/."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("unit", help="định danh địa chỉ của đơn vị")
        parser.add_argument("--decision", required=True, help="số quyết định")

    @transaction.atomic
    def handle(self, *, email: str, unit: str, decision: str, **options: Any) -> None:
        found = Organization.objects.valid_on().filter(slug=unit).first()
        if found is None:
            raise CommandError(f"Không có đơn vị «{unit}» đang hoạt động.")
        if people_serving(Role.UNIT_ADMIN, found.pk).exists():
            raise CommandError("Đơn vị đã có người quản trị; cấp thêm trên trang, do hai người.")
        hat = (
            Assignment.objects.valid_on()
            .filter(person__user__email=email.lower())
            .order_by("rank", "id")
            .first()
        )
        if hat is None:
            raise CommandError(f"«{email}» không giữ chức vụ nào hôm nay.")
        grant = RoleGrant.objects.create(
            assignment=hat,
            role=Role.UNIT_ADMIN,
            organization=found,
            include_descendants=True,
            valid_from=timezone.localdate(),
        )
        audit.record(
            "grant.grant", actor=None, subject=grant, after=Role.UNIT_ADMIN, note=f"{hat.person}, {decision}"
        )
        self.stdout.write(f"{hat.person.full_name}: quản trị {found.name} và các đơn vị trực thuộc.")
