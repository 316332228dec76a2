// What was scanned or typed, told by its form alone, so that it needs no network; and the number of a receipt.
const plain = (text) => text.normalize("NFKC").replace(/[\s\u00a0\u200b\u200e\u200f]/g, "");

export function kindOf(text) {
  const code = plain(text);
  if (/^88\d{16}$/.test(code)) return { kind: "member", code };
  if (/^77\d{22}$/.test(code)) return { kind: "receipt", reference: code };
  const secret = /^https?:\/\/\S+\/(?:claim|receipt)\/([a-z2-7]{26})$/i.exec(code)?.[1];
  if (secret) return { kind: "receipt", secret: secret.toLowerCase() };
  if (/^\+?(86)?1[3-9]\d{9}$/.test(code)) return { kind: "phone", phone: code };
  const fen = fenOf(code);
  if (fen !== null) return { kind: "amount", fen };
  const bare = code.replaceAll("-", "").toUpperCase();
  if (/^[0-9A-Z]{13}$/.test(bare)) return { kind: "coupon", code: bare };
  return { kind: "unknown" };
}

/** Fen of a sum as people type it: `12`, `12.5`, `12,5`, `1,280.00`, `\uffe512\u30025`; null for what is none. */
export function fenOf(text) {
  const typed = plain(text).replace(/^\u00a5/, "").replace("\u3002", ".");
  const bare = /^\d{1,3}(,\d{3})+(\.|$)/.test(typed) ? typed.replaceAll(",", "") : typed.replace(",", ".");
  const [, whole, part = ""] = /^(?=.?\d)(\d{0,8})(?:\.(\d{0,2}))?$/.exec(bare) ?? [];
  return whole === undefined ? null : Number(whole) * 100 + Number(part.padEnd(2, "0"));
}

/** 24 digits: `77`, the second, and chance: nobody's member code, and twelve symbols of Code 128. */
export function newReference(at) {
  const second = String(Math.floor(at.getTime() / 1000)).padStart(10, "0").slice(-10);
  const chance = crypto.getRandomValues(new Uint32Array(2)).map((one) => one % 1_000_000);
  return `77${second}${[...chance].map((one) => String(one).padStart(6, "0")).join("")}`;
}
