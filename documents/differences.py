"""Two versions of a text, word by word. Pure."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

LONGEST: Final = 40_000  # words of one paragraph that are compared one by one


@dataclass(frozen=True)
class Part:
    """Words that stayed, came or went: `kind` is same, in or out."""

    kind: str
    text: str


def words(before: str, after: str) -> list[Part]:
    """The changed words of one paragraph, in reading order."""
    old, new = re.findall(r"\S+\s*", before), re.findall(r"\S+\s*", after)
    if len(old) + len(new) > LONGEST:
        return [Part("out", before), Part("in", after)]
    parts: list[Part] = []
    # Words are compared without the spaces that follow them.
    matcher = difflib.SequenceMatcher(
        None, [one.strip() for one in old], [one.strip() for one in new], autojunk=False
    )
    for tag, low, high, left, right in matcher.get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(new[left:right])))
            continue
        if high > low:
            parts.append(Part("out", "".join(old[low:high])))
        if right > left:
            parts.append(Part("in", "".join(new[left:right])))
    return parts


def paragraphs(before: str, after: str) -> list[list[Part]]:
    """Line by line; a line that was rewritten shows its words, long runs of unchanged lines stay as they are."""
    old, new = _lines(before), _lines(after)
    found: list[list[Part]] = []
    for tag, low, high, left, right in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [[Part("same", line)] for line in new[left:right]]
            continue
        for place in range(max(high - low, right - left)):
            one = old[low + place] if low + place < high else ""
            two = new[left + place] if left + place < right else ""
            found.append(words(one, two))
    return found


def names(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[Part]:
    """Files and recipients: what came, what went."""
    old = {(one["role"], one["name"], one.get("sha256", "")) for one in before}
    new = {(one["role"], one["name"], one.get("sha256", "")) for one in after}
    gone = [Part("out", name) for _role, name, _sha in sorted(old - new)]
    return gone + [Part("in", name) for _role, name, _sha in sorted(new - old)]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
