"""Models of the ground layer, by aggregate."""

from core.models.audit import AuditEvent
from core.models.calendar import OfficeHours, WorkingDay
from core.models.files import StoredFile
from core.models.numbering import IssuedNumber, NumberSeries
from core.models.work import Job, Owed

__all__ = [
    "AuditEvent",
    "IssuedNumber",
    "Job",
    "NumberSeries",
    "OfficeHours",
    "Owed",
    "StoredFile",
    "WorkingDay",
]
