"""Take numbers without gaps or doubles. The series row stays locked until the caller's transaction ends."""

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import RuleError
from core.models import IssuedNumber, NumberSeries


def take(key: str, *, subject: models.Model, owner: models.Model | None = None) -> IssuedNumber:
    """The next number of series `key`, within the caller's transaction (a rollback gives it back).

    `owner`: the unit whose book it is. RuleError when it has ended: its books are closed for ever.
    """
    if owner is not None:
        _refuse_ended(owner)
    series = NumberSeries.objects.select_for_update(of=("self",)).filter(key=key).first()
    if series is None:  # the first number of the series; two at once make one row
        NumberSeries.objects.bulk_create(
            [NumberSeries(key=key, owner_id=owner.pk if owner else None)], ignore_conflicts=True
        )
        series = NumberSeries.objects.select_for_update(of=("self",)).get(key=key)
    if series.closed_at:
        raise RuleError(_("Sổ số «%(key)s» đã khóa.") % {"key": key})
    series.last += 1
    series.save(update_fields=["last"])
    return IssuedNumber.objects.create(
        series=series, value=series.last, subject_type=subject._meta.label_lower, subject_id=subject.pk
    )


def _refuse_ended(owner: models.Model) -> None:
    """Read under a shared lock: a unit that is being dissolved now is waited for, then refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, valid_to FROM {owner._meta.db_table} WHERE id = %s FOR SHARE",  # noqa: S608
            [owner.pk],
        )
        name, ended_on = cursor.fetchone() or ("", None)
    if ended_on is not None and ended_on <= timezone.localdate():
        raise RuleError(
            _(
                "«%(unit)s» đã kết thúc hoạt động từ %(day)s nên không cấp số mới được; sổ số đã khóa. "
                "Đơn vị kế thừa lấy số trong sổ của mình."
            )
            % {"unit": name, "day": f"{ended_on:%d/%m/%Y}"}
        )


def cancel(number: IssuedNumber, *, reason: str) -> None:
    """Keep the number as cancelled, with its reason; it is never given out again."""
    number.cancelled_at, number.cancel_reason = timezone.now(), reason
    number.save(update_fields=["cancelled_at", "cancel_reason"])
