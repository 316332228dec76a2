// The sale of a receipt that was scanned: its bars say its reference, the link beside them its secret.
import { call, Refused } from "./calls.js";

/** The sale of this shop; null where it has none with that receipt. */
export async function saleOf(code, storeId) {
  if (code.reference) return (await call("GET", `/v1/transactions?store_id=${storeId}&reference=${encodeURIComponent(code.reference)}`)).data[0] ?? null;
  try {
    return await call("POST", "/v1/receipts/resolve", { secret: code.secret });
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}
