"""No garbage is looked for while the product is imported: what imports make lives as long as the process.

Import this first, and call `resume` last. The search takes a sixth of a start, and a hundredth of a sale.
"""

from __future__ import annotations

import gc

gc.disable()


def resume() -> None:
    """From now on garbage is looked for among what is new, and seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()
