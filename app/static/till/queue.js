// Sales wait on disk until the server has answered them. They are sent one after the other under a lock that all tabs of
// this browser share, under the reference they were kept with, and deleted after a 2xx; what is refused is put aside for a person.
import { call, hear, now, Refused } from "./calls.js";
import { change, done, putAside, waiting } from "./store.js";

const tabs = new BroadcastChannel("till");
const listeners = new Set();
const tell = (news) => { tabs.postMessage(news); for (const hear of listeners) hear(news); };
tabs.onmessage = ({ data }) => { for (const hear of listeners) hear(data); };
/** `hear({reference, sale, problem})` of each sale that was answered, by whichever tab sent it; `{state}` of the line. */
export const listen = (hear) => listeners.add(hear);
export const forget = (hear) => listeners.delete(hear);
export const stirred = () => tell({ changed: true });

const spends = (body) => Boolean(body.points_to_spend || body.coupons?.length);
const passes = (status) => status === 401 || status === 408 || status === 425 || status === 429 || status >= 500;
const isOfTime = (problem) => problem?.errors?.some((flaw) => flaw.pointer === "/occurred_at");

/** What was answered leaves the line. Where the disk takes no more it stays, and is told again by and by: it counts once. */
const settled = (written) => written.then(() => "sent", () => "later");

/** Refused, so nothing is recorded: this browser's clock was wrong. It happened no later than now, by the server's. */
async function retime(kept) {
  try { await hear((await call("GET", "/v1/till")).server_time); } catch { return "offline"; }
  const latest = now().getTime(), at = new Date(Math.min(latest, Math.max(Date.parse(kept.body.occurred_at), latest - 6e8)));
  await change({ ...kept, retimed: true, body: { ...kept.body, occurred_at: at.toISOString() } });
  return "again";
}

async function sendOne(kept) {
  try {
    const sale = await call("POST", "/v1/transactions", kept.body);
    const outcome = await settled(done(kept.reference));
    tell({ reference: kept.reference, sale });
    return outcome;
  } catch (error) {
    if (!(error instanceof Refused)) return "offline";
    if (error.status === 401) { tell({ state: "revoked" }); return "stop"; }
    if (passes(error.status)) return "stop";
    if (error.code === "till-locked" && spends(kept.body)) return "later";
    if (isOfTime(error.problem) && !kept.retimed) return await retime(kept);
    const outcome = await settled(putAside(kept, error.problem));
    tell({ reference: kept.reference, problem: error.problem });
    return outcome;
  }
}

async function sendAll() {
  const later = new Set();
  for (;;) {
    const next = (await waiting()).filter((one) => !later.has(one.reference)).sort((a, b) => a.kept_at - b.kept_at)[0];
    if (!next) break;
    const outcome = await sendOne(next);
    if (outcome === "later") later.add(next.reference);
    if (outcome === "offline" || outcome === "stop") { tell({ state: outcome }); return; }
    if (outcome !== "again") tell({ state: "online" });
  }
}

let asked = null;
/** Sends what waits; a second wish while one stands in line is the same wish. */
export function send() {
  asked ??= navigator.locks.request("till-queue", () => { asked = null; return sendAll(); }).catch(() => { asked = null; });
  return asked;
}
