"""What a shop's program may import is what the package exports: everything else can be moved without breaking a till."""

from __future__ import annotations

import inspect
import pickle
import pkgutil
from dataclasses import is_dataclass
from typing import Any, get_type_hints

import pytest

import merchant_sdk

MODULES = {"merchant_sdk.webhooks", "merchant_sdk.cli", "merchant_sdk.tables"}
"""Public ones beside the package: webhooks and tables are documented, the command is what installed scripts call."""
EXPORTED = {name: getattr(merchant_sdk, name) for name in merchant_sdk.__all__}
KINDS = {name: one for name, one in EXPORTED.items() if isinstance(one, type)}


def test_modules_are_private() -> None:
    found = {one.name for one in pkgutil.walk_packages(merchant_sdk.__path__, "merchant_sdk.")}
    assert len(found) > 50
    assert {name for name in found if "._" not in name and ".examples" not in name} == MODULES


@pytest.mark.parametrize("name", sorted(KINDS))
def test_an_exported_class_goes_by_its_public_name(name: str) -> None:
    kind = KINDS[name]
    assert kind.__module__ in {"merchant_sdk", *MODULES}
    assert pickle.loads(pickle.dumps(kind)) is kind


@pytest.mark.parametrize("name", sorted(name for name, one in KINDS.items() if is_dataclass(one)))
def test_its_types_can_still_be_told(name: str) -> None:
    assert not any(isinstance(hint, str) for hint in get_type_hints(KINDS[name]).values())


def test_so_do_its_functions() -> None:
    functions: list[Any] = [one for one in EXPORTED.values() if inspect.isfunction(one)]
    assert functions
    assert {one.__module__ for one in functions} == {"merchant_sdk"}
