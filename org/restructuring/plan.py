"""What a plan means: which units begin, change and end on its day, who takes over from whom, where people and cases go.

A step is JSON, so that a plan of five hundred of them stays one page of rows:

old    [{unit, share: whole|part|function, functions: [], ends: true, main: false, certain: false}]
       `main`: where this unit is split over several steps, its people and what no rule decides go by this one;
       `certain`: they do so without a doubt (all the population, all the functions).
new    [{unit, exists: true}], {unit, restore: true, territory} (lives again), {unit, named: true} (described in an
       earlier step), or a full description (`beside`: founded along with the others, takes nothing over): {unit, name, short_name, symbol, kind, parent, agency, identifier,
       territory: null | {code, level, kind, name, full_name, parent, exists}, parts: "commune" | ""}.
       `unit`, `parent`, `agency` are slugs; agency "" means: its own.
rules  {people: [slug…], named: [{assignment, to}], cases: [{from, by: address|field|procedure|decided_by, value, to}],
       parts: {old part: new part}, roles: [role…], back: id of the batch whose moves are taken back}

`resolve` reads the organisation as it is on the day and answers with a `Switch`; it writes nothing.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from core.search import fold
from org.choices import OrganizationKind, Role, StepKind, SuccessionRelation, SuccessionShare
from org.models import AdminUnit, Organization, OrgVersion, Restructuring, RestructuringStep
from org.restructuring.communes import commune_parts
from org.restructuring.switch import CaseRule, NewUnit, Route, Succession, Switch, Territory

# Work in hand goes on; what lets a person decide, sign, seal or administer is given anew (§6, accounts and rights).
CARRIED_ROLES: Final = (Role.COUNTER_OFFICER, Role.CASE_OFFICER)
RELATIONS: Final = {
    StepKind.MERGE: SuccessionRelation.MERGE,
    StepKind.SPLIT: SuccessionRelation.SPLIT,
    StepKind.DISSOLVE: SuccessionRelation.FUNCTIONS_TO,
    StepKind.TRANSFER: SuccessionRelation.FUNCTIONS_TO,
    StepKind.RENAME: SuccessionRelation.RENAME,
    StepKind.CHANGE_PARENT: SuccessionRelation.TRANSFER_PARENT,
    StepKind.RESTORE: SuccessionRelation.RESTORE,
}


def digest(batch: Restructuring) -> str:
    """Of the plan and of the units it names as they stand: a later change of either asks for a new dry run."""
    steps = [[s.seq, s.kind, s.old, s.new, s.rules] for s in batch.steps.all()]
    slugs = {entry["unit"] for step in batch.steps.all() for entry in [*step.old, *step.new]}
    units = (
        Organization.objects.filter(slug__in=slugs)
        .order_by("slug")
        .values_list("slug", "name", "symbol", "parent_id", "territory_id", "valid_from", "valid_to")
    )
    text = json.dumps(
        [batch.effective_on, steps, list(units)], default=str, sort_keys=True, ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def resolve(batch: Restructuring) -> Switch:
    return _Resolver(batch).run()


# --- resolving ---------------------------------------------------------------------------------------------


class _Resolver:
    def __init__(self, batch: Restructuring) -> None:
        self.batch = batch
        self.on = batch.effective_on
        self.steps = list(batch.steps.all())
        self.switch = Switch(self.on)
        self.units = {
            unit.pk: unit
            for unit in Organization.objects.select_related("territory").filter(
                Q(valid_to__isnull=True) | Q(valid_to__gte=self.on)
            )
        }
        named = {entry.get("unit", "") for step in self.steps for entry in [*step.old, *step.new]}
        missing = named - {unit.slug for unit in self.units.values()}
        # Units that ended before are still known, so that the refusal can name them.
        past = list(Organization.objects.select_related("territory").filter(slug__in=missing))
        self.by_slug = {unit.slug: unit for unit in [*self.units.values(), *past]}
        self.children: dict[int | None, list[Organization]] = defaultdict(list)
        self.in_territory: dict[int, list[Organization]] = defaultdict(list)
        for unit in self.units.values():
            if unit.valid_to is None or unit.valid_to > self.on:
                self.children[unit.parent_id].append(unit)
                if unit.territory_id:
                    self.in_territory[unit.territory_id].append(unit)
        self.new: dict[str, NewUnit] = {}
        self.family_of: dict[str, list[NewUnit | Organization]] = {}

    def run(self) -> Switch:
        if not self.steps:
            self.problem(_("Phương án chưa có bước nào."))
        for step in self.steps:
            self._found(step)
        for step in self.steps:
            self._end(step)
        self._cover_parts()
        for step in self.steps:
            self._rules(step)
        self._territories()
        self._check_names()
        self._check_targets()
        self._check_parents()
        self._check_administrators()
        return self.switch

    def problem(self, text: str) -> None:
        if text not in self.switch.problems:
            self.switch.problems.append(text)

    def _known(self, slug: str, step: RestructuringStep) -> Organization | None:
        unit = self.by_slug.get(slug)
        where = _("Bước %(n)s") % {"n": step.seq}
        if unit is None:
            self.problem(_("%(step)s: không có đơn vị «%(unit)s».") % {"step": where, "unit": slug})
            return None
        if unit.valid_to is not None and unit.valid_to <= self.on:
            self.problem(
                _("%(step)s: «%(unit)s» đã kết thúc từ %(day)s.")
                % {"step": where, "unit": unit.name, "day": f"{unit.valid_to:%d/%m/%Y}"}
            )
            return None
        if unit.valid_from > self.on:
            self.problem(
                _("%(step)s: «%(unit)s» đến %(day)s mới được lập.")
                % {"step": where, "unit": unit.name, "day": f"{unit.valid_from:%d/%m/%Y}"}
            )
            return None
        return unit

    # --- units that begin or change -----------------------------------------------------------------------

    def _found(self, step: RestructuringStep) -> None:
        if step.kind in {StepKind.RENAME, StepKind.CHANGE_PARENT}:
            return
        for entry in step.new:
            slug = entry.get("unit", "")
            if entry.get("exists"):
                if (unit := self._known(slug, step)) is not None:
                    self.switch.existing[slug] = unit
                continue
            if entry.get("restore"):
                self._restore(entry, step)
                continue
            if entry.get("named"):  # described in an earlier step
                continue
            territory = self._territory(entry.get("territory"), step)
            made = NewUnit(
                slug=slug,
                name=entry.get("name", ""),
                short_name=entry.get("short_name", ""),
                symbol=entry.get("symbol", ""),
                kind=entry.get("kind", ""),
                parent=entry.get("parent", ""),
                agency=entry.get("agency", ""),
                territory=territory.code if territory else None,
                identifier=entry.get("identifier", ""),
            )
            if not (made.slug and made.name and made.kind in OrganizationKind.values):
                self.problem(_("Bước %(n)s: đơn vị mới còn thiếu tên hoặc loại.") % {"n": step.seq})
            self._add(made)
            if entry.get("parts") == "commune" and territory is not None:
                for part in commune_parts(territory.full_name, territory.kind, territory.code, slug):
                    self._add(part)

    def _add(self, made: NewUnit) -> None:
        if made.slug in self.new:
            self.problem(_("Định danh «%(slug)s» được đặt cho hai đơn vị mới.") % {"slug": made.slug})
            return
        if made.slug in self.by_slug and made.restores is None:
            self.problem(
                _("Định danh «%(slug)s» đã dùng cho «%(unit)s».")
                % {"slug": made.slug, "unit": self.by_slug[made.slug].name}
            )
        self.new[made.slug] = made
        self.switch.founded.append(made)

    def _restore(self, entry: dict[str, Any], step: RestructuringStep) -> None:
        unit = self.by_slug.get(entry["unit"]) or Organization.objects.filter(slug=entry["unit"]).first()
        if unit is None:
            self.problem(
                _("Bước %(n)s: không có đơn vị «%(unit)s».") % {"n": step.seq, "unit": entry["unit"]}
            )
            return
        last = unit.versions.order_by("-valid_from").first() or unit
        territory = self._territory(entry.get("territory"), step)
        parent = Organization.objects.filter(pk=last.parent_id or 0).values_list("slug", flat=True).first()
        agency = Organization.objects.filter(pk=last.agency_id or 0).values_list("slug", flat=True).first()
        self._add(
            NewUnit(
                slug=unit.slug,
                name=last.name,
                short_name=last.short_name,
                symbol=last.symbol,
                kind=unit.kind,
                parent=parent or "",
                agency="" if agency in {None, unit.slug} else agency,
                territory=territory.code if territory else None,
                restores=unit.pk,
            )
        )

    def _territory(self, entry: dict[str, Any] | None, step: RestructuringStep) -> Territory | None:
        if not entry:
            return None
        if entry.get("exists"):
            found = AdminUnit.objects.valid_on(self.on).filter(code=entry["code"]).order_by("level").first()
            if found is None:
                self.problem(
                    _("Bước %(n)s: không có địa bàn mã %(code)s vào ngày có hiệu lực.")
                    % {"n": step.seq, "code": entry["code"]}
                )
                return None
            return Territory(
                found.code, found.level, found.kind, found.name, found.full_name, "", exists=True
            )
        made = Territory(
            code=entry["code"],
            level=int(entry.get("level", 3)),
            kind=entry["kind"],
            name=entry["name"],
            full_name=entry["full_name"],
            parent=entry.get("parent", ""),
        )
        if any(one.code == made.code and one.level == made.level for one in self.switch.territories):
            return made  # the council of the same place names it too
        self.switch.territories.append(made)
        return made

    # --- units that end -----------------------------------------------------------------------------------

    def _end(self, step: RestructuringStep) -> None:
        if not step.old or (
            not step.new and step.kind not in {StepKind.DISSOLVE, StepKind.RENAME, StepKind.CHANGE_PARENT}
        ):
            self.problem(
                _("Bước %(n)s (%(kind)s) chưa đủ đơn vị cũ hoặc đơn vị mới.")
                % {"n": step.seq, "kind": step.get_kind_display()}
            )
        for entry in step.old:
            unit = self._known(entry.get("unit", ""), step)
            if unit is None:
                continue
            if step.kind in {StepKind.RENAME, StepKind.CHANGE_PARENT}:
                self._revise(unit, step)
                continue
            ends = bool(entry.get("ends", step.kind != StepKind.TRANSFER))
            whole = entry.get("share", SuccessionShare.WHOLE) == SuccessionShare.WHOLE
            route = self.switch.routes.get(unit.pk)
            if route is None:
                route = self.switch.routes[unit.pk] = Route(unit, ends, whole=whole)
            elif route.ends != ends or whole or route.whole:
                self.problem(
                    _("«%(unit)s» nằm trong hai bước mà một bước đã chuyển toàn bộ.") % {"unit": unit.name}
                )
            self._route(route, step, entry)
            share = entry.get("share", SuccessionShare.WHOLE)
            relation = RELATIONS[StepKind(step.kind)]
            if not step.new:
                relation = SuccessionRelation.NONE
            for target in [one for one in step.new if not one.get("beside")] or [{"unit": ""}]:
                self.switch.successions.append(
                    Succession(unit.pk, target["unit"], relation, share, tuple(entry.get("functions", ())))
                )

    def _route(self, route: Route, step: RestructuringStep, entry: dict[str, Any]) -> None:
        targets = step.rules.get("people") or [one["unit"] for one in step.new[:1]]
        share = entry.get("share", SuccessionShare.WHOLE)
        certain = bool(entry.get("certain", share == SuccessionShare.WHOLE and len(step.new) == 1))
        if not route.targets or entry.get("main"):
            route.targets, route.certain = list(targets), certain
            route.roles = list(step.rules.get("roles", CARRIED_ROLES))
            route.back = step.rules.get("back")
        if not route.certain:
            route.why = _("%(unit)s chia về nhiều nơi: phương án chưa có quy tắc cho trường hợp này") % {
                "unit": route.unit.short_name or route.unit.name
            }

    def _revise(self, unit: Organization, step: RestructuringStep) -> None:
        changes: dict[str, Any] = {}
        for entry in step.new:
            changes |= {name: entry[name] for name in ("name", "short_name", "symbol") if entry.get(name)}
            if "parent" in entry and step.kind == StepKind.CHANGE_PARENT:
                parent = self._known(entry["parent"], step) if entry["parent"] else None
                if entry["parent"] and parent is None and entry["parent"] not in self.new:
                    continue
                changes["parent"] = entry["parent"]
        if not changes:
            self.problem(_("Bước %(n)s không đổi gì.") % {"n": step.seq})
        self.switch.revised.setdefault(unit.pk, {}).update(changes)

    def _cover_parts(self) -> None:
        """What stands below an ended unit, or governs a territory that ends with it, ends too and finds its like."""
        waiting = [route for route in self.switch.routes.values() if route.ends]
        while waiting:
            route = waiting.pop()
            beside = []
            unit = route.unit
            if unit.kind == OrganizationKind.COMMITTEE and unit.territory_id and self._territory_ends(unit):
                beside = self.in_territory[unit.territory_id]
            for part in [*self.children[unit.pk], *beside]:
                if part.pk in self.switch.routes or part.pk in self.switch.revised:
                    continue
                own = Route(part, True, certain=route.certain, why=route.why, roles=route.roles)
                own.targets = [
                    slug for slug in (self._like(part, target) for target in route.targets) if slug
                ]
                own.back = route.back
                self.switch.routes[part.pk] = own
                first = own.target
                relation = SuccessionRelation.MERGE if first else SuccessionRelation.NONE
                known = next((s for s in self.switch.successions if s.old_id == unit.pk), None)
                if known is not None and first:
                    relation = SuccessionRelation(known.relation)
                share = SuccessionShare.WHOLE if route.certain else SuccessionShare.PART
                for slug in own.targets or [""]:
                    self.switch.successions.append(Succession(part.pk, slug, relation, share))
                waiting.append(own)

    def _territory_ends(self, unit: Organization) -> bool:
        """A territory lives on when a new unit governs it, or when another committee of it goes on."""
        assert unit.territory is not None
        kept = {made.territory for made in self.switch.founded}
        founded = {(one.code, one.level) for one in self.switch.territories}
        code = unit.territory.code
        if code in kept and (code, unit.territory.level) not in founded:
            return False
        return not any(
            other.kind == OrganizationKind.COMMITTEE
            and not ((own := self.switch.routes.get(other.pk)) and own.ends)
            for other in self.in_territory[unit.territory.pk]
        )

    def _like(self, part: Organization, target: str) -> str:
        """The unit of the target's family that is what `part` was: by kind and symbol, kind, its office, itself."""
        for step in self.steps:
            if part.slug in step.rules.get("parts", {}):
                return str(step.rules["parts"][part.slug])
        family = self._family(target)
        checks = [
            lambda one: one.kind == part.kind and one.symbol == part.symbol and part.symbol,
            lambda one: one.kind == part.kind and part.kind not in {OrganizationKind.DIVISION},
            lambda one: one.kind == OrganizationKind.DIVISION and one.symbol.startswith("VP"),
        ]
        if part.kind in {OrganizationKind.COUNCIL, OrganizationKind.VERTICAL}:
            checks = checks[:2]
        for check in checks:
            for one in family:
                if check(one):
                    return one.slug
        return target if part.kind not in {OrganizationKind.COUNCIL, OrganizationKind.VERTICAL} else ""

    def _family(self, target: str) -> list["NewUnit | Organization"]:
        if target not in self.family_of:
            family: list[NewUnit | Organization] = []
            made = self.new.get(target)
            if made is not None:
                family = [
                    one
                    for one in self.switch.founded
                    if one.slug != target
                    and (
                        one.agency == target
                        or one.parent == target
                        or (made.territory and one.territory == made.territory)
                    )
                ]
            elif (unit := self.by_slug.get(target)) is not None:
                family = [
                    one
                    for one in self.units.values()
                    if one.pk != unit.pk
                    and (one.valid_to is None or one.valid_to > self.on)
                    and one.pk not in self.switch.ended_ids
                    and (
                        one.agency_id == unit.pk
                        or one.parent_id == unit.pk
                        or (one.territory_id == unit.territory_id and unit.kind == OrganizationKind.COMMITTEE)
                    )
                ]
            self.family_of[target] = sorted(family, key=lambda one: (one.symbol, one.slug))
        return self.family_of[target]

    # --- people and cases ---------------------------------------------------------------------------------

    def _rules(self, step: RestructuringStep) -> None:
        for rule in step.rules.get("named", []):
            self.switch.named[int(rule["assignment"])] = rule["to"]
        only = step.old[0]["unit"] if len(step.old) == 1 else ""
        for rule in step.rules.get("cases", []):
            old = self.by_slug.get(rule.get("from") or only)
            if old is None:
                self.problem(
                    _("Bước %(n)s: quy tắc hồ sơ thiếu đơn vị cũ («%(value)s»).")
                    % {"n": step.seq, "value": rule.get("value", "")}
                )
                continue
            value = rule["value"] if rule["by"] in {"procedure", "decided_by"} else fold(rule["value"])
            self.switch.case_rules.append(CaseRule(old.pk, rule["by"], value, rule["to"]))

    def _territories(self) -> None:
        for route in self.switch.routes.values():
            unit = route.unit
            if not (route.ends and unit.kind == OrganizationKind.COMMITTEE and unit.territory is not None):
                continue
            if not self._territory_ends(unit):
                continue
            self.switch.ended_territories[unit.territory.pk] = unit.territory
            for step in self.steps:
                for entry in step.old:
                    if entry.get("unit") != unit.slug or entry.get("share") == SuccessionShare.FUNCTION:
                        continue
                    for target in step.new:
                        code = self._code_of(target["unit"])
                        extent = entry.get("extent") or entry.get("share", SuccessionShare.WHOLE)
                        if code:
                            self.switch.territory_heirs.append((unit.territory.pk, code, extent))
        if self.batch.undo_of_id:
            return
        for part in AdminUnit.objects.valid_on(self.on).filter(parent__in=self.switch.ended_territories):
            if part.pk not in self.switch.ended_territories:
                self.problem(
                    _("«%(part)s» còn thuộc «%(unit)s» là địa bàn sẽ kết thúc.")
                    % {
                        "part": part.full_name,
                        "unit": self.switch.ended_territories[part.parent_id or 0].full_name,
                    }
                )

    def _code_of(self, slug: str) -> str:
        made = self.new.get(slug)
        if made is not None:
            return made.territory or ""
        unit = self.by_slug.get(slug)
        return unit.territory.code if unit is not None and unit.territory is not None else ""

    # --- conflicts ----------------------------------------------------------------------------------------

    def _check_names(self) -> None:
        ended = self.switch.ended_ids
        standing = {
            (fold(unit.name), unit.parent_id)
            for unit in self.units.values()
            if unit.pk not in ended
            and (unit.valid_to is None or unit.valid_to > self.on)
            and unit.valid_from <= self.on
        }
        names = Counter((fold(made.name), made.parent, made.territory) for made in self.switch.founded)
        for made in self.switch.founded:
            parent = self.by_slug.get(made.parent)
            if (fold(made.name), parent.pk if parent else None) in standing and (parent or not made.parent):
                self.problem(_("Tên «%(name)s» đang được một đơn vị khác dùng.") % {"name": made.name})
            if names[fold(made.name), made.parent, made.territory] > 1:
                self.problem(_("Hai đơn vị mới cùng tên «%(name)s».") % {"name": made.name})
        gone = {unit.pk for unit in self.switch.ended_territories.values()}
        here = {(unit.code, unit.level) for unit in AdminUnit.objects.valid_on(self.on).exclude(pk__in=gone)}
        for one in self.switch.territories:
            if (one.code, one.level) in here:
                self.problem(
                    _("Mã địa bàn %(code)s («%(name)s») đang được dùng.")
                    % {"code": one.code, "name": one.full_name}
                )

    def _alive(self, slug: str) -> bool:
        if slug in self.new:
            return True
        unit = self.by_slug.get(slug)
        return (
            unit is not None
            and unit.pk not in self.switch.ended_ids
            and unit.valid_from <= self.on
            and (unit.valid_to is None or unit.valid_to > self.on)
        )

    def _check_targets(self) -> None:
        slugs: Iterable[str] = {
            *(slug for route in self.switch.routes.values() for slug in route.targets),
            *(rule.to for rule in self.switch.case_rules),
            *self.switch.named.values(),
            *(one.new for one in self.switch.successions if one.new),
        }
        for slug in sorted(slugs):
            if self._alive(slug):
                continue
            unit = self.by_slug.get(slug)
            if unit is not None and unit.pk in self.switch.ended_ids:
                self.problem(
                    _("Vòng lặp: «%(unit)s» vừa nhận chuyển giao vừa kết thúc trong đợt này.")
                    % {"unit": unit.name}
                )
            else:
                self.problem(
                    _("Đơn vị nhận «%(unit)s» không có vào ngày có hiệu lực.")
                    % {"unit": unit.name if unit else slug}
                )
        later = OrgVersion.objects.filter(organization__in=self.switch.ended_ids, valid_from__gte=self.on)
        for version in later.select_related("organization")[:20]:
            self.problem(
                _("«%(unit)s» đã có thay đổi từ %(day)s, sau ngày có hiệu lực của đợt.")
                % {"unit": version.organization.name, "day": f"{version.valid_from:%d/%m/%Y}"}
            )

    def _check_administrators(self) -> None:
        """Roles that are given anew need somebody who gives them."""
        if self.batch.undo_of_id:
            return
        found = [
            r for r in self.switch.routes.values() if r.unit.kind == OrganizationKind.COMMITTEE and r.ends
        ]
        covered = {route.target for route in found if Role.UNIT_ADMIN in route.roles}
        bare = [self.new[slug] for slug in sorted({r.target for r in found} - covered) if slug in self.new]
        if not bare:
            return
        names = ", ".join(f"«{made.short_name or made.name}»" for made in bare[:3])
        if len(bare) > 3:
            names = _("%(names)s và %(n)s cơ quan khác") % {"names": names, "n": len(bare) - 3}
        self.switch.warnings.append(
            _(
                "%(units)s chưa có ai cấp quyền sau khi áp dụng: cho quyền quản trị đơn vị chuyển theo người, hoặc đề nghị "
                "quản trị hệ thống chỉ định người quản trị đầu tiên."
            )
            % {"units": names}
        )

    def _check_parents(self) -> None:
        above: dict[str, str] = {}
        slug_of = {unit.pk: unit.slug for unit in self.units.values()}
        for unit in self.units.values():
            if unit.pk not in self.switch.ended_ids and unit.parent_id:
                above[unit.slug] = slug_of.get(unit.parent_id, "")
        above |= {made.slug: made.parent for made in self.switch.founded}
        for pk, changes in self.switch.revised.items():
            if "parent" in changes:
                above[slug_of[pk]] = changes["parent"]
        touched = {made.slug for made in self.switch.founded} | {slug_of[pk] for pk in self.switch.revised}
        for slug in sorted(touched):
            parent = above.get(slug, "")
            if parent and not self._alive(parent):
                self.problem(
                    _("Cấp trên «%(parent)s» của «%(unit)s» không có vào ngày có hiệu lực.")
                    % {"parent": parent, "unit": slug}
                )
            seen = {slug}
            while parent:
                if parent in seen:
                    self.problem(_("Cấp trên của «%(unit)s» tạo thành vòng.") % {"unit": slug})
                    break
                seen.add(parent)
                parent = above.get(parent, "")
        for route in self.switch.routes.values():
            if route.ends and not route.targets and not self.batch.undo_of_id:
                self.switch.warnings.append(
                    _("«%(unit)s» kết thúc mà không có đơn vị kế thừa.") % {"unit": route.unit.name}
                )
