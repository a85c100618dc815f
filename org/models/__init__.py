from org.models.accounts import CitizenIdentity, Person, User, UserManager
from org.models.citizens import DataCopy, DataRequest
from org.models.directory import DirectoryLine, DirectorySnapshot
from org.models.history import LegalBasis, OrgIdentifier, OrgSuccession, OrgVersion
from org.models.posts import Assignment, BreakGlass, Delegation, Position, RoleGrant
from org.models.restructuring import Leftover, MovedRecord, Restructuring, RestructuringStep
from org.models.rights import Departure, GrantRequest
from org.models.sign_in import SecondFactor, SignedIn
from org.models.units import AdminUnit, AdminUnitSuccession, Organization, ValidityQuerySet

__all__ = [
    "AdminUnit",
    "AdminUnitSuccession",
    "Assignment",
    "BreakGlass",
    "CitizenIdentity",
    "DataCopy",
    "DataRequest",
    "Delegation",
    "Departure",
    "DirectoryLine",
    "DirectorySnapshot",
    "GrantRequest",
    "Leftover",
    "LegalBasis",
    "MovedRecord",
    "OrgIdentifier",
    "OrgSuccession",
    "OrgVersion",
    "Organization",
    "Person",
    "Position",
    "Restructuring",
    "RestructuringStep",
    "RoleGrant",
    "SecondFactor",
    "SignedIn",
    "User",
    "UserManager",
    "ValidityQuerySet",
]
