"""Which columns are encrypted. Each app declares its own, so that a change of keys reaches every one of them."""

from dataclasses import dataclass

from django.apps import apps
from django.db import models


@dataclass(frozen=True, order=True)
class Column:
    """`model` as «app.Model», `name` of the column that holds what `org.crypto.seal` gave.

    `keys`: the column is JSON and these of its keys hold it (tables of packages).
    """

    model: str
    name: str
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.model}.{self.name}"

    def tokens(self, row: models.Model) -> dict[str, str]:
        """What is sealed in this row, by key («» for a plain column)."""
        value = getattr(row, self.name)
        if not self.keys:
            return {"": value} if value else {}
        return {key: value[key] for key in self.keys if value.get(key)}

    def put(self, row: models.Model, tokens: dict[str, str]) -> None:
        value = {**getattr(row, self.name), **tokens} if self.keys else tokens[""]
        setattr(row, self.name, value)

    @property
    def table(self) -> type[models.Model]:
        return apps.get_model(self.model)


_columns: set[Column] = set()


def register(model: str, *names: str, keys: tuple[str, ...] = ()) -> None:
    """Call from `apps.ready()`. A test fails on a column that ends in `_sealed` and is not declared."""
    _columns.update(Column(model, name, keys) for name in names)


def columns() -> list[Column]:
    return sorted(_columns)
