"""Models of the one-stop mechanism: the catalogue of procedures, cases, and the papers a case leaves."""

from onecase.models.cases import (
    Case,
    CaseFile,
    ComponentCheck,
    HandOver,
    Party,
    Pause,
    Rating,
    StepRun,
    SupplementItem,
)
from onecase.models.catalogue import (
    Component,
    ElectronicForm,
    Fee,
    LegalReason,
    Procedure,
    ProcedureCase,
    ProcedureVersion,
    ResultTemplate,
    Step,
)
from onecase.models.papers import LegalForm

__all__ = [
    "Case",
    "CaseFile",
    "Component",
    "ComponentCheck",
    "ElectronicForm",
    "Fee",
    "HandOver",
    "LegalForm",
    "LegalReason",
    "Party",
    "Pause",
    "Procedure",
    "ProcedureCase",
    "ProcedureVersion",
    "Rating",
    "ResultTemplate",
    "Step",
    "StepRun",
    "SupplementItem",
]
