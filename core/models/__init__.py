"""Models of the ground layer, by aggregate."""

from core.models.audit import AuditEvent, AuditWaiting, EventKind
from core.models.calendar import OfficeHours, WorkingDay
from core.models.files import StoredFile
from core.models.numbering import IssuedNumber, NumberSeries
from core.models.transparency import AuditBatch, AuditEntry, AuditHolder, AuditTimestamp
from core.models.work import Job, Owed

__all__ = [
    "AuditBatch",
    "AuditEntry",
    "AuditEvent",
    "AuditHolder",
    "AuditTimestamp",
    "AuditWaiting",
    "EventKind",
    "IssuedNumber",
    "Job",
    "NumberSeries",
    "OfficeHours",
    "Owed",
    "StoredFile",
    "WorkingDay",
]
