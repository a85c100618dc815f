"""Trees as in RFC 6962: the root by its own definition, and every path of every small tree."""

import hashlib

import pytest

from core.transparency import merkle


def by_definition(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1: split at the largest power of two below the size."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    left, right = by_definition(hashes[:k]), by_definition(hashes[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", [*range(1, 34), 255, 1000])
def test_root_and_every_path(size):
    hashes = [merkle.leaf_hash(merkle.entry_input(n + 1, n + 100, bytes(32))) for n in range(size)]
    root = merkle.root(hashes)
    assert root == by_definition(hashes)
    for index in range(0, size, max(1, size // 33)):
        path = merkle.path(hashes, index)
        assert merkle.root_from_path(hashes[index], index, size, path) == root
        assert merkle.root_from_path(hashes[index], index, size, [*path, root]) is None
        assert merkle.root_from_path(hashes[index], size, size, path) is None
        if path:
            assert merkle.root_from_path(hashes[index], index, size, path[:-1]) is None
            assert merkle.root_from_path(merkle.leaf_hash(b"x"), index, size, path) != root


def test_leaves_and_nodes_cannot_be_mistaken_for_each_other():
    left, right = bytes(32), bytes([1]) * 32
    assert merkle.node_hash(left, right) != merkle.leaf_hash(left + right)
    assert merkle.root([]) == hashlib.sha256(b"").digest()
