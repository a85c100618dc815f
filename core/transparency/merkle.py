"""Merkle trees as in RFC 6962, section 2.1: root, inclusion path, and its check. Pure functions."""

import hashlib
from collections.abc import Sequence


def entry_input(seq: int, event_id: int, leaf: bytes) -> bytes:
    """What one entry of the log puts into the tree: its number, the event's number, the event's leaf."""
    return seq.to_bytes(8, "big") + event_id.to_bytes(8, "big") + leaf


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes. Level by level: an odd last node moves up as it is, which gives RFC 6962's tree."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    sha256, level = hashlib.sha256, list(hashes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings from the leaf up (the audit path of RFC 6962, section 2.1.1)."""
    found, level = [], list(hashes)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            found.append(level[sibling])
        above = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level, index = above, index // 2
    return found


def root_from_path(hash_: bytes, index: int, size: int, siblings: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion path leads to. None: the path does not fit a tree of that size."""
    if not 0 <= index < size:
        return None
    left = list(siblings)
    last = size - 1
    while last:
        if index % 2 or index < last:
            if not left:
                return None
            other = left.pop(0)
            hash_ = node_hash(other, hash_) if index % 2 else node_hash(hash_, other)
        index, last = index // 2, last // 2
    return hash_ if not left else None
