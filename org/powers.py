"""What a person may do now: the roles of the present hat, and what others handed to it for a while (§7).

A power held by delegation is never passed on: powers come from the giver's own grants, never from what he took.
A delegation may be narrowed to codes of procedures, fields and document types. The model of a record names where
these facts lie (`SCOPE`: key of the scope → path of the field), so that the list rule and the object rule read the
same table; a fact that a record does not have is outside every scope that asks for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from org.choices import DELEGABLE, HANDLING, DelegationKind, Role

if TYPE_CHECKING:
    from org.models import Assignment, Delegation, RoleGrant

NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Power:
    """A role on some units; `delegation` is empty for the hat's own."""

    role: str
    units: frozenset[int]
    delegation: "Delegation | None" = None

    @property
    def scope(self) -> dict[str, list[str]]:
        return (
            {key: codes for key, codes in self.delegation.scope.items() if codes} if self.delegation else {}
        )

    @property
    def holder_id(self) -> int | None:
        """The account whose work this power covers, when it is somebody else's."""
        return self.delegation.giver.person.user_id if self.delegation else None

    def covers(self, record: Any) -> bool:
        """Does the scope reach this record? Without a record only a power without a scope does."""
        if record is None:
            return not self.scope
        paths = getattr(record, "SCOPE", {})
        inside = all(key in paths and _fact(record, paths[key]) in codes for key, codes in self.scope.items())
        return inside and not self._is_givers_own(record)

    def _is_givers_own(self, record: Any) -> bool:
        """What concerns the giver himself he could not decide, so nobody decides it with his power."""
        concerned = getattr(record, "CONCERNS", "")
        return bool(concerned and self.holder_id and getattr(record, f"{concerned}_id") == self.holder_id)

    def rule(self, column: str, model: Any) -> Q:
        """The same as `serves on record.<column>` and `covers(record)`, as a query."""
        rule = on_units(column, self.units)
        paths = getattr(model, "SCOPE", {})
        for key, codes in self.scope.items():
            rule &= Q(**{f"{paths[key]}__in": codes}) if key in paths else NOTHING
        if (concerned := getattr(model, "CONCERNS", "")) and self.holder_id:
            rule &= ~Q(**{f"{concerned}_id": self.holder_id})
        return rule


def _fact(record: Any, path: str) -> Any:
    return reduce(lambda found, name: getattr(found, name, None), path.split("__"), record)


def of(hat: "Assignment", delegations: Iterable["Delegation"], day: date) -> list[Power]:
    """The hat's own powers first, then those taken, in the order of the delegations (all in force on `day`)."""
    found = [Power(role, units) for role, units in _by_role(hat.grants.all(), day).items()]
    for delegation in delegations:
        roles = set(delegation.roles) & allowed_roles(delegation.kind)
        granted = _by_role(delegation.giver.grants.all(), day)
        found += [Power(role, units, delegation) for role, units in granted.items() if role in roles]
    return found


def allowed_roles(kind: str) -> frozenset[Role]:
    """Leave cover gives handling, not signing; rights over rights are never handed over."""
    return HANDLING if kind == DelegationKind.DUTY_COVER else DELEGABLE


def _by_role(grants: Iterable["RoleGrant"], day: date) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for grant in grants:
        if grant.holds_on(day):
            found[grant.role] = found.get(grant.role, frozenset()) | units_of(grant, day)
    return found


def units_of(grant: "RoleGrant", day: date) -> frozenset[int]:
    """The units that a grant reaches on a day: its own, and with `include_descendants` the whole subtree."""
    if not grant.include_descendants:
        return frozenset({grant.organization_id})
    from org import tree  # the tree is drawn from the models, and the models ask for powers

    return frozenset(tree.as_of(day).descendants(grant.organization_id))


def archive_units(user: Any) -> frozenset[int]:
    """Agencies that are no more and whose closed records the present hat may read: its clerk keeps the archive of what
    its own agency took over whole, its leader answers for it (domain/organisation.md §6). Reading only, never by delegation.
    """
    from org import tree

    return tree.today().taken_over(user.own_units_as(Role.CLERK, Role.LEADER))


def on_units(column: str, units: frozenset[int]) -> Q:
    """One unit gives an equality, which lists read along one index."""
    if not units:
        return NOTHING
    return Q(**{f"{column}_id": next(iter(units))}) if len(units) == 1 else Q(**{f"{column}_id__in": units})


def together(rules: Iterable[Q]) -> Q:
    """One clause when there is one, so that its index is used."""
    found = [rule for rule in rules if rule != NOTHING]
    return reduce(lambda one, other: one | other, found) if found else NOTHING
