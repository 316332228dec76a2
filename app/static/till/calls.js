// Calls of /v1 by the till's token. A refusal is an Error with its problem; no network, or no answer in time, an Error without.
import { keepSetting, noteSetting, setting } from "./store.js";

export class Refused extends Error {
  constructor(status, problem, wait) {
    super(problem?.detail ?? String(status));
    Object.assign(this, { status, problem, code: problem?.code, wait });
  }
}

/** A signal that gives up after some milliseconds; AbortSignal.timeout is younger than our oldest browsers. */
function within(milliseconds) {
  const control = new AbortController();
  setTimeout(() => control.abort(), milliseconds);
  return control.signal;
}

const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

export async function call(method, path, body, { token, patience = 8000, key } = {}) {
  const headers = { "Accept-Language": language };
  const secret = token ?? (await setting("token"));
  if (secret) headers.Authorization = `Bearer ${secret}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  const answer = await fetch(path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    signal: within(patience), cache: "no-store", credentials: "omit",
  });
  const told = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, told, Number(answer.headers.get("Retry-After")) || null);
  if (!told) throw new Error("no JSON");
  return told;
}

/** Instants of the shop: this browser's clock may be wrong by an hour, so it is held against the server's. */
let ahead = 0;
setting("ahead").then((kept) => { ahead = kept ?? 0; });
export const now = () => new Date(Date.now() + ahead);
export async function hear(serverTime) {
  ahead = Date.parse(serverTime) - Date.now();
  await noteSetting("ahead", ahead);
}

/** Another token once a day; the old one works until the new one was used, so that none is lost on the way. */
export const renew = () => navigator.locks.request("till-token", async () => {
  const since = await setting("token-since");
  if (since && Date.now() - since < 24 * 3600 * 1000) return;
  const { token } = await call("POST", "/v1/till/token", {}, { key: crypto.randomUUID() });
  await keepSetting("token", token);
  await keepSetting("token-since", Date.now());
});
