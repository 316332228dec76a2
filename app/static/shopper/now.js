// Keeps an open card fresh: asks whether anything has changed, every two seconds while somebody looks, later more seldom.
import { aheadOf } from "./keys.js";

const QUICK = 2000, SLOW = 10000, LOST = 30000, WATCHED = 5 * 60000;

export function keepFresh(pass, onAnswer) {
  const news = document.querySelector(".news");
  let movement = Number(pass.dataset.movement), since = Date.now(), failures = 0, timer = 0;

  function pause() {
    if (failures) return Math.min(QUICK * 2 ** failures, LOST);
    return Date.now() - since < WATCHED ? QUICK : SLOW;
  }
  async function ask() {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return;
    try {
      const answer = await fetch(pass.dataset.now, { headers: { Accept: "application/json" }, cache: "no-cache" });
      if (answer.status === 401) return void location.reload(); // the session has ended: to the sign-in
      if (!answer.ok) throw new Error(answer.status);
      failures = 0;
      onAnswer?.(aheadOf(answer));
      show(await answer.json());
    } catch {
      failures += 1;
    }
    timer = setTimeout(ask, pause());
  }
  function show(now) {
    for (const part of document.querySelectorAll("[data-now-of]")) {
      const value = now[part.dataset.nowOf], words = part.dataset.words;
      part.textContent = words ? words.replace("{sum}", value) : value;
    }
    if (now.movement > movement) {
      movement = now.movement;
      since = Date.now();
      news.textContent = news.dataset.words.replace("{points}", now.points).replace("{what}", now.what);
    }
  }
  const wake = () => { since = Date.now(); ask(); };
  document.addEventListener("visibilitychange", wake);
  document.addEventListener("pointerdown", () => { since = Date.now(); });
  addEventListener("online", wake);
  timer = setTimeout(ask, QUICK);
}
