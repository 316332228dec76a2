"""What this room answers."""

from __future__ import annotations

from typing import Any

from app.foundation.http.contract.shapes import (
    Shape,
    day,
    instant,
    list_of,
    nullable,
    one_of,
    public_id,
    record,
    text,
    thing,
)
from app.insights.rules import ALL_GROUPS, ENROLLED, FIGURES, MARKS, NOW

_COUNT: Shape = {"type": "integer"}
_VALUE: dict[str, Any] = {
    "value": nullable({"type": "number", "examples": [0.62], "description": "A ratio to four places."}),
    "numerator": nullable(_COUNT),
    "denominator": nullable({**_COUNT, "description": "null for what is a sum alone."}),
    "mark": one_of(*MARKS),
}
_TOTAL = record(_VALUE, title="FigureValue")
_UNIT = one_of(*sorted({one.unit for one in FIGURES.values()}))
FIGURES_ANSWER = thing(
    "figures",
    {
        "code": one_of(*FIGURES),
        "unit": _UNIT,
        "from": day("2026-01-01"),
        "to": day("2026-01-31"),
        "by": one_of(*ALL_GROUPS),
        "total": _TOTAL,
        "data": list_of(
            record(
                {"key": text("2026-01-01", description="A local period, or which store, merchant, zone …"), **_VALUE},
                title="FigureOfGroup",
            )
        ),
    },
)
NOW_ANSWER = thing(
    "figures_now",
    {
        "from": day("2026-01-08"),
        "until": instant(),
        "compared_from": day("2026-01-01"),
        "compared_until": {
            **instant(),
            "description": "The same minute of the local day with which today is compared.",
        },
        "data": list_of(
            record(
                {"code": one_of(*NOW, ENROLLED), "unit": _UNIT, "now": _TOTAL, "before": _TOTAL}, title="ComparedFigure"
            )
        ),
    },
)
SILENT_SHOPS = thing(
    "silent_shops",
    {
        "hours": {"type": "integer", "minimum": 1, "examples": [48]},
        "data": list_of(
            record(
                {
                    "store_id": public_id("str"),
                    "merchant_id": public_id("mer"),
                    "name": text("老张面馆（东街店）"),
                    "last_sale_at": instant(),
                },
                title="SilentShop",
            ),
            description="Who has been silent longest comes first; shops that have never sold aren't among them.",
        ),
    },
)
