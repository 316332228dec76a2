"""The SDK refuses what the server would."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation import characters
from merchant_sdk import OfflineQueue
from merchant_sdk._calls.visible import is_visible


def test_every_character_is_judged_as_the_server_does() -> None:
    for character in map(chr, (*range(0x20000), *range(0xE0000, 0xE2000))):
        for text in (character, f"A{character}1"):
            assert is_visible(text) == characters.is_visible(text), ascii(text)


@given(st.text(max_size=10))
def test_any_text_is_judged_as_the_server_does(text: str) -> None:
    assert is_visible(text) == characters.is_visible(text)


@pytest.mark.parametrize("text", ["A101\u200b", "\ufeffA101", " A101", "\u3000", ""], ids=ascii)
def test_an_offline_till_hears_at_once(tmp_path: Path, text: str) -> None:
    with OfflineQueue(tmp_path / "queue.db") as queue:
        for fields in ({"reference": text}, {"payment_reference": text}):
            with pytest.raises(ValueError, match="can't be seen"):
                queue.report(amount=100, **fields)  # type: ignore[typeddict-item]
        for fields in ({"reference": text, "transaction_id": "txn_1"}, {"transaction_reference": text}):
            with pytest.raises(ValueError, match="can't be seen"):
                queue.refund(amount=100, **fields)  # type: ignore[typeddict-item]
