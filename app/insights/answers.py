"""What this room answers."""

from __future__ import annotations

from typing import Any

from app.foundation.http.contract.shapes import Shape, day, list_of, nullable, one_of, record, text, thing
from app.insights.rules import ALL_GROUPS, FIGURES, MARKS

_COUNT: Shape = {"type": "integer"}
_VALUE: dict[str, Any] = {
    "value": nullable({"type": "number", "examples": [0.62], "description": "A ratio to four places."}),
    "numerator": nullable(_COUNT),
    "denominator": nullable({**_COUNT, "description": "null for what is a sum alone."}),
    "mark": one_of(*MARKS),
}
FIGURES_ANSWER = thing(
    "figures",
    {
        "code": one_of(*FIGURES),
        "unit": one_of(*sorted({one.unit for one in FIGURES.values()})),
        "from": day("2026-01-01"),
        "to": day("2026-01-31"),
        "by": one_of(*ALL_GROUPS),
        "total": record(_VALUE, title="FigureValue"),
        "data": list_of(
            record(
                {"key": text("2026-01-01", description="A local period, or which store, merchant, zone …"), **_VALUE},
                title="FigureOfGroup",
            )
        ),
    },
)
