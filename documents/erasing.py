"""Files erased for good although records link to them: each link is taken off or led to a tombstone first."""

from collections.abc import Iterable

from core import files, pages
from core.models import StoredFile

# What these apps link to is theirs to erase; a text goes with its file.
LEFT_ALONE = {"documents.FileText", "onecase.CaseFile", "onecase.LegalForm"}
GRAVE = "(đã xóa)"


def tombstone() -> StoredFile:
    """Stands where a record must name a file that is no more."""
    return files.store_bytes(GRAVE.encode(), "text/plain")


def forget_everywhere(stored: Iterable[StoredFile]) -> int:
    """Bytes, letters and page pictures go; how many files went. Call inside `atomic`."""
    grave, gone = tombstone(), 0
    links = [
        one
        for one in StoredFile._meta.get_fields(include_hidden=True)
        if one.auto_created and not one.concrete and one.related_model._meta.label not in LEFT_ALONE
    ]
    for one in stored:
        if one.pk == grave.pk:
            continue
        for link in links:
            model, column = link.related_model, link.field
            rows = model._base_manager.filter(**{column.name: one})
            if model._meta.label == "documents.WorkFileItem":
                rows.delete()
            else:
                rows.update(**{column.name: None if column.null else grave})
        pages.forget(one)
        gone += files.forget(one)
    return gone
