"""Merkle trees (RFC 6962, 2.1; SHA-256): one digest for many rows, and short proofs that a row is among them. Pure.

A tree grows at its right in constant memory: of what stands, only the roots of its whole parts are kept, the largest first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

_SIZE = hashlib.sha256().digest_size
_LEAF, _NODE = b"\x00", b"\x01"
EMPTY = hashlib.sha256().digest()
"""The root of a tree without rows."""


def leaf_of(row: bytes) -> bytes:
    """The digest of a row."""
    return hashlib.sha256(_LEAF + row).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The digest of two parts that stand side by side."""
    return hashlib.sha256(_NODE + left + right).digest()


class GrowingTree:
    """A tree that rows are added to. `peaks`: the roots of its whole parts, which with `size` are all that it keeps."""

    __slots__ = ("_peaks", "size")

    def __init__(self, size: int = 0, peaks: bytes = b"") -> None:
        self.size = size
        self._peaks = [peaks[start : start + _SIZE] for start in range(0, len(peaks), _SIZE)]

    def add(self, row: bytes) -> None:
        """Adds a row at the right."""
        digest, left = leaf_of(row), self.size
        while left & 1:
            digest, left = node_of(self._peaks.pop(), digest), left >> 1
        self._peaks.append(digest)
        self.size += 1

    @property
    def peaks(self) -> bytes:
        """To go on from at another time."""
        return b"".join(self._peaks)

    @property
    def root(self) -> bytes:
        """The digest of all rows."""
        if not self._peaks:
            return EMPTY
        digest = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            digest = node_of(peak, digest)
        return digest


def path_of(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The digests beside the way from a leaf to the root, the lowest first; `leaves` are digests."""
    path, level = [], list(leaves)
    while len(level) > 1:
        if (beside := place ^ 1) < len(level):
            path.append(level[beside])
        pairs = [node_of(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level, place = [*pairs, *level[len(pairs) * 2 :]], place // 2
    return path
