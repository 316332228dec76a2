"""What a shop installs to report its sales to Quantong.

    with Client(api_key, "https://points.example.com") as client:
        sale = client.transactions.report(reference="A101-0001", phone="13800000000", amount=12800)
        print(sale.points_earned)

Amounts are integers in fen, points are integers, instants are aware datetimes, answered in UTC.

What can be raised:

    QuantongError
        ConnectionFailed            no answer after all attempts: network, TLS, timeout
        UnexpectedAnswer            an answer that isn't this API's
        ApiError                    a refusal: status, code, title, detail, errors, request_id, problem
            ValidationError         400, 422
            AuthenticationError     401
            PermissionDenied        403
            NotFound                404
            Conflict                409
            RateLimited             429
            ServerError             5xx

ValueError and TypeError tell of arguments that can't be sent: naive datetimes, amounts that are no int.

Every POST bears an idempotency key, the same in all its attempts: it acts once. No answer, 429, 502, 503, 504
and a key that is still in use (409) are tried again after a pause, a bounded number of times.
"""

from merchant_sdk.client import Client
from merchant_sdk.district_answers import ApiKey, District, Merchant, Programme, RuleSet, Store
from merchant_sdk.errors import (
    ApiError,
    AuthenticationError,
    Conflict,
    ConnectionFailed,
    Flaw,
    NotFound,
    PermissionDenied,
    QuantongError,
    RateLimited,
    ServerError,
    UnexpectedAnswer,
    ValidationError,
)
from merchant_sdk.member_answers import (
    Consent,
    EnrolResult,
    Entry,
    Expiring,
    Lifetime,
    Member,
    Membership,
    Points,
    Source,
)
from merchant_sdk.sale_answers import (
    AppliedCoupon,
    Balance,
    BatchResult,
    Explanation,
    Item,
    Quote,
    Summary,
    Transaction,
)
from merchant_sdk.sales import Sale, SaleItem
from merchant_sdk.version import __version__
from merchant_sdk.wire import UNSET

__all__ = [
    "UNSET",
    "ApiError",
    "ApiKey",
    "AppliedCoupon",
    "AuthenticationError",
    "Balance",
    "BatchResult",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "Consent",
    "District",
    "EnrolResult",
    "Entry",
    "Expiring",
    "Explanation",
    "Flaw",
    "Item",
    "Lifetime",
    "Member",
    "Membership",
    "Merchant",
    "NotFound",
    "PermissionDenied",
    "Points",
    "Programme",
    "QuantongError",
    "Quote",
    "RateLimited",
    "RuleSet",
    "Sale",
    "SaleItem",
    "ServerError",
    "Source",
    "Store",
    "Summary",
    "Transaction",
    "UnexpectedAnswer",
    "ValidationError",
    "__version__",
]
