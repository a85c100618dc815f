"""Models of documents, by aggregate."""

from documents.models.access import (
    CertifiedCopy,
    DocumentGrant,
    FileText,
    SavedView,
    SecretIncident,
    SecretReceipt,
    Star,
)
from documents.models.catalogue import AgencyPractice, DocumentType, RecipientGroup, RetentionPeriod
from documents.models.dispatch import (
    Dispatch,
    DispatchRecipient,
    RecallAnswerRow,
    RecallRequest,
    RecipientEvent,
)
from documents.models.filing import (
    CatalogueEntry,
    DestructionList,
    FileCatalogue,
    TransferList,
    WorkFile,
    WorkFileItem,
)
from documents.models.incoming import IncomingDocument, IncomingFile, Mailbox, MailItem
from documents.models.papers import (
    Approval,
    Attachment,
    Document,
    DraftVersion,
    Opinion,
    Recipient,
    SealedBody,
)
from documents.models.registers import RegisterBook
from documents.models.searching import SearchEntry, SearchWord
from documents.models.work import Directive, Reminder, Task, TaskExtension, TaskNote

__all__ = [
    "AgencyPractice",
    "Approval",
    "Attachment",
    "CatalogueEntry",
    "CertifiedCopy",
    "DestructionList",
    "Directive",
    "Dispatch",
    "DispatchRecipient",
    "Document",
    "DocumentGrant",
    "DocumentType",
    "DraftVersion",
    "FileCatalogue",
    "FileText",
    "IncomingDocument",
    "IncomingFile",
    "MailItem",
    "Mailbox",
    "Opinion",
    "RecallAnswerRow",
    "RecallRequest",
    "Recipient",
    "RecipientEvent",
    "RecipientGroup",
    "RegisterBook",
    "Reminder",
    "RetentionPeriod",
    "SavedView",
    "SealedBody",
    "SearchEntry",
    "SearchWord",
    "SecretIncident",
    "SecretReceipt",
    "Star",
    "Task",
    "TaskExtension",
    "TaskNote",
    "TransferList",
    "WorkFile",
    "WorkFileItem",
]
