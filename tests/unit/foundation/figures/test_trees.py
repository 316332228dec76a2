"""Trees held against those of Certificate Transparency, and against the definition of RFC 6962."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.figures.trees import EMPTY, GrowingTree, leaf_of, node_of, path_of
from merchant_sdk._command.checking import _root_by as root_by

ROWS = [bytes.fromhex(row) for row in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
ROWS += [bytes.fromhex("606162636465666768696a6b6c6d6e6f")]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Of the tests of google/certificate-transparency, for so many of these rows."""


def grown(rows: list[bytes]) -> GrowingTree:
    tree = GrowingTree()
    for row in rows:
        tree.add(row)
    return tree


def defined(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_of(defined(leaves[:half]), defined(leaves[half:]))


@pytest.mark.parametrize("size", range(9))
def test_the_known_trees(size: int) -> None:
    assert grown(ROWS[:size]).root.hex() == ROOTS[size]


@given(st.lists(st.binary(max_size=3), max_size=70), st.integers(0, 70))
def test_a_tree_that_stops_and_goes_on_is_the_one_that_is_defined(rows: list[bytes], stop: int) -> None:
    before = grown(rows[:stop])
    tree = GrowingTree(before.size, before.peaks)
    for row in rows[stop:]:
        tree.add(row)
    assert (tree.size, tree.root) == (len(rows), defined([leaf_of(row) for row in rows]))


@given(st.integers(1, 70), st.data())
def test_each_leaf_s_path_leads_to_the_root_and_no_other_does(size: int, data: st.DataObject) -> None:
    leaves = [leaf_of(str(number).encode()) for number in range(size)]
    place = data.draw(st.integers(0, size - 1))
    path, root = path_of(leaves, place), defined(leaves)
    assert root_by(leaves[place], place, size, path) == root
    assert root_by(leaves[place], place, size, [*path, EMPTY]) is None
    assert not path or root_by(leaves[place], place, size, path[:-1]) is None
    assert root_by(leaf_of(b"another"), place, size, path) != root
