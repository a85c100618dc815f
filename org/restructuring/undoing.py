"""Undo is a second dated batch: units live again with their books, people and cases go back where they came from."""

from collections import defaultdict
from typing import Any

from org.choices import Role, StepKind
from org.models import AdminUnit, Organization, OrgVersion, Restructuring, RestructuringStep


def steps_back(first: Restructuring) -> list[RestructuringStep]:
    """The plan that takes `first` back, read from what it really did: successions, founded units, versions."""
    on = first.effective_on
    ended = list(
        Organization.objects.filter(
            valid_to=on, heirs__effective_on=on, heirs__note=first.title[:500]
        ).distinct()
    )
    founded = set(
        Organization.objects.filter(valid_from=on, source=first.title).values_list("slug", flat=True)
    )
    came_from: dict[str, list[str]] = defaultdict(list)
    for unit in ended:
        for heir in unit.heirs.filter(effective_on=on, new__isnull=False).select_related("new"):
            if heir.new is not None:
                came_from[heir.new.slug].append(unit.slug)
    restored = [_restored(unit) for unit in sorted(ended, key=lambda unit: unit.slug)]
    everywhere = [entry["unit"] for entry in restored]
    steps = []
    for slug in sorted({*came_from, *founded}):
        back = sorted(came_from.get(slug, everywhere[:1]))
        steps.append(
            RestructuringStep(
                kind=StepKind.RESTORE,
                old=[{"unit": slug, "share": "whole", "ends": slug in founded, "certain": False}],
                # Every unit is described once, where its main successor ends; the other steps only name it.
                new=[entry for entry in restored if entry["unit"] in back],
                rules={"people": back[:1], "back": first.pk, "roles": list(Role.values)},
            )
        )
        restored = [
            entry if entry["unit"] not in back else {"unit": entry["unit"], "named": True}
            for entry in restored
        ]
    return steps + _names_back(first)


def _restored(unit: Organization) -> dict[str, Any]:
    entry: dict[str, Any] = {"unit": unit.slug, "restore": True}
    territory = unit.territory
    if territory is not None and territory.valid_to is not None:
        parent = AdminUnit.objects.filter(children=territory).values_list("code", flat=True).first()
        entry["territory"] = {
            "code": territory.code,
            "level": territory.level,
            "kind": territory.kind,
            "name": territory.name,
            "full_name": territory.full_name,
            "parent": parent or "",
        }
    elif territory is not None:
        entry["territory"] = {"code": territory.code, "exists": True}
    return entry


def _names_back(first: Restructuring) -> list[RestructuringStep]:
    """Renamed units and those under another parent get their former version again."""
    steps = []
    begun = OrgVersion.objects.filter(
        valid_from=first.effective_on,
        legal_basis=first.legal_basis,
        organization__valid_from__lt=first.effective_on,
    ).select_related("organization")
    for version in begun:
        former = (
            OrgVersion.objects.filter(organization=version.organization, valid_to=first.effective_on)
            .select_related("parent")
            .first()
        )
        if former is None:
            continue
        slug = version.organization.slug
        names = {
            name: getattr(former, name)
            for name in ("name", "short_name", "symbol")
            if getattr(former, name) != getattr(version, name)
        }
        changes: list[tuple[str, dict[str, Any]]] = [(StepKind.RENAME, names)] if names else []
        if former.parent_id != version.parent_id:
            changes.append((StepKind.CHANGE_PARENT, {"parent": former.parent.slug if former.parent else ""}))
        steps += [
            RestructuringStep(kind=kind, old=[{"unit": slug, "ends": False}], new=[{"unit": slug, **entry}])
            for kind, entry in changes
        ]
    return steps
