"""Change the keys of encrypted columns: everything under an older key is sealed again under the newest.

The row itself tells whether its turn has come (the newest key opens it or does not), so that a run that was killed
goes on where it stood, and a second run finds nothing to do.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from org import crypto
from org.sealed import Column

BATCH = 500


@dataclass(slots=True)
class Count:
    """Rows of one column: looked at, of these under an older key, sealed again, and those that no key opens."""

    rows: int = 0
    old: int = 0
    resealed: int = 0
    unreadable: int = 0


def rotate(
    column: Column, *, apply: bool, batch: int = BATCH, after: Callable[[Count], None] = lambda count: None
) -> Count:
    """Walk the column in batches by primary key; `after` is called with the running count behind each batch."""
    count, last = Count(), 0
    while numbers := _batch(column, last, batch):
        last = numbers[-1]
        _reseal(column, numbers, count, apply=apply)
        after(count)
    return count


def _batch(column: Column, last: int, size: int) -> list[int]:
    rows = column.table._base_manager.filter(pk__gt=last).order_by("pk")
    if not column.keys:
        rows = rows.exclude(**{column.name: ""})
    return list(rows.values_list("pk", flat=True)[:size])


@transaction.atomic
def _reseal(column: Column, numbers: list[int], count: Count, *, apply: bool) -> None:
    """One short transaction a batch. The rows are locked, so that nobody's newer answers are written over."""
    rows = column.table._base_manager.filter(pk__in=numbers).only("pk", column.name).order_by("pk")
    changed = []
    for row in rows.select_for_update() if apply else rows:
        old = {k: token for k, token in column.tokens(row).items() if not crypto.is_under_newest_key(token)}
        count.rows += 1
        if not old:
            continue
        count.old += 1
        fresh = {k: token for k, old_one in old.items() if (token := crypto.resealed(old_one)) is not None}
        if len(fresh) < len(old):
            count.unreadable += 1
            continue
        column.put(row, fresh)
        changed.append(row)
    if apply and changed:
        column.table._base_manager.bulk_update(changed, [column.name])
        count.resealed += len(changed)
