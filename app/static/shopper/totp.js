// Member codes as app/members/codes/rules.py makes them: prefix, number, TOTP (RFC 6238) with HMAC-SHA-256 over minutes.
export function bytesOf(base32) {
  const bytes = new Uint8Array(Math.floor(base32.length * 5 / 8));
  let bits = 0, value = 0, at = 0;
  for (const letter of base32) {
    value = (value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter);
    if ((bits += 5) >= 8) { bits -= 8; bytes[at++] = (value >> bits) & 255; value &= (1 << bits) - 1; }
  }
  return bytes;
}
export function keyOf(bytes) {
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]); // can't be read again
}
export async function codeAt(card, milliseconds) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setUint32(4, Math.floor(milliseconds / 1000 / card.period_seconds));
  const mac = new DataView(await crypto.subtle.sign("HMAC", card.key, counter.buffer));
  const number = (mac.getUint32(mac.getUint8(31) & 15) & 0x7fffffff) % 10 ** card.digits;
  return card.prefix + card.number + String(number).padStart(card.digits, "0");
}
