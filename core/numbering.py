"""Take numbers without gaps or doubles. The series row stays locked until the caller's transaction ends."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import RuleError
from core.models import IssuedNumber, NumberSeries


def take(key: str, *, subject: models.Model) -> IssuedNumber:
    """The next number of series `key`, within the caller's transaction (a rollback gives it back)."""
    series = NumberSeries.objects.select_for_update().filter(key=key).first()
    if series is None:  # the first number of the series; two at once make one row
        NumberSeries.objects.bulk_create([NumberSeries(key=key)], ignore_conflicts=True)
        series = NumberSeries.objects.select_for_update().get(key=key)
    if series.closed_at:
        raise RuleError(_("Sổ số «%(key)s» đã khóa.") % {"key": key})
    series.last += 1
    series.save(update_fields=["last"])
    return IssuedNumber.objects.create(
        series=series, value=series.last, subject_type=subject._meta.label_lower, subject_id=subject.pk
    )


def cancel(number: IssuedNumber, *, reason: str) -> None:
    """Keep the number as cancelled, with its reason; it is never given out again."""
    number.cancelled_at, number.cancel_reason = timezone.now(), reason
    number.save(update_fields=["cancelled_at", "cancel_reason"])
