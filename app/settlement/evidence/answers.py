"""What this wing answers."""

from __future__ import annotations

from app.foundation.http.contract.shapes import file_of, integer, list_of, nullable, public_id, record, text, thing
from app.settlement.answers import PARTY
from app.settlement.evidence.files import MEDIA_TYPES

_DIGEST = text("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
PROOF = thing(
    "statement_proof",
    {
        "statement_id": public_id("stm"),
        "period_id": public_id("per"),
        "leaf": text(
            '{"closing":1111,"net_position":1111,"opening":0,…}',
            description="Canonical JSON of the statement's figures, the root of the tree over its rows (RFC 6962), and a salt.",
        ),
        "place": integer(0, minimum=0, description="Of the leaf among those of the period."),
        "size": integer(3, minimum=1, description="How many there are."),
        "path": list_of(_DIGEST, description="From the leaf to the root of the period's tree (RFC 6962, 2.1.1)."),
        "content": text(
            '{"ends_on":"2026-03-31","number":1,"starts_on":"2026-03-01",…}',
            description="Canonical JSON of the period's number, dates, terms, how many statements there are, and their tree.",
        ),
        "previous_hash": {**_DIGEST, "description": "Of the period before; zeros before the first."},
        "hash": {**_DIGEST, "description": "SHA-256 of the bytes of `previous_hash` and `content`."},
    },
)
FILE = file_of(
    "StatementFile",
    "The statement: its figures, proof and rows as JSON, or its rows as a table, in the language of who asks.",
    *MEDIA_TYPES.values(),
)
FLOWS = thing(
    "statement_flows",
    {
        "statement_id": public_id("stm"),
        "period_id": public_id("per"),
        "points": integer(350, description="That the party has accepted, less what was given back."),
        "accepted_from": list_of(
            record({"party": PARTY, "points": integer(300)}, title="PointFlow"),
            description="By who issued them; to a merchant those whose points ten members or more have spent.",
        ),
        "rest": nullable(integer(50, description="Of all others together.")),
    },
)
