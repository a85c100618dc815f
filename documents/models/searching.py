"""The place of a document in search: one row beside each record, so that no other act on the record touches the index."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Lookup, Q
from django.utils.translation import gettext_lazy as _

from documents.models.incoming import IncomingDocument
from documents.models.papers import Document


@SearchVectorField.register_lookup
class Fits(Lookup):
    """`vector @@ text::tsquery`: the question is written out in Python, no configuration of the database reads it."""

    lookup_name = "fits"
    prepare_rhs = False

    def as_sql(self, compiler, connection):  # type: ignore[no-untyped-def]
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} @@ %s::tsquery", [*parameters, self.rhs]


class SearchEntry(models.Model):
    """What one document is found by. `head`: number, title, people, and who may read; `body`: the text of its files."""

    incoming = models.OneToOneField(
        IncomingDocument, null=True, blank=True, on_delete=models.CASCADE, related_name="search_entry"
    )
    document = models.OneToOneField(
        Document, null=True, blank=True, on_delete=models.CASCADE, related_name="search_entry"
    )
    at = models.DateTimeField(_("đến hoặc ban hành lúc"))
    head = SearchVectorField(editable=False)
    body = SearchVectorField(null=True, editable=False)
    vector = SearchVectorField(editable=False)
    indexed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("mục tìm kiếm")
        constraints = [
            models.CheckConstraint(
                condition=Q(incoming__isnull=False, document__isnull=True)
                | Q(incoming__isnull=True, document__isnull=False),
                name="search_entry_is_one_thing",
            )
        ]
        indexes = [
            GinIndex(fields=["vector"], name="search_entry_vector", fastupdate=False),
            models.Index(fields=["-at", "-id"], name="search_entry_newest"),
        ]

    def __str__(self) -> str:
        return str(self.incoming_id or self.document_id)


class SearchWord(models.Model):
    """Every word that stands in some entry, without its marks and with them: what «quy…» may go on to."""

    word = models.CharField(max_length=60, primary_key=True, db_collation="C")

    class Meta:
        verbose_name = verbose_name_plural = _("từ trong tìm kiếm")

    def __str__(self) -> str:
        return self.word
