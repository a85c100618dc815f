"""Who may do what, why, since when and by whom: read from the tables as they say for any day, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from org import scopes, tree
from org.choices import Role
from org.models import Assignment, Delegation, RoleGrant, User
from org.powers import allowed_roles

ORDER = [
    Role.LEADER,
    Role.UNIT_HEAD,
    Role.CLERK,
    Role.CASE_OFFICER,
    Role.COUNTER_OFFICER,
    Role.HR_OFFICER,
    Role.UNIT_ADMIN,
    Role.REORGANISER,
    Role.AUDITOR,
]
# What the role lets one do, in the words of the work (the list of roles itself is the administrators' language).
MEANS = {
    Role.LEADER: gettext_lazy("Ký, phê duyệt"),
    Role.UNIT_HEAD: gettext_lazy("Đứng đầu đơn vị thụ lý: phân công, duyệt bổ sung"),
    Role.CLERK: gettext_lazy("Đóng dấu, phát hành"),
    Role.CASE_OFFICER: gettext_lazy("Thụ lý hồ sơ"),
    Role.COUNTER_OFFICER: gettext_lazy("Tiếp nhận, trả kết quả"),
    Role.HR_OFFICER: gettext_lazy("Quản lý nhân sự"),
    Role.UNIT_ADMIN: gettext_lazy("Quản trị đơn vị: cấp quyền"),
    Role.REORGANISER: gettext_lazy("Sắp xếp tổ chức"),
    Role.AUDITOR: gettext_lazy("Kiểm tra nhật ký"),
}


@dataclass
class Line:
    """One right of one person: what the page shows of it."""

    role: str
    hat: Assignment
    unit_name: str
    why: str
    since: date
    until: date | None  # the last day with it
    by: str
    grant: RoleGrant | None = None
    delegation: Delegation | None = None
    scope: str = ""

    @property
    def title(self) -> str:
        return str(MEANS[Role(self.role)])


@dataclass
class Group:
    role: str
    title: str
    lines: list[Line] = field(default_factory=list)


def of_unit(unit_id: int, day: date) -> list[Group]:
    """Everybody who had a right on the unit that day, by role: granted there, above it with its parts, or handed over."""
    units = tree.as_of(day)
    above = [node.id for node in units.ancestors(unit_id)] if unit_id in units else []
    held = _grants(day)
    here = list(held.filter(organization_id=unit_id)) + list(
        held.filter(organization_id__in=above, include_descendants=True)
    )
    lines = [_granted(grant, units) for grant in here]
    for made in _delegations(day).filter(giver__in={grant.assignment_id for grant in here}):
        roles = set(made.roles) & allowed_roles(made.kind)
        given = {grant.role for grant in here if grant.assignment_id == made.giver_id} & roles
        lines += [_handed_over(made, role, _name(units, unit_id)) for role in given]
    return _grouped(lines)


def of_person(user: User, day: date) -> list[tuple[Assignment, list[Line]]]:
    """Every post of that day with all that hangs on it."""
    hats = Assignment.objects.valid_on(day).filter(person__user=user).select_related(*BESIDE)
    units = tree.as_of(day)
    held, taken = (
        list(_grants(day).filter(assignment__in=hats)),
        list(_delegations(day).filter(taker__in=hats)),
    )
    found = []
    for hat in hats.order_by("rank", "id"):
        lines = [_granted(grant, units) for grant in held if grant.assignment_id == hat.pk]
        for made in (one for one in taken if one.taker_id == hat.pk):
            roles = set(made.roles) & allowed_roles(made.kind)
            lines += [
                _handed_over(made, grant.role, _name(units, grant.organization_id))
                for grant in made.giver.grants.all()
                if grant.role in roles and grant.holds_on(day)
            ]
        found.append((hat, sorted(lines, key=lambda line: _place(line.role))))
    return found


BESIDE = ("person__user", "position", "organization")


def _grants(day: date) -> Any:
    held = RoleGrant.objects.valid_on(day).filter(assignment__in=Assignment.objects.valid_on(day))
    beside = [f"assignment__{name}" for name in BESIDE]
    return held.select_related(*beside, "organization", "granted_by").order_by(
        "assignment__person__sort_key", "id"
    )


def _delegations(day: date) -> Any:
    made = Delegation.objects.in_force(day).prefetch_related("giver__grants")
    beside = [f"{side}__{name}" for side in ("giver", "taker") for name in BESIDE]
    return made.select_related(*beside, "created_by").order_by("taker__person__sort_key", "id")


def _granted(grant: RoleGrant, units: tree.Tree) -> Line:
    name = _name(units, grant.organization_id) or grant.organization.name
    why = _("cấp trực tiếp")
    if grant.include_descendants:
        why = _("cấp trên %(unit)s và các đơn vị trực thuộc") % {"unit": name}
    return Line(
        role=grant.role,
        hat=grant.assignment,
        unit_name=name,
        why=why,
        since=max(grant.valid_from, grant.assignment.valid_from),
        until=_last(grant.valid_to, grant.assignment.valid_to),
        by=grant.granted_by.full_name if grant.granted_by else _("dữ liệu ban đầu"),
        grant=grant,
    )


def _handed_over(made: Delegation, role: str, unit_name: str) -> Line:
    return Line(
        role=role,
        hat=made.taker,
        unit_name=unit_name,
        why=_("%(kind)s của %(giver)s, theo %(no)s")
        % {"kind": made.get_kind_display(), "giver": made.giver.person.full_name, "no": made.document_no},
        since=made.valid_from,
        until=made.last_day,
        by=made.created_by.full_name,
        delegation=made,
        scope=scopes.words(made.scope),
    )


def _last(*ends: date | None) -> date | None:
    known = [day for day in ends if day is not None]
    return min(known) - timedelta(days=1) if known else None


def _name(units: tree.Tree, unit_id: int) -> str:
    node = units.node(unit_id)
    return node.name if node is not None else ""


def _place(role: str) -> int:
    return ORDER.index(Role(role))


def _grouped(lines: Iterable[Line]) -> list[Group]:
    found = {role: Group(role, str(MEANS[role])) for role in ORDER}
    for line in lines:
        found[Role(line.role)].lines.append(line)
    return [group for group in found.values() if group.lines]
