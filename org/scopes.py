"""What a delegation can be narrowed to. Org does not know procedures or papers: the apps above say what there is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scope:
    """`choices` gives (code, words) of what may be chosen today."""

    key: str
    label: Any
    choices: Callable[[], list[tuple[str, str]]]


SCOPES: dict[str, Scope] = {}


def register(key: str, label: Any, choices: Callable[[], list[tuple[str, str]]]) -> None:
    SCOPES[key] = Scope(key, label, choices)


def words(scope: dict[str, list[str]]) -> str:
    """«lĩnh vực: Hộ tịch, Chứng thực; loại văn bản: Giấy chứng nhận»; empty for everything."""
    parts = []
    for key, codes in scope.items():
        if codes and key in SCOPES:
            names = dict(SCOPES[key].choices())
            parts.append(f"{SCOPES[key].label}: {', '.join(names.get(code, code) for code in codes)}")
    return "; ".join(parts)
