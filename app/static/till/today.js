// What was sold today, to reconcile the till at closing, and refunds of it.
import { call, now, Refused } from "./calls.js";
import { fenOf, kindOf, newReference } from "./codes.js";
import { $, $$, beep, clock, copy, flaw, made, number, openPanel, put, sum, words, yuan } from "./dom.js";
import { saleOf } from "./receipts.js";
import { waiting } from "./store.js";

const dayOf = (zone) => new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now());
const failed = (error) => {
  if (error.code === "till-locked") dispatchEvent(new Event("till-locked"));
  if (error.status === 401) dispatchEvent(new Event("till-revoked"));
  if (!(error instanceof Refused)) dispatchEvent(new CustomEvent("till-network", { detail: false }));
  return error instanceof Refused ? words("something-wrong", { detail: error.message }) : words("needs-network");
};
const left = (sale) => sale.amount - sale.refunded_amount;

function rowsOf(till, sales, chosen) {
  return sales.map((sale) => {
    const row = copy("row");
    put(".at", clock(sale.occurred_at, till.district.time_zone), row);
    const state = { refunded: words("status-refunded"), partially_refunded: words("status-partially") }[sale.status];
    put(".what", `\u00b7\u00b7${sale.reference.slice(-6)}${state ? ` \u00b7 ${state}` : ""}`, row);
    put(".more", sale.points_earned && (sale.member_id || sale.balance) ? `+${number(sale.points_earned)}` : sale.claim_url ? words("nobody-member") : "", row);
    put(".n", yuan(sale.paid_amount), row);
    row.setAttribute("aria-pressed", "false");
    row.addEventListener("click", () => chosen(sale, row));
    return row;
  });
}
const shown = (list, rows) => list.replaceChildren(...(rows.length ? rows : [made("p", words("nothing-today"))]));

let paid = null;
export async function openToday(till) {
  openPanel("today");
  flaw("#today-flaw");
  put("#total-waiting", number((await waiting()).length));
  const on = dayOf(till.district.time_zone);
  try {
    const [totals, sales] = await Promise.all([
      call("GET", `/v1/transactions/summary?on=${on}&store_id=${till.store.id}`),
      call("GET", `/v1/transactions?store_id=${till.store.id}&limit=100`),
    ]);
    for (const at of $$("[data-total]")) at.textContent = number(totals[at.dataset.total]);
    const money = { ...totals, off: totals.discount_amount + totals.points_amount };
    for (const at of $$("[data-money]")) at.textContent = yuan(money[at.dataset.money]);
    paid = totals.paid_amount - totals.refunded_amount;
    const today = sales.data.filter((sale) => new Intl.DateTimeFormat("en-CA", { timeZone: till.district.time_zone }).format(new Date(sale.occurred_at)) === on);
    shown($("#today-list"), rowsOf(till, today, (sale) => openRefund(till, sale)));
    compare();
  } catch (error) { flaw("#today-flaw", failed(error)); }
}
function compare() {
  const counted = fenOf($("#counted").value);
  if (counted === null || paid === null) return put("#count-says", "");
  const off = counted - paid;
  put("#count-says", off === 0 ? words("count-right") : words(off < 0 ? "count-less" : "count-more", { sum: `\u00a5${sum(off)}` }));
}
$("#counted").addEventListener("input", compare);
$("#count-form").addEventListener("submit", (event) => { event.preventDefault(); compare(); });

let chosenSale = null, reference = null, shop = null;
let asked = 0; // of several questions only the last one's answer is shown
export async function openRefund(till, sale) {
  shop = till;
  if ($("#today").open) $("#today").close();
  openPanel("refund");
  $("#refund-scan").value = "";
  if (sale) return showOne(sale);
  choose(null);
  $("#refund-scan").focus();
  await list("");
}
/** The sale that was asked for, chosen; null where this shop has none. */
function showOne(sale) {
  asked += 1;
  flaw("#refund-flaw");
  shown($("#refund-list"), rowsOf(shop, sale ? [sale] : [], choose));
  const isOpen = sale && left(sale) > 0;
  choose(isOpen ? sale : null, $("#refund-list .row"));
  if (isOpen) return;
  beep(false);
  flaw("#refund-flaw", words(sale ? "refund-none-left" : "receipt-unknown"));
  $("#refund-scan").focus();
}
async function list(filter) {
  flaw("#refund-flaw");
  const turn = asked += 1;
  try {
    const sales = await call("GET", `/v1/transactions?store_id=${shop.store.id}&limit=50${filter}`);
    if (turn !== asked) return;
    shown($("#refund-list"), rowsOf(shop, sales.data.filter((one) => left(one) > 0), choose));
  } catch (error) { if (turn === asked) flaw("#refund-flaw", failed(error)); }
}
function choose(sale, row) {
  chosenSale = sale;
  reference = newReference(now());
  $("#refund-form").hidden = !sale;
  for (const one of $$("#refund-list .row")) one.setAttribute("aria-pressed", String(one === row));
  $("#refund-amount").value = sale ? (left(sale) / 100).toFixed(2) : "";
  if (!sale) return;
  put("#refund-what", `${clock(sale.occurred_at, shop.district.time_zone)} \u00b7 \u00b7\u00b7${sale.reference.slice(-6)} \u00b7 ${yuan(sale.amount)} \u00b7 ${words("left", { sum: yuan(left(sale)) })}`);
  $("#refund-amount").focus();
  $("#refund-amount").select();
}
$("#refund-find").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = $("#refund-scan").value.trim(), code = kindOf(text);
  if (!text) return;
  $("#refund-scan").value = "";
  if (code.kind === "member") {
    try {
      const { member } = await call("POST", "/v1/member-codes/resolve", { code: code.code });
      await list(`&member_id=${member.id}`);
    } catch (error) { flaw("#refund-flaw", failed(error)); }
    return;
  }
  const named = code.kind === "receipt" ? code : { reference: text };
  try { showOne(await saleOf(named, shop.store.id)); } catch (error) { flaw("#refund-flaw", failed(error)); }
});
$("#refund-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const amount = fenOf($("#refund-amount").value);
  if (!amount || amount > left(chosenSale)) { flaw("#refund-flaw", words("left", { sum: yuan(left(chosenSale)) })); return; }
  const button = $("#refund-form [type=submit]");
  button.disabled = true;
  try {
    const body = { transaction_id: chosenSale.id, reference, amount };
    const done = await call("POST", "/v1/refunds", body, { patience: 15000 });
    $("#refund").close();
    dispatchEvent(new CustomEvent("till-refunded", { detail: done }));
  } catch (error) { beep(false); flaw("#refund-flaw", failed(error)); } finally { button.disabled = false; }
});
