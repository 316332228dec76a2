"""Every operation as the SDK calls it, with all that may be given, and a server that answers as the document does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from merchant_sdk import Client
from tests.factories.contract import Json, contract

NUMBER = "0193f2a1c0de7b5c9a4e2d6f81b3c507"
DIS, MER, STR, KEY, MEM, TXN, RFD = (f"{kind}_{NUMBER}" for kind in ("dis", "mer", "str", "key", "mem", "txn", "rfd"))
RLS, RPL, TIR, WHE, WHD, EVT = (f"{kind}_{NUMBER}" for kind in ("rls", "rpl", "tir", "whe", "whd", "evt"))
FROM, TO = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
COUPON_CODE = "7K3M-Q9ZT-H2VC-1"
CAM = f"cam_{NUMBER}"
CBT = f"cbt_{NUMBER}"
RED = f"red_{NUMBER}"
ISS = f"iss_{NUMBER}"
TIL = f"til_{NUMBER}"
CSH = f"csh_{NUMBER}"
EXP = f"exp_{NUMBER}"
IMP = f"imp_{NUMBER}"
CAS = f"cas_{NUMBER}"
PER, STM = f"per_{NUMBER}", f"stm_{NUMBER}"
PAY, BAT = f"pay_{NUMBER}", f"bat_{NUMBER}"
SLIP: Json = {"bank_reference": "20260415-000731", "booked_on": "2026-04-15", "amount": 41_000}
DSP, COR = f"dsp_{NUMBER}", f"cor_{NUMBER}"
DISPUTED: Json = {"line": 2, "amount": 36, "item_ids": [RFD]}
PLN = f"pln_{NUMBER}"
TERMS: Json = {
    "effective_from": "2026-03-01",
    "period": "month",
    "issue_price": "1.2",
    "redemption_price": "1",
    "breakage_share": 50,
    "own_points": "cost",
    "least_payment": 100,
    "dispute_days": 10,
    "payment_days": 15,
    "exit_days": 90,
    "overrides": [{"merchant_id": MER, "issue_price": "1.1", "redemption_price": "1"}],
}
BANK: Json = {"holder": "张三", "account_number": "0012", "bank": "某某银行", "bank_code": "102"}
ACC, INV = f"acc_{NUMBER}", f"inv_{NUMBER}"
PHONE = "13800000000"
CONSENT = {"controller": "district", "purpose": "membership", "version": "2026-01"}
PERSON: Json = {
    "phone": PHONE,
    "name": "王芳",
    "birthday": "1990-05-01",
    "store_id": STR,
    "consents": [CONSENT],
    "identities": [{"kind": "wechat_openid", "value": "o6"}],
    "tags": ["staff"],
}
SALE: Json = {
    "reference": "A-1",
    "store_id": STR,
    "store_code": "A101-1",
    "member_id": MEM,
    "member_code": "880000012345492039",
    "presence_token": "pt_1",
    "phone": PHONE,
    "amount": 12_800,
    "eligible_amount": 12_800,
    "currency": "CNY",
    "coupons": [],
    "points_to_spend": 300,
    "occurred_at": FROM,
    "channel": "till",
    "payment_method": "wechat",
    "payment_reference": "4200001",
    "items": [{"sku": "s", "name": "Tea", "category": "drinks", "quantity": 1, "amount": 12_800}],
    "metadata": {"till": "3"},
}
REFUND: Json = {
    "reference": "R-1",
    "transaction_id": TXN,
    "transaction_reference": "A-1",
    "merchant_id": MER,
    "amount": 6_000,
    "eligible_amount": 6_000,
    "occurred_at": FROM,
    "reason": "wrong size",
    "items": [{"line": 0, "quantity": 1}],
}
CAMPAIGN: Json = {
    "name": "周末满减",
    "description": "全场",
    "kind": "amount_off",
    "amount_off": 1_000,
    "percent_off": None,
    "max_discount": None,
    "sku": None,
    "exchange_price": None,
    "min_amount": 10_000,
    "merchant_ids": [MER],
    "store_ids": [STR],
    "categories": [],
    "channels": [],
    "item_skus": [],
    "item_categories": [],
    "excluded_skus": [],
    "usable": {"weekdays": [5], "time_windows": [{"from": "18:00", "to": "23:00"}], "excluded_dates": ["2026-10-01"]},
    "validity": {"days_after_issue": 30, "wait_days": 0},
    "stock": 1_000,
    "per_day_stock": 100,
    "per_member_limit": 1,
    "per_member_per_day": 1,
    "budget": 1_000_000,
    "claim_window": {"from": FROM, "to": TO},
    "release_times": ["10:00"],
    "audience": {"tier_ids": [TIR], "tags": [], "first_purchase_only": False, "member_since_before": None},
    "stacking_group": "default",
    "exclusive": False,
    "with_points": True,
    "earns_points": True,
    "funding": {"district": 60, "merchant": 40, "government": 0},
    "sponsor_merchant_id": MER,
    "issuing": ["claim", "targeted"],
    "points_price": None,
    "trigger": None,
    "on_refund": "return",
    "screening": {"per_member_per_day": 3},
}
RULE = {"key": "base", "kind": "base", "name": "1 per yuan", "points": 1, "per_amount": 100}
TIER: Json = {"name": "Gold", "rank": 2, "qualifies_by": "points_earned", "threshold": 5_000, "period_days": 365}
PROGRAMME: Json = {
    "point_value": "1",
    "rounding": "floor",
    "pending_days": 7,
    "expiry": {"policy": "months", "months": 12},
    "refund_policy": "owe",
    "max_spend_percent": 50,
    "min_spend_points": 100,
    "late_sale_days": 7,
    "spend_proof": "code",
    "merchant_campaigns": True,
}
AUDIENCE: Json = {
    "tier_ids": [TIR],
    "tags": ["vip"],
    "first_purchase_only": False,
    "member_since_before": FROM,
    "merchant_ids": [MER],
    "last_purchase_before": TO,
    "last_purchase_after": FROM,
    "min_spent": 10_000,
    "spent_days": 90,
    "lapsed_days": 30,
}
DISTRICT: Json = {"slug": "hubin", "currency": "CNY", "time_zone": "Asia/Shanghai", "mode": "live"}
SPAN: Json = {"recorded_from": FROM, "recorded_to": TO}
SOLD: Json = {"occurred_from": FROM, "occurred_to": TO}

Calls = Mapping[str, Callable[[Client], Any]]
CALLS: Calls = {
    "create_district": lambda c: c.districts.create(name="Hubin", **DISTRICT),
    "list_districts": lambda c: c.districts.list(),
    "update_district": lambda c: c.districts.update(DIS, name="Hubin", brand_color="#0c6a52"),
    "create_merchant": lambda c: c.merchants.create(name="Tea", code="A101", category="catering"),
    "list_merchants": lambda c: c.merchants.list(search="茶", category="catering", sort="name"),
    "get_merchant": lambda c: c.merchants.get(MER),
    "update_merchant": lambda c: c.merchants.update(MER, name="Tea", code="A101", category=None),
    "create_store": lambda c: c.stores.create(
        merchant_id=MER,
        name="Tea",
        code="A101-1",
        zone="east",
        area_m2=120,
        opening_hours=[{"from": "10:00", "to": "22:00"}],
    ),
    "list_stores": lambda c: c.stores.list(merchant_id=MER, search="茶", zone="east"),
    "get_store": lambda c: c.stores.get(STR),
    "update_store": lambda c: c.stores.update(
        STR, name="Tea", code="A101-1", zone=None, area_m2=None, opening_hours=None
    ),
    "get_join_qr": lambda c: c.stores.join_qr(STR, format="png"),
    "create_api_key": lambda c: c.api_keys.create(
        name="till 1", merchant_id=MER, store_id=STR, scopes=["members:read"], expires_at=TO
    ),
    "list_api_keys": lambda c: c.api_keys.list(merchant_id=MER, store_id=STR),
    "rotate_api_key": lambda c: c.api_keys.rotate(KEY, overlap_seconds=60),
    "revoke_api_key": lambda c: c.api_keys.revoke(KEY),
    "create_till": lambda c: c.tills.create(store_id=STR, name="till 3", locks_after_minutes=10, closes_at="22:30"),
    "list_tills": lambda c: c.tills.list(store_id=STR),
    "get_till": lambda c: c.tills.get(TIL),
    "update_till": lambda c: c.tills.update(TIL, name="till 3", locks_after_minutes=5, closes_at=None),
    "revoke_till": lambda c: c.tills.revoke(TIL),
    "make_pairing_code": lambda c: c.tills.pairing_code(TIL, for_tests=True),
    "add_cashier": lambda c: c.cashiers.add(STR, name="小陈", pin="2580"),
    "list_cashiers": lambda c: c.cashiers.list(STR),
    "update_cashier": lambda c: c.cashiers.update(STR, CSH, name="小陈", pin="2580"),
    "remove_cashier": lambda c: c.cashiers.remove(STR, CSH),
    "list_cases": lambda c: c.cases.list(step="open", transaction_id=TXN, merchant_id=MER),
    "get_case": lambda c: c.cases.get(CAS),
    "answer_case": lambda c: c.cases.answer(CAS, "已补 20 积分", idempotency_key="k"),
    "list_staff": lambda c: c.staff.list(role="cashier"),
    "get_staff_member": lambda c: c.staff.get(ACC),
    "change_role": lambda c: c.staff.change_role(ACC, role="cashier", merchant_id=MER, store_id=STR),
    "remove_staff": lambda c: c.staff.remove(ACC),
    "reset_second_factor": lambda c: c.staff.reset_second_factor(ACC, idempotency_key="k"),
    "invite_staff": lambda c: c.staff.invite(
        name="王芳", login="13800000000", role="cashier", merchant_id=MER, store_id=STR, idempotency_key="k"
    ),
    "list_invitations": lambda c: c.staff.invitations(),
    "withdraw_invitation": lambda c: c.staff.withdraw_invitation(INV),
    "enrol": lambda c: c.members.enrol(**PERSON),
    "enrol_batch": lambda c: c.members.enrol_batch([PERSON]),
    "list_members": lambda c: c.members.list(phone=PHONE, number="0000012345", tag="staff"),
    "get_member": lambda c: c.members.get(MEM),
    "update_member": lambda c: c.members.update(
        MEM, phone=PHONE, reason="SIM lost", name=None, birthday=None, identities=PERSON["identities"], tags=[]
    ),
    "erase": lambda c: c.members.erase(MEM),
    "record_consent": lambda c: c.members.record_consent(MEM, **CONSENT, granted=False),
    "resolve_member_code": lambda c: c.members.resolve(SALE["member_code"], store_id=STR),
    "get_points": lambda c: c.members.points(MEM),
    "list_entries": lambda c: c.members.entries(MEM),
    "adjust": lambda c: c.members.adjust_points(MEM, 5, "goodwill"),
    "freeze": lambda c: c.members.freeze(MEM),
    "unfreeze": lambda c: c.members.unfreeze(MEM),
    "lock_spending": lambda c: c.members.lock_spending(MEM, locked=False),
    "preview_merge": lambda c: c.members.preview_merge(MEM, into=MEM),
    "merge": lambda c: c.members.merge(MEM, into=MEM),
    "export": lambda c: c.members.export(MEM),
    "export_page": lambda c: c.members.export_page(MEM, language="en"),
    "get_programme": lambda c: c.programme.get(),
    "change_programme": lambda c: c.programme.update(**PROGRAMME),
    "draft_rule_set": lambda c: c.rule_sets.create(name="spring", rules=[RULE]),
    "list_rule_sets": lambda c: c.rule_sets.list(),
    "get_rule_set": lambda c: c.rule_sets.get(RLS),
    "publish_rule_set": lambda c: c.rule_sets.publish(RLS, effective_at=TO),
    "replay": lambda c: c.rule_sets.replay(RLS, **SOLD),
    "get_replay": lambda c: c.replays.get(RPL),
    "cancel_replay": lambda c: c.replays.cancel(RPL),
    "create_tier": lambda c: c.tiers.create(**TIER),
    "list_tiers": lambda c: c.tiers.list(),
    "get_tier": lambda c: c.tiers.get(TIR),
    "change_tier": lambda c: c.tiers.update(TIR, **TIER),
    "create_campaign": lambda c: c.campaigns.create(**CAMPAIGN),
    "list_campaigns": lambda c: c.campaigns.list(merchant_id=MER, status="running", name="满减"),
    "get_campaign": lambda c: c.campaigns.get(CAM),
    "change_campaign": lambda c: c.campaigns.update(CAM, **CAMPAIGN),
    "publish_campaign": lambda c: c.campaigns.publish(CAM),
    "pause_campaign": lambda c: c.campaigns.pause(CAM),
    "resume_campaign": lambda c: c.campaigns.resume(CAM),
    "end_campaign": lambda c: c.campaigns.end(CAM),
    "void_campaign": lambda c: c.campaigns.void(CAM, "misprinted"),
    "order_codes": lambda c: c.campaigns.order_codes(CAM, 500, "国庆传单"),
    "issue_coupons": lambda c: c.campaigns.issue(CAM, [MEM], audience=AUDIENCE),
    "get_issue": lambda c: c.issues.get(ISS),
    "cancel_issue": lambda c: c.issues.cancel(ISS),
    "get_code_batch": lambda c: c.code_batches.get(CBT),
    "cancel_codes": lambda c: c.code_batches.cancel(CBT),
    "download_codes": lambda c: c.code_batches.download(CBT, format="xlsx", reason="lost"),
    "bind_coupon": lambda c: c.coupons.bind(MEM, COUPON_CODE),
    "claim_coupon": lambda c: c.coupons.claim(
        CAM, MEM, member_code=SALE["member_code"], presence_token=SALE["presence_token"]
    ),
    "list_coupons": lambda c: c.coupons.list(MEM, status="issued"),
    "get_coupon": lambda c: c.coupons.get(COUPON_CODE),
    "draw_coupon": lambda c: c.coupons.qr(COUPON_CODE, symbol="code128", format="png"),
    "validate_coupons": lambda c: c.coupons.validate(**{**SALE, "coupons": [COUPON_CODE]}),
    "void_coupon": lambda c: c.coupons.void(COUPON_CODE, "误发"),
    "reserve": lambda c: c.coupons.reserve(COUPON_CODE, "A-1", store_id=STR, ttl_seconds=60, channel="till"),
    "release": lambda c: c.coupons.release(COUPON_CODE, "A-1", store_id=STR),
    "redeem": lambda c: c.coupons.redeem(COUPON_CODE, "A-1", 12_800, store_id=STR, items=SALE["items"], channel="till"),
    "roll_back": lambda c: c.coupons.rollback(RED, "B-1", "顾客取消"),
    "release_redemption": lambda c: c.redemptions.release(RED, "店庆"),
    "reject_redemption": lambda c: c.redemptions.reject(RED, "未见出库"),
    "export_evidence": lambda c: c.campaigns.evidence(CAM, starting_after=0, limit=100),
    "get_redemption": lambda c: c.redemptions.get(RED),
    "list_redemptions": lambda c: c.redemptions.list(
        campaign_id=CAM, merchant_id=MER, store_id=STR, state="redeemed", redeemed_from=FROM, redeemed_to=TO
    ),
    "report": lambda c: c.transactions.report(**SALE),
    "quote": lambda c: c.transactions.quote(**SALE),
    "report_batch": lambda c: c.transactions.report_batch([SALE]),
    "list_transactions": lambda c: c.transactions.list(
        member_id=MEM, merchant_id=MER, store_id=STR, reference="A-1", status="recorded", sort="-amount", **SOLD
    ),
    "get_transaction": lambda c: c.transactions.get(TXN),
    "summary": lambda c: c.transactions.summary("2026-01-01", store_id=STR),
    "claim": lambda c: c.transactions.claim(TXN, MEM, member_code=SALE["member_code"]),
    "resolve_receipt": lambda c: c.transactions.of_receipt("mfrggzdfmztwq2lknnwg23tpoa"),
    "refund": lambda c: c.transactions.refund(**REFUND),
    "refund_batch": lambda c: c.transactions.refund_batch([REFUND]),
    "list_refunds": lambda c: c.refunds.list(transaction_id=TXN, merchant_id=MER, reference="R-1"),
    "get_refund": lambda c: c.refunds.get(RFD),
    "list_events": lambda c: c.events.list(event_type="points.earned"),
    "create_endpoint": lambda c: c.webhook_endpoints.create("https://a.example", events=["*"], description="ERP"),
    "list_endpoints": lambda c: c.webhook_endpoints.list(),
    "get_endpoint": lambda c: c.webhook_endpoints.get(WHE),
    "update_endpoint": lambda c: c.webhook_endpoints.update(
        WHE, url="https://a.example", events=["points.*"], description=None, status="disabled"
    ),
    "delete_endpoint": lambda c: c.webhook_endpoints.delete(WHE),
    "rotate_secret": lambda c: c.webhook_endpoints.rotate(WHE, overlap_seconds=60),
    "list_deliveries": lambda c: c.webhook_endpoints.deliveries(WHE, status="failed", event_id=EVT),
    "replay_span": lambda c: c.webhook_endpoints.replay(WHE, **SPAN),
    "replay_delivery": lambda c: c.webhook_deliveries.replay(WHD),
    "get_test_clock": lambda c: c.test_clock.get(),
    "advance_test_clock": lambda c: c.test_clock.advance(seconds=86_400, to=TO, begin_at=TO),
    "list_test_messages": lambda c: c.test_inbox.list(phone=PHONE),
    "get_billing": lambda c: c.billing.get(),
    "begin_billing_mandate": lambda c: c.billing.begin_mandate(),
    "list_plans": lambda c: c.billing.plans(),
    "create_plan": lambda c: c.billing.create_plan(
        name="Street", base_amount=29900, sale_amount="0.5", currency="CNY", trial_days=30
    ),
    "get_district_billing": lambda c: c.billing.of(DIS),
    "agree_billing": lambda c: c.billing.agree(DIS, PLN, trial_days=60),
    "end_billing": lambda c: c.billing.end(DIS),
    "get_provider": lambda c: c.provider.get(),
    "set_provider": lambda c: c.provider.set(account="acct_1", secret_key="sk_test_1", webhook_secret="whsec_1"),
    "list_terms": lambda c: c.settlement.terms(),
    "publish_terms": lambda c: c.settlement.publish_terms(**TERMS),
    "list_periods": lambda c: c.settlement.periods(status="closed"),
    "get_period": lambda c: c.settlement.period(PER),
    "draw_reserve": lambda c: c.settlement.draw(PER, 40, "春节活动"),
    "close_period": lambda c: c.settlement.close(PER),
    "list_statements": lambda c: c.settlement.statements(PER),
    "get_statement": lambda c: c.settlement.statement(STM),
    "list_items": lambda c: c.settlement.items(STM, 1),
    "get_proof": lambda c: c.settlement.proof(STM),
    "export_statement": lambda c: c.settlement.export(STM, format="csv"),
    "get_flows": lambda c: c.settlement.flows(STM),
    "approve_statement": lambda c: c.settlement.approve(STM),
    "get_settlement_account": lambda c: c.settlement_accounts.get(MER),
    "change_settlement_account": lambda c: c.settlement_accounts.change(
        MER, provider="bank_file", credit_limit=100_000, beyond_limit="warn", bank_details=BANK
    ),
    "approve_settlement_account": lambda c: c.settlement_accounts.approve(MER),
    "get_exit": lambda c: c.settlement_accounts.exit(MER),
    "announce_exit": lambda c: c.settlement_accounts.leave(MER, "2026-06-30", "2026-07-31"),
    "write_off": lambda c: c.settlement_accounts.write_off(MER),
    "list_deposits": lambda c: c.settlement_accounts.deposits(MER),
    "move_deposit": lambda c: c.settlement_accounts.move_deposit(MER, 500, kind="received", reference="0042"),
    "list_payments": lambda c: c.payments.list(state="failed", direction="in", merchant_id=MER, statement_id=STM),
    "get_payment": lambda c: c.payments.get(PAY),
    "receive_payment": lambda c: c.payments.receive(**SLIP, merchant_id=MER),
    "confirm_payment": lambda c: c.payments.confirm(PAY, **SLIP),
    "retry_payment": lambda c: c.payments.retry(PAY),
    "cancel_payment": lambda c: c.payments.cancel(PAY),
    "note_invoice": lambda c: c.settlement.note_invoice(
        STM, "26312000000012345678", direction="to_invoice", amount=1001, issued_on="2026-04-02"
    ),
    "take_bank_statement": lambda c: c.reconciliation.take(b"x"),
    "get_reconciliation": lambda c: c.reconciliation.read(),
    "order_batch": lambda c: c.payment_batches.create(PER, "out", "ccb"),
    "list_batches": lambda c: c.payment_batches.list(),
    "get_batch": lambda c: c.payment_batches.get(BAT),
    "download_batch": lambda c: c.payment_batches.file(BAT),
    "note_outcomes": lambda c: c.payment_batches.note_outcomes(BAT, b"x"),
    "cancel_batch": lambda c: c.payment_batches.cancel(BAT),
    "hold_statement": lambda c: c.settlement.hold(STM, 80, "待核实"),
    "release_statement": lambda c: c.settlement.release(STM),
    "dispute_statement": lambda c: c.disputes.open(STM, lines=[DISPUTED], reason="not-ours", text="不是本店的"),
    "list_disputes": lambda c: c.disputes.list(status="open", statement_id=STM),
    "get_dispute": lambda c: c.disputes.get(DSP),
    "send_message": lambda c: c.disputes.say(DSP, "请看小票"),
    "accept_dispute": lambda c: c.disputes.accept(DSP, 36, "核实属实"),
    "reject_dispute": lambda c: c.disputes.reject(DSP, "与流水一致"),
    "withdraw_dispute": lambda c: c.disputes.withdraw(DSP),
    "list_corrections": lambda c: c.corrections.list(status="approved"),
    "get_correction": lambda c: c.corrections.get(COR),
    "propose_correction": lambda c: c.corrections.propose(MER, 36, "三月漏计"),
    "approve_correction": lambda c: c.corrections.approve(COR),
    "reject_correction": lambda c: c.corrections.reject(COR),
    "read_figures": lambda c: c.figures.read("sales.net", "2026-01-01", "2026-01-31", by="store"),
    "read_figures_now": lambda c: c.figures.now(days=7),
    "list_silent_shops": lambda c: c.figures.silent_shops(hours=24),
    "ask_export": lambda c: c.exports.create("stores", format="csv", filter={"zone": "east"}),
    "get_export": lambda c: c.exports.get(EXP),
    "list_exports": lambda c: c.exports.list(list="stores", status="done"),
    "cancel_export": lambda c: c.exports.cancel(EXP),
    "download_export": lambda c: c.exports.download(EXP),
    "begin_import": lambda c: c.imports.create(
        b"A1,1\r\n", "sales", source="till", file_name="a.csv", start=False, settings={"columns": {"amount": "x"}}
    ),
    "get_import": lambda c: c.imports.get(IMP),
    "list_imports": lambda c: c.imports.list(kind="sales", status="done"),
    "change_import": lambda c: c.imports.change(
        IMP,
        {
            "columns": {"amount": "x"},
            "constants": {"store_code": "A101-1"},
            "ignore": ["y"],
            "unit": "yuan",
            "time_zone": "Asia/Shanghai",
            "at": "12:00",
            "now": False,
            "sheet": "z",
            "profile": "none",
            "sum_lines": True,
            "mixed": False,
            "merchant_id": MER,
        },
    ),
    "start_import": lambda c: c.imports.start(IMP),
    "cancel_import": lambda c: c.imports.cancel(IMP),
    "undo_import": lambda c: c.imports.undo(IMP),
    "refused_rows": lambda c: c.imports.refused(IMP),
    "list_audit_entries": lambda c: c.audit_entries.list(
        actor_id=KEY, action="points.adjusted", subject_id=MEM, **SPAN
    ),
}
"""By the name of the operation."""


@dataclass(frozen=True)
class Asked:
    """A call that came, and the operation it met."""

    operation: Json
    body: Any
    query: Mapping[str, str]
    key: str | None


@dataclass
class ExampleServer:
    """Answers each operation with the document's own example, and keeps what was asked."""

    asked: list[Asked] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The answer. Raises AssertionError for a call of no operation."""
        operation = contract().operation(request.method, request.url.path)
        assert operation is not None, f"{request.method} {request.url.path} is no operation"
        is_json = request.headers.get("Content-Type") == "application/json"
        body = json.loads(request.content) if request.content and is_json else None
        key = request.headers.get("Idempotency-Key")
        self.asked.append(Asked(operation, body, dict(request.url.params), key))
        [(status, response), *_] = successes(operation)
        media = request.headers["Accept"]
        example = response["content"][media]["example"]
        content = json.dumps(example) if media == "application/json" else example
        return httpx.Response(int(status), content=content, headers={"Content-Type": media})


def successes(operation: Json) -> Iterator[tuple[str, Json]]:
    """Status and response of what an operation answers when it did its work."""
    return ((status, one) for status, one in operation["responses"].items() if status.startswith("2"))


def operations(whole: Json) -> Mapping[str, Json]:
    """All operations of a document by their names."""
    return {one["operationId"]: one for methods in whole["paths"].values() for one in methods.values()}


OTHER_WAYS: Calls = {"ask_export": lambda c: c.exports.create_books(f"per_{'0' * 32}")}
"""Calls of the same operations that say what the first can't."""


def call(name: str, ways: Calls = CALLS) -> tuple[Asked, Any]:
    """What the SDK asks for an operation, and what it gives; of a list or batch, the first."""
    server = ExampleServer()
    with Client("sk_test_1", "http://quantong.test", transport=httpx.MockTransport(server.handle)) as client:
        given = ways[name](client)
        given = next(given) if isinstance(given, Iterator) else given
    [asked] = server.asked
    return asked, given
