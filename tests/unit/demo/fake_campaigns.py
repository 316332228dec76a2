"""The campaigns of the in-memory Quantong: just enough for the demo, and strict about what it may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx

Row = dict[str, Any]
PREFIXES = {"campaigns": "cam", "coupons": "cpn", "issues": "iss", "batches": "cbt", "redemptions": "red"}
VERBS = {"publish": "running", "pause": "paused", "end": "ended", "release": "released", "reject": "rejected"}


class FakeCampaigns:
    """Campaigns, coupons and redemptions; `now` is the sandbox's clock. `answer` knows the rest of the address."""

    def __init__(self) -> None:
        self.now = datetime.fromisoformat("2026-03-02T04:00:00+00:00")
        self.rows: dict[str, dict[str, Row]] = {kind: {} for kind in PREFIXES}
        self.tags: dict[str, list[str]] = {}
        self.downloads: set[str] = set()

    @property
    def coupons(self) -> Iterator[Row]:
        """All that were issued."""
        yield from self.rows["coupons"].values()

    @property
    def by_name(self) -> dict[str, Row]:
        """Campaigns by their names, which are unique here."""
        return {row["name"]: row for row in self.rows["campaigns"].values()}

    def answer(self, method: str, parts: list[str], body: Row, params: httpx.QueryParams) -> tuple[int, Any]:
        """The status and answer of a call, its path in parts."""
        match method, parts:
            case "PATCH", ["programme"]:
                return 200, {"point_value": "1.0000", **body}
            case "PATCH", ["members", member]:
                self.tags[member] = body["tags"]
                return 200, {"id": member, "masked_phone": "", "number": "0000000001", "status": "active"}
            case "GET", ["members", member, "coupons"]:
                held = [one for one in self.coupons if (one["member_id"], one["status"]) == (member, params["status"])]
                return 200, _all(held)
            case _, ["test-clock"]:
                told = body.get("begin_at") or body.get("advance_to")
                to = datetime.fromisoformat(told) if told else self.now
                self.now = to + timedelta(seconds=body.get("advance_seconds", 0))
                return 200, {"object": "test_clock", "now": self.now.isoformat(), "status": "ready"}
            case "GET", ["redemptions"]:
                wanted = params["campaign_id"], params["state"]
                found = self.rows["redemptions"].values()
                return 200, _all([one for one in found if (one["campaign_id"], one["state"]) == wanted])
            case "POST", ["redemptions", one, ("release" | "reject") as verb]:
                self.rows["redemptions"][one]["state"] = VERBS[verb]
                return 200, self.rows["redemptions"][one]
            case "GET", ["issues", one]:
                return 200, self.rows["issues"][one]
            case "GET", ["code-batches", one, "download"]:
                return self._download(one, params.get("reason"))
            case "GET", ["code-batches", one]:
                return 200, self.rows["batches"][one]
        return self._of_campaign(method, parts[1:], body)

    def _of_campaign(self, method: str, parts: list[str], body: Row) -> tuple[int, Any]:
        match method, parts:
            case "GET", []:
                return 200, _all(list(self.rows["campaigns"].values()))
            case "GET", [one]:
                return 200, self._counted(self.rows["campaigns"][one])
            case "POST", []:
                assert body["name"] not in self.by_name, "a campaign was made twice"
                return 201, self._add("campaigns", **body, status="draft")
            case "POST", [one, "claims"]:
                return self._claim(self.rows["campaigns"][one], body["member_id"])
            case "POST", [one, "issue"]:
                for member in body["member_ids"]:
                    self._issue(self.rows["campaigns"][one], member)
                return 202, self._add("issues", campaign_id=one, status="done", finished_at=self.now.isoformat())
            case "POST", [one, "codes"]:
                batch = self._add("batches", campaign_id=one, status="done", quantity=body["quantity"])
                for _ in range(body["quantity"]):
                    self._issue(self.rows["campaigns"][one], None, batch["id"])
                return 202, batch
        [one, verb] = parts
        self.rows["campaigns"][one]["status"] = VERBS[verb]
        return 200, self.rows["campaigns"][one]

    def joined(self, member: str) -> None:
        """Somebody has become a member."""
        for campaign in self.rows["campaigns"].values():
            if campaign.get("trigger") == {"on": "joined"}:
                self._issue(campaign, member)

    def redeem(self, sale: Row) -> None:
        """A sale names coupons, for the first time."""
        for code in sale.get("coupons", []):
            [coupon] = [one for one in self.coupons if one["code"] == code]
            assert coupon["status"] == "issued", "a coupon was used twice"
            assert coupon["member_id"] in (None, sale["member_id"]), "a coupon of another member"
            coupon["status"] = "redeemed"
            campaign = self.rows["campaigns"][coupon["campaign_id"]]
            assert campaign["status"] == "running"
            self._check_bill(campaign, sale)
            state = "held" if "staff" in self.tags.get(sale["member_id"], ()) else "redeemed"
            self._add("redemptions", campaign_id=campaign["id"], state=state, reference=sale["reference"])

    def _check_bill(self, campaign: Row, sale: Row) -> None:
        assert sale["amount"] >= max(1, campaign.get("min_amount", 0))
        assert "sku" not in campaign or [item["sku"] for item in sale["items"]] == [campaign["sku"]]
        if campaign["funding"].get("government"):
            assert len(sale["payment_reference"]) == 28

    def _claim(self, campaign: Row, member: str) -> tuple[int, Row]:
        assert campaign["status"] == "running"
        had = [one["member_id"] for one in self._of(campaign)]
        for limit, count, code in (
            ("per_member_limit", had.count(member), "claim-limit-reached"),
            ("stock", len(had), "campaign-sold-out"),
        ):
            if count >= campaign.get(limit, count + 1):
                return 409, {"status": 409, "code": code, "title": code, "detail": "No."}
        return 201, self._issue(campaign, member)

    def _issue(self, campaign: Row, member: str | None, batch: str | None = None) -> Row:
        number = len(self.rows["coupons"])
        coupon = {"campaign_id": campaign["id"], "member_id": member, "batch_id": batch, "status": "issued"}
        return self._add("coupons", **coupon, code=f"CODE-{number:06d}")

    def _of(self, campaign: Row) -> list[Row]:
        return [one for one in self.coupons if one["campaign_id"] == campaign["id"]]

    def _counted(self, campaign: Row) -> Row:
        return {**campaign, "counts": {"issued": len(self._of(campaign))}}

    def _download(self, batch: str, reason: str | None) -> tuple[int, Any]:
        if batch in self.downloads and reason is None:
            return 409, {"status": 409, "code": "codes-downloaded", "title": "", "detail": "Why again?"}
        self.downloads.add(batch)
        codes = [one["code"] for one in self.coupons if one["batch_id"] == batch]
        return 200, "\r\n".join(["\ufeffcode", *codes, ""]).encode()

    def _add(self, table: str, /, **row: Any) -> Row:
        prefix = PREFIXES[table]
        made = {"id": f"{prefix}_{len(self.rows[table]):032x}", **row}
        self.rows[table][made["id"]] = made
        return made


def _all(rows: list[Row]) -> Row:
    return {"object": "list", "data": rows[::-1], "has_more": False}
