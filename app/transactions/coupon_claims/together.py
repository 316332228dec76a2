"""Claims that come to a process at the same time for one district are folded into one unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache, partial

from app.foundation.database.folding import Folder, LeaderLost
from app.foundation.database.once import do_once
from app.foundation.tenancy import system_principal
from app.transactions.coupon_claims.rush import Claim, Outcome, claim_free

MOST_FOLDED = 64
PATIENCE_SECONDS = 0.002


def claim_together(claim: Claim) -> Outcome:
    """What became of a claim with those of the same moment; None where it is to be decided by itself."""
    with suppress(LeaderLost):
        return _folder(claim.principal.district_id).do(claim)
    return None


@lru_cache(maxsize=4096)
def _folder(district_id: str) -> Folder[Claim, Outcome]:
    return Folder(partial(_claim_folded, district_id), most=MOST_FOLDED, patience_seconds=PATIENCE_SECONDS)


def _claim_folded(district_id: str, claims: Sequence[Claim]) -> Sequence[Outcome]:
    """Claims of several callers in one commit. If that fails, each is tried by itself: nobody pays for another's trouble."""
    with suppress(Exception):
        principal = system_principal(district_id)
        return do_once(principal, lambda uow: claim_free(uow, claims), attempts=1, pipelined=True)
    return [None] * len(claims)
