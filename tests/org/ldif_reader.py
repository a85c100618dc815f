"""A strict reader of RFC 2849, written from its grammar and not from our writer."""

import base64
import re
from dataclasses import dataclass, field

ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*(;[A-Za-z0-9-]+)*|\d+(\.\d+)*")
SAFE = re.compile(r"[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*")
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
WIDTH = 76


@dataclass
class Record:
    dn: str
    changetype: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)
    modifications: list[tuple[str, str, list[str]]] = field(default_factory=list)


def read(text: bytes) -> list[Record]:
    """Every record, or AssertionError at the first byte that the grammar does not allow."""
    assert text.isascii(), "an LDIF file is ASCII; other text goes in base64"
    assert b"\r" not in text
    said = text.decode("ascii")
    assert said.startswith("version: 1\n")
    assert said.endswith("\n")
    lines = said.split("\n")
    assert all(len(line) <= WIDTH for line in lines), "lines are folded"
    records, block = [], []
    for line in _unfolded(lines[1:]):
        if line == "":
            if block:
                records.append(_record(block))
            block = []
        else:
            block.append(line)
    assert not block, "a record ends with an empty line"
    kinds = {bool(record.changetype) for record in records}
    assert len(kinds) <= 1, "content and changes do not mix"
    return records


def _unfolded(lines: list[str]) -> list[str]:
    whole: list[str] = []
    for line in lines:
        if line.startswith(" "):
            assert whole, "nothing to continue"
            assert whole[-1]
            whole[-1] += line[1:]
        else:
            whole.append(line)
    return whole


def _pair(line: str) -> tuple[str, str]:
    name, colon, rest = line.partition(":")
    assert colon, line
    assert ATTRIBUTE.fullmatch(name), name
    if rest.startswith(":"):
        encoded = rest[1:].lstrip(" ")
        assert BASE64.fullmatch(encoded), encoded
        return name, base64.b64decode(encoded, validate=True).decode("utf-8")
    value = rest.lstrip(" ")
    assert value == "" or SAFE.fullmatch(value), value
    assert not value.endswith(" "), "a value that ends with a space goes in base64"
    return name, value


def _record(block: list[str]) -> Record:
    name, dn = _pair(block[0])
    assert name == "dn"
    assert dn
    _dn(dn)
    rest = block[1:]
    record = Record(dn)
    if rest and rest[0].startswith("changetype:"):
        record.changetype = _pair(rest.pop(0))[1]
        assert record.changetype in {"add", "modify", "delete"}
    if record.changetype == "delete":
        assert not rest
    elif record.changetype == "modify":
        record.modifications = _modifications(rest)
    else:
        assert rest, "an entry has attributes"
        for line in rest:
            name, value = _pair(line)
            record.attributes.setdefault(name, []).append(value)
        assert "objectClass" in record.attributes
        _, (first_name, first_value) = None, _dn(dn)[0]
        assert first_value in record.attributes[first_name], "the RDN is one of the attributes"
    return record


def _modifications(lines: list[str]) -> list[tuple[str, str, list[str]]]:
    found = []
    waiting = list(lines)
    while waiting:
        verb, name = _pair(waiting.pop(0))
        assert verb in {"add", "delete", "replace"}
        values = []
        while waiting and waiting[0] != "-":
            own, value = _pair(waiting.pop(0))
            assert own == name
            values.append(value)
        assert waiting, "a modification ends with a dash"
        waiting.pop(0)
        found.append((verb, name, values))
    assert found
    return found


def _dn(dn: str) -> list[tuple[str, str]]:
    parts = []
    for part in re.split(r"(?<!\\),", dn):
        name, equals, value = part.partition("=")
        assert equals
        assert ATTRIBUTE.fullmatch(name)
        assert value
        assert not re.search(r'(?<!\\)[+"<>;]', value)
        parts.append((name, re.sub(r"\\(.)", r"\1", value)))
    return parts
