"""A workflow as one table: guard, button list, test input and diagram at once (docs/style: workflow.py of each app)."""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.errors import NotAllowed, NoteMissing, WrongStatus

NOTE: Final = "note"


@dataclass(frozen=True, slots=True)
class Move:
    """One declared move. `clock` is what it does to the statutory time: keep, start, pause, resume, stop."""

    verb: str
    sources: Set[str]
    target: str
    who: Callable[[Any, Any], bool]
    clock: str = "keep"
    needs: str = ""
    label: str | Promise = ""


class Table:
    """The moves of one kind of record. The record names its status in `status_field`."""

    def __init__(self, *moves: Move, status_field: str = "business_status") -> None:
        self.moves = moves
        self.status_field = status_field
        self._by_verb: dict[str, list[Move]] = {}
        for move in moves:
            self._by_verb.setdefault(move.verb, []).append(move)

    def __iter__(self) -> Iterator[Move]:
        return iter(self.moves)

    def verbs(self) -> Iterable[str]:
        return self._by_verb.keys()

    def _status(self, record: Any) -> str:
        return str(getattr(record, self.status_field))

    def require(self, verb: str, record: Any, actor: Any, note: str = "") -> Move:
        """The move that applies. NotAllowed, WrongStatus (says what the status is) or NoteMissing."""
        candidates = self._by_verb[verb]
        if not any(move.who(actor, record) for move in candidates):
            raise NotAllowed
        status = self._status(record)
        for move in candidates:
            if status in move.sources and move.who(actor, record):
                if move.needs == NOTE and not note.strip():
                    raise NoteMissing
                return move
        label = getattr(record, f"get_{self.status_field}_display")()
        raise WrongStatus(
            _(
                "Chưa thực hiện được: hiện ở trạng thái «%(status)s». Có thể người khác vừa xử lý; tải lại trang để xem."
            )
            % {"status": label}
        )

    def open_to(self, actor: Any, record: Any) -> list[Move]:
        """The moves that this actor may make now, in table order: what the page draws as buttons."""
        status = self._status(record)
        return [move for move in self.moves if status in move.sources and move.who(actor, record)]
