"""Care for members: frozen and unfrozen, merged, exported, erased."""
