"""Bodies and queries of this room."""

from __future__ import annotations

from app.foundation.http.contract.shapes import some_id
from app.foundation.http.fields import Body, Flag, Id


class SpendLockBody(Body):
    """On, unless told otherwise."""

    locked = Flag(load_default=True)


class MergeBody(Body):
    into = Id("mem", required=True, example=some_id("mem"))


class MergeQuery(Body):
    into = Id("mem", required=True)
