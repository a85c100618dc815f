"""The staff directory as it is searched: one line per post. Written by triggers of the database, never by Python."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from org.models.accounts import Person, User
from org.models.posts import Assignment
from org.models.units import Organization, ValidityQuerySet


class DirectoryLine(models.Model):
    """A post of a person with every word it is found by, in the order of Vietnamese names.

    Triggers (migration `directory`) follow people, accounts, posts, units and assignments, also when they are written
    in bulk. The line has the dates of its post, so ended posts vanish and future ones appear without a job.
    """

    assignment = models.OneToOneField(
        Assignment, primary_key=True, on_delete=models.CASCADE, related_name="directory_line"
    )
    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, related_name="directory_lines", db_index=False
    )
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="directory_lines", db_index=False
    )
    sort_key = models.CharField(max_length=400, db_collation="C")
    words = SearchVectorField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    objects = ValidityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("dòng danh bạ")
        indexes = [
            models.Index(fields=["sort_key", "person"], name="directory_order"),
            models.Index(fields=["organization", "sort_key", "person"], name="directory_unit_order"),
            models.Index(fields=["person"], name="directory_person"),
            GinIndex(fields=["words"], name="directory_words", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}"


class DirectorySnapshot(models.Model):
    """What the mail server was last told: a digest per entry, so that the next export can tell what changed."""

    taken_at = models.DateTimeField(_("lúc"), db_index=True)
    taken_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    digests = models.JSONField(help_text="DN → digest of the entry")

    class Meta:
        verbose_name = verbose_name_plural = _("lần xuất danh bạ")

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M}"
