"""What terms bring, in an example: points that one shop gives, another accepts, and nobody uses. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.settlement.rules import Clearing, MovedSum, Prices, PriceTerms, Side, amount_of

_ISSUER, _ACCEPTOR, _POOL = Side("issued", "mer_issuer"), Side("redeemed", "mer_acceptor"), Side("breakage", "dis_")
_MEMBER = Side("available", "mem_")
_MOVES: tuple[tuple[Words, MovedSum], ...] = tuple(
    (
        words,
        MovedSum(
            code,
            debit,
            credit,
            points,
            lot_funder="merchant",
            lot_issuer_id=_ISSUER.owner_id,
            lot_version=1,
            cause_version=1,
            issuer_id=_ISSUER.owner_id,
        ),
    )
    for words, code, debit, credit, points in (
        (_l("A sale at shop A earns 500 points"), "earn", _ISSUER, _MEMBER, 500),
        (_l("300 of them are spent at shop B"), "spend", _MEMBER, _ACCEPTOR, 300),
        (_l("100 of them end unused"), "expire", _MEMBER, _POOL, 100),
    )
)


class Step(NamedTuple):
    """What something brings who gave the points, who accepts them, and the pool."""

    words: Words
    issuer: int
    acceptor: int
    pool: int


def example_of(terms: Mapping[str, Any]) -> list[Step]:
    """By terms as they are published, or shown."""
    prices = Prices(Decimal(terms["issue_price"]), Decimal(terms["redemption_price"]))
    clearing = Clearing("dis_", [PriceTerms(1, prices, terms["breakage_share"], terms["own_points"])])
    return [_step(clearing, words, moved) for words, moved in _MOVES]


def _step(clearing: Clearing, words: Words, moved: MovedSum) -> Step:
    brings = dict.fromkeys((_ISSUER.owner_id, _ACCEPTOR.owner_id), 0)
    for effect in clearing.effects(moved):
        brings[effect.party.id] += amount_of(effect.points, effect.line.price)
    issuer, acceptor = brings.values()
    return Step(words, issuer, acceptor, -issuer - acceptor)
