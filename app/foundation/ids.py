"""Public ids: a prefix that names the kind, and a time-ordered UUID (RFC 9562, version 7) in hexadecimal.

Everywhere in Python an id is this one string; `db.PublicId` turns it into 16 bytes at the database's door.
"""

from __future__ import annotations

import re

import uuid_utils

_HEX = re.compile(r"[0-9a-f]{32}")
_SOME_ID = re.compile(r"[a-z]{3}_[0-9a-f]{32}")
KINDS = {
    "dis": "district",
    "mer": "merchant",
    "str": "store",
    "key": "api_key",
    "mem": "member",
    "con": "consent",
    "txn": "transaction",
    "rfd": "refund",
    "adj": "adjustment",
    "lot": "lot",
    "rls": "rule_set",
    "rpl": "replay",
    "tir": "tier",
    "cam": "campaign",
    "cbt": "code_batch",
    "cpn": "coupon",
    "iss": "issue",
    "red": "redemption",
    "evi": "evidence_row",
    "per": "settlement_period",
    "stm": "statement",
    "trm": "settlement_terms",
    "pty": "party",
    "dep": "deposit",
    "pay": "payment",
    "bat": "payment_batch",
    "bln": "bank_line",
    "hld": "statement_hold",
    "ivc": "statement_invoice",
    "dsp": "dispute",
    "dsm": "dispute_message",
    "cor": "correction",
    "pln": "plan",
    "jou": "journal",
    "whe": "webhook_endpoint",
    "whd": "webhook_delivery",
    "evt": "event",
    "aud": "audit_entry",
    "ses": "session",
    "mno": "member_notice",
    "ntc": "phone_notice",
    "til": "till",
    "csh": "cashier",
    "shf": "shift",
    "acc": "account",
    "sts": "staff_session",
    "inv": "invitation",
    "ltr": "letter",
    "pky": "passkey",
    "cas": "case",
    "imp": "import",
    "exp": "export",
}
"""What an id names, by its prefix: the words that `object` says in answers."""

ID_PREFIXES = (
    "dis",
    "mer",
    "str",
    "key",
    "mem",
    "txn",
    "rfd",
    "rls",
    "rpl",
    "tir",
    "cam",
    "cbt",
    "cpn",
    "red",
    "iss",
    "per",
    "stm",
    "pay",
    "bat",
    "dsp",
    "cor",
    "whe",
    "whd",
    "ses",
    "til",
    "csh",
    "acc",
    "sts",
    "inv",
    "pky",
    "cas",
    "imp",
    "exp",
)
"""Those of ids that stand in paths."""


def new_id(prefix: str) -> str:
    """A fresh id such as `txn_0193…`, later than those made before in this process."""
    return f"{prefix}_{uuid_utils.uuid7().hex}"


def is_id(prefix: str, text: str) -> bool:
    """Whether `text` has the shape of an id with this prefix."""
    return text.startswith(prefix + "_") and _HEX.fullmatch(text, len(prefix) + 1) is not None


def is_some_id(text: str) -> bool:
    """Whether `text` has the shape of an id of any kind."""
    return _SOME_ID.fullmatch(text) is not None


def kind_of(public_id: str) -> str:
    """What kind of thing an id names."""
    prefix = public_id[:3]
    return KINDS.get(prefix, prefix)


def hex_of(public_id: str) -> str:
    """The 32 hexadecimal digits of an id, as PostgreSQL reads a uuid."""
    return public_id[-32:]
