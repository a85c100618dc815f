"""Commands on units through time. Each writes the version and the mirror of today's in the unit's own columns.

The mirror holds the version of today; of a unit that is no more, its last; of one to come, its first. What the
database refuses at commit (overlap, circle, a parent that is not there) is asked before, in words.
"""

from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, Min, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import RuleError
from core.search import fold
from org import tree
from org.choices import IdentifierScheme, OrganizationKind
from org.models import AdminUnit, LegalBasis, Organization, OrgIdentifier, OrgVersion, User

MIRRORED: Final = ("name", "short_name", "symbol", "parent_id", "agency_id", "territory_id")
FIELDS: Final = ("name", "short_name", "symbol", "parent", "agency", "territory")


@transaction.atomic
def found(
    *,
    slug: str,
    name: str,
    kind: OrganizationKind,
    on: date,
    basis: LegalBasis | None,
    short_name: str = "",
    symbol: str = "",
    parent: Organization | None = None,
    agency: Organization | None = None,
    territory: AdminUnit | None = None,
    note: str = "",
    source: str = "",
    certainty: str = "",
    actor: User | None = None,
) -> Organization:
    """Set up an organization from a day on. Without `agency` it is its own."""
    _demand_parent(parent, on, None)
    if Organization.objects.filter(slug=slug).exists():
        raise RuleError(_("Định danh địa chỉ «%(slug)s» đã có đơn vị dùng.") % {"slug": slug})
    made = Organization.objects.create(
        slug=slug,
        name=name,
        short_name=short_name,
        symbol=symbol,
        kind=kind,
        parent=parent,
        agency=agency,
        territory=territory,
        valid_from=on,
        note=note,
        source=source,
        certainty=certainty,
        folded=folded(name, short_name),
    )
    if agency is None:
        made.agency = made
        made.save(update_fields=["agency"])
    version = version_of(made, on, None, basis)
    version.save()
    audit.record("unit.found", actor=actor, subject=made, after=on.isoformat(), detail=_told(version, basis))
    tree.forget()
    return made


@transaction.atomic
def revise(
    organization: Organization,
    *,
    on: date,
    basis: LegalBasis | None,
    actor: User | None = None,
    note: str = "",
    **changes: Any,
) -> OrgVersion:
    """Another name, symbol, parent, agency or territory from a day on; what was before stays as it was.

    A change on the first day of a version replaces that version, because it never was in force without it.
    """
    if unknown := set(changes) - set(FIELDS):
        raise TypeError(f"a version has no {sorted(unknown)}")
    held = _held(organization)
    version = _covering(held, on)
    before = _told(version, version.legal_basis)
    if "parent" in changes:
        _demand_parent(changes["parent"], on, version.valid_to, of=held)
    if version.valid_from < on:
        ends, version.valid_to = version.valid_to, on
        version.save(update_fields=["valid_to"])
        version.pk, version.valid_from, version.valid_to = None, on, ends
        version._state.adding = True
    for name, value in changes.items():
        setattr(version, name, value)
    version.legal_basis, version.note = basis, note
    version.save()
    audit.record(
        "unit.revise",
        actor=actor,
        subject=held,
        after=on.isoformat(),
        note=note,
        detail={"before": before, "after": _told(version, basis)},
    )
    _mirror(held)
    _copy(held, organization)
    tree.forget()
    return version


@transaction.atomic
def close(
    organization: Organization,
    *,
    on: date,
    basis: LegalBasis | None,
    actor: User | None = None,
    note: str = "",
    in_batch: bool = False,
) -> None:
    """The organization is no more from that day on; it stays readable for ever.

    RuleError while it still has parts on that day, unless a batch promises to close or move them before commit.
    """
    held = _held(organization)
    version = _covering(held, on, last_day=True)
    later = held.versions.filter(valid_from__gte=on)
    if later.exists():
        raise RuleError(
            _("%(unit)s đã có thay đổi hiệu lực từ sau ngày %(day)s; bỏ thay đổi đó trước.")
            % {"unit": held.name, "day": f"{on:%d/%m/%Y}"}
        )
    if not in_batch:
        _demand_no_parts(held, on)
    version.valid_to = on
    version.save(update_fields=["valid_to"])
    _end_identifiers(held, on)
    held.valid_to = on
    held.save(update_fields=["valid_to"])
    audit.record(
        "unit.close",
        actor=actor,
        subject=held,
        after=on.isoformat(),
        note=note,
        detail={"basis": str(basis or "")},
    )
    _copy(held, organization)
    tree.forget()


@transaction.atomic
def reopen(
    organization: Organization,
    *,
    on: date,
    basis: LegalBasis | None,
    actor: User | None = None,
    **changes: Any,
) -> OrgVersion:
    """Set up again what had been closed (a second dated batch undoes the first): the days between stay without it."""
    if unknown := set(changes) - set(FIELDS):
        raise TypeError(f"a version has no {sorted(unknown)}")
    held = _held(organization)
    last = held.versions.order_by("-valid_from").first()
    if last is None or last.valid_to is None or last.valid_to > on:
        raise RuleError(_("%(unit)s chưa kết thúc trước ngày này.") % {"unit": held.name})
    last.pk, last.valid_from, last.valid_to, last.legal_basis = None, on, None, basis
    last._state.adding = True
    for name, value in changes.items():
        setattr(last, name, value)
    _demand_parent(last.parent, on, None, of=held)
    last.save()
    held.valid_to = None
    held.save(update_fields=["valid_to"])
    audit.record("unit.reopen", actor=actor, subject=held, after=on.isoformat(), detail=_told(last, basis))
    _mirror(held)
    _copy(held, organization)
    tree.forget()
    return last


@transaction.atomic
def give_identifier(
    organization: Organization,
    *,
    scheme: IdentifierScheme,
    value: str,
    on: date,
    source: str = "",
    actor: User | None = None,
) -> OrgIdentifier:
    """From that day on the organization is known by `value` in that notation; the one before ends there."""
    held = _held(organization)
    other = OrgIdentifier.objects.valid_on(on).filter(scheme=scheme, value=value).exclude(organization=held)
    if taken := other.select_related("organization").first():
        raise RuleError(
            _("Mã %(value)s đang do %(unit)s dùng.") % {"value": value, "unit": taken.organization.name}
        )
    before = OrgIdentifier.objects.valid_on(on).filter(organization=held, scheme=scheme).first()
    if OrgIdentifier.objects.filter(organization=held, scheme=scheme, valid_from__gt=on).exists() or (
        before is not None and before.valid_from == on
    ):
        raise RuleError(_("Đơn vị đã có mã khác của hệ mã này từ ngày đó trở đi."))
    if before is not None:
        before.valid_to = on
        before.save(update_fields=["valid_to"])
    made = OrgIdentifier.objects.create(
        organization=held, scheme=scheme, value=value, valid_from=on, source=source
    )
    if scheme == IdentifierScheme.QD20:
        Organization.objects.filter(pk=held.pk).update(identifier=value)
    audit.record(
        "unit.give_identifier",
        actor=actor,
        subject=held,
        before=before.value if before else "",
        after=value,
        detail={"scheme": str(scheme), "on": on.isoformat(), "source": source},
    )
    return made


@transaction.atomic
def begin_versions(on: date | None = None) -> int:
    """What begins today becomes the mirror of its unit (a job at 00:00, repeated for the hour that was missed)."""
    on = on or timezone.localdate()
    count = 0
    for pk in out_of_step(on):
        held = Organization.objects.select_for_update().get(pk=pk)
        before = held.name
        if _mirror(held, on):
            audit.record(
                "unit.version_begins", actor=None, subject=held, before=before[:60], after=held.name[:60]
            )
            count += 1
    if count:
        tree.forget()
    return count


def out_of_step(on: date | None = None) -> list[int]:
    """Ids of units whose own columns do not say what their version of that day says, or which have no version."""
    on = on or timezone.localdate()
    standing = OrgVersion.objects.valid_on(on)
    differs = Q()
    for name in MIRRORED:
        same = Q(**{name: F(f"organization__{name}")})
        if name.endswith("_id"):
            same |= Q(**{f"{name}__isnull": True, f"organization__{name}__isnull": True})
        differs |= ~same
    changed = standing.filter(differs).values_list("organization_id", flat=True)
    without = Organization.objects.filter(versions__isnull=True).values_list("pk", flat=True)
    return sorted({*changed, *without})


def contradictions(on: date | None = None) -> list[str]:
    """Slugs of units that are out of step, or whose life is not that of their versions. Empty on a sound system."""
    lives = OrgVersion.objects.values("organization").annotate(
        begins=Min("valid_from"), ends=Max(Coalesce("valid_to", Value(date.max)))
    )
    life_of = {row["organization"]: (row["begins"], row["ends"]) for row in lives}
    found = {
        pk
        for pk, valid_from, valid_to in Organization.objects.values_list("pk", "valid_from", "valid_to")
        if life_of.get(pk) != (valid_from, valid_to or date.max)
    }
    wrong = Organization.objects.filter(pk__in=[*found, *out_of_step(on)])
    return list(wrong.order_by("slug").values_list("slug", flat=True))


def folded(name: str, short_name: str) -> str:
    return fold(f"{name} {short_name}")[:220]


# --- steps shared by the commands -------------------------------------------------------------------------


def _held(organization: Organization) -> Organization:
    return Organization.objects.select_for_update().get(pk=organization.pk)


def version_of(
    unit: Organization, valid_from: date, valid_to: date | None, basis: LegalBasis | None
) -> OrgVersion:
    """The unit as its own columns show it, as a version that is not saved yet."""
    return OrgVersion(
        organization=unit,
        valid_from=valid_from,
        valid_to=valid_to,
        legal_basis=basis,
        **{name: getattr(unit, name) for name in MIRRORED},
    )


def _covering(unit: Organization, on: date, *, last_day: bool = False) -> OrgVersion:
    """The version that a change on that day cuts; with `last_day` the one that holds the day before."""
    versions = unit.versions.all()
    if last_day:
        version = (
            versions.filter(valid_from__lt=on).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on)).last()
        )
    else:
        version = versions.valid_on(on).first()
    if version is None:
        raise RuleError(
            _("%(unit)s không hoạt động vào ngày %(day)s.") % {"unit": unit.name, "day": f"{on:%d/%m/%Y}"}
        )
    return version


def _demand_parent(
    parent: Organization | None, since: date, until: date | None, *, of: Organization | None = None
) -> None:
    if parent is None:
        return
    if of is not None and _is_below(parent.pk, of.pk, since):
        raise RuleError(
            _("%(unit)s không thể trực thuộc chính đơn vị cấp dưới của mình.") % {"unit": of.name}
        )
    last = parent.versions.valid_on(since).first()
    while last is not None and last.valid_to is not None and (until is None or last.valid_to < until):
        last = parent.versions.filter(valid_from=last.valid_to).first()
    if last is None:
        raise RuleError(
            _("%(unit)s không tồn tại suốt thời gian từ ngày %(day)s nên không thể là cấp trên.")
            % {"unit": parent.name, "day": f"{since:%d/%m/%Y}"}
        )


def _is_below(unit_id: int, other_id: int, on: date) -> bool:
    """Is the first one the other, or a part of it, on that day?"""
    return unit_id in tree.as_of(on).descendants(other_id)


def _demand_no_parts(unit: Organization, on: date) -> None:
    parts = OrgVersion.objects.filter(parent=unit).filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    if first := parts.first():
        raise RuleError(
            _("%(unit)s còn đơn vị trực thuộc (%(part)s). Chuyển hoặc kết thúc các đơn vị đó trước.")
            % {"unit": unit.name, "part": first.name}
        )


def _end_identifiers(unit: Organization, on: date) -> None:
    OrgIdentifier.objects.filter(organization=unit, valid_from__lt=on).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    ).update(valid_to=on)


def _mirror(unit: Organization, on: date | None = None) -> bool:
    """Bring the unit's own columns to the version of the day. Did that change anything?"""
    on = on or timezone.localdate()
    versions = list(unit.versions.order_by("valid_from"))
    begun = [version for version in versions if version.valid_from <= on]
    if not versions:
        version_of(unit, unit.valid_from, unit.valid_to, None).save()
        return True
    shown = begun[-1] if begun else versions[0]
    values = {name: getattr(shown, name) for name in MIRRORED}
    if all(getattr(unit, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(unit, name, value)
    unit.folded = folded(unit.name, unit.short_name)
    unit.save(update_fields=[*MIRRORED, "folded"])
    return True


def _copy(held: Organization, given: Organization) -> None:
    """The caller's object shows what was saved."""
    for name in (*MIRRORED, "folded", "valid_from", "valid_to"):
        setattr(given, name, getattr(held, name))


def _told(version: OrgVersion, basis: LegalBasis | None) -> dict[str, Any]:
    """A version in the words of the audit trail."""
    return {
        "name": version.name,
        "symbol": version.symbol,
        "parent": version.parent.name if version.parent else "",
        "agency": version.agency.name if version.agency else "",
        "territory": version.territory.full_name if version.territory else "",
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else "",
        "basis": str(basis or ""),
    }
