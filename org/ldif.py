"""LDAP Data Interchange Format, RFC 2849: records as text that any directory server reads."""

import base64
import re
from collections.abc import Iterable, Iterator

Attributes = Iterable[tuple[str, str]]

WIDTH = 76
VERSION = "version: 1\n\n"
_SAFE = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")


def rdn_value(text: str) -> str:
    """A value inside a distinguished name (RFC 4514 §2.4)."""
    escaped = re.sub(r'([\\,+"<>;=])', r"\\\1", text).replace("\0", r"\00")
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if escaped.endswith(" ") and not escaped.endswith("\\ ") else escaped


def line(name: str, value: str) -> str:
    """`name: value`, in base64 unless it is a SAFE-STRING, folded at 76 columns."""
    if _SAFE.fullmatch(value):
        whole = f"{name}: {value}" if value else f"{name}:"
    else:
        whole = f"{name}:: {base64.b64encode(value.encode()).decode()}"
    return "\n ".join(_pieces(whole)) + "\n"


def entry(dn: str, attributes: Attributes) -> str:
    """A content record."""
    return line("dn", dn) + "".join(line(name, value) for name, value in attributes) + "\n"


def added(dn: str, attributes: Attributes) -> str:
    return line("dn", dn) + "changetype: add\n" + "".join(line(*pair) for pair in attributes) + "\n"


def replaced(dn: str, values: dict[str, list[str]]) -> str:
    """Each attribute gets these values and no others; an empty list removes it."""
    parts = [line("dn", dn), "changetype: modify\n"]
    for name, own in values.items():
        parts += [f"replace: {name}\n", *(line(name, value) for value in own), "-\n"]
    return "".join(parts) + "\n"


def deleted(dn: str) -> str:
    return line("dn", dn) + "changetype: delete\n\n"


def _pieces(whole: str) -> Iterator[str]:
    """The first piece has WIDTH characters, the others one less, for the space that marks a continuation."""
    yield whole[:WIDTH]
    for start in range(WIDTH, len(whole), WIDTH - 1):
        yield whole[start : start + WIDTH - 1]
