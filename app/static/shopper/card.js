// The card: codes made here every minute, with or without network, as long as the page is open.
import { generate } from "../vendor/lean-qr/index.js";
import { drawBars, pathOf } from "./code128.js";
import { cardOf } from "./keys.js";
import { keepFresh } from "./now.js";
import { showPictures } from "./pictures.js";
import { codeAt } from "./totp.js";

const pass = document.querySelector(".pass"), at = (name) => pass.querySelector(name);
const words = at(".renews span");
let card = null, shown = -1;

function drawQr(svg, text) {
  const code = generate(text), d = [];
  for (let y = 0; y < code.size; y++) for (let x = 0; x < code.size; x++) if (code.get(x, y)) d.push(`M${x} ${y}h1v1h-1z`);
  svg.setAttribute("viewBox", `0 0 ${code.size} ${code.size}`);
  svg.replaceChildren(pathOf(d.join("")));
}
async function tick() {
  const now = Date.now() + card.ahead, step = Math.floor(now / 60000), left = 60 - (Math.floor(now / 1000) % 60);
  if (step !== shown) {
    shown = step;
    const code = await codeAt(card, now);
    drawBars(at(".bars"), code);
    drawQr(at(".qr"), code);
    at(".digits span").textContent = code.match(/.{1,4}/g).join(" ");
    pass.dataset.drawn = step;
  }
  at(".ring .left").setAttribute("stroke-dashoffset", 60 - left);
  words.textContent = navigator.onLine ? words.dataset.online.replace("{s}", left) : words.dataset.offline;
}
function stayAwake() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}

if (globalThis.crypto?.subtle && globalThis.indexedDB) {
  const { print, key, now } = pass.dataset;
  card = await cardOf(now, print, key);
  setInterval(tick, 1000);
  await tick();
  keepFresh(pass, (ahead) => { if (Math.abs(ahead - card.ahead) > 2000) card.ahead = ahead; });
} else {
  showPictures(pass);
  keepFresh(pass);
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
