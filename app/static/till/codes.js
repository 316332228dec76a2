// What was scanned or typed, told by its form alone, so that it needs no network; and the bars of a receipt's number.
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

// ISO/IEC 15417, code set C: widths of bars and gaps by value.
const WIDTHS = [
  "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221",
  "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321",
  "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131",
  "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114",
  "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141",
  "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232",
].join("").match(/\d{6}/g).concat("2331112");
export function bars(digits) {
  const values = [105, ...digits.match(/\d\d/g).map(Number)];
  const check = values.reduce((sum, value, place) => sum + value * Math.max(1, place), 0) % 103;
  return [...values, check, WIDTHS.length - 1].map((value) => WIDTHS[value]).join("");
}
