"""Care for members: frozen and unfrozen, their spending locked, merged, exported, erased."""
