// Which of its states the till is in: not paired, locked, or selling; and what the bar above says.
import { call, hear, Refused, renew } from "./calls.js";
import { $, $$, beep, copy, flaw, made, openPanel, put, say, words } from "./dom.js";
import { listen, send } from "./queue.js";
import { begin, changedNetwork, receiptAtHand, setTill } from "./sale.js";
import { forgetSetting, keepSetting, noteSetting, refused, seen, setting, waiting } from "./store.js";
import { openRefund, openToday } from "./today.js";

let till = null, state = "", isOnline = true, chosen = null, lastTouch = Date.now();

function show(next) {
  state = next;
  for (const section of $$("[data-state]")) section.hidden = section.dataset.state !== next;
  for (const button of $$("[data-main]")) {
    if (button.closest("[data-state]").dataset.state === next) button.dataset.action = "main";
    else delete button.dataset.action;
  }
  $("main").dataset.page = `till-${next}`;
  $("#menu").hidden = next !== "sale";
  $(".net").hidden = next === "pair";
  if (next === "pair") $("#pairing").focus();
  if (next === "sale") begin();
}

function named() {
  put("#shop", till?.merchant.name ?? words("till"));
  put("#place", till ? `${till.store.name} \u00b7 ${till.name}` : "");
  const cashier = till?.cashiers.find((one) => one.id === till.shift?.cashier_id);
  put("#lock span", cashier ? words("lock-of", { name: cashier.name }) : words("record-only"));
}

async function learn(told) {
  till = told;
  await hear(told.server_time);
  await noteSetting("till", told);
  named();
  setTill(till);
}

// ---- the bar
export async function tellNet() {
  const kept = await waiting(), aside = await refused();
  document.body.classList.toggle("is-offline", !isOnline);
  const name = isOnline ? (kept.length ? "sending" : "online") : kept.length ? "offline" : "offline-none";
  put(".net .says", words(name, { n: kept.length }));
  $("#open-refused").hidden = !aside.length;
  put("#open-refused span", words("refused", { n: aside.length }));
}
function network(next) {
  if (next !== isOnline) { isOnline = next; changedNetwork(next); if (state === "lock") lock(); }
  tellNet();
}
const post = () => send().then(tellNet);
listen((news) => {
  if (news.state === "offline") network(false);
  if (news.state === "online" || news.reference) network(true);
  if (news.state === "revoked") revoked();
  tellNet();
});

// ---- pairing
async function revoked() {
  await forgetSetting("token");
  const kept = (await waiting()).length;
  const note = $("#pair-note");
  note.hidden = false;
  put("span", [words("revoked"), kept ? words("revoked-waiting", { n: kept }) : ""].join(" "), note);
  till = null;
  for (const panel of $$("dialog[open]")) panel.close();
  named();
  show("pair");
}
$("#pair-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = $("#pairing").value;
  flaw("#pairing-flaw");
  try {
    const { token } = await call("POST", "/v1/tills/pair", { code }, { token: " ", key: crypto.randomUUID() });
    await keepSetting("token", token);
    await keepSetting("token-since", Date.now());
    $("#pair-note").hidden = true;
    $("#pairing").value = "";
    await navigator.storage?.persist?.();
    await open();
    post();
  } catch (error) {
    beep(false);
    flaw("#pairing-flaw", words(error.name === "QuotaExceededError" ? "pairing-full" : !(error instanceof Refused) ? "needs-network" : error.status === 429 ? "pairing-busy" : "pairing-wrong"));
  }
});

// ---- PIN
function lock() {
  show("lock");
  const list = $("#cashiers"), cashiers = till?.cashiers ?? [];
  list.replaceChildren(...cashiers.map((one) => {
    const button = made("button", one.name);
    Object.assign(button, { className: "button", type: "button" });
    button.setAttribute("aria-pressed", String(one.id === chosen));
    button.addEventListener("click", () => choose(one.id));
    return button;
  }));
  $("#nobody-yet").hidden = cashiers.length > 0;
  $("#lock-offline").hidden = $("#record-only").hidden = isOnline;
  $("#pin-form").hidden = !isOnline || !cashiers.length;
  if (cashiers.length === 1 && !chosen) choose(cashiers[0].id);
  else if (isOnline && cashiers.length && chosen) $("#pin").focus();
}
function choose(id) {
  chosen = id;
  const cashiers = till?.cashiers ?? [];
  $$("#cashiers .button").forEach((button, place) => button.setAttribute("aria-pressed", String(cashiers[place].id === id)));
  $("#pin").value = "";
  flaw("#pin-flaw");
  $("#pin").focus();
}
for (const key of $$("[data-pin]")) key.addEventListener("click", () => {
  const pin = $("#pin"), pressed = key.dataset.pin;
  if (pressed === "clear") pin.value = "";
  else if (pressed === "back") pin.value = pin.value.slice(0, -1);
  else if (pin.value.length < 6) pin.value += pressed;
  say(words("pin-digits", { n: pin.value.length }));
});
$("#pin-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const pin = $("#pin").value;
  $("#pin").value = "";
  if (!chosen) return flaw("#pin-flaw", $("#locked h1").textContent);
  try {
    await learn(await call("POST", "/v1/till/shift", { cashier_id: chosen, pin }, { key: crypto.randomUUID() }));
    flaw("#pin-flaw");
    lastTouch = Date.now();
    network(true);
    show("sale");
    renew().catch(() => {});
    post();
  } catch (error) {
    beep(false);
    if (!(error instanceof Refused)) return network(false);
    if (error.status === 401) return revoked();
    const name = { "wrong-pin": "pin-wrong", "pin-locked": "pin-locked" }[error.code];
    flaw("#pin-flaw", name ? words(name, { seconds: error.wait ?? 60 }) : error.message);
    $("#pin").focus();
  }
});
$("#record-only").addEventListener("click", () => show("sale"));
$("#lock").addEventListener("click", () => leave());
/** Locks the till, here at once and at the server as soon as it can be told. */
export async function leave() {
  chosen = null;
  if (till) till.shift = null;
  named();
  lock();
  try { await learn(await call("DELETE", "/v1/till/shift")); } catch (error) { if (error.status === 401) await revoked(); }
}
addEventListener("till-locked", () => { if (till) till.shift = null; named(); lock(); });
addEventListener("till-revoked", () => revoked());
addEventListener("till-network", ({ detail }) => network(detail));
addEventListener("till-send", post);
addEventListener("till-told", tellNet);

// ---- panels
$("#open-today").addEventListener("click", () => openToday(till));
$("#open-refund").addEventListener("click", () => openRefund(till, receiptAtHand()));
addEventListener("till-receipt", ({ detail }) => openRefund(till, detail));
$("#open-refused").addEventListener("click", async () => {
  openPanel("refused");
  const rows = (await refused()).map((one) => {
    const row = copy("row");
    put(".at", new Date(one.kept_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }), row);
    put(".what", words("kept-why", { detail: one.problem?.detail ?? "" }), row);
    put(".more", one.reference.slice(-6), row);
    put(".n", `\u00a5${(one.body.amount / 100).toFixed(2)} \u00b7 ${words("take-off")}`, row);
    row.addEventListener("click", async () => { await seen(one.reference); row.remove(); tellNet(); });
    return row;
  });
  $("#refused-list").replaceChildren(...rows);
});

// ---- idleness, network, other tabs
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { lastTouch = Date.now(); }, { passive: true });
setInterval(() => {
  post();
  const minutes = till?.locks_after_minutes ?? 10;
  if (state === "sale" && till?.shift && Date.now() - lastTouch > minutes * 60_000) leave();
  if (state === "sale" && till?.shift && Date.parse(till.shift.ends_at) <= Date.now()) leave();
}, 15_000);
setInterval(() => { if (till && document.visibilityState === "visible") look(); }, 60_000);
async function look() {
  try { await learn(await call("GET", "/v1/till")); network(true); } catch (error) {
    if (error instanceof Refused && error.status === 401) return revoked();
    if (!(error instanceof Refused)) network(false);
  }
}
addEventListener("online", () => { if (till) look(); post(); });
addEventListener("offline", () => network(false));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && post());
let offer = null;
addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); offer = event; $("#install").hidden = false; });
$("#install").addEventListener("click", async () => { await offer?.prompt(); $("#install").hidden = true; });

async function open() {
  try {
    await learn(await call("GET", "/v1/till"));
    network(true);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return revoked();
    const kept = await setting("till");
    if (kept) { till = { ...kept, shift: null }; named(); setTill(till); }
    network(error instanceof Refused);
  }
  if (till?.shift) show("sale");
  else lock();
}
async function start() {
  const code = /^#(\d{16})$/.exec(location.hash)?.[1];
  if (code) history.replaceState(null, "", location.pathname + location.search);
  if (await setting("token")) await open();
  else show("pair");
  if (code) $("#pairing").value = code;
  tellNet();
  post();
}
navigator.serviceWorker?.register("/till/sw.js", { scope: "/till" }).catch(() => {});
start();
