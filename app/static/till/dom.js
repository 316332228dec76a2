// Small things that all parts of the till use: finding, saying, writing sums, a sound.
export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const spoken = JSON.parse($("#words").textContent);
export const locale = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";

export const words = (name, values = {}) => spoken[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
export const number = (value) => value.toLocaleString(locale);
export const sum = (fen) => (Math.abs(fen) / 100).toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
export const yuan = (fen) => `${fen < 0 ? "\u2212" : ""}\u00a5${sum(fen)}`;
export const less = (fen) => (fen ? `\u2212${yuan(fen)}` : "\u2014");
export const clock = (instant, zone) => new Date(instant).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone });

export function put(selector, text, within) { $(selector, within).textContent = text; }
export function flaw(selector, text = "") { const at = $(selector); at.textContent = text; at.hidden = !text; }
export function say(text) { put("#said", text); }
export function made(name, ...children) {
  const node = document.createElement(name);
  node.append(...children);
  return node;
}
export const copy = (id) => document.getElementById(id).content.firstElementChild?.cloneNode(true) ?? document.createElement("span");

let sound;
/** Two tones up for what went well, one low for what didn't. */
export function beep(isGood) {
  try {
    sound ??= new AudioContext();
    (isGood ? [880, 1320] : [220]).forEach((pitch, place) => {
      const tone = sound.createOscillator(), gain = sound.createGain(), at = sound.currentTime + place * 0.12;
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.12, at);
      gain.gain.exponentialRampToValueAtTime(0.001, at + (isGood ? 0.18 : 0.4));
      tone.connect(gain).connect(sound.destination);
      tone.start(at);
      tone.stop(at + 0.5);
    });
  } catch { /* without a loudspeaker the colour says it */ }
}

export function openPanel(id) { const panel = document.getElementById(id); if (!panel.open) panel.showModal(); return panel; }
for (const button of $$("[data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
