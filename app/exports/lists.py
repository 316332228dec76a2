"""What can be exported: each list with its query, its columns, who may read it, and where its pages come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from app.audit import schemas as audit_schemas
from app.audit.present import page_of_entries
from app.care.cases import schemas as case_schemas
from app.care.cases.present import page_of_cases
from app.coupons.campaigns import schemas as campaign_schemas
from app.coupons.campaigns.present import page_of_campaigns
from app.coupons.issuing import schemas as coupon_schemas
from app.coupons.issuing.present import page_of_issued
from app.coupons.redeeming import schemas as redemption_schemas
from app.coupons.redeeming.present import page_of_redemptions
from app.districts import schemas as district_schemas
from app.districts.present import page_of_merchants, page_of_stores
from app.exports.books import BooksQuery, lines_of_books
from app.exports.columns import Column, Shown, in_json, instant, listed, money, plain
from app.exports.rules import BOOKS, TABLES, Format
from app.foundation.database.unit_of_work import UnitOfWork
from app.foundation.http.fields import Body, Id, Nothing
from app.foundation.i18n import Words
from app.foundation.i18n import words as _l
from app.insights import schemas as figure_schemas
from app.insights.present import show_figures
from app.members import schemas as member_schemas
from app.members.present import page_of_members
from app.points.present import newest_entries, show_entry
from app.points.present import page_of_entries as page_of_all_entries
from app.transactions import schemas as sale_schemas
from app.transactions.refunds.present import page_of_refunds
from app.transactions.sales.present import page_of_sales

Query = Mapping[str, Any]
Page = Callable[[UnitOfWork, Query], Shown]
"""A page of a list as the API answers it, from a query with `limit` and `starting_after`."""


@dataclass(frozen=True, slots=True)
class ExportedList:
    """A list: `query` checks its filter, `page` gives its rows as the API shows them to whoever asks, newest first.

    `is_of_people`: it holds personal data, for which staff gives its password again. `lines`: of what is no table, in one of its
    `formats`.
    """

    name: Words
    scope: str
    query: Schema
    page: Page
    columns: Sequence[Column]
    is_of_people: bool = False
    is_alliance_only: bool = False
    cursor: str = "id"
    formats: Sequence[Format] = TABLES
    lines: Callable[[UnitOfWork, Query, str], Iterator[str]] | None = None


class PointsQuery(Body):
    """Whose movements."""

    member_id = Id("mem", required=True)


def _page_of_sales(uow: UnitOfWork, query: Query) -> Shown:
    """Sales of a range of days come in the order of its index: else each page would sort the whole range anew."""
    is_of_days = query.get("occurred_from") or query.get("occurred_to")
    return page_of_sales(uow, {**query, "sort": "-occurred_at"} if is_of_days and not query.get("sort") else query)


def _page_of_points(uow: UnitOfWork, query: Query) -> Shown:
    below = int(query.get("starting_after") or 1 << 62)
    rows = newest_entries(uow, query["member_id"], below=below, limit=query["limit"] + 1)
    return {"data": [show_entry(row) for row in rows[: query["limit"]]], "has_more": len(rows) > query["limit"]}


def _page_of_figures(uow: UnitOfWork, query: Query) -> Shown:
    shown = show_figures(uow, query["code"], query["from"], query["to"], query["by"])
    return {"data": shown["data"], "has_more": False}


def _no_page(uow: UnitOfWork, query: Query) -> Shown:
    return {"data": [], "has_more": False}


_ID, _AT = _l("Id"), _l("Recorded at")
_MOVEMENT = (
    plain(_l("Kind of movement"), "code"),
    plain(_l("Points"), "points"),
    plain(_l("Balance afterwards"), "balance_after"),
    plain(_l("Merchant id"), "merchant_id"),
    plain(_l("By"), "source.id"),
    instant(_AT, "recorded_at"),
)
LISTS: Mapping[str, ExportedList] = {
    "transactions": ExportedList(
        _l("Transactions"),
        "transactions:read",
        sale_schemas.TRANSACTIONS,
        _page_of_sales,
        (
            plain(_l("Reference"), "reference"),
            instant(_l("Occurred at"), "occurred_at"),
            plain(_l("Merchant id"), "merchant_id"),
            plain(_l("Store id"), "store_id"),
            plain(_l("Member id"), "member_id"),
            money(_l("Bill"), "amount"),
            money(_l("Discount"), "discount_amount"),
            plain(_l("Points spent"), "points_spent"),
            money(_l("Taken off by points"), "points_amount"),
            money(_l("Paid"), "paid_amount"),
            money(_l("Refunded"), "refunded_amount"),
            plain(_l("Points earned"), "points_earned"),
            plain(_l("State"), "status"),
            plain(_l("Payment method"), "payment_method"),
            plain(_l("Channel"), "channel"),
            plain(_l("Currency"), "currency"),
            instant(_AT, "recorded_at"),
            plain(_ID, "id"),
        ),
    ),
    "refunds": ExportedList(
        _l("Refunds"),
        "transactions:read",
        sale_schemas.REFUNDS,
        page_of_refunds,
        (
            plain(_l("Reference"), "reference"),
            instant(_l("Occurred at"), "occurred_at"),
            plain(_l("Transaction id"), "transaction_id"),
            plain(_l("Merchant id"), "merchant_id"),
            plain(_l("Member id"), "member_id"),
            money(_l("Bill"), "amount"),
            money(_l("Money back"), "money_amount"),
            plain(_l("Points taken back"), "points_reversed"),
            plain(_l("Points given back"), "points_restored"),
            plain(_l("Reason"), "reason"),
            instant(_AT, "recorded_at"),
            plain(_ID, "id"),
        ),
    ),
    "members": ExportedList(
        _l("Members"),
        "members:read",
        member_schemas.MEMBERS,
        page_of_members,
        (
            plain(_l("Member number"), "number"),
            plain(_l("Phone"), "masked_phone"),
            plain(_l("Name"), "name"),
            plain(_l("Birthday"), "birthday"),
            plain(_l("Tier"), "tier.name"),
            listed(_l("Tags"), "tags"),
            plain(_l("State"), "status"),
            instant(_l("Member since"), "created_at"),
            plain(_ID, "id"),
        ),
        is_of_people=True,
    ),
    "points": ExportedList(
        _l("A member's points"),
        "members:read",
        PointsQuery(),
        _page_of_points,
        (
            instant(_l("Occurred at"), "occurred_at"),
            *_MOVEMENT,
        ),
        is_of_people=True,
    ),
    "points_entries": ExportedList(
        _l("All members' points"),
        "members:read",
        Nothing(),
        page_of_all_entries,
        (
            instant(_l("Occurred at"), "occurred_at"),
            plain(_l("Member id"), "member_id"),
            *_MOVEMENT,
        ),
        is_of_people=True,
        is_alliance_only=True,
        cursor="place",
    ),
    "merchants": ExportedList(
        _l("Merchants"),
        "merchants:read",
        district_schemas.MERCHANTS,
        page_of_merchants,
        (
            plain(_l("Code"), "code"),
            plain(_l("Name"), "name"),
            plain(_l("Category"), "category"),
            instant(_l("Since"), "created_at"),
            plain(_ID, "id"),
        ),
    ),
    "stores": ExportedList(
        _l("Stores"),
        "merchants:read",
        district_schemas.STORES,
        page_of_stores,
        (
            plain(_l("Code"), "code"),
            plain(_l("Name"), "name"),
            plain(_l("Zone"), "zone"),
            plain(_l("Area, m²"), "area_m2"),
            plain(_l("Merchant id"), "merchant_id"),
            instant(_l("Since"), "created_at"),
            plain(_ID, "id"),
        ),
    ),
    "campaigns": ExportedList(
        _l("Campaigns"),
        "campaigns:read",
        campaign_schemas.CAMPAIGNS,
        page_of_campaigns,
        (
            plain(_l("Name"), "name"),
            plain(_l("Kind of coupon"), "kind"),
            plain(_l("State"), "status"),
            plain(_l("Issued"), "counts.issued"),
            plain(_l("Redeemed"), "counts.redeemed"),
            plain(_l("Expired"), "counts.expired"),
            plain(_l("Voided"), "counts.voided"),
            money(_l("Discount given"), "counts.discount_given"),
            plain(_l("Merchant id"), "merchant_id"),
            plain(_ID, "id"),
        ),
    ),
    "redemptions": ExportedList(
        _l("Redemptions"),
        "coupons:read",
        redemption_schemas.REDEMPTIONS,
        page_of_redemptions,
        (
            instant(_l("Redeemed at"), "redeemed_at"),
            plain(_l("Reference"), "reference"),
            plain(_l("Campaign id"), "campaign_id"),
            plain(_l("Coupon id"), "coupon_id"),
            plain(_l("Store id"), "store_id"),
            money(_l("Bill"), "amount"),
            money(_l("Discount"), "discount_amount"),
            money(_l("Paid by the district"), "funding.district"),
            money(_l("Paid by the merchant"), "funding.merchant"),
            money(_l("Paid by the government"), "funding.government"),
            plain(_l("State"), "state"),
            plain(_l("Transaction id"), "transaction_id"),
            plain(_ID, "id"),
        ),
    ),
    "coupons": ExportedList(
        _l("Issued coupons"),
        "coupons:read",
        coupon_schemas.ISSUED,
        page_of_issued,
        (
            instant(_l("Issued at"), "issued_at"),
            plain(_l("Campaign"), "campaign_name"),
            plain(_l("Worth"), "words"),
            plain(_l("State"), "status"),
            plain(_l("Way"), "way"),
            plain(_l("Code ends with"), "code_hint"),
            instant(_l("Usable from"), "usable_from"),
            instant(_l("Ends at"), "expires_at"),
            instant(_l("Ended at"), "ended_at"),
            plain(_l("Member id"), "member_id"),
            plain(_l("Campaign id"), "campaign_id"),
            plain(_ID, "id"),
        ),
        is_of_people=True,
    ),
    "cases": ExportedList(
        _l("Complaints"),
        "members:read",
        case_schemas.CASES,
        page_of_cases,
        (
            instant(_l("Opened at"), "opened_at"),
            plain(_l("State"), "step"),
            plain(_l("Reason"), "reason"),
            plain(_l("What was said"), "description"),
            plain(_l("Answer"), "answer"),
            instant(_l("Ended at"), "ended_at"),
            plain(_l("Transaction id"), "transaction_id"),
            plain(_l("Merchant id"), "merchant_id"),
            plain(_ID, "id"),
        ),
        is_of_people=True,
    ),
    "audit_entries": ExportedList(
        _l("Audit log"),
        "programme:read",
        audit_schemas.ENTRIES,
        page_of_entries,
        (
            instant(_AT, "recorded_at"),
            plain(_l("What"), "action"),
            plain(_l("Who"), "actor.kind"),
            plain(_l("Id of who"), "actor.id"),
            plain(_l("To what"), "subject.kind"),
            plain(_l("Id of what"), "subject.id"),
            plain(_l("Address"), "from"),
            in_json(_l("Details"), "details"),
            plain(_ID, "id"),
        ),
        is_alliance_only=True,
    ),
    "figures": ExportedList(
        _l("Figures"),
        "figures:read",
        figure_schemas.FiguresQuery(),
        _page_of_figures,
        (plain(_l("Period or shop"), "key"), plain(_l("Value"), "value"), plain(_l("Mark"), "mark")),
    ),
    "books": ExportedList(
        _l("Books of a period"),
        "settlement:read",
        BooksQuery(),
        _no_page,
        (),
        is_alliance_only=True,
        formats=BOOKS,
        lines=lines_of_books,
    ),
}
CURSORS = ("limit", "starting_after", "ending_before")


def pages_of(one: ExportedList, query: Query, read: Callable[[Page, Query], Shown]) -> Iterator[list[Shown]]:
    """The rows of a list, page by page; `read` reads one in a unit of work of its own."""
    after: Any = None
    while True:
        page = read(one.page, {**query, **({"starting_after": after} if after else {})})
        yield page["data"]
        if not page["has_more"] or not page["data"]:
            return
        after = page["data"][-1][one.cursor]
