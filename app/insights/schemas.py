"""Queries of this room."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import validates_schema

from app.foundation.http.fields import Body, Day, OneOf, QueryInteger
from app.foundation.http.validation import Wrong
from app.foundation.i18n import words as _l
from app.insights.comparing import SILENT_AFTER_HOURS, SPANS
from app.insights.rules import ALL_GROUPS, FIGURES, GROUPS, MOST_DAYS, MOST_DAYS_OTHERWISE


class FiguresQuery(Body):
    """Local days; `to` is the last one that counts."""

    class Meta:
        include = {"from": Day(required=True, example="2026-01-01")}

    code = OneOf(tuple(FIGURES), required=True)
    to = Day(required=True, example="2026-01-31")
    by = OneOf(ALL_GROUPS, load_default="day")

    @validates_schema
    def _span(self, data: dict[str, Any], **_: object) -> None:
        first, last = data["from"], data["to"]
        for name, day in (("from", first), ("to", last)):
            if not date(2000, 1, 1) <= day <= date(2999, 12, 31):
                raise Wrong("out-of-range", _l("A day of the years 2000 to 2999 is needed."), name)
        if FIGURES[data["code"]].source_by(data["by"]) is None:
            groups = ", ".join(dict.fromkeys(one for name in FIGURES[data["code"]].sources for one in GROUPS[name]))
            raise Wrong("not-a-choice", _l("One of %(choices)s is needed.", choices=groups), "by")
        if last < first:
            raise Wrong("out-of-range", _l("The span must end after it begins."), "to")
        most = MOST_DAYS.get(data["by"], MOST_DAYS_OTHERWISE)
        if (last - first).days >= most:
            raise Wrong("out-of-range", _l("At most %(most)s days can be asked for.", most=most), "to")


class NowQuery(Body):
    """Over how many local days, of which today is the last."""

    days = OneOf(tuple(str(span) for span in SPANS), load_default=str(SPANS[0]))


class SilentQuery(Body):
    """For how long nothing was sold."""

    hours = QueryInteger(1, 8_784, load_default=SILENT_AFTER_HOURS)
