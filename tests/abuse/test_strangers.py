"""A merchant can't grant itself the right to read a member by naming it: by a phone, a sale, a receipt, a consent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.factories.api import Api, Reply
from tests.factories.clock import ago
from tests.factories.codes import new_phone_of, phone_of, resolve
from tests.factories.districts import District, new_phone, next_number
from tests.factories.members import enrol, find
from tests.factories.points import adjust, base_rule, bonus, change_programme, multiplier, new_version
from tests.factories.problems import check_problem
from tests.factories.shoppers import MEMBERSHIP, sign_in, signed_in
from tests.factories.tiers import new_tier

NAME, BIRTHDAY, POINTS = "欧阳晓明", "1984-02-29", 45_691

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def phone() -> str:
    """A shopper's."""
    return new_phone()


@pytest.fixture
def stranger(district: District, phone: str) -> str:
    """A member of the other shop, with a name, a birthday, tags, a tier and points."""
    new_tier(district, threshold=1)
    made = enrol(district, phone=phone, name=NAME, birthday=BIRTHDAY, tags=["vip-guests"]).ok(201)["id"]
    sale = {"store_id": district.other_shop.store_id, "member_id": made}
    district.report(key=district.other_shop.key, amount=999_900, **sale).ok(201)
    adjust(district, made, POINTS)
    return str(made)


def by_enrolment(district: District, phone: str) -> str:
    return str(enrol(district, district.shop.key, phone=phone).ok(200)["id"])


def by_batch(district: District, phone: str) -> str:
    body = {"members": [{"phone": phone, "name": "x", "birthday": "2000-01-01"}]}
    [result] = district.api.post("/v1/members/batch", body, district.shop.key).ok()["results"]
    assert result["status"] == 200
    return str(result["member"]["id"])


def by_sale(district: District, phone: str) -> str:
    return str(district.report(key=district.shop.key, phone=phone, amount=0).ok(201)["member_id"])


def by_claim(district: District, phone: str) -> str:
    member = by_enrolment(district, phone)
    sale = district.report(key=district.shop.key, amount=0).ok(201)["id"]
    claimed = district.api.post(f"/v1/transactions/{sale}/claim", {"member_id": member}, district.shop.key)
    return str(claimed.ok(200)["member_id"])


def by_payment(district: District, phone: str) -> str:
    sale = district.sale(amount=0, payment_reference=f"P{next_number()}")
    district.api.post("/v1/transactions", sale, district.shop.key).ok(201)
    again = {**sale, "reference": f"again-{next_number()}", "phone": phone}
    return str(district.api.post("/v1/transactions", again, district.shop.key).ok(200)["member_id"])


WAYS = [by_enrolment, by_batch, by_sale, by_claim, by_payment]


def secrets_of(district: District, stranger: str) -> set[str]:
    """What no answer may hold of the stranger."""
    points = district.balance(stranger)
    figures = {str(points[name]) for name in ("available", "spendable")}
    return {NAME, NAME[0], BIRTHDAY, "vip-guests", "Gold", *figures}


def reads(district: District, stranger: str, phone: str) -> Iterator[Callable[[], Reply]]:
    """Every call on members, points and sales by which a shop may try to read somebody."""
    api, key, store = district.api, district.shop.key, district.shop.store_id
    path = f"/v1/members/{stranger}"
    for query in ("", "/points", "/points/entries", "/export", "/export/page", f"/merge-preview?into={stranger}"):
        yield lambda query=query: api.get(path + query, key)
    for query in ("", f"?phone={phone}"):
        yield lambda query=query: api.get(f"/v1/members{query}", key)
    yield lambda: api.patch(path, {"name": "x"}, key)
    yield lambda: api.patch(path, {"phone": new_phone(), "reason": "x"}, key)
    yield lambda: api.delete(path, key)
    verbs: dict[str, dict[str, Any]] = {
        "freeze": {},
        "unfreeze": {},
        "spend-lock": {},
        "merge": {"into": stranger},
        "consents": {**MEMBERSHIP, "controller": district.shop.merchant_id},
        "points/adjustments": {"points": 1, "reason": "x"},
    }
    for verb, body in verbs.items():
        yield lambda verb=verb, body=body: api.post(f"{path}/{verb}", body, key)
    yield lambda: api.post("/v1/members", {"phone": phone, "store_id": store}, key)
    yield lambda: api.post("/v1/members/batch", {"members": [{"phone": phone}]}, key)
    for named in ({"phone": phone}, {"member_id": stranger}):
        sale = district.sale(amount=100, **named)
        yield lambda sale=sale: api.post("/v1/transactions/quote", sale, key)
        yield lambda sale=sale: api.post("/v1/transactions", sale, key, sale["reference"])
        yield lambda sale=sale: api.post("/v1/transactions", sale, key, sale["reference"])
        yield lambda sale=sale: api.post("/v1/transactions", sale, key)
        yield lambda sale=sale: api.post("/v1/transactions/quote", sale, key)
        yield lambda sale=sale: api.post("/v1/transactions", {**sale, "reference": "s", "points_to_spend": 1}, key)
        batch = {"transactions": [district.sale(amount=100, **named)]}
        yield lambda batch=batch: api.post("/v1/transactions/batch", batch, key, f"b{next_number()}")
        refund = {"transaction_reference": sale["reference"], "reference": f"r{next_number()}", "amount": 50}
        for _ in range(2):
            yield lambda refund=refund: api.post("/v1/refunds", refund, key, refund["reference"])
        yield lambda refund=refund: api.post("/v1/refunds", refund, key)
        yield lambda refund=refund: api.post("/v1/refunds/batch", {"refunds": [refund]}, key)
    for query in ("", f"?member_id={stranger}"):
        yield lambda query=query: api.get(f"/v1/transactions{query}", key)
    yield lambda: api.get("/v1/refunds", key)
    for kind in ("transactions", "refunds"):
        for row in api.get(f"/v1/{kind}", key).ok()["data"]:
            yield lambda kind=kind, row=row: api.get(f"/v1/{kind}/{row['id']}", key)
    yield lambda: api.get("/v1/events?limit=100", key)


def check_tells_nothing(district: District, stranger: str, phone: str) -> None:
    secrets = secrets_of(district, stranger)
    for read in reads(district, stranger, phone):
        reply = read()
        text = json.dumps(reply.body, ensure_ascii=False)
        assert not {one for one in secrets if one in text}, (reply.status, text)
        for balance in balances_in(reply.body):
            assert balance is None, text


def balances_in(body: Any) -> Iterator[Any]:
    if isinstance(body, list):
        for one in body:
            yield from balances_in(one)
    elif isinstance(body, dict):
        for name, value in body.items():
            if name == "balance":
                yield value
            else:
                yield from balances_in(value)


def test_of_whom_it_never_named_a_merchant_reads_nothing(district: District, stranger: str, phone: str) -> None:
    """No route tells a merchant of a member whom it doesn't know; the first sale there doesn't, either."""
    assert district.api.get(f"/v1/members/{stranger}", district.shop.key).code == "not-found"
    assert find(district, phone, district.shop.key) == []
    check_tells_nothing(district, stranger, phone)


@pytest.mark.parametrize("name_it", WAYS)
def test_naming_a_member_opens_nothing(
    district: District, stranger: str, phone: str, name_it: Callable[[District, str], str]
) -> None:
    """Whoever is named by phone, sale, receipt or payment is known by number and masked phone, and no more."""
    assert name_it(district, phone) == stranger
    shown = district.api.get(f"/v1/members/{stranger}", district.shop.key).ok(200)
    assert {name for name in ("number", "name", "birthday", "tier") if shown[name]} == {"number"}
    assert (shown["masked_phone"], shown["tags"]) == (f"{phone[:3]}****{phone[-4:]}", [])
    assert find(district, phone, district.shop.key) == [stranger]
    for path in ("points", "points/entries"):
        refused = district.api.get(f"/v1/members/{stranger}/{path}", district.shop.key)
        check_problem(refused, 403, "member-unproven")
    check_tells_nothing(district, stranger, phone)


def test_a_store_s_key_reads_no_more(district: District, stranger: str, phone: str) -> None:
    """A till's key is bound as its merchant's is."""
    key = district.store_key(district.shop)
    assert enrol(district, key, phone=phone).ok(200)["id"] == stranger
    assert district.api.get(f"/v1/members/{stranger}", key).ok(200)["name"] is None
    check_problem(district.api.get(f"/v1/members/{stranger}/points", key), 403, "member-unproven")


def test_a_consent_that_a_key_records_proves_nothing(district: District, stranger: str, phone: str) -> None:
    """A merchant can't write down a stranger's consent, and what it brings with an enrolment opens nothing."""
    shop = district.shop
    own = {**MEMBERSHIP, "controller": shop.merchant_id}
    enrol(district, shop.key, phone=phone, consents=[own, MEMBERSHIP]).ok(200)
    check_problem(district.api.post(f"/v1/members/{stranger}/consents", own, shop.key), 403, "forbidden")
    district.api.post(f"/v1/members/{stranger}/consents", own, district.key).ok(201)
    assert district.api.get(f"/v1/members/{stranger}", shop.key).ok(200)["name"] is None
    told = district.api.get(f"/v1/members/{stranger}/export", district.key).ok()["consents"]
    assert [(one["controller"], one["way"]) for one in told] == [
        (shop.merchant_id, "enrolment"),
        (shop.merchant_id, "api"),
    ]


def test_of_whom_it_enrols_a_merchant_reads_what_it_wrote(district: District) -> None:
    """A new phone is no proof: the merchant reads its own words until somebody else changes them, and no points."""
    shop, api = district.shop, district.api
    made = enrol(district, shop.key, name="王芳", birthday="1990-05-01").ok(201)
    assert (made["name"], made["birthday"]) == ("王芳", "1990-05-01")
    path = f"/v1/members/{made['id']}"
    api.patch(path, {"name": "王小芳"}, shop.key).ok(200)
    assert api.get(path, shop.key).ok(200)["name"] == "王小芳"
    check_problem(api.get(f"{path}/points", shop.key), 403, "member-unproven")
    assert district.report(key=shop.key, member_id=made["id"]).ok(201)["balance"] is None
    token = signed_in(district.id, made["id"]).access_token
    api.patch(path, {"name": "李雷"}, token).ok(200)
    shown = api.get(path, shop.key).ok(200)
    assert (shown["name"], shown["birthday"]) == (None, None)


def proven_by_code(district: District, member: str) -> None:
    resolve(district, phone_of(district, member).code()).ok(200)


def proven_by_sale(district: District, member: str) -> None:
    told = district.report(key=district.shop.key, member_code=phone_of(district, member).code()).ok(201)
    assert told["balance"]["available"] > 0


def proven_by_batch(district: District, member: str) -> None:
    body = {"transactions": [district.sale(member_code=phone_of(district, member).code())]}
    [result] = district.api.post("/v1/transactions/batch", body, district.shop.key).ok()["results"]
    assert result["transaction"]["balance"]["available"] > 0


def proven_by_receipt(district: District, member: str) -> None:
    url = district.report(key=district.shop.key).ok(201)["claim_url"]
    body = {"secret": url.rpartition("/")[2]}
    district.api.post("/v1/claims", body, signed_in(district.id, member).access_token).ok(200)


def proven_by_shown_receipt(district: District, member: str) -> None:
    sale = district.report(key=district.shop.key).ok(201)["id"]
    body = {"member_code": phone_of(district, member).code()}
    told = district.api.post(f"/v1/transactions/{sale}/claim", body, district.shop.key).ok(200)
    assert told["balance"]["available"] > 0


def proven_by_consent(district: District, member: str) -> None:
    body = {**MEMBERSHIP, "controller": district.shop.merchant_id}
    token = signed_in(district.id, member).access_token
    district.api.post(f"/v1/members/{member}/consents", body, token).ok(201)


PROOFS = [
    proven_by_code,
    proven_by_sale,
    proven_by_batch,
    proven_by_receipt,
    proven_by_shown_receipt,
    proven_by_consent,
]


@pytest.mark.parametrize("is_known", [False, True], ids=["unknown", "named before"])
@pytest.mark.parametrize("prove", PROOFS)
def test_what_the_member_does_itself_opens_it(
    district: District, stranger: str, phone: str, prove: Callable[[District, str], None], is_known: bool
) -> None:
    """A live code, a claimed receipt or the member's own consent lets that merchant read, and no other one."""
    if is_known:
        by_enrolment(district, phone)
    prove(district, stranger)
    api = district.api
    shown = api.get(f"/v1/members/{stranger}", district.shop.key).ok(200)
    assert (shown["name"], shown["birthday"], shown["tags"]) == (NAME, BIRTHDAY, ["vip-guests"])
    assert api.get(f"/v1/members/{stranger}/points", district.shop.key).ok(200)["available"] >= POINTS
    assert district.report(key=district.shop.key, member_id=stranger).ok(201)["balance"]["available"] >= POINTS
    check_problem(api.get(f"/v1/members/{stranger}/points", district.other_shop.key), 403, "member-unproven")


@pytest.mark.parametrize("is_new", [False, True])
def test_who_signs_in_through_a_store_opens_itself_to_it(district: District, is_new: bool) -> None:
    """Joining or signing in at a store's own link is a proof for its merchant."""
    phone = new_phone()
    if not is_new:
        enrol(district, phone=phone).ok(201)
        by_enrolment(district, phone)
    member = sign_in(district, phone, store_id=district.shop.store_id)["member_id"]
    district.api.get(f"/v1/members/{member}/points", district.shop.key).ok(200)
    check_problem(district.api.get(f"/v1/members/{member}/points", district.other_shop.key), 404)


def test_a_consent_at_sign_in_opens_the_merchant_that_it_names(district: District) -> None:
    """Who consents to a merchant while signing in elsewhere opens itself to that merchant."""
    own = {**MEMBERSHIP, "controller": district.shop.merchant_id}
    member = sign_in(district, consents=[MEMBERSHIP, own])["member_id"]
    district.api.get(f"/v1/members/{member}/points", district.shop.key).ok(200)


def test_a_membership_withdrawn_closes_it_again(district: District, stranger: str) -> None:
    """Who withdraws its membership of a merchant is unproven there, until it shows itself again."""
    proven_by_consent(district, stranger)
    withdrawn = {**MEMBERSHIP, "controller": district.shop.merchant_id, "granted": False}
    token = signed_in(district.id, stranger).access_token
    district.api.post(f"/v1/members/{stranger}/consents", withdrawn, token).ok(201)
    path = f"/v1/members/{stranger}/points"
    check_problem(district.api.get(path, district.shop.key), 403, "member-unproven")
    proven_by_code(district, stranger)
    district.api.get(path, district.shop.key).ok(200)


def test_an_old_code_proves_nothing_new(district: District) -> None:
    """A code that was right when an offline till sold earns, but is no live one: the balance stays closed."""
    member = new_phone_of(district)
    code = member.code(-30)
    from_then = district.report(key=district.shop.key, member_code=code, occurred_at=ago(minutes=30)).ok(201)
    assert (from_then["points_earned"], from_then["balance"]) == (128, None)
    check_problem(district.api.get(f"/v1/members/{member.member_id}/points", district.shop.key), 403, "member-unproven")


def test_a_merge_takes_proofs_along(district: District, stranger: str, api: Api) -> None:
    """Whoever may read one of two members may read what becomes of both; whoever couldn't still can't."""
    other = district.member()
    proven_by_code(district, other)
    enrol(district, district.other_shop.key, phone=new_phone())
    api.post(f"/v1/members/{other}/merge", {"into": stranger}, district.key).ok(200)
    for member in (other, stranger):
        assert api.get(f"/v1/members/{member}", district.shop.key).ok(200)["name"] == NAME
        api.get(f"/v1/members/{member}/points", district.shop.key).ok(200)
    check_problem(api.get(f"/v1/members/{stranger}/points", district.other_shop.key), 403, "member-unproven")


def test_an_erased_member_tells_nothing(district: District, stranger: str, api: Api) -> None:
    """What is forgotten is forgotten for whoever could read it, too."""
    proven_by_code(district, stranger)
    api.delete(f"/v1/members/{stranger}", district.key).ok(200)
    shown = api.get(f"/v1/members/{stranger}", district.shop.key).ok(200)
    assert (shown["status"], shown["name"], shown["birthday"], shown["tags"]) == ("erased", None, None, [])


def test_a_friend_s_code_opens_nobody_else(district: District, stranger: str, phone: str) -> None:
    """A live code shown with a second report of a stranger's payment tells nothing of the stranger."""
    friend = new_phone_of(district)
    paid = {"payment_reference": f"P{next_number()}", "amount": 0}
    assert district.report(key=district.shop.key, phone=phone, **paid).ok(201)["member_id"] == stranger
    again = district.report(key=district.shop.key, member_code=friend.code(), **paid).ok(200)
    assert (again["member_id"], again["balance"]) == (stranger, None)
    check_problem(district.api.get(f"/v1/members/{stranger}/points", district.shop.key), 403, "member-unproven")


def test_a_token_opens_the_member_whom_it_names(district: District, stranger: str) -> None:
    """A quote and a sale by a token from this store show the balance; the token is nothing at another store."""
    token = resolve(district, phone_of(district, stranger).code()).ok(200)["presence_token"]
    sale = district.sale(presence_token=token)
    quoted = district.api.post("/v1/transactions/quote", sale, district.shop.key).ok(200)
    assert (quoted["member_id"], quoted["balance"]["available"] >= POINTS) == (stranger, True)
    other = district.other_shop
    refused = district.report(key=other.key, store_id=other.store_id, presence_token=token)
    assert check_problem(refused, 404).pointers == {"/presence_token"}


RULES = (
    base_rule(),
    bonus("welcome", 500, conditions={"first_in_district": True}),
    bonus("first-here", 300, conditions={"first_at_merchant": True}),
    bonus("again", 5, conditions={"first_in_district": False}),
    multiplier("birthday", "3.0", conditions={"birthday": "month"}),
    multiplier("staff", "5.0", conditions={"tags": ["vip-guests"]}),
    bonus("daily", 10, caps={"per_member_per_day": 10}),
)


def test_a_quote_by_phone_is_the_same_for_everybody(district: District, stranger: str, phone: str) -> None:
    """New or known, first or tenth purchase, with or without tier, tags, birthday and caps: one answer by phone."""
    new_version(district, *RULES)
    district.report(member_id=stranger).ok(201)
    fresh = new_phone()
    enrol(district, phone=fresh).ok(201)
    sale = district.sale(amount=10_000)
    told = [
        district.api.post("/v1/transactions/quote", {**sale, "phone": one}, district.shop.key).ok(200)
        for one in (phone, fresh, new_phone())
    ]
    for quoted in told:
        assert (quoted["member_id"], quoted["balance"]) == (None, None)
        quoted.pop("occurred_at")
    assert told[0] == told[1] == told[2]
    assert told[0]["points_earned"] == 100 + 5 + 10
    codes = {one["rule_key"]: one.get("code") for one in told[0]["explanation"] if one["outcome"] == "skipped"}
    assert codes == dict.fromkeys(("welcome", "first-here", "birthday", "staff"), "not-told")


def test_a_quote_by_id_tells_no_more(district: District, stranger: str, phone: str) -> None:
    """The id that an enrolment tells opens no quote of tier, tags, firsts or birthday."""
    new_version(district, *RULES)
    sale = district.sale(amount=10_000)
    by_phone = district.api.post("/v1/transactions/quote", {**sale, "phone": phone}, district.shop.key).ok(200)
    by_id = district.api.post("/v1/transactions/quote", {**sale, "member_id": stranger}, district.shop.key).ok(200)
    for quoted in (by_phone, by_id):
        quoted.pop("occurred_at")
    assert by_id == by_phone


@pytest.mark.parametrize("named", ["phone", "member_id"])
def test_points_that_a_quote_would_spend_tell_no_balance(
    district: District, stranger: str, phone: str, named: str
) -> None:
    """Where points are spent without a code, a quote answers alike for more points than there are."""
    change_programme(district, spend_proof="any")
    who = {"phone": phone, "member_id": stranger}[named]
    for points in (1, POINTS * 2, 900_000):
        sale = district.sale(amount=1_000_000, points_to_spend=points, **{named: who})
        quoted = district.api.post("/v1/transactions/quote", sale, district.shop.key).ok(200)
        assert quoted["points_amount"] == points
    refused = district.report(key=district.shop.key, amount=1_000_000, points_to_spend=900_000, **{named: who})
    assert refused.status == 422
    assert str(district.balance(stranger)["spendable"]) not in json.dumps(refused.body)


def test_a_tiny_sale_tells_no_birthday(district: District, stranger: str) -> None:
    """What a sale too small for points says of its rules tells nothing of the buyer's day, tier or past."""
    new_version(district, *RULES)
    other = district.member(birthday="1990-12-31")
    told = []
    for member in (stranger, other):
        sale = district.report(key=district.shop.key, member_id=member, amount=1).ok(201)
        told.append(sale["explanation"])
    assert told[0] == told[1]
    assert {one["code"] for one in told[0]} == {"not-told"}


def test_a_frozen_or_locked_purse_isn_t_told_without_a_code(district: District, stranger: str) -> None:
    """Whoever names a member without its code learns neither that it is frozen nor that it has locked its points."""
    district.api.post(f"/v1/members/{stranger}/freeze", {}, district.key).ok(200)
    district.api.post(f"/v1/members/{stranger}/spend-lock", {}, district.key).ok(200)
    refused = district.report(key=district.shop.key, member_id=stranger, points_to_spend=1)
    assert [flaw["code"] for flaw in check_problem(refused, 422).body["errors"]] == ["proof-needed"]
    district.report(key=district.shop.key, member_id=stranger, amount=0).ok(201)
    assert district.api.get(f"/v1/members/{stranger}", district.shop.key).ok(200)["status"] == "active"


def test_the_phone_that_was_sent_tells_nothing_of_another(district: District) -> None:
    """A merged member has two phones: who enrols one of them sees that one masked, single, in a batch and again."""
    first, second = new_phone(), new_phone()
    old, survivor = (enrol(district, phone=phone).ok(201)["id"] for phone in (first, second))
    district.api.post(f"/v1/members/{old}/merge", {"into": survivor}, district.key).ok(200)
    for phone in (first, second):
        known = {"object": "member", "id": survivor, "masked_phone": f"{phone[:3]}****{phone[-4:]}"}
        body = {"phone": phone}
        for _ in range(2):
            told = district.api.post("/v1/members", body, district.shop.key, f"one-{phone}").ok(200)
            assert told == known
            sent = district.api.post("/v1/members/batch", {"members": [body]}, district.shop.key, f"many-{phone}")
            assert [one["member"] for one in sent.ok(200)["results"]] == [known]
