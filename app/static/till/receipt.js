// The receipt of a sale, for a roll of 80 mm: paid, won, spent, balance, the number as bars, and a code to claim points by.
import { widthsOf } from "../pages/code128.js";
import { $, clock, locale, made, number, words, yuan } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
function drawing(width, height, millimetres) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width: `${millimetres}mm`, "shape-rendering": "crispEdges" })) svg.setAttribute(name, value);
  return svg;
}
function box(svg, x, y, width, height) {
  const rect = document.createElementNS(SVG, "rect");
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
  svg.append(rect);
}

/** Bars of a number of digits: each module is two dots of a printer with 203 dots an inch. */
export function barsOf(digits) {
  const widths = widthsOf(digits), total = widths.reduce((all, one) => all + one, 20);
  const svg = drawing(total, 50, total * 0.25);
  let x = 10;
  widths.forEach((width, place) => { if (place % 2 === 0) box(svg, x, 0, width, 50); x += width; });
  return svg;
}

async function qrOf(text) {
  const { generate } = await import("../vendor/lean-qr/index.js");
  const code = generate(text), svg = drawing(code.size + 8, code.size + 8, 34);
  for (let y = 0; y < code.size; y++) for (let x = 0; x < code.size; x++) if (code.get(x, y)) box(svg, x + 4, y + 4, 1, 1);
  return svg;
}

const line = (words_, figure, isTotal) => {
  const row = made("div", made("dt", words_), made("dd", figure));
  row.classList.toggle("is-total", Boolean(isTotal));
  return row;
};

export async function print(till, sale) {
  const paper = $("#receipt"), zone = till.district.time_zone;
  const on = new Date(sale.occurred_at).toLocaleDateString(locale, { timeZone: zone });
  const figures = made("dl", line($("#bill").closest("div").firstElementChild.textContent, yuan(sale.amount)));
  if (sale.discount_amount) figures.append(line($("#off").closest("div").firstElementChild.textContent, yuan(-sale.discount_amount)));
  if (sale.points_spent) figures.append(line(`${words("receipt-spent")} ${number(sale.points_spent)}`, yuan(-sale.points_amount)));
  figures.append(line($("#pay").closest("div").firstElementChild.textContent, yuan(sale.paid_amount ?? sale.amount), true));
  if (sale.points_earned && (sale.member_id || sale.balance)) figures.append(line(words("receipt-won"), `+${number(sale.points_earned)}`));
  if (sale.balance) figures.append(line(words("receipt-balance"), number(sale.balance.available)));
  const number_ = made("p", sale.reference);
  number_.className = "number";
  paper.replaceChildren(made("h2", till.merchant.name), made("p", `${till.store.name} \u00b7 ${till.name}`), made("p", `${on} ${clock(sale.occurred_at, zone)}`), figures, barsOf(sale.reference), number_);
  if (sale.claim_url) {
    try { paper.append(await qrOf(sale.claim_url), made("p", words("receipt-claim"))); } catch { paper.append(made("p", sale.claim_url)); }
  }
  cut(paper);
  window.print();
}

/** As long as what stands on it: a roll has no pages. */
function cut(paper) {
  const { sheet } = $("#paper"), last = sheet.cssRules.length - 1;
  if (sheet.cssRules[last] instanceof CSSPageRule) sheet.deleteRule(last);
  const millimetres = Math.ceil((paper.getBoundingClientRect().height * 25.4) / 96) + 10;
  sheet.insertRule(`@page { size: 80mm ${millimetres}mm; margin: 4mm; }`, sheet.cssRules.length);
}
