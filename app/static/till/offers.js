// What coupons and points take off a bill: the best that the server finds, each to be switched off; reckoned by it alone.
import { call } from "./calls.js";

/** The most points that a programme lets a bill take, of so many. */
export function mostPoints(programme, points, bill) {
  const [whole, part = ""] = programme.point_value.split(".");
  const numerator = BigInt(whole + part), denominator = 10n ** BigInt(part.length);
  const limit = (BigInt(bill) * BigInt(programme.max_spend_percent)) / 100n;
  const most = ((limit + 1n) * denominator - 1n) / numerator;
  const can = Number(most < BigInt(points) ? most : BigInt(points));
  return can >= Math.max(1, programme.min_spend_points) ? can : 0;
}

const worthOf = (programme, points) => {
  const [whole, part = ""] = programme.point_value.split(".");
  return Number((BigInt(points) * BigInt(whole + part)) / 10n ** BigInt(part.length));
};

/** The coupons of a member that take most, and what those that were scanned would; each `{code, name, off, why}`. */
export async function couponsFor(bill) {
  const found = new Map();
  const note = (answer) => {
    for (const one of answer.coupons) {
      if (one.code) found.set(one.code.replaceAll("-", ""), { code: one.code, name: one.campaign_name, off: one.discount_amount, fits: one.applicable, why: one.why_not?.detail });
    }
  };
  const named = bill.token ? { presence_token: bill.token } : {};
  if (bill.token) note(await call("POST", "/v1/coupons/validate", { amount: bill.amount, best: true, ...named }));
  const scanned = bill.scanned.filter((code) => !found.get(code)?.fits);
  const best = [...found.values()].filter((one) => one.fits).map((one) => one.code);
  if (scanned.length) note(await call("POST", "/v1/coupons/validate", { amount: bill.amount, coupons: [...best, ...scanned], ...named }));
  return [...found.values()];
}

/** What the bill comes to with what is chosen. */
export async function quoted(programme, bill, chosen) {
  const body = { ...bill.body, coupons: chosen.coupons, points_to_spend: chosen.points };
  const quote = await call("POST", "/v1/transactions/quote", body);
  const after = quote.amount - quote.discount_amount;
  const points = programme && bill.points ? mostPoints(programme, bill.points, after) : 0;
  return { quote, points, worth: points ? worthOf(programme, points) : 0 };
}
