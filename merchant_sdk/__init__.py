"""What a shop installs to report its sales to Quantong.

    with Client(api_key, "https://points.example.com") as client:
        sale = client.transactions.report(reference="A101-0001", phone="13800000000", amount=12800)
        print(sale.points_earned)

While the network is down, `OfflineQueue(path, client)` keeps sales on the disk and sends them later;
`webhooks.verify(body, headers, secret)` gives the event of a webhook.

Amounts are integers in fen, points are integers, instants are aware datetimes, answered in UTC.

What can be raised:

    QuantongError
        ConnectionFailed            no answer after all attempts: network, TLS, timeout
        UnexpectedAnswer            an answer (or a signed webhook) that isn't this API's
        SignatureInvalid            a webhook that isn't signed with our secret, or not now
        SpoolError                  the file of an OfflineQueue can't be used: nothing was kept
            SpoolFull               its disk is full
            SpoolDamaged            it is damaged
        ApiError                    a refusal: status, code, title, detail, errors, request_id, problem
            ValidationError         400, 422
            AuthenticationError     401
            PermissionDenied        403
            NotFound                404
                SaleNotRecordedYet  a refund whose sale isn't there, or not yet
            Conflict                409
                ReferenceConflict   the reference stands for another sale or refund
                MemberFrozen        the member may not spend points
                SpendLocked         the member has locked their own points
                SpendingRests       the member's phone was changed less than a day ago
                MemberCodeUsed      a member code that was shown before
            MemberCodeExpired       410: a member code or presence token whose time is over
            RateLimited             429
            ServerError             5xx

ValueError and TypeError tell of arguments that can't be sent: naive datetimes, amounts that are no int.

Every POST bears an idempotency key, the same in all its attempts: it acts once. No answer, 429, 502, 503, 504
and a key that is still in use (409) are tried again after a pause, a bounded number of times.
"""

from merchant_sdk import webhooks
from merchant_sdk._answers.campaigns import Campaign, CampaignCounts, CodeBatch, CodesDownload, Issue
from merchant_sdk._answers.care import (
    Case,
    Identity,
    MemberExport,
    MemberNotice,
    MergePreview,
    MergeSide,
    SignInSession,
    SpendLock,
    WaitingPhoneChange,
)
from merchant_sdk._answers.coupons import (
    ConsideredCoupon,
    Coupon,
    CouponValidation,
    DiscountFunding,
    Redemption,
    WhyNot,
)
from merchant_sdk._answers.districts import ApiKey, District, Merchant, Programme, RuleSet, Store, Tier
from merchant_sdk._answers.evidence import Evidence, EvidenceRow, EvidenceTotal
from merchant_sdk._answers.exports import Export
from merchant_sdk._answers.figures import (
    ComparedFigure,
    Figures,
    FiguresNow,
    FigureValue,
    SilentShop,
    SilentShops,
)
from merchant_sdk._answers.imports import Import, ImportProgress, ImportReason, ImportRow
from merchant_sdk._answers.members import (
    Adjustment,
    Consent,
    EnrolResult,
    Entry,
    Expiring,
    Lifetime,
    Member,
    MemberPresent,
    Membership,
    MemberTier,
    NextTier,
    Points,
    Presence,
    Source,
)
from merchant_sdk._answers.money.billing import Billing, BillingInvoice, PaymentProvider, Plan
from merchant_sdk._answers.payments import (
    BankLine,
    BankStatement,
    Payment,
    PaymentAttempt,
    PaymentBatch,
    Reconciliation,
    UnseenPayment,
)
from merchant_sdk._answers.refunds import Refund, RefundItem, RefundResult
from merchant_sdk._answers.replays import (
    Replay,
    ReplayCost,
    ReplayDay,
    ReplayMember,
    ReplayMerchant,
    ReplayProgress,
    ReplayResult,
    ReplayRule,
)
from merchant_sdk._answers.sales import (
    AppliedCoupon,
    Balance,
    BatchResult,
    Explanation,
    Item,
    PointsByFunder,
    Quote,
    Summary,
    Transaction,
)
from merchant_sdk._answers.settlement import (
    Correction,
    DirectPayment,
    Dispute,
    DisputedLine,
    DisputeMessage,
    PointFlow,
    PriceOverride,
    Reserve,
    SettlementParty,
    SettlementPeriod,
    SettlementTerms,
    Statement,
    StatementFlows,
    StatementHold,
    StatementInvoice,
    StatementItem,
    StatementLine,
    StatementProof,
)
from merchant_sdk._answers.settlement_accounts import BankDetails, DepositMovement, MerchantExit, SettlementAccount
from merchant_sdk._answers.staff import Invitation, StaffMember
from merchant_sdk._answers.tills import Cashier, PairingCode, Shift, Till
from merchant_sdk._answers.webhooks import (
    RecordedEvent,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookReplay,
)
from merchant_sdk._calls.client import Client
from merchant_sdk._calls.codes import make_member_code
from merchant_sdk._calls.office import AuditEntry, Party
from merchant_sdk._calls.refund_bodies import OfflineRefund, RefundBody, ReturnedItem
from merchant_sdk._calls.sales import Bill, OfflineSale, Sale, SaleItem
from merchant_sdk._calls.sandbox import ClockProgress, SandboxClock, SandboxMessage
from merchant_sdk._http.errors import (
    ApiError,
    AuthenticationError,
    Conflict,
    ConnectionFailed,
    Flaw,
    MemberCodeExpired,
    MemberCodeUsed,
    MemberFrozen,
    NotFound,
    PermissionDenied,
    QuantongError,
    RateLimited,
    ReferenceConflict,
    SaleNotRecordedYet,
    ServerError,
    SignatureInvalid,
    SpendingRests,
    SpendLocked,
    SpoolDamaged,
    SpoolError,
    SpoolFull,
    UnexpectedAnswer,
    ValidationError,
)
from merchant_sdk._http.wire import UNSET
from merchant_sdk._offline.dispatch import SendReport
from merchant_sdk._offline.kept import Counts, KeptItem
from merchant_sdk._offline.queue import OfflineQueue
from merchant_sdk._public import show_as
from merchant_sdk._version import __version__
from merchant_sdk.webhooks import Event

__all__ = [
    "UNSET",
    "Adjustment",
    "ApiError",
    "ApiKey",
    "AppliedCoupon",
    "AuditEntry",
    "AuthenticationError",
    "Balance",
    "BankDetails",
    "BankLine",
    "BankStatement",
    "BatchResult",
    "Bill",
    "Billing",
    "BillingInvoice",
    "Campaign",
    "CampaignCounts",
    "Case",
    "Cashier",
    "Client",
    "ClockProgress",
    "CodeBatch",
    "CodesDownload",
    "ComparedFigure",
    "Conflict",
    "ConnectionFailed",
    "Consent",
    "ConsideredCoupon",
    "Correction",
    "Counts",
    "Coupon",
    "CouponValidation",
    "DepositMovement",
    "DirectPayment",
    "DiscountFunding",
    "Dispute",
    "DisputeMessage",
    "DisputedLine",
    "District",
    "EnrolResult",
    "Entry",
    "Event",
    "Evidence",
    "EvidenceRow",
    "EvidenceTotal",
    "Expiring",
    "Explanation",
    "Export",
    "FigureValue",
    "Figures",
    "FiguresNow",
    "Flaw",
    "Identity",
    "Import",
    "ImportProgress",
    "ImportReason",
    "ImportRow",
    "Invitation",
    "Issue",
    "Item",
    "KeptItem",
    "Lifetime",
    "Member",
    "MemberCodeExpired",
    "MemberCodeUsed",
    "MemberExport",
    "MemberFrozen",
    "MemberNotice",
    "MemberPresent",
    "MemberTier",
    "Membership",
    "Merchant",
    "MerchantExit",
    "MergePreview",
    "MergeSide",
    "NextTier",
    "NotFound",
    "OfflineQueue",
    "OfflineRefund",
    "OfflineSale",
    "PairingCode",
    "Party",
    "Payment",
    "PaymentAttempt",
    "PaymentBatch",
    "PaymentProvider",
    "PermissionDenied",
    "Plan",
    "PointFlow",
    "Points",
    "PointsByFunder",
    "Presence",
    "PriceOverride",
    "Programme",
    "QuantongError",
    "Quote",
    "RateLimited",
    "Reconciliation",
    "RecordedEvent",
    "Redemption",
    "ReferenceConflict",
    "Refund",
    "RefundBody",
    "RefundItem",
    "RefundResult",
    "Replay",
    "ReplayCost",
    "ReplayDay",
    "ReplayMember",
    "ReplayMerchant",
    "ReplayProgress",
    "ReplayResult",
    "ReplayRule",
    "Reserve",
    "ReturnedItem",
    "RuleSet",
    "Sale",
    "SaleItem",
    "SaleNotRecordedYet",
    "SandboxClock",
    "SandboxMessage",
    "SendReport",
    "ServerError",
    "SettlementAccount",
    "SettlementParty",
    "SettlementPeriod",
    "SettlementTerms",
    "Shift",
    "SignInSession",
    "SignatureInvalid",
    "SilentShop",
    "SilentShops",
    "Source",
    "SpendLock",
    "SpendLocked",
    "SpendingRests",
    "SpoolDamaged",
    "SpoolError",
    "SpoolFull",
    "StaffMember",
    "Statement",
    "StatementFlows",
    "StatementHold",
    "StatementInvoice",
    "StatementItem",
    "StatementLine",
    "StatementProof",
    "Store",
    "Summary",
    "Tier",
    "Till",
    "Transaction",
    "UnexpectedAnswer",
    "UnseenPayment",
    "ValidationError",
    "WaitingPhoneChange",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookReplay",
    "WhyNot",
    "__version__",
    "make_member_code",
    "webhooks",
]

show_as(__name__, [globals()[name] for name in __all__])
