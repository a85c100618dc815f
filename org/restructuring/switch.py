"""A plan that was read against the organisation of its day: what begins, changes and ends, and where everything goes."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from org.models import AdminUnit, Organization


@dataclass(frozen=True)
class Territory:
    """A territory that the plan founds, or an existing one (`exists`)."""

    code: str
    level: int
    kind: str
    name: str
    full_name: str
    parent: str
    exists: bool = False


@dataclass(frozen=True)
class NewUnit:
    slug: str
    name: str
    short_name: str
    symbol: str
    kind: str
    parent: str
    agency: str  # "": its own
    territory: str | None  # code
    identifier: str = ""
    restores: int | None = None  # id of the organization that lives again


@dataclass
class Route:
    """Where everything of one old unit goes. `targets`: where its people go, in turns; the first takes the rest."""

    unit: Organization
    ends: bool
    targets: list[str] = field(default_factory=list)
    certain: bool = True
    why: str = ""
    roles: list[str] = field(default_factory=list)
    back: int | None = None
    whole: bool = True

    @property
    def target(self) -> str:
        return self.targets[0] if self.targets else ""


@dataclass(frozen=True)
class CaseRule:
    old_id: int
    by: str
    value: str
    to: str


@dataclass(frozen=True)
class Succession:
    old_id: int
    new: str
    relation: str
    share: str
    functions: tuple[str, ...] = ()


@dataclass
class Switch:
    """A resolved plan. `problems` stop it; `warnings` are told and end up among the leftovers."""

    on: date
    territories: list[Territory] = field(default_factory=list)
    ended_territories: dict[int, AdminUnit] = field(default_factory=dict)
    territory_heirs: list[tuple[int, str, str]] = field(default_factory=list)  # old id, new code, extent
    founded: list[NewUnit] = field(default_factory=list)
    revised: dict[int, dict[str, Any]] = field(default_factory=dict)
    routes: dict[int, Route] = field(default_factory=dict)
    successions: list[Succession] = field(default_factory=list)
    case_rules: list[CaseRule] = field(default_factory=list)
    named: dict[int, str] = field(default_factory=dict)
    existing: dict[str, Organization] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def ended_ids(self) -> set[int]:
        return {route.unit.pk for route in self.routes.values() if route.ends}
