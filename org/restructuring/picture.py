"""A plan drawn: beside each step what stands before and what stands after, with the parts that follow."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from org.models import Organization, Restructuring, RestructuringStep
from org.restructuring.switch import NewUnit, Switch


@dataclass
class Node:
    """`state`: ends, new, again, kept or changed. `note` says in words what the mark shows."""

    name: str
    state: str
    note: str = ""
    parts: list["Node"] = field(default_factory=list)


@dataclass
class StepPicture:
    step: RestructuringStep
    before: list[Node]
    after: list[Node]
    people: str = ""
    rules: list[str] = field(default_factory=list)


NOTES = {
    "ends": gettext_lazy("kết thúc"),
    "new": gettext_lazy("lập mới"),
    "again": gettext_lazy("lập lại"),
    "kept": gettext_lazy("giữ nguyên"),
    "changed": gettext_lazy("đổi"),
}
SHARES = {"part": gettext_lazy("một phần"), "function": gettext_lazy("theo chức năng")}


def draw(batch: Restructuring, switch: Switch, steps: list[RestructuringStep]) -> list[StepPicture]:
    """Of these steps (a page of them)."""
    named = {entry["unit"] for step in steps for entry in [*step.old, *step.new]}
    units = {unit.slug: unit for unit in Organization.objects.filter(slug__in=named)}
    below: dict[int, list[Organization]] = defaultdict(list)
    for route in switch.routes.values():
        if route.unit.parent_id:
            below[route.unit.parent_id].append(route.unit)
    founded = {made.slug: made for made in switch.founded}
    parts: dict[str, list[NewUnit]] = defaultdict(list)
    for made in switch.founded:
        if made.parent:
            parts[made.parent].append(made)
    names = {slug: unit.name for slug, unit in units.items()} | {
        slug: made.name for slug, made in founded.items()
    }
    return [_step(step, units, below, founded, parts, switch, names) for step in steps]


def _step(
    step: RestructuringStep,
    units: dict[str, Organization],
    below: dict[int, list[Organization]],
    founded: dict[str, NewUnit],
    parts: dict[str, list[NewUnit]],
    switch: Switch,
    names: dict[str, str],
) -> StepPicture:
    explicit = {entry["unit"] for entry in step.old}
    before = []
    for entry in step.old:
        unit = units.get(entry["unit"])
        if unit is None:
            before.append(Node(entry["unit"], "ends", _("không có đơn vị này")))
            continue
        route = switch.routes.get(unit.pk)
        state = "ends" if route and route.ends else "changed" if unit.pk in switch.revised else "kept"
        note = str(NOTES[state]) + (f" · {SHARES[entry['share']]}" if entry.get("share") in SHARES else "")
        own = [
            Node(part.name, "ends", str(NOTES["ends"]))
            for part in below[unit.pk]
            if part.slug not in explicit
        ]
        before.append(Node(unit.name, state, note, own if state == "ends" else []))
    after = []
    for entry in step.new:
        made = founded.get(entry["unit"])
        unit = units.get(entry["unit"])
        if step.kind in {"rename", "change_parent"} and unit is not None:
            shown = entry.get("name") or unit.name
            parent = entry.get("parent")
            note = _("cấp trên: %(unit)s") % {"unit": _name(parent)} if parent else str(NOTES["changed"])
            after.append(Node(shown, "changed", note))
        elif made is not None:
            state = "again" if made.restores else "new"
            whole = not entry.get("named")
            own = [Node(part.name, state, str(NOTES[state])) for part in parts[made.slug]] if whole else []
            after.append(Node(made.name, state, str(NOTES[state]), own))
        elif unit is not None:
            after.append(Node(unit.name, "kept", _("đang hoạt động, nhận chuyển giao")))
        else:
            after.append(Node(entry.get("name") or entry["unit"], "new", str(NOTES["new"])))
    people = step.rules.get("people", [])
    told = ", ".join(names.get(slug, slug) for slug in people[:4]) + (" …" if len(people) > 4 else "")
    rules = [
        _("%(how)s «%(value)s» → %(unit)s")
        % {
            "how": HOW.get(rule["by"], rule["by"]),
            "value": rule["value"],
            "unit": names.get(rule["to"], _name(rule["to"])),
        }
        for rule in step.rules.get("cases", [])[:6]
    ]
    more = len(step.rules.get("cases", [])) - 6
    if more > 0:
        rules.append(_("và %(n)s quy tắc nữa") % {"n": more})
    return StepPicture(step, before, after, told, rules)


HOW = {
    "address": gettext_lazy("địa chỉ có"),
    "field": gettext_lazy("lĩnh vực"),
    "procedure": gettext_lazy("thủ tục"),
    "decided_by": gettext_lazy("thủ tục nay thuộc"),
}


def _name(slug: str | None) -> str:
    return Organization.objects.filter(slug=slug or "").values_list("name", flat=True).first() or slug or ""


def recall(batch: Restructuring, steps: list[RestructuringStep]) -> list[StepPicture]:
    """Of a batch that is over: the plan as it was written, with the names of now."""
    slugs = {entry["unit"] for step in steps for entry in [*step.old, *step.new]}
    units = {unit.slug: unit for unit in Organization.objects.filter(slug__in=slugs)}
    parts: dict[int, list[Organization]] = defaultdict(list)
    for part in Organization.objects.filter(parent__in=[unit.pk for unit in units.values()]):
        parts[part.parent_id or 0].append(part)
    on = batch.effective_on

    def node(entry: dict[str, object], *, after: bool) -> Node:
        unit = units.get(str(entry["unit"]))
        if unit is None:
            return Node(str(entry.get("name") or entry["unit"]), "new" if after else "ends")
        began, ended = unit.valid_from == on and not entry.get("restore"), unit.valid_to == on
        state = "again" if entry.get("restore") else "new" if began else "ends" if ended else "kept"
        own = [
            Node(part.name, state, str(NOTES[state]))
            for part in parts[unit.pk]
            if (state == "new" and part.valid_from == on) or (state == "ends" and part.valid_to == on)
        ]
        return Node(unit.name, state, str(NOTES[state]), own)

    return [
        StepPicture(
            step,
            [node(entry, after=False) for entry in step.old],
            [node(entry, after=True) for entry in step.new],
        )
        for step in steps
    ]
