"""Every setting of the product, read from the environment once and documented here once.

`docs/settings.md` is generated from this file (`quantong settings-page`), and a test keeps it so.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, cast


class SettingUnfit(RuntimeError):
    """With these settings the product must not run; the words say which one is wrong, and what to do."""


class SettingMissing(SettingUnfit):
    """A setting that has no default is not in the environment, or can't be read."""


MOST = 1_000_000_000
MOST_DAYS = 36_500


def _setting(
    description: str, default: Any = MISSING, *, least: float = 0, most: float = MOST, choices: tuple[str, ...] = ()
) -> Any:
    about = {"description": description, "least": least, "most": most, "choices": choices}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings by their environment names in lower case; amounts of time carry their unit in the name."""

    database_url: str = _setting(
        "SQLAlchemy URL of PostgreSQL 15 to 18 (`postgresql+psycopg://…`) for the application. Once connected "
        "it takes the role of `database_role`, so a login that may become it is enough."
    )
    redis_url: str = _setting("URL of Valkey or Redis (`redis://…` or `unix://…`): queue and rate limits.")
    operator_key: str = _setting("Secret bearer key of the operator, who creates districts.")
    encryption_keys: str = _setting(
        "Keys that seal personal fields: `version:base64url` (32 bytes each), comma-separated, the first one seals, "
        "all of them open."
    )
    index_keys: str = _setting(
        "Keys of the blind indexes by which phones and external identities are found: as `encryption_keys`. "
        "All of them are written and looked up, so that rotation never makes two members of one phone."
    )
    signing_keys: str = _setting(
        "Keys that derive receipt secrets and sign presence tokens: as `encryption_keys`; the first one derives, all of them recognise."
    )
    database_owner_url: str = _setting("The same database as its owner, for migrations. Default: `database_url`.", "")
    database_role: str = _setting("The role that row-level security binds.", "quantong_app")
    database_pool_size: int = _setting("Connections per process.", 6, least=1)
    database_spread: int = _setting(
        "1: the database is spread over servers by Citus, and each district's connections go to its own "
        "([how](scaling.md)). `database_url` is the coordinator's.",
        0,
        most=1,
    )
    lock_timeout_ms: int = _setting(
        "How long a statement waits for a lock before the request is refused.", 2000, least=1
    )
    public_url: str = _setting(
        "Address under which shoppers and merchants reach this product.", "http://127.0.0.1:8000"
    )
    hold_ready_file: str = _setting("While this file exists `/readyz` answers 503 (used while a demo loads).", "")
    rate_limit_per_second: int = _setting(
        "Calls per second of one key or shopper; a key of a whole district may make ten times as many. A batch is one "
        "call. 0 switches the limit off. Many districts on a small machine want it lower.",
        3000,
    )
    wrong_keys_per_address_per_minute: int = _setting(
        "Calls with keys or tokens that open nothing, from one network address; 0 switches the limit off. Keys that were good "
        "before still work there.",
        300,
    )
    requests_at_once: int = _setting(
        "Requests that one web process works on at once. Further ones wait for their turn; whoever waits for a body has none.",
        32,
        least=1,
    )
    body_timeout_seconds: float = _setting(
        "How long a request's body may take to come; then its connection is cut. More than the `--http1-header-read-timeout` "
        "of the `Procfile`, after which an idle connection ends.",
        30.0,
        least=1,
    )
    key_cache_seconds: float = _setting(
        "How long an API key is trusted without asking the database; 5 at most.", 3.0, most=5
    )
    webhook_allow_http: int = _setting("1: webhooks may go to `http:` addresses too.", 0)
    webhook_allow_private: int = _setting("1: webhooks may go to private and loopback addresses too.", 0)
    webhook_timeout_seconds: float = _setting("How long a webhook's receiver may take to answer.", 10.0, least=0.1)
    log_level: str = _setting(
        "Least level of what we log: `debug`, `info` (one line a request), `warning`, `error`.",
        "info",
        choices=("debug", "info", "warning", "error", "critical"),
    )
    log_format: str = _setting(
        "`json` (one object a line), `text`, or `auto`: text on a terminal, else JSON.",
        "auto",
        choices=("auto", "json", "text"),
    )
    metrics_port: int = _setting(
        "Port of the page of metrics, which `quantong metrics` serves; 0: none.", 0, most=65_535
    )
    metrics_host: str = _setting("Address of that page. Nobody asks it for a key: keep it inside.", "127.0.0.1")
    prometheus_multiproc_dir: str = _setting(
        "Folder in which the processes of one machine keep what they count, emptied before the first one starts. "
        "Without it nothing is counted for the page.",
        "",
    )
    trusted_proxies: int = _setting(
        "How many proxies stand before us, each of which adds the address it was called from to `X-Forwarded-For`; 0: "
        "none, and the header isn't believed. The address counts for the audit log.",
        0,
    )
    sms_sender: str = _setting(
        "How sign-in codes leave: `aliyun`, or `inbox` (a file and `/sms-inbox`, for trying only). Without it nobody signs in.",
        "",
        choices=("", "aliyun", "inbox"),
    )
    sms_key_id: str = _setting("AccessKey ID of Alibaba Cloud, with the right to SendSms and no other.", "")
    sms_key_secret: str = _setting("Secret of that AccessKey.", "")
    sms_sign_name: str = _setting("Approved signature of messages.", "")
    sms_template: str = _setting("Approved template of messages (`SMS_…`); its one variable is `code`.", "")
    sms_notice_template: str = _setting(
        "Approved template of the notice that a member's phone number changes; its one variable is `day`. Without it old "
        "numbers aren't told, and the log says so.",
        "",
    )
    sms_account_template: str = _setting(
        "Approved template of the notice to staff that an administrator has changed how they sign in; it has no variable. "
        "Without it they are told at their next sign-in only, and the log says so.",
        "",
    )
    sms_endpoint: str = _setting("Address of SendSms.", "https://dysmsapi.aliyuncs.com")
    sms_timeout_seconds: float = _setting("How long SendSms may take to answer.", 5.0, least=0.1)
    sms_inbox_file: str = _setting("File of the inbox, which all processes reach.", "var/sms.jsonl")
    sms_countries: str = _setting("Country codes to which codes are sent, comma-separated; the price differs.", "86")
    mail_sender: str = _setting(
        "How e-mail to staff leaves (invitations, codes, notices): `smtp`, or `inbox` (the file and page of `SMS_SENDER=inbox`). "
        "Without it who signs in by e-mail depends on links that are handed over.",
        "",
        choices=("", "smtp", "inbox"),
    )
    mail_from: str = _setting("Address from which it comes: `Quantong <no-reply@example.com>`.", "")
    smtp_host: str = _setting("Server to which e-mail is handed in.", "")
    smtp_port: int = _setting("Its port: 587, or 465 with `SMTP_SECURITY=tls`.", 587, least=1, most=65_535)
    smtp_security: str = _setting(
        "`starttls`, `tls` (from the first byte), or `none` for a server on the same machine.",
        "starttls",
        choices=("starttls", "tls", "none"),
    )
    smtp_user: str = _setting("Name by which the product signs in there; nothing: it doesn't.", "")
    smtp_password: str = _setting("Password of that name.", "")
    smtp_timeout_seconds: float = _setting("How long the server may take to answer.", 10.0, least=0.1)
    codes_per_phone: str = _setting(
        "Codes that a phone, or an address of staff, is sent at most; as many more to whoever asks from a network from which the phone was proven in "
        "the last 90 days, so that strangers don't use up its owner's.",
        "5 per 10 minutes; 20 per day",
    )
    codes_per_address: str = _setting(
        "Codes that one network address (of IPv6 a /64) may ask for; a whole street may share one.",
        "60 per minute; 600 per hour",
    )
    codes_per_district: str = _setting("Codes that a district may send.", "20000 per day")
    codes_in_total: str = _setting("Codes that leave in all: the most that a day may cost.", "50000 per day")
    wrong_codes_per_phone: str = _setting(
        "Wrong codes about one phone, over all of its codes that one network asked for. The first try at a code is always "
        "looked at.",
        "10 per hour; 30 per day",
    )
    wrong_codes_per_address: str = _setting("Wrong codes from one network address.", "100 per hour")
    wrong_passwords_per_login: str = _setting(
        "Wrong passwords of staff about one login from one network.", "10 per hour; 30 per day"
    )
    wrong_passwords_by_strangers: str = _setting(
        "Wrong passwords about one login from all networks where its owner hasn't signed in within 90 days.",
        "30 per hour; 100 per day",
    )
    wrong_passwords_per_address: str = _setting("Wrong passwords from one network address.", "100 per hour")
    wrong_second_factors_per_account: str = _setting(
        "Wrong second factors about one account, whose password was given before.", "10 per hour; 30 per day"
    )
    recycled_after_days: int = _setting(
        "Days without sign-in or code after which a code by SMS starts a new member and sales by the phone alone stay "
        "unclaimed: the number may have been given to somebody else.",
        180,
    )
    access_token_seconds: int = _setting("How long a shopper's access token works.", 600, least=1)
    session_days: int = _setting(
        "Days after which a shopper who hasn't come back signs in again.", 90, least=1, most=MOST_DAYS
    )
    known_phones_per_key_per_day: int = _setting(
        "Phones of members unknown to its merchant that one key may name a day, by enrolment or sale; 0: any number.",
        1000,
    )
    phone_questions_per_key_per_day: int = _setting(
        "Quotes and look-ups by phone that one merchant's key may ask a day; 0: any number.", 20000
    )
    stripe_address: str = _setting(
        "Address of Stripe's API; for trying, a provider on this machine (`quantong up` starts one).",
        "https://api.stripe.com",
    )
    stripe_secret_key: str = _setting(
        "The operator's own secret key at Stripe, by which districts are billed. Without it nothing is billed.",
        "",
    )
    stripe_account: str = _setting("The operator's account there (`acct_…`): events of others aren't its own.", "")
    stripe_webhook_secrets: str = _setting(
        "Secrets that sign events for the operator (`whsec_…`): the current one, and after a comma the one before.", ""
    )
    claims_per_member_per_day: int = _setting("Receipts that one member may claim on one local day.", 10)
    claim_days: int = _setting("Days in which an unclaimed sale can be claimed.", 30, least=1, most=MOST_DAYS)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Reads each setting from the upper-case variable of its name.

        Raises SettingMissing for one that has no default and isn't there, or isn't of its type.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for item in fields(cls):
            text = environment.get(item.name.upper(), "")
            if not text:
                if item.default is MISSING:
                    raise SettingMissing(f"{item.name.upper()} is not set: {item.metadata['description']}")
                continue
            convert = {"int": int, "float": float}.get(cast(str, item.type), str)
            try:
                values[item.name] = convert(text)
            except ValueError as error:
                raise SettingMissing(f"{item.name.upper()} must be of type {item.type}") from error
        return cls(**values)

    @property
    def owner_url(self) -> str:
        """URL for migrations: the owner's, or the application's where there is only one."""
        return self.database_owner_url or self.database_url


def settings_page() -> str:
    """The text of `docs/settings.md`."""
    rows = [
        f"| `{item.name.upper()}` | {'required' if item.default is MISSING else f'`{item.default}`'} "
        f"| {item.metadata['description']} |"
        for item in fields(Settings)
    ]
    head = "# Settings\n\nMade from `app/config.py` by `quantong settings-page`. All come from the environment.\n\n"
    return head + "| variable | default | what it does |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"
