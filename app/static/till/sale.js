// One sale: who, how much, what is taken off; confirmed, it is on disk before anybody is told so.
import { lookForCode } from "./camera.js";
import { call, now, Refused } from "./calls.js";
import { fenOf, kindOf, newReference } from "./codes.js";
import { $, $$, beep, clock, copy, flaw, less, made, number, put, say, sum, words, yuan } from "./dom.js";
import { couponsFor, quoted } from "./offers.js";
import { forget, listen } from "./queue.js";
import { print } from "./receipt.js";
import { saleOf } from "./receipts.js";
import { keep } from "./store.js";

const KEPT_AFTER = 3000;
let till = null, isOnline = true, programme = null, turn = 0, sold = null, refundShown = false;
let sale = fresh();

function fresh() {
  return { typed: "", before: 0, member: null, scanned: [], offers: [], off: new Set(), usesPoints: false, receipt: null, quote: null, points: 0, worth: 0, busy: false };
}
export function setTill(next) {
  till = next;
  if (!programme) call("GET", "/v1/programme").then((told) => { programme = told; }).catch(() => {});
}
export function changedNetwork(next) { isOnline = next; turn++; show(); reckon(); }
export function begin() { show(); $("#scan").focus(); }

const amount = () => sale.before + (fenOf(sale.typed) ?? 0);
const isKnown = () => Boolean(sale.member?.token);
const chosenCoupons = () => sale.offers.filter((one) => one.fits && !sale.off.has(one.code)).map((one) => one.code);
function buyer() {
  if (sale.member?.token) return { presence_token: sale.member.token };
  if (sale.member?.code) return { member_code: sale.member.code };
  return sale.member?.phone ? { phone: sale.member.phone } : {};
}

// ---- what is on the screen
function show() {
  const bill = amount(), quote = sale.quote, isRead = quote && quote.amount === bill;
  put("#amount", sum(bill));
  put("#bill", yuan(bill));
  put("#off", isRead ? less(quote.discount_amount) : "\u2014");
  put("#spent", isRead ? less(quote.points_amount) : "\u2014");
  put("#pay", yuan(isRead ? quote.paid_amount : bill));
  const earns = $("#earns"), later = !isOnline && bill > 0;
  earns.classList.toggle("is-words", later);
  earns.textContent = later ? words("counted-later") : isRead && (sale.member || quote.points_earned) ? `+${number(quote.points_earned)}` : "\u2014";
  $("#why").hidden = !isRead || later;
  $("#steps").hidden = isKnown() && bill > 0 && isOnline;
  $('[data-step="member"]').classList.toggle("is-done", Boolean(sale.member));
  $('[data-step="amount"]').classList.toggle("is-done", bill > 0);
  $("#offline-note").hidden = isOnline && Boolean(till?.shift);
  $("#gives").hidden = !isOnline || !(sale.offers.length || sale.points);
  $("#confirm").disabled = sale.busy || !bill || Boolean(sale.receipt);
  showMember();
}
function showMember() {
  const { member } = sale;
  $("#member").hidden = !member;
  $("#no-member").hidden = Boolean(member);
  if (!member) return;
  put("#member-name", member.name);
  put("#member-more", member.more);
  $("#member-tier").hidden = !member.tier;
  put("#member-tier", member.tier ?? "");
  $("#member-holds").hidden = member.points === undefined || !isOnline;
  put("#member-points", number(member.points ?? 0));
  put("#member-worth", programme && member.points ? words("worth", { sum: yuan(Math.floor(member.points * Number(programme.point_value))) }) : "");
}
function showOffers() {
  const rows = sale.offers.filter((one) => one.fits).map((one) => give("is-coupon", "icon-ticket", one.name, one.code, sale.off.has(one.code) ? 0 : one.off, !sale.off.has(one.code), (isOn) => {
    sale.off[isOn ? "delete" : "add"](one.code);
    reckon();
  }));
  if (sale.points) rows.push(give("is-points", "icon-coins", words("use-points", { points: number(sale.points) }), words("points-most", { points: number(sale.member.points) }), sale.worth, sale.usesPoints, (isOn) => { sale.usesPoints = isOn; reckon(); }));
  const at = $$("#gives-list input").indexOf(document.activeElement);
  $("#gives-list").replaceChildren(...rows);
  if (at >= 0) $$("#gives-list input")[at]?.focus();
  const unfit = sale.offers.filter((one) => !one.fits);
  $("#unfit").hidden = !unfit.length;
  put("#unfit summary", words("more-coupons", { n: unfit.length }));
  $("#unfit ul").replaceChildren(...unfit.map((one) => foreign(`${one.name ?? one.code}: ${one.why ?? ""}`)));
  const why = sale.quote?.explanation ?? [];
  $("#why ul").replaceChildren(...why.map((one) => foreign(one.outcome === "applied" ? `${one.name} +${number(one.points)}` : `${one.name}: ${one.why ?? ""}`)));
}
/** A line that begins with a name the district has given: whatever language that is in. */
function foreign(text) {
  const line = made("li", text);
  line.dataset.foreign = "";
  return line;
}
function give(kind, iconId, title, more, off, isOn, changed) {
  const row = copy("give");
  row.querySelector(".give-icon").classList.add(kind);
  row.querySelector(".give-icon").append(copy(iconId));
  put("strong", title ?? more, row);
  put(".give-words .soft", title ? more : "", row);
  put(".minus", off ? `\u2212${sum(off)}` : "", row);
  const box = $("input", row);
  box.checked = isOn;
  box.addEventListener("change", () => changed(box.checked));
  return row;
}
function tell(name, values, isGood = false) {
  const at = $("#scan-says"), text = name ? words(name, values) : "";
  at.textContent = text;
  at.hidden = !text;
  at.classList.toggle("is-good", isGood);
  if (text && !isGood) beep(false);
}

// ---- what the server says of it
let waiting = null;
function reckon() {
  const mine = ++turn;
  clearTimeout(waiting);
  flaw("#sale-flaw");
  if (!isOnline || !amount() || !till?.shift) { sale.quote = null; sale.points = 0; sale.offers = isOnline ? sale.offers : []; show(); showOffers(); return; }
  waiting = setTimeout(() => ask(mine), 120);
}
async function ask(mine) {
  const bill = { amount: amount(), token: sale.member?.token, scanned: sale.scanned, points: sale.member?.points, body: { reference: "quote", amount: amount(), store_id: till.store.id, channel: "till", ...buyer() } };
  try {
    const offers = bill.token || bill.scanned.length ? await couponsFor(bill) : [];
    if (mine !== turn) return;
    sale.offers = offers;
    let found = await quoted(programme, bill, { coupons: chosenCoupons(), points: 0 });
    if (mine !== turn) return;
    Object.assign(sale, { points: found.points, worth: found.worth });
    if (sale.usesPoints && found.points) found = { ...found, ...(await quoted(programme, bill, { coupons: chosenCoupons(), points: found.points })) };
    if (mine !== turn) return;
    sale.quote = found.quote;
  } catch (error) {
    if (mine !== turn) return;
    sale.quote = null;
    failed(error);
  }
  show();
  showOffers();
}
function failed(error) {
  if (!(error instanceof Refused)) return dispatchEvent(new CustomEvent("till-network", { detail: false }));
  if (error.status === 401) return dispatchEvent(new Event("till-revoked"));
  if (error.code === "till-locked") return dispatchEvent(new Event("till-locked"));
  flaw("#sale-flaw", error.problem?.errors?.[0]?.detail ?? error.message);
}

// ---- scanning and typing
async function scanned(text) {
  const code = kindOf(text);
  tell();
  if (code.kind === "member") await member(code.code);
  else if (code.kind === "phone") phone(code.phone);
  else if (code.kind === "receipt") await receipt(code);
  else if (code.kind === "amount") { Object.assign(sale, { typed: String(code.fen / 100), before: 0 }); typed(); }
  else if (code.kind === "coupon") coupon(code.code);
  else tell("scan-unknown");
}
function changed() { sale.quote = null; show(); reckon(); }
/** Whoever types a sum sells: the receipt that was scanned before is done with. */
function typed() { receiptAtHand(); changed(); }
/** The receipt that waits for the member code of who shall have its points; it waits no longer. */
export function receiptAtHand() {
  const found = sale.receipt;
  if (!found) return null;
  sale.receipt = null;
  tell();
  show();
  return found;
}
async function member(code) {
  const hint = `\u00b7\u00b7${code.slice(8, 12)}`;
  const offline = { name: words("member", { hint }), more: words("code-noted"), code };
  if (!isOnline || !till?.shift) { sale.member = offline; return changed(); }
  try {
    const told = await call("POST", "/v1/member-codes/resolve", { code, store_id: till.store.id }, { patience: 4000 });
    const { member: who, presence_token: token, expires_at: until } = told;
    if (sale.receipt) return await claim(who);
    const time = clock(until, till.district.time_zone);
    sale.member = { id: who.id, name: who.masked_name ?? words("member", { hint }), more: words("good-until", { time }), tier: who.tier?.name, points: who.points, token };
    say(sale.member.name);
    changed();
  } catch (error) {
    if (!(error instanceof Refused)) { sale.member = offline; failed(error); return changed(); }
    const name = { 404: "not-found", 409: "scan-used", 410: "scan-expired", 429: "scan-too-many" }[error.status];
    if (name && error.code !== "till-locked") tell(name);
    else failed(error);
  }
}
function phone(number_) {
  sale.member = { name: words("member-phone", { hint: `${number_.slice(-11, -8)}****${number_.slice(-4)}` }), more: words("phone-noted"), phone: number_.replace(/^\+?86(?=1\d{10}$)/, "") };
  typed();
}
function coupon(code) {
  if (!isOnline || !till?.shift) return tell("needs-network");
  if (!sale.scanned.includes(code)) sale.scanned.push(code);
  sale.off.delete(code);
  changed();
}
/** Of a sale that is nobody's a receipt gives the points to who is there; of any other it is for giving back. */
async function receipt(code) {
  if (!isOnline || !till?.shift) return tell("needs-network");
  try {
    const found = await saleOf(code, till.store.id);
    if (!found) return tell("receipt-unknown");
    if (found.member_id || found.status === "refunded") return dispatchEvent(new CustomEvent("till-receipt", { detail: found }));
    sale.receipt = found;
    tell("receipt-scan-member", { sum: yuan(found.amount) }, true);
    if (sale.member?.id) await claim(sale.member);
    show();
  } catch (error) { failed(error); }
}
async function claim(who) {
  const found = sale.receipt;
  try {
    await call("POST", `/v1/transactions/${found.id}/claim`, { member_id: who.id });
    const name = who.name ?? who.masked_name ?? "";
    sale = fresh();
    beep(true);
    tell("receipt-claimed", { name }, true);
    show();
    showOffers();
  } catch (error) { sale.receipt = null; failed(error); show(); }
}

// ---- confirming
async function confirm() {
  if ($("#confirm").disabled) return;
  sale.busy = true;
  show();
  const at = now(), reference = newReference(at), coupons = chosenCoupons(), useful = isOnline && sale.quote;
  const cashier = till.shift?.cashier_id;
  const body = {
    reference, store_id: till.store.id, amount: amount(), occurred_at: at.toISOString(), channel: "till", ...buyer(),
    ...(useful && coupons.length ? { coupons } : {}),
    ...(useful && sale.usesPoints && sale.points ? { points_to_spend: sale.points } : {}),
    metadata: { till_id: till.id, ...(cashier ? { cashier_id: cashier } : {}) },
  };
  try {
    await keep({ reference, body, kept_at: Date.now() }); // first to disk, then to the network
  } catch {
    sale.busy = false;
    flaw("#sale-flaw", words("disk-full"));
    beep(false);
    return show();
  }
  const name = sale.member?.name, answer = outcome(reference);
  dispatchEvent(new Event("till-send"));
  dispatchEvent(new Event("till-told"));
  result(await answer, body, name);
}
/** What becomes of a sale, whichever tab sends it; null where nobody knows after three seconds, or at once without network. */
function outcome(reference) {
  return new Promise((resolve) => {
    const stop = (news) => { forget(heard); resolve(news); };
    const heard = (news) => {
      if (news.reference === reference) stop(news);
      if (news.state === "offline") stop(null);
    };
    listen(heard);
    setTimeout(() => stop(null), KEPT_AFTER);
  });
}
function result(news, body, name) {
  const panel = $("#result"), spends = Boolean(body.coupons || body.points_to_spend);
  const isRefused = Boolean(news?.problem), isKept = !news;
  panel.classList.toggle("is-kept", isKept);
  panel.classList.toggle("is-refused", isRefused);
  put("#result-title", words(isRefused ? "put-aside" : isKept ? (spends ? "kept-spend" : "kept") : "recorded"));
  const done = news?.sale, won = done && (done.member_id || done.balance || name) ? done.points_earned : 0;
  put("#result-figure", done && won ? `+${number(won)}` : yuan(done?.paid_amount ?? body.amount));
  put("#result-more", isRefused ? news.problem?.detail ?? "" : isKept ? (spends ? words("kept-spend-more") : name ?? "")
    : done.balance ? words("points-to-now", { name, points: number(done.balance.available) })
      : won ? words("points-to", { name }) : done.claim_url ? words("claim-later") : "");
  sold = isRefused ? null : done ?? { ...body, discount_amount: 0, points_spent: 0, points_earned: 0, paid_amount: body.amount };
  refundShown = false;
  $("#print").hidden = !sold;
  beep(!isRefused);
  panel.showModal();
  $("#next").focus();
}
addEventListener("till-refunded", ({ detail }) => {
  const panel = $("#result");
  panel.classList.remove("is-kept", "is-refused");
  put("#result-title", words("refunded"));
  put("#result-figure", yuan(detail.money_amount));
  put("#result-more", detail.points_reversed ? words("refund-points", { n: number(detail.points_reversed) }) : "");
  $("#print").hidden = true;
  refundShown = true;
  beep(true);
  panel.showModal();
  $("#next").focus();
});
function next() {
  $("#result").close();
  if (!refundShown) { sale = fresh(); turn++; tell(); flaw("#sale-flaw"); showOffers(); }
  $("#scan").value = "";
  $("#scan").inputMode = "none";
  begin();
}

// ---- keys
function press(key) {
  if (key === "back") sale.typed = sale.typed.slice(0, -1);
  else if (key === "clear") Object.assign(sale, { typed: "", before: 0 });
  else if (key === "plus") { sale.before = amount(); sale.typed = ""; }
  else if (/^\d{0,8}(\.\d{0,2})?$/.test(sale.typed + key)) sale.typed += key;
  typed();
}
const scan = $("#scan");
$(".keys").addEventListener("click", ({ target }) => {
  const key = target.closest("[data-key]");
  if (key) { press(key.dataset.key); scan.focus(); }
});
scan.addEventListener("click", () => { scan.inputMode = "text"; });
scan.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  const text = scan.value.trim();
  scan.value = "";
  if (text) scanned(text);
  else confirm();
});
// A gun types wherever the focus is: what it types goes to the field.
document.addEventListener("keydown", (event) => {
  if ($("#sale").hidden || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key.length === 1 && event.key !== " " && !event.target.closest("input, textarea, select")) scan.focus();
  if (event.key === "Escape") { scan.value = ""; scan.focus(); }
});
// A panel that closes gives the focus back, but leaves the caret where it was: what a gun types next would be lost.
for (const panel of $$("dialog")) panel.addEventListener("close", () => { if (!$("#sale").hidden) { scan.blur(); scan.focus(); } });
$("#sale").addEventListener("submit", (event) => { event.preventDefault(); confirm(); });
$("#nobody").addEventListener("click", () => { Object.assign(sale, { member: null, offers: [], usesPoints: false, points: 0 }); changed(); scan.focus(); });
$("#next").addEventListener("click", next);
$("#result").addEventListener("cancel", (event) => { event.preventDefault(); next(); });
$("#print").addEventListener("click", () => sold && print(till, sold));
$("#camera").addEventListener("click", async () => {
  const text = await lookForCode();
  if (text) await scanned(text);
  scan.focus();
});
