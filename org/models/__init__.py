"""Units, people in posts, accounts."""

from org.models.people import Assignment, CitizenIdentity, Person, Position, RoleGrant, User
from org.models.units import AdminUnit, AdminUnitSuccession, Organization

__all__ = [
    "AdminUnit",
    "AdminUnitSuccession",
    "Assignment",
    "CitizenIdentity",
    "Organization",
    "Person",
    "Position",
    "RoleGrant",
    "User",
]
